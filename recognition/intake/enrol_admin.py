"""Enrolling a face in the admin: a photo is chosen, a node recognises it, its one face becomes a template."""

from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminFileFieldWidget

from recognition.intake.enrolling import face_on_photo
from recognition.intake.submission import Unavailable
from recognition.people.authors import By
from recognition.people.enrolment import NOTHING, NewFace, PersonErased, template_of
from recognition.people.models import Template
from recognition.people.nameless_log import NamelessLog
from recognition.people.objections import OVERRULABLE, EnrolmentRefused
from recognition.reasons import told


@dataclass(frozen=True, slots=True)
class AskedPhoto:
    """A photo that a node was asked about: its face, or why there is none."""

    by: By
    face: NewFace | None
    problem: str = ""


def ask_about(photo: "UploadedFile[bytes]", by: By) -> AskedPhoto:
    try:
        return AskedPhoto(by, face_on_photo(photo.read()))
    except EnrolmentRefused as why:
        return AskedPhoto(by, None, str(why))
    except Unavailable as problem:
        return AskedPhoto(by, None, gettext("No node answered: %(problem)s") % {"problem": told(str(problem))})


class EnrolForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    asked: AskedPhoto | None = None  # set for each request by EnrolAdmin
    template: Template

    photo = forms.FileField(
        label=_("photo"),
        help_text=_("JPEG, PNG or WebP with exactly one face. Only the face is kept, encrypted."),
        widget=UnfoldAdminFileFieldWidget,
    )
    overrule = forms.BooleanField(
        label=_("enrol all the same"),
        required=False,
        help_text=_("Also a small, blurred or turned face, or one that looks like somebody else. It is recorded."),
    )

    class Meta:
        model = Template
        fields = ("person",)

    def clean_photo(self) -> None:
        """Nothing of the photo itself goes on from here."""
        if self.asked is None or self.asked.face is None:
            raise forms.ValidationError(self.asked.problem if self.asked else gettext("No node was asked."))

    def clean(self) -> None:
        super().clean()
        person = self.cleaned_data.get("person")
        if person is None or self.asked is None or self.asked.face is None:
            return
        overrule = OVERRULABLE if self.cleaned_data["overrule"] else NOTHING
        try:
            self.template = template_of(person, self.asked.face, self.asked.by, overrule=overrule)
        except (EnrolmentRefused, PersonErased) as why:
            self.add_error("photo", str(why))


@admin.register(Template)
class EnrolAdmin(NamelessLog, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Adds templates; they are shown and removed on their person's page."""

    form = EnrolForm
    fields = ("person", "photo", "overrule")
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
            vars(request)["asked"] = ask_about(photo, By(cast(User, request.user)))
        answer: HttpResponse = super().add_view(request, form_url, extra_context)
        return answer

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> type[EnrolForm]:
        form: type[EnrolForm] = super().get_form(request, obj, change=change, **kwargs)
        form.asked = vars(request).get("asked")
        return form

    def save_form(self, request: HttpRequest, form: EnrolForm, change: bool) -> Template:
        super().save_form(request, form, change)  # which only readies the form for what Django does after
        return form.template

    def response_add(self, request: HttpRequest, obj: Template, post_url_continue: Any = None) -> HttpResponse:
        response: HttpResponse = super().response_add(request, obj, post_url_continue)
        return response if "_addanother" in request.POST else redirect("admin:people_person_change", obj.person_id)
