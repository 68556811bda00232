from collections.abc import Iterable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action

from recognition.people.erasure import NotConfirmed, await_confirmation, remove
from recognition.people.models import EditedMeanwhile, Membership, Person, Template, Watchlist
from recognition.people.nameless_log import NamelessLog


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """Remembers which version of the person was on the page."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Person
        fields = ("name", "reference", "valid_until", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version

    def clean(self) -> None:
        super().clean()
        if self.instance.pk is None:
            return
        if self.cleaned_data.get("version") != self.instance.version:
            raise forms.ValidationError(str(EditedMeanwhile()))


class MembershipInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    model = Membership
    fields = ("watchlist", "reason", "since", "added_by")
    readonly_fields = ("added_by",)
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        memberships: QuerySet[Membership] = super().get_queryset(request)
        return memberships.select_related("added_by").order_by("since")


class TemplateInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    """Templates are added on their own page, which asks a node about the photo."""

    model = Template
    fields = ("face", "says", "source", "quality", "created_at", "created_by")
    readonly_fields = fields
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Template]:
        templates: QuerySet[Template] = super().get_queryset(request).defer("embedding", "crop")
        return templates.select_related("created_by").order_by("pk")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("face"))
    def face(self, template: Template) -> str:
        return format_html('<img src="{}" width="72" alt="">', reverse("template-crop", args=[template.pk]))


@admin.register(Person)
class PersonAdmin(NamelessLog, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    form = PersonForm
    list_display = ("name", "reference", "template_count", "valid", "created_at")
    list_filter = ("watchlists", "created_at")
    search_fields = ("name", "reference")
    fields = ("name", "reference", "valid_until", "note", "version")
    inlines = (MembershipInline, TemplateInline)
    actions_detail = ("enrol_face",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        counted: QuerySet[Person] = super().get_queryset(request).annotate(template_count=Count("templates"))
        return counted

    @admin.display(description=_("enrolled faces"), ordering="template_count")
    def template_count(self, person: Any) -> int:
        count: int = person.template_count
        return count

    @admin.display(description=_("valid"), boolean=True)
    def valid(self, person: Person) -> bool:
        return person.is_valid

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form has compared the versions; this is for who came in between that and saving."""
        try:
            answer: HttpResponse = super().changeform_view(request, *args, **kwargs)
        except EditedMeanwhile as why:
            self.message_user(request, str(why), messages.ERROR)
            return redirect(request.path)
        return answer

    def save_formset(self, request: HttpRequest, form: PersonForm, formset: Any, change: bool) -> None:
        for row in formset.forms:
            if isinstance(row.instance, Membership) and row.instance.pk is None:
                row.instance.added_by = request.user
        super().save_formset(request, form, formset, change)

    @action(description=_("Enrol a face"), url_path="enrol", permissions=["enrol"])  # type: ignore[untyped-decorator]
    def enrol_face(self, request: HttpRequest, object_id: int) -> HttpResponseRedirect:
        return redirect(reverse("admin:people_template_add", query={"person": object_id}))

    def has_enrol_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("people.add_template")

    def get_deleted_objects(
        self,
        objs: Iterable[Person],
        request: HttpRequest,
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Names who goes. What goes with them (faces, sightings, alerts) needs no permission of its own."""
        names = [str(person) for person in objs]
        return names, {str(Person._meta.verbose_name_plural): len(names)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Person) -> None:
        self._erase(request, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Person]) -> None:
        self._erase(request, list(queryset))

    def _erase(self, request: HttpRequest, persons: list[Person]) -> None:
        """Django's view wraps a transaction around this; the processes can only confirm what is committed."""
        epoch = remove(persons)
        transaction.on_commit(partial(self._say_confirmed, request, epoch))

    def _say_confirmed(self, request: HttpRequest, epoch: int) -> None:
        try:
            erasure = await_confirmation(epoch)
        except NotConfirmed as missing:
            self.message_user(request, str(missing), messages.WARNING)
        else:
            level = messages.WARNING if erasure.confirmed is None else messages.SUCCESS
            self.message_user(request, erasure.sentence, level)


@admin.register(Watchlist)
class WatchlistAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    list_display = ("name", "kind", "colour", "threshold", "expires_at", "in_force", "people_count")
    list_filter = ("kind",)
    search_fields = ("name",)
    fields = ("name", "kind", "colour", "threshold", "expires_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Watchlist]:
        counted: QuerySet[Watchlist] = super().get_queryset(request).annotate(people_count=Count("memberships"))
        return counted

    @admin.display(description=_("in force"), boolean=True)
    def in_force(self, watchlist: Watchlist) -> bool:
        return watchlist.is_in_force

    @admin.display(description=_("people"), ordering="people_count")
    def people_count(self, watchlist: Any) -> int:
        count: int = watchlist.people_count
        return count
