"""What the API says of people and watchlists, and what it takes."""

from datetime import datetime
from typing import Any, Self

from ninja import Field, Schema

from recognition.people.models import Membership, Person, Template, Watchlist
from recognition.people.objections import EnrolmentRefused, Reason

_VERSION = "moves on with every change; send the one that you have read"


class OnList(Schema):
    watchlist: int = Field(description="its id")
    reason: str = Field("", max_length=300, description="required on a list of the kind barred")


class OnListReply(OnList):
    name: str
    since: datetime

    @classmethod
    def of(cls, membership: Membership) -> Self:
        listed = membership.watchlist
        return cls(watchlist=listed.pk, name=listed.name, reason=membership.reason, since=membership.since)


class Limit(Schema):
    """A limit that a face was held against."""

    reason: Reason
    numbers: dict[str, float] = Field(description="what was measured, and the limit")
    person: int | None = Field(description="the id of the person it looks like, or whose photo it is")


class FaceReply(Schema):
    id: int
    says: str = Field(description="is, or is_not: a face that was mistaken for this person")
    source: str = Field(description="upload, webcam or sighting")
    quality: float = Field(description="0 to 1")
    digest: str = Field(description="SHA-256 of the photo's bytes")
    created_at: datetime
    created_by: str = Field(description="the user, or the API key")
    overruled: list[Limit] = Field(description="the limits that it was enrolled in spite of")

    @classmethod
    def of(cls, template: Template) -> Self:
        author = template.created_by.get_username() if template.created_by else template.key_name
        return cls(
            **{name: getattr(template, name) for name in ("id", "says", "source", "quality", "digest", "created_at")},
            created_by=author,
            overruled=[Limit.model_validate(limit) for limit in template.overruled],
        )


class PersonBody(Schema):
    name: str = Field(max_length=300)
    reference: str = Field("", max_length=64, description="yours, such as a staff number; one person's")
    note: str = ""
    valid_until: datetime | None = Field(None, description="from then on this person is not recognised any more")
    watchlists: list[OnList] = Field([], description="exactly these; who is on others is taken off them")

    def fields(self) -> dict[str, Any]:
        return self.model_dump(include={"name", "reference", "note", "valid_until"})

    def lists(self) -> dict[int, str]:
        return {one.watchlist: one.reason for one in self.watchlists}


class ChangedPerson(PersonBody):
    version: int = Field(description=_VERSION)


class PersonReply(Schema):
    id: int
    name: str
    reference: str
    note: str
    valid_until: datetime | None
    is_valid: bool
    created_at: datetime
    version: int = Field(description=_VERSION)
    watchlists: list[OnListReply]
    faces: list[FaceReply]

    @classmethod
    def of(cls, person: Person) -> Self:
        plain = ("id", "name", "reference", "note", "valid_until", "is_valid", "created_at", "version")
        return cls(
            **{name: getattr(person, name) for name in plain},
            watchlists=[OnListReply.of(membership) for membership in person.memberships.all()],
            faces=[FaceReply.of(template) for template in person.templates.all()],
        )


class PeopleReply(Schema):
    people: list[PersonReply]
    count: int = Field(description="how many there are on all pages")
    next_page: int | None


class Erased(Schema):
    detail: str
    confirmed: int | None = Field(
        description="processes that have said that they know the name no longer; null: the hub does not answer"
    )


class EnrolmentObjection(Limit):
    sentence: str
    may_be_overruled: bool


class NotEnrolled(Schema):
    """Why a photo was not enrolled."""

    detail: str
    objections: list[EnrolmentObjection]

    @classmethod
    def of(cls, why: EnrolmentRefused) -> Self:
        return cls(
            detail=str(why),
            objections=[
                EnrolmentObjection(
                    reason=one.reason,
                    numbers=dict(one.numbers),
                    person=one.person_id,
                    sentence=one.sentence,
                    may_be_overruled=one.may_be_overruled,
                )
                for one in why.objections
            ],
        )


class WatchlistBody(Schema):
    name: str = Field(max_length=120)
    kind: Watchlist.Kind = Field(Watchlist.Kind.CUSTOM, description="staff, vip, barred, missing or custom")
    colour: Watchlist.Colour = Field(Watchlist.Colour.GREY, description="grey, blue, green, amber, red or violet")
    threshold: float | None = Field(None, description="largest distance at which a face is one of its people")
    expires_at: datetime | None = None


class WatchlistReply(WatchlistBody):
    id: int
    in_force: bool
    people: int = Field(description="how many are on it")
