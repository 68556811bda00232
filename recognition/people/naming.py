"""Names as people write them, in any script, without what would make a page lie about them."""

import re
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

# Characters that turn the direction of whatever stands around them, on any page (Unicode UAX #9). The plain marks
# (LRM, RLM, ALM) and the joiners of emoji and of Persian are not among them.
_TURNS_TEXT = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})  # controls, halves of characters, line and paragraph ends
_VISIBLE = frozenset("LNPS")
_SPACES = re.compile(r"[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")


def normalised(text: str) -> str:
    """In Unicode's composed form (NFC), so that equal names are equal bytes; one space where there were several."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip(" ")


def refuse_unfit(text: str) -> None:
    """Raises ValidationError where a name holds what no name holds, or nothing that can be seen."""
    if any(letter in _TURNS_TEXT or unicodedata.category(letter) in _REFUSED_CATEGORIES for letter in text):
        raise ValidationError(_("Control characters and marks that turn the text around are not allowed."), "unfit")
    if text and not any(unicodedata.category(letter)[0] in _VISIBLE for letter in text):
        raise ValidationError(_("Nothing of this can be seen."), "invisible")


class NameField(models.CharField):  # type: ignore[type-arg]  # not subscriptable at run time
    """A line of text, normalised; whoever saves another is refused (ValidationError), forms or not."""

    default_validators = [refuse_unfit]

    def to_python(self, value: Any) -> Any:
        return normalised(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> Any:
        return self.to_python(super().get_prep_value(value))  # also what is looked for

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = self.to_python(super().pre_save(model_instance, add))
        refuse_unfit(value)
        setattr(model_instance, self.attname, value)
        return value
