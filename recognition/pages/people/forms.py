"""The forms about people and watchlists."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recognition.people.models import Person, Watchlist

MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


@dataclass(frozen=True, slots=True)
class ListRow:
    """One watchlist in a person's form: whether they are on it, and why."""

    watchlist: Watchlist
    on: forms.BoundField
    reason: forms.BoundField


@dataclass(frozen=True, slots=True)
class Difference:
    """What somebody else has put where something else was typed."""

    label: str
    stored: str


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """A person with their watchlists. Remembers which version of the person was on the page."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Person
        fields = ("name", "reference", "valid_until", "note")
        widgets = {"valid_until": MOMENT, "note": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, data: Mapping[str, Any] | None, instance: Person) -> None:
        super().__init__(data, instance=instance)
        self.differences: list[Difference] = []
        self.fields["version"].initial = instance.version
        held = {} if instance.pk is None else {one.watchlist_id: one.reason for one in instance.memberships.all()}
        for watchlist in self.watchlists:
            on, reason = _names(watchlist)
            self.fields[on] = forms.BooleanField(required=False, initial=watchlist.pk in held, label=watchlist.name)
            self.fields[reason] = forms.CharField(
                required=False, max_length=300, initial=held.get(watchlist.pk, ""), label=_("reason")
            )

    @cached_property
    def watchlists(self) -> list[Watchlist]:
        return list(Watchlist.objects.all())

    def rows(self) -> list[ListRow]:
        named = ((watchlist, *_names(watchlist)) for watchlist in self.watchlists)
        return [ListRow(watchlist, self[on], self[reason]) for watchlist, on, reason in named]

    def lists(self) -> dict[int, str]:
        """The watchlists that were ticked, with the reasons."""
        named = ((watchlist, *_names(watchlist)) for watchlist in self.watchlists)
        return {one.pk: self.cleaned_data[reason] for one, on, reason in named if self.cleaned_data[on]}

    def refuse(self, why: ValidationError) -> None:
        """What came up while saving, beside the field it is about, or above all of them."""
        for name, texts in why.message_dict.items():
            self.add_error(name if name in self.fields else None, list(texts))

    def against(self, stored: Person) -> "PersonForm":
        """The same with what was typed, for the person as somebody else has left them; saving again overwrites that."""
        theirs = PersonForm(None, stored)
        mine = PersonForm({**self.data.dict(), "version": stored.version}, stored)  # type: ignore[attr-defined]  # a QueryDict
        mine.differences = [
            Difference(str(theirs[name].label), _shown(theirs[name].value()))
            for name in theirs.fields
            if name != "version" and _shown(theirs[name].value()) != _shown(self[name].value())
        ]
        return mine


class WatchlistForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    class Meta:
        model = Watchlist
        fields = ("name", "kind", "colour", "threshold", "expires_at")
        widgets = {
            "expires_at": MOMENT,
            "threshold": forms.NumberInput(attrs={"step": "0.01", "min": "0.05", "max": "1.2"}),
        }


def _names(watchlist: Watchlist) -> tuple[str, str]:
    return f"on_{watchlist.pk}", f"reason_{watchlist.pk}"


def _shown(value: Any) -> str:
    """As the field shows it, in the page's language where it is no text."""
    if isinstance(value, bool) or value == "on":
        return str(_YES if value else _NO)
    return MOMENT.format_value(value) or "" if hasattr(value, "isoformat") else str(value or "").strip()


_YES, _NO = gettext_lazy("yes"), gettext_lazy("no")
