"""`/api/v1/people`: who is enrolled, for programs. What the pages can, this can."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from ninja import Router, Status
from pydantic import PositiveInt

from recognition.intake.api import Detail
from recognition.intake.enrolling import enrol_photo
from recognition.intake.openapi import PHOTO_BODY
from recognition.intake.people_auth import CHANGES_PEOPLE, READS_PEOPLE, by
from recognition.intake.people_schemas import (
    ChangedPerson,
    Erased,
    FaceReply,
    NotEnrolled,
    PeopleReply,
    PersonBody,
    PersonReply,
)
from recognition.intake.problems import Problem, busy
from recognition.intake.submission import Unavailable
from recognition.intake.upload import Headers, photo_and_time
from recognition.people.editing import remove_person, remove_template, save_person
from recognition.people.enrolment import PersonErased
from recognition.people.erasure import NotConfirmed, await_confirmation
from recognition.people.finding import find_people, with_everything
from recognition.people.models import EditedMeanwhile, Person, Template
from recognition.people.objections import EnrolmentRefused, Reason
from recognition.people.private_media import private_photo

router = Router(tags=["people"])

PER_PAGE = 100
REFUSALS = {401: Detail, 403: Detail}
GONE = {**REFUSALS, 404: Detail}


@router.get(
    "/people", auth=READS_PEOPLE, response={200: PeopleReply, **REFUSALS, 422: Detail}, summary="Who is enrolled"
)
def get_people(
    request: HttpRequest, search: str = "", watchlist: int | None = None, page: PositiveInt = 1
) -> PeopleReply:
    """In the order of names, 100 a page. search: a part of the name or reference number."""
    shown = Paginator(with_everything(find_people(search, watchlist)), PER_PAGE).get_page(page)
    return PeopleReply(
        people=[PersonReply.of(person) for person in shown] if page == shown.number else [],
        count=shown.paginator.count,
        next_page=page + 1 if page < shown.paginator.num_pages else None,
    )


@router.post(
    "/people", auth=CHANGES_PEOPLE, response={201: PersonReply, **REFUSALS, 422: Detail}, summary="Add a person"
)
def post_person(request: HttpRequest, body: PersonBody) -> Status[PersonReply]:
    """Without a face yet: send a photo to `/people/{id}/faces` next."""
    person = Person(**body.fields())
    _save(person, body.lists(), request)
    return Status(201, PersonReply.of(_found(person.pk)))


@router.get("/people/{id}", auth=READS_PEOPLE, response={200: PersonReply, **GONE}, summary="One person")
def get_person(request: HttpRequest, id: int) -> PersonReply:  # noqa: A002 (the address says so)
    return PersonReply.of(_found(id))


@router.put(
    "/people/{id}",
    auth=CHANGES_PEOPLE,
    response={200: PersonReply, **GONE, 409: Detail, 422: Detail},
    summary="Change a person",
)
def put_person(request: HttpRequest, id: int, body: ChangedPerson) -> PersonReply:  # noqa: A002
    """409 when somebody else has changed the person since `version`: nothing was saved, read it again."""
    person = _found(id)
    for name, value in body.fields().items():
        setattr(person, name, value)
    _save(person, body.lists(), request, body.version)
    return PersonReply.of(_found(id))


@router.delete(
    "/people/{id}", auth=CHANGES_PEOPLE, response={200: Erased, 202: Detail, **GONE}, summary="Erase a person"
)
def delete_person(request: HttpRequest, id: int) -> Status[Any]:  # noqa: A002
    """With their faces, sightings and alerts. Returns once no process serves the name any more.

    202: erased, but a process has not confirmed it yet; it shows no names until it does.
    """
    epoch = remove_person(_found(id), by(request))
    try:
        erasure = await_confirmation(epoch)
    except NotConfirmed as missing:
        return Status(202, Detail(detail=str(missing)))
    return Status(200, Erased(detail=erasure.sentence, confirmed=erasure.confirmed))


@router.post(
    "/people/{id}/faces",
    auth=CHANGES_PEOPLE,
    response={201: FaceReply, **GONE, 413: Detail, 422: NotEnrolled, 503: Detail},
    summary="Enrol a face by a photo",
    openapi_extra={"requestBody": PHOTO_BODY},
)
def post_face(
    request: HttpRequest,
    id: int,  # noqa: A002
    source: Template.Source = Template.Source.UPLOAD,
    overrule: str = "",
) -> Status[Any]:
    """A node recognises the photo; its one face is enrolled unless something is against it, which 422 tells.

    overrule: the limits to pass over, parted by commas, of too_small, blurred, turned_away and looks_like.
    """
    person = _found(id)
    photo, _ = photo_and_time(Headers(content_type=request.headers.get("Content-Type", "")), request.body)
    try:
        template = enrol_photo(person, photo, by(request), source, _reasons(overrule))
    except EnrolmentRefused as why:
        return Status(422, NotEnrolled.of(why))
    except PersonErased:
        raise Problem(404, _GONE) from None
    except Unavailable as problem:
        raise busy(str(problem)) from None
    return Status(201, FaceReply.of(template))


@router.delete(
    "/people/{id}/faces/{face}", auth=CHANGES_PEOPLE, response={204: None, **GONE}, summary="Remove an enrolled face"
)
def delete_face(request: HttpRequest, id: int, face: int) -> Status[None]:  # noqa: A002
    remove_template(_face(id, face), by(request))
    return Status(204, None)


@router.get("/people/{id}/faces/{face}/crop", auth=READS_PEOPLE, response=GONE, summary="The enrolled face as a JPEG")
def get_crop(request: HttpRequest, id: int, face: int) -> HttpResponse:  # noqa: A002
    return private_photo(_face(id, face).crop)


_GONE = "There is no such person, or they have been erased."


def _found(person_id: int) -> Person:
    person = with_everything(Person.objects.filter(pk=person_id)).first()
    if person is None:
        raise Problem(404, _GONE)
    return person


def _face(person_id: int, face: int) -> Template:
    template = Template.objects.select_related("person").filter(pk=face, person=person_id).first()
    if template is None:
        raise Problem(404, "This person has no such face, or it has been removed.")
    return template


def _save(person: Person, lists: dict[int, str], request: HttpRequest, version: int | None = None) -> None:
    try:
        save_person(person, lists, by(request), version)
    except EditedMeanwhile as why:
        raise Problem(409, str(why)) from None
    except ValidationError as why:
        raise invalid(why) from None


def invalid(why: ValidationError) -> Problem:
    told = (
        f"{name}: {' '.join(texts)}" if name != "__all__" else " ".join(texts)
        for name, texts in why.message_dict.items()
    )
    return Problem(422, " ".join(told))


def _reasons(text: str) -> set[Reason]:
    try:
        return {Reason(word.strip()) for word in text.split(",") if word.strip()}
    except ValueError as error:
        raise Problem(422, f"overrule: {error}") from None
