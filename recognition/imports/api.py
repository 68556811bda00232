"""`/api/v1/imports`: many people at once, for the page's script and for programs."""

from datetime import datetime
from typing import Self

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Field, Router, Schema, Status

from recognition.imports import jobs
from recognition.imports.models import PeopleImport
from recognition.imports.people_list import BadPeopleList
from recognition.imports.report import report_csv
from recognition.intake.api import Detail
from recognition.intake.people_api import GONE, REFUSALS
from recognition.intake.people_auth import CHANGES_PEOPLE, by
from recognition.intake.problems import Problem
from recognition.people.objections import Reason

router = Router(tags=["imports"])

REFUSED = {**GONE, 409: Detail}


class NewImport(Schema):
    title: str = Field("", max_length=200, description="such as the file's name")
    people_list: str | None = Field(
        None, description="the text of a CSV file: name, reference, watchlists, reason, file; whose each file is"
    )
    overrule: list[Reason] = Field([], description="of too_small, blurred and turned_away: limits to pass over")


class ImportReply(Schema):
    id: int
    title: str
    state: PeopleImport.State = Field(description="receiving, waiting, running, stopped, done or failed")
    detail: str = Field(description="why it was stopped or has failed, if by itself")
    created_at: datetime
    finished_at: datetime | None
    total: int = Field(description="files; 0 while that is not known yet")
    waiting: int
    enrolled: int
    refused: int

    @classmethod
    def of(cls, source: PeopleImport) -> Self:
        plain = ("id", "title", "state", "detail", "created_at", "finished_at")
        counted = jobs.progress_of(source)
        return cls(
            **{name: getattr(source, name) for name in plain},
            total=counted.total,
            waiting=counted.waiting,
            enrolled=counted.enrolled,
            refused=counted.refused,
        )


@router.post(
    "/imports", auth=CHANGES_PEOPLE, response={201: ImportReply, **REFUSALS, 422: Detail}, summary="Begin an import"
)
def post_import(request: HttpRequest, body: NewImport) -> Status[ImportReply]:
    """Then send either the parts of one zip file (NAME/photo.jpg) or photos one by one, and start it."""
    try:
        source = jobs.begin(body.title, body.people_list, body.overrule, by(request))
    except BadPeopleList as why:
        raise Problem(422, str(why)) from None
    return Status(201, ImportReply.of(source))


@router.get("/imports/{id}", auth=CHANGES_PEOPLE, response={200: ImportReply, **GONE}, summary="How an import is doing")
def get_import(request: HttpRequest, id: int) -> ImportReply:  # noqa: A002 (the address says so)
    return ImportReply.of(_found(id))


@router.put(
    "/imports/{id}/pieces/{number}",
    auth=CHANGES_PEOPLE,
    response={204: None, **REFUSED, 413: Detail},
    summary="Send a part of the zip file",
)
def put_piece(request: HttpRequest, id: int, number: int) -> Status[None]:  # noqa: A002
    """The body is the part: at most 10 MB, numbered from 0 on, in any order. One sent again replaces the first."""
    try:
        jobs.add_piece(_found(id), number, request.body)
    except jobs.NotNow as why:
        raise Problem(409, str(why)) from None
    return Status(204, None)


@router.post(
    "/imports/{id}/photos",
    auth=CHANGES_PEOPLE,
    response={204: None, **REFUSED, 413: Detail},
    summary="Send a photo of a folder",
)
def post_photo(request: HttpRequest, id: int, path: str) -> Status[None]:  # noqa: A002
    """The body is the photo. path: within the folder, such as `Anna/1.jpg`."""
    try:
        jobs.add_photo(_found(id), path, request.body)
    except jobs.NotNow as why:
        raise Problem(409, str(why)) from None
    return Status(204, None)


@router.get("/imports/{id}/report.csv", auth=CHANGES_PEOPLE, response=GONE, summary="What became of each file, as CSV")
def get_report(request: HttpRequest, id: int) -> HttpResponseBase:  # noqa: A002
    return report_csv(_found(id))


@router.delete("/imports/{id}", auth=CHANGES_PEOPLE, response={204: None, **REFUSED}, summary="Remove an import")
def delete_import(request: HttpRequest, id: int) -> Status[None]:  # noqa: A002
    """Its report, and what was sent; who was enrolled stays."""
    try:
        jobs.remove(_found(id))
    except jobs.NotNow as why:
        raise Problem(409, str(why)) from None
    return Status(204, None)


@router.post(
    "/imports/{id}/{verb}", auth=CHANGES_PEOPLE, response={200: ImportReply, **REFUSED}, summary="Start, stop, go on"
)
def post_verb(request: HttpRequest, id: int, verb: str) -> ImportReply:  # noqa: A002
    """verb: `start` when all has been sent, `stop`, `go-on` after a stop."""
    source = _found(id)
    verbs = {"start": jobs.start, "stop": jobs.stop, "go-on": jobs.go_on}
    if verb not in verbs:
        raise Problem(404, "An import can start, stop and go-on.")
    try:
        verbs[verb](source)
    except jobs.NotNow as why:
        raise Problem(409, str(why)) from None
    return ImportReply.of(_found(id))


def _found(number: int) -> PeopleImport:
    source = PeopleImport.objects.filter(pk=number).first()
    if source is None:
        raise Problem(404, "There is no such import, or it has been removed.")
    return source
