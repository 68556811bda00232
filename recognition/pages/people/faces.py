"""A person's enrolled faces: adding and removing them. The page's script enrols by the API, one photo at a time."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from cameras.roles import Right
from cameras.scope import Scope, right_required
from recognition.intake.enrolling import enrol_photo
from recognition.intake.submission import Unavailable
from recognition.pages.people.person import by_user, context_of
from recognition.people.access import SEES_PEOPLE
from recognition.people.editing import remove_template
from recognition.people.enrolment import NOTHING, PersonErased
from recognition.people.models import Person, Template
from recognition.people.objections import OVERRULABLE, EnrolmentRefused


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one photo."""

    file: str
    enrolled: bool
    text: str


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@right_required(*SEES_PEOPLE)
def faces(request: HttpRequest, person_id: int) -> HttpResponse:
    """The faces alone; or, without a script, the whole page with what became of the photos that were sent."""
    if request.method != "POST":
        return render(request, "people/faces.html", context_of(request, person_id))
    if not Scope(request.user).may(Right.ENROL):
        raise PermissionDenied
    found = get_object_or_404(Person, pk=person_id)
    reports = [_enrolled(request, found, photo) for photo in request.FILES.getlist("photos")]
    return render(request, "people/person.html", {**context_of(request, person_id), "reports": reports})


def _enrolled(request: HttpRequest, person: Person, photo: "UploadedFile[bytes]") -> Report:
    overrule = OVERRULABLE if request.POST.get("overrule") else NOTHING
    try:
        enrol_photo(person, photo.read(), by_user(request), overrule=overrule)
    except (EnrolmentRefused, PersonErased, Unavailable) as why:
        return Report(photo.name or "", enrolled=False, text=str(why))
    return Report(photo.name or "", enrolled=True, text=_("enrolled"))


@require_POST
@right_required(Right.ENROL)
def remove_face(request: HttpRequest, person_id: int, template_id: int) -> HttpResponse:
    template = get_object_or_404(Template.objects.select_related("person"), pk=template_id, person=person_id)
    remove_template(template, by_user(request))
    messages.success(request, _("The face was removed."))
    return HttpResponseRedirect(reverse("person", args=[person_id]))
