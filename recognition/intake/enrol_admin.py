"""Enrolling a face in the admin: a photo is chosen, a node recognises it, its one face becomes a template."""

import hashlib
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminFileFieldWidget

from recognition.intake.submission import Unavailable, recognise_now
from recognition.node.messages import Answer, Purpose
from recognition.people.enrolment import EnrolmentRefused, single_face, template_of
from recognition.people.models import Template
from recognition.people.nameless_log import NamelessLog
from recognition.reasons import told

ENROL_WAIT_S = 20.0


@dataclass(frozen=True, slots=True)
class AskedPhoto:
    """A photo that a node was asked about: its answer, or why there is none."""

    digest: str
    answer: Answer | None
    problem: str = ""


def ask_about(photo: "UploadedFile[bytes]") -> AskedPhoto:
    if (photo.size or 0) > settings.PHOTO_LIMIT_BYTES:
        return AskedPhoto("", None, gettext("The photo is larger than 10 MB."))
    content = photo.read()
    digest = hashlib.sha256(content).hexdigest()
    try:
        return AskedPhoto(digest, recognise_now(content, Purpose.ENROL, ENROL_WAIT_S))
    except Unavailable as problem:
        return AskedPhoto(digest, None, gettext("No node answered: %(problem)s") % {"problem": told(str(problem))})


class EnrolForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    asked: AskedPhoto | None = None  # set for each request by EnrolAdmin

    photo = forms.FileField(
        label=_("photo"),
        help_text=_("JPEG, PNG or WebP with exactly one face. Only the face is kept, encrypted."),
        widget=UnfoldAdminFileFieldWidget,
    )

    class Meta:
        model = Template
        fields = ("person",)

    def clean_photo(self) -> None:
        """Nothing of the photo itself goes on from here."""
        asked = self.asked
        if asked is None or asked.answer is None:
            raise forms.ValidationError(asked.problem if asked else gettext("No node was asked."))
        try:
            single_face(asked.answer)
        except EnrolmentRefused as why:
            raise forms.ValidationError(str(why)) from None


@admin.register(Template)
class EnrolAdmin(NamelessLog, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Adds templates; they are shown and removed on their person's page."""

    form = EnrolForm
    fields = ("person", "photo")
    autocomplete_fields = ("person",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and bool(super().has_view_permission(request, obj))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Asks before Django opens this view's transaction: the collector has to record the outcome meanwhile."""
        photo = request.FILES.get("photo")
        if request.method == "POST" and isinstance(photo, UploadedFile) and self.has_add_permission(request):
            vars(request)["asked"] = ask_about(photo)
        answer: HttpResponse = super().add_view(request, form_url, extra_context)
        return answer

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> type[EnrolForm]:
        form: type[EnrolForm] = super().get_form(request, obj, change=change, **kwargs)
        form.asked = vars(request).get("asked")
        return form

    def save_form(self, request: HttpRequest, form: EnrolForm, change: bool) -> Template:
        super().save_form(request, form, change)  # which only readies the form for what Django does after
        asked = cast(AskedPhoto, form.asked)
        return template_of(
            form.cleaned_data["person"], cast(Answer, asked.answer), asked.digest, cast(User, request.user)
        )

    def response_add(self, request: HttpRequest, obj: Template, post_url_continue: Any = None) -> HttpResponse:
        response: HttpResponse = super().response_add(request, obj, post_url_continue)
        return response if "_addanother" in request.POST else redirect("admin:people_person_change", obj.person_id)
