"""Which files an import has and whose they are: a row for each, before any is looked at."""

from collections.abc import Iterator, Mapping
from itertools import islice

from django.utils.translation import gettext as _

from recognition.imports.enrolling import check_named, find_person
from recognition.imports.models import ImportedPerson, ImportFile, PeopleImport
from recognition.imports.paths import check_path, is_junk, name_in, shown
from recognition.imports.people_list import Named, read_people_list
from recognition.imports.refusals import FileReason, FileRefused
from recognition.imports.zip_files import BadZip, ZipOfPhotos

MOST_FILES = 20_000
AT_ONCE = 200  # rows in a transaction: the collector waits for no more


class Owners:
    """Whose each file is: by the list of people where there is one, else by the folder it stands in."""

    def __init__(self, source: PeopleImport) -> None:
        """Raises BadPeopleList."""
        self._source = source
        self._listed = None if source.people_list is None else read_people_list(source.people_list)
        self._made: dict[tuple[str, str], ImportedPerson] = {}

    def row_for(self, path: str, **fields: object) -> ImportFile:
        """A row for the file, not saved: it waits, or says why it is refused already."""
        row = ImportFile(source=self._source, path=shown(path), **fields)
        try:
            check_path(path)
            row.owner = self._owner(self._named(path))
        except FileRefused as why:
            row.refuse([why.kept()])
        return row

    def missing(self, sent: set[str]) -> Iterator[ImportFile]:
        """A refused row for each file that the list names and nobody has sent."""
        last_parts = {path.rsplit("/", 1)[-1] for path in sent}
        for path in self._listed or ():
            if path not in sent and path not in last_parts:
                row = ImportFile(source=self._source, path=shown(path))
                row.refuse([FileRefused(FileReason.MISSING).kept()])
                yield row

    def _named(self, path: str) -> Named:
        if self._listed is None:
            return Named(name_in(path))
        named = self._listed.get(path) or self._listed.get(path.rsplit("/", 1)[-1])
        if named is None:
            raise FileRefused(FileReason.NOT_LISTED)
        return named

    def _owner(self, named: Named) -> ImportedPerson:
        key = (named.name, named.reference)
        if key not in self._made:
            check_named(named)
            defaults = {"lists": named.lists, "person": find_person(named)}
            self._made[key], _made = ImportedPerson.objects.get_or_create(
                source=self._source, name=named.name, reference=named.reference, defaults=defaults
            )
        return self._made[key]


def list_zip(source: PeopleImport, archive: ZipOfPhotos) -> None:
    """Makes the rows of a zip file; goes on where it was interrupted. Raises BadZip, BadPeopleList."""
    if len(archive) > MOST_FILES:
        raise BadZip(_("The zip file names more than %(limit)d files.") % {"limit": MOST_FILES})
    owners = Owners(source)
    last = source.files.order_by("-entry").values_list("entry", flat=True).exclude(entry=None).first()
    rows = _rows(owners, archive, 0 if last is None else last + 1)
    while batch := list(islice(rows, AT_ONCE)):
        ImportFile.objects.bulk_create(batch)
    finish_listing(source, owners, {path for _, path in archive.paths()})


def finish_listing(source: PeopleImport, owners: Owners, sent: set[str]) -> None:
    held: Mapping[str, object] = dict.fromkeys(source.files.filter(entry=None).values_list("path", flat=True))
    ImportFile.objects.bulk_create([row for row in owners.missing(sent) if row.path not in held], AT_ONCE)
    PeopleImport.objects.filter(pk=source.pk).update(is_listed=True)


def _rows(owners: Owners, archive: ZipOfPhotos, start: int) -> Iterator[ImportFile]:
    for place, path in archive.paths(start):
        if is_junk(path):
            continue
        row = owners.row_for(path, entry=place)
        if row.state == ImportFile.State.WAITING:
            try:
                archive.check(place)
            except FileRefused as why:
                row.refuse([why.kept()])
        yield row
