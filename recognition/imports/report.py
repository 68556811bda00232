"""What became of each file of an import."""

import csv
from collections.abc import Iterator

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from recognition.imports.models import ImportFile, PeopleImport
from recognition.imports.refusals import sentence_of

_RUNS_IN_A_SHEET = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets take for the beginning of a formula


class _Line:
    """A file for csv to write to, whose lines go on at once."""

    def write(self, line: str) -> str:
        return line


def report_csv(source: PeopleImport) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_lines(source), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{source.pk}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


def _lines(source: PeopleImport) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff"  # spreadsheets believe in UTF-8 then
    yield writer.writerow((_("file"), _("person"), _("result"), _("why")))
    files = source.files.defer("photo").select_related("owner").iterator(chunk_size=500)
    for file in files:
        name = file.owner.name if file.owner else ""
        yield writer.writerow([_plain(text) for text in (file.path, name, file.get_state_display(), sentences(file))])


def sentences(file: ImportFile) -> str:
    return " ".join(sentence_of(kept) for kept in file.objections)


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_RUNS_IN_A_SHEET) else text
