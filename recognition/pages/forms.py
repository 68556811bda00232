"""The form of the upload page."""

from itertools import groupby

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from cameras.models import Camera
from cameras.scope import Scope

Choices = list[tuple[str, list[tuple[int, str]]]]


class UploadForm(forms.Form):
    """One photo, sent as if the chosen camera had taken it. Offers the enabled cameras within the scope."""

    camera = forms.TypedChoiceField(label=_("Camera"), coerce=int)
    photo = forms.FileField(
        label=_("Photo"),
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        error_messages={"required": _("Choose a photo first."), "empty": _("That file is empty.")},
    )

    def __init__(self, scope: Scope, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on to Django's own signature
        self.cameras = _by_group(scope)
        self.fields["camera"].choices = self.cameras  # type: ignore[attr-defined]  # a choice field, declared above

    def photo_bytes(self) -> bytes:
        photo: UploadedFile[bytes] = self.cleaned_data["photo"]
        return bytes(photo.read())


def _by_group(scope: Scope) -> Choices:
    cameras = scope.cameras().filter(enabled=True).select_related("group").order_by("group__name", "group_id", "name")
    return [(group.name, [_choice(camera) for camera in own]) for group, own in groupby(cameras, lambda c: c.group)]


def _choice(camera: Camera) -> tuple[int, str]:
    return camera.pk, camera.name
