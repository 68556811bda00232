"""One person: what is known of them, changing it, and erasing it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cameras.roles import Right
from cameras.scope import Scope, right_required
from recognition.alerts.models import Alert
from recognition.pages.people.forms import PersonForm
from recognition.people.access import SEES_PEOPLE
from recognition.people.authors import By
from recognition.people.editing import remove_person, save_person
from recognition.people.erasure import NotConfirmed, await_confirmation
from recognition.people.finding import with_everything
from recognition.people.models import EditedMeanwhile, Person
from recognition.sightings.models import Sighting


@require_safe
@never_cache
@right_required(*SEES_PEOPLE)
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    return render(request, "people/person.html", context_of(request, person_id))


def context_of(request: HttpRequest, person_id: int) -> dict[str, Any]:
    found = get_object_or_404(with_everything(Person.objects.all()), pk=person_id)
    return {"person": found, "enrols": Scope(request.user).may(Right.ENROL)}


def by_user(request: HttpRequest) -> By:
    return By(request.user if isinstance(request.user, User) else None)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@right_required(Right.ENROL)
def new_person(request: HttpRequest) -> HttpResponse:
    made = Person()
    form = PersonForm(request.POST if request.method == "POST" else None, made)
    if form.is_valid() and _saved(request, form, made):
        return HttpResponseRedirect(reverse("person", args=[made.pk]))
    return render(request, "people/form.html", {"form": form, "person": None})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@right_required(Right.ENROL)
def edit_person(request: HttpRequest, person_id: int) -> HttpResponse:
    """Nothing that was typed is lost: neither when somebody else was quicker, nor when the person is gone."""
    found = Person.objects.filter(pk=person_id).first()
    if found is None:
        return _gone(request)
    form = PersonForm(request.POST if request.method == "POST" else None, found)
    if form.is_valid():
        try:
            if _saved(request, form, found, form.cleaned_data["version"] or 0):
                return HttpResponseRedirect(reverse("person", args=[found.pk]))
        except EditedMeanwhile:
            return _conflict(request, form, person_id)
    return render(request, "people/form.html", {"form": form, "person": get_object_or_404(Person, pk=person_id)})


def _saved(request: HttpRequest, form: PersonForm, person: Person, version: int | None = None) -> bool:
    try:
        save_person(person, form.lists(), by_user(request), version)
    except ValidationError as why:
        form.refuse(why)
        return False
    return True


def _conflict(request: HttpRequest, form: PersonForm, person_id: int) -> HttpResponse:
    stored = Person.objects.filter(pk=person_id).first()
    if stored is None:
        return _gone(request)
    context = {"form": form.against(stored), "person": stored, "conflict": True}
    return render(request, "people/form.html", context, status=409)


def _gone(request: HttpRequest) -> HttpResponse:
    """What was typed may be saved as a new person."""
    form = PersonForm(request.POST if request.method == "POST" else None, Person())
    return render(request, "people/form.html", {"form": form, "person": None, "gone": True}, status=404)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@right_required(Right.ENROL)
def erase_person(request: HttpRequest, person_id: int) -> HttpResponse:
    """Asks first, and names what goes with the person."""
    found = get_object_or_404(Person, pk=person_id)
    if request.method != "POST":
        return render(request, "people/erase.html", {"person": found, "goes": _what_goes(found)})
    epoch = remove_person(found, by_user(request))
    try:
        erasure = await_confirmation(epoch)
    except NotConfirmed as missing:
        messages.warning(request, str(missing))
    else:
        level = messages.WARNING if erasure.confirmed is None else messages.SUCCESS
        messages.add_message(request, level, erasure.sentence)
    return HttpResponseRedirect(reverse("people"))


def _what_goes(person: Person) -> list[tuple[str, int]]:
    return [
        (_("enrolled faces"), person.templates.count()),
        (_("sightings"), Sighting.objects.filter(person=person).count()),
        (_("alerts"), Alert.objects.filter(sighting__person=person).count()),
        (_("entries on watchlists"), person.memberships.count()),
    ]
