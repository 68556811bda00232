"""Enrolling a folder at once, for somebody who waits at a terminal: nothing of it is kept but the faces."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from recognition.imports.enrolling import check_named, enrol_named
from recognition.imports.folders import read_photo
from recognition.imports.paths import check_path, name_in
from recognition.imports.people_list import Named
from recognition.imports.recognising import Looked, recognise_all
from recognition.imports.refusals import FileRefused
from recognition.intake.enrolling import digest_of
from recognition.intake.submission import Unavailable
from recognition.people.authors import By
from recognition.people.enrolment import face_on, same_photo
from recognition.people.models import Person
from recognition.people.objections import EnrolmentRefused, Objection, Reason


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one file. refused: why it was not enrolled. held: it was, before."""

    path: str
    refused: str = ""
    held: bool = False


@dataclass(slots=True)
class FolderImport:
    """Raises Unavailable from `run` when no node answers; what was enrolled by then stays, and may be sent again."""

    folder: Path
    overrule: Collection[Reason]
    _people: dict[str, Person] = field(default_factory=dict)  # those that it has enrolled, by their folder's name
    _reports: list[Report] = field(default_factory=list)

    def run(self, paths: Sequence[str]) -> Iterator[Report]:
        """A report for each file as soon as it is known: refusals of files come before older files' faces."""
        with closing(recognise_all(self._photos(paths))) as looked:
            for one in looked:
                yield from self._taken()
                yield self._report(one)
        yield from self._taken()

    def _photos(self, paths: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        for path in paths:
            try:
                check_path(path)
                check_named(Named(name_in(path)))
                photo = read_photo(self.folder, path)
            except FileRefused as why:
                self._reports.append(Report(path, str(why)))
                continue
            if same := same_photo(digest_of(photo)):
                self._reports.append(_report_of(path, same))
            else:
                yield path, photo

    def _taken(self) -> list[Report]:
        taken, self._reports = self._reports, []
        return taken

    def _report(self, looked: Looked[str]) -> Report:
        if isinstance(looked.answer, Unavailable):
            raise looked.answer
        name = name_in(looked.key)
        try:
            face = face_on(looked.answer, looked.digest)
            self._people[name] = enrol_named(Named(name), self._people.get(name), face, By(), self.overrule)
        except (FileRefused, EnrolmentRefused) as why:
            return Report(looked.key, str(why))
        return Report(looked.key)


def _report_of(path: str, same: Objection) -> Report:
    """Of a photo that is enrolled already: that is as it should be, unless it is somebody else's."""
    if Person.objects.filter(pk=same.person_id or 0, name=name_in(path)).exists():
        return Report(path, held=True)
    return Report(path, same.sentence)
