"""Works off imports, one after the other: a thread of the monitor. It may be killed at any moment: a file is recorded
in the transaction that enrols it, so the next one goes on with the files that still wait."""

import logging
import threading
from collections.abc import Iterator
from contextlib import closing

from django.db import DatabaseError, close_old_connections, connections, transaction
from django.utils.translation import gettext as _

from recognition.imports.claim import Claim, claim_next
from recognition.imports.enrolling import enrol_named
from recognition.imports.jobs import close_file, finished, refuse_file
from recognition.imports.listing import list_zip
from recognition.imports.models import ImportedPerson, ImportFile, PeopleImport
from recognition.imports.people_list import BadPeopleList, Named
from recognition.imports.recognising import Looked, recognise_all
from recognition.imports.refusals import FileRefused, kept_of
from recognition.imports.zip_files import BadZip, ZipOfPhotos
from recognition.intake.enrolling import digest_of
from recognition.intake.submission import Unavailable
from recognition.people.enrolment import face_on, same_photo
from recognition.people.objections import EnrolmentRefused

LOOK_EVERY_S = 1.0
ROWS_AT_ONCE = 100

log = logging.getLogger(__name__)


class Importer:
    """`stop` may be called from a signal handler, or another thread."""

    def __init__(self) -> None:
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        while not self._stopping.is_set():
            if not self._step():
                self._stopping.wait(LOOK_EVERY_S)
        connections.close_all()

    def _step(self) -> bool:
        """True if there was something to do."""
        try:
            close_old_connections()
            claim = claim_next()
            if claim is not None:
                self._work_off(claim)
        except DatabaseError as error:
            log.warning("imports wait for the database: %s", type(error).__name__)
            return False
        return claim is not None

    def _work_off(self, claim: Claim) -> None:
        try:
            Work(claim, self._stopping).run()
        except DatabaseError:
            raise  # it goes on once the claim is old
        except Exception:
            log.exception("import %d has failed", claim.source.pk)
            finished(claim.source, PeopleImport.State.FAILED, _("It failed for a reason that stands in the log."))


class Work:
    """One import, being worked off by who holds its claim."""

    def __init__(self, claim: Claim, stopping: threading.Event) -> None:
        self._claim = claim
        self._source = claim.source
        self._stopping = stopping
        self._archive: ZipOfPhotos | None = None
        self._unanswered = ""

    def run(self) -> None:
        try:
            self._open()
            with closing(recognise_all(self._photos())) as looked:
                for one in looked:
                    self._record(one)
                    if self._stopping.is_set():
                        break
        except (BadZip, BadPeopleList) as why:
            finished(self._source, PeopleImport.State.FAILED, str(why))
            return
        self._end()

    def _open(self) -> None:
        if self._source.pieces.exists():
            self._archive = ZipOfPhotos(self._source)
            if not self._source.is_listed:
                list_zip(self._source, self._archive)

    def _photos(self) -> Iterator[tuple[int, bytes]]:
        """The files that wait, by id, each read when it is its turn."""
        last = 0
        waiting = self._source.files.filter(state=ImportFile.State.WAITING).order_by("pk")
        while rows := list(waiting.filter(pk__gt=last).values_list("pk", "entry")[:ROWS_AT_ONCE]):
            for file_id, entry in rows:
                if self._stopping.is_set() or self._unanswered or not self._claim.goes_on():
                    return
                last = file_id
                photo = self._read(file_id, entry)
                if photo is not None and not self._is_enrolled(file_id, photo):
                    yield file_id, photo

    def _read(self, file_id: int, entry: int | None) -> bytes | None:
        """None where it is refused, or gone with its person."""
        if entry is None or self._archive is None:
            photo = ImportFile.objects.filter(pk=file_id).values_list("photo", flat=True).first()
            return None if photo is None else bytes(photo)
        try:
            return self._archive.read(entry)
        except FileRefused as why:
            refuse_file(file_id, why)
            return None

    def _is_enrolled(self, file_id: int, photo: bytes) -> bool:
        """As when an import is sent again: no node need look at it."""
        same = same_photo(digest_of(photo))
        if same is not None:
            close_file(file_id, ImportFile.State.REFUSED, [same.kept()])
        return same is not None

    def _record(self, looked: Looked[int]) -> None:
        if isinstance(looked.answer, Unavailable):
            self._unanswered = str(looked.answer)
            return
        try:
            with transaction.atomic():
                self._enrol(looked)
        except (EnrolmentRefused, FileRefused) as why:
            close_file(looked.key, ImportFile.State.REFUSED, kept_of(why))

    def _enrol(self, looked: Looked[int]) -> None:
        """Nothing where the file is gone: its person was erased."""
        waiting = self._source.files.filter(pk=looked.key, state=ImportFile.State.WAITING)
        file = waiting.select_related("owner__person").defer("photo").first()
        if file is None or file.owner is None or isinstance(looked.answer, Unavailable):
            return
        owner = file.owner
        face = face_on(looked.answer, looked.digest)
        named = Named(owner.name, owner.reference, owner.lists)
        person = enrol_named(named, owner.person, face, self._source.by, self._source.overruled)
        ImportedPerson.objects.filter(pk=owner.pk).update(person=person)
        close_file(looked.key, ImportFile.State.ENROLLED, [])

    def _end(self) -> None:
        if not self._claim.is_held():
            return  # another process has taken over
        state = PeopleImport.State
        if self._unanswered:
            detail = _("No node answered: %(problem)s") % {"problem": self._unanswered}
            finished(self._source, state.STOPPED, detail)
        elif not self._source.files.filter(state=ImportFile.State.WAITING).exists():
            finished(self._source, state.DONE)
        elif self._stopping.is_set():
            self._claim.give_back()
        else:
            finished(self._source, state.STOPPED)
