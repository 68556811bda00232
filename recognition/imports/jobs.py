"""An import from its beginning to its end, as whoever sent it commands it."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from recognition.imports.listing import MOST_FILES, Owners, finish_listing
from recognition.imports.models import ImportFile, ImportPiece, PeopleImport
from recognition.imports.people_list import read_people_list
from recognition.imports.refusals import FileRefused
from recognition.people.authors import By
from recognition.people.objections import Reason

State = PeopleImport.State

MOST_ZIP_BYTES = 4_000_000_000
# A likeness is looked at face by face: nobody overrules that for a whole import.
MAY_BE_OVERRULED = frozenset({Reason.TOO_SMALL, Reason.BLURRED, Reason.TURNED_AWAY})


class NotNow(Exception):
    """The import is in no state for this; the message says why in plain words."""


@dataclass(frozen=True, slots=True)
class Progress:
    """total: 0 while it is not known yet."""

    total: int
    waiting: int
    enrolled: int
    refused: int

    @property
    def done(self) -> int:
        return self.total - self.waiting


def begin(title: str, people_list: str | None, overrule: Collection[Reason], by: By) -> PeopleImport:
    """Raises BadPeopleList."""
    if people_list is not None:
        read_people_list(people_list)
    return PeopleImport.objects.create(
        title=title[:200],
        people_list=people_list,
        overrule=sorted(MAY_BE_OVERRULED.intersection(overrule)),
        created_by=by.user,
        key_name=by.key_name,
    )


def add_piece(source: PeopleImport, number: int, content: bytes) -> None:
    """A part of the zip file, from 0 on; one that is sent again takes the place of the first. Raises NotNow."""
    _must_be_receiving(source)
    sent = source.pieces.exclude(number=number).aggregate(size=Sum("size_bytes"))["size"] or 0
    if sent + len(content) > MOST_ZIP_BYTES:
        raise NotNow(_("The zip file is larger than %(limit)d GB.") % {"limit": MOST_ZIP_BYTES // 10**9})
    ImportPiece.objects.update_or_create(
        source=source, number=number, defaults={"content": content, "size_bytes": len(content)}
    )


def add_photo(source: PeopleImport, path: str, photo: bytes) -> None:
    """A photo of a folder, by its path within it. Raises NotNow."""
    _must_be_receiving(source)
    if source.files.count() >= MOST_FILES:
        raise NotNow(_("An import takes no more than %(limit)d files.") % {"limit": MOST_FILES})
    row = Owners(source).row_for(path)
    if row.state == ImportFile.State.WAITING:
        row.photo = photo
    with transaction.atomic():
        source.files.filter(path=row.path, state=ImportFile.State.WAITING).delete()  # sent again
        row.save()


def start(source: PeopleImport) -> None:
    """Everything has been sent. Raises NotNow."""
    _must_be_receiving(source)
    numbers = list(source.pieces.order_by("number").values_list("number", flat=True))
    if numbers != list(range(len(numbers))):
        raise NotNow(_("A part of the zip file is missing; send it again."))
    if not numbers:
        if not source.files.exists():
            raise NotNow(_("Nothing was sent."))
        finish_listing(source, Owners(source), set(source.files.values_list("path", flat=True)))
    PeopleImport.objects.filter(pk=source.pk, state=State.RECEIVING).update(state=State.WAITING)


def stop(source: PeopleImport) -> None:
    """What is in work is still recorded; the rest waits until it goes on."""
    PeopleImport.objects.filter(pk=source.pk, state=State.RUNNING).update(stop_asked=True)
    PeopleImport.objects.filter(pk=source.pk, state=State.WAITING).update(state=State.STOPPED)


def go_on(source: PeopleImport) -> None:
    """Raises NotNow."""
    stopped = PeopleImport.objects.filter(pk=source.pk, state=State.STOPPED)
    if not stopped.update(state=State.WAITING, stop_asked=False, detail="", finished_at=None):
        raise NotNow(_("Only an import that was stopped can go on."))


def remove(source: PeopleImport) -> None:
    """Its report and what was sent; who was enrolled stays. Raises NotNow."""
    if source.state == State.RUNNING:
        raise NotNow(_("Stop the import first."))
    source.delete()


def progress_of(source: PeopleImport) -> Progress:
    counted = Counter(dict(source.files.values_list("state").annotate(Count("pk")).order_by()))
    waiting, enrolled, refused = (counted[state] for state in ImportFile.State.values)
    return Progress(counted.total() if source.is_listed else 0, waiting, enrolled, refused)


def close_file(file_id: int, state: ImportFile.State, objections: list[dict[str, object]]) -> None:
    """Writes down what became of a file, unless somebody else has."""
    waiting = ImportFile.objects.filter(pk=file_id, state=ImportFile.State.WAITING)
    waiting.update(state=state, objections=objections, photo=None)


def refuse_file(file_id: int, why: FileRefused) -> None:
    close_file(file_id, ImportFile.State.REFUSED, [why.kept()])


def _must_be_receiving(source: PeopleImport) -> None:
    if source.state != State.RECEIVING:
        raise NotNow(_("This import takes no more files."))


def finished(source: PeopleImport, state: "State", detail: str = "") -> None:
    """What was sent is kept only if the import may go on."""
    PeopleImport.objects.filter(pk=source.pk).update(
        state=state, detail=detail[:300], finished_at=timezone.now(), claimed_by="", stop_asked=False
    )
    if state != State.STOPPED:
        source.pieces.all().delete()
