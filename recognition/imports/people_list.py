"""The list of people beside a zip file: a CSV file with the columns name, reference, watchlists, reason and file."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO

from django.utils.translation import gettext as _

from recognition.people.naming import normalised

MOST_BYTES = 5_000_000
SEPARATORS = ",;\t"


class BadPeopleList(ValueError):
    """The list cannot be read; the message says why in plain words."""


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody that an import names. lists: watchlists by name, with the reason for each."""

    name: str
    reference: str = ""
    lists: dict[str, str] = field(default_factory=dict)


def decoded(content: bytes) -> str:
    """Raises BadPeopleList."""
    if len(content) > MOST_BYTES:
        raise BadPeopleList(_("The list of people is larger than %(limit)d MB.") % {"limit": MOST_BYTES // 1_000_000})
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadPeopleList(_("The list of people is not in UTF-8. Save it as “CSV UTF-8”.")) from None


def read_people_list(text: str) -> dict[str, Named]:
    """Whose each file is, by its path or name as the list writes it. Raises BadPeopleList.

    Watchlists are parted by semicolons, or by | where semicolons part the columns; the reason is for all of them.
    There may be several columns for files: file, file 2, file 3.
    """
    header = text.split("\n", 1)[0]
    separator = max(SEPARATORS, key=header.count)
    rows = csv.DictReader(StringIO(text), delimiter=separator, restval="")
    columns = [(name or "").strip().lower() for name in rows.fieldnames or ()]
    files = [column for column in columns if column.startswith("file")]
    if "name" not in columns or not files:
        raise BadPeopleList(_("The first line of the list must name the columns: name and file at least."))
    rows.fieldnames = columns
    return dict(_owners(rows, files))


def _owners(rows: "csv.DictReader[str]", files: list[str]) -> Iterator[tuple[str, Named]]:
    try:
        for row in rows:
            named = _named(row)
            yield from ((path, named) for column in files if (path := (row[column] or "").strip()))
    except csv.Error as error:
        raise BadPeopleList(_("The list of people cannot be read: %(error)s") % {"error": error}) from None


def _named(row: dict[str, str]) -> Named:
    lists = (row.get("watchlists") or "").replace("|", ";").split(";")
    reason = (row.get("reason") or "").strip()
    named = {normalised(name): reason for name in lists if name.strip()}
    return Named(normalised(row["name"] or ""), normalised(row.get("reference") or ""), named)
