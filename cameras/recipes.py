"""The recipes a camera group may ask for. The text form travels with each job and is part of the cache key."""

from typing import Final

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from recognition.recipe import DETECTOR_SIDES_PX, FAST, FP32, INT8, REFERENCE, Recipe

DEFAULT_RECIPE: Final = str(Recipe(FAST, 640, INT8))

SMALLEST_FACE_PX = 20  # in the detector's picture; from there on it missed none of the 58 faces of the project's trial
PHOTO_SIDE_PX = 1920

_PRECISIONS = {INT8: _("rounded arithmetic on nodes that gain by it (int8)"), FP32: _("exact arithmetic (fp32)")}


def _label(recipe: Recipe) -> Promise:
    return format_lazy(
        _("Fast: faces from {face} px in a photo {photo} px wide (detector side {side}), {precision}"),
        face=SMALLEST_FACE_PX * PHOTO_SIDE_PX // recipe.side_px,
        photo=PHOTO_SIDE_PX,
        side=recipe.side_px,
        precision=_PRECISIONS[recipe.precision],
    )


_FAST = [Recipe(FAST, side_px, precision) for precision in (INT8, FP32) for side_px in DETECTOR_SIDES_PX]
RECIPE_CHOICES: Final = [
    *((str(recipe), _label(recipe)) for recipe in _FAST),
    (str(Recipe(REFERENCE, 0, FP32)), _("Reference: face_recognition, full size")),
]
