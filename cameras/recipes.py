"""The recipes a camera group may ask for. The text form travels with each job and is part of the cache key."""

from django.utils.translation import gettext_lazy as _

DEFAULT_RECIPE = "reference.0.fp32"
RECIPE_CHOICES = [(DEFAULT_RECIPE, _("Reference: face_recognition, full size"))]
