"""Imports against real nodes, whose recognition program finds on each photo what its test says."""

import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from recognition.imports import jobs
from recognition.imports.importer import Importer
from recognition.imports.models import PeopleImport
from recognition.people.authors import By
from tests.mall import Mall, all_working, in_thread
from tests.recognizers import StubRecognizer, one_fit_face
from tests.waiting import wait_until

PIECE_BYTES = 1000  # so that reading crosses from one to the next


def zip_of(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return buffer.getvalue()


def sent_zip(content: bytes, people_list: str | None = None, **fields: Any) -> PeopleImport:
    """An import that waits to be worked off."""
    source = jobs.begin("some.zip", people_list, (), By(**fields))
    for number in range(0, len(content), PIECE_BYTES):
        jobs.add_piece(source, number // PIECE_BYTES, content[number : number + PIECE_BYTES])
    jobs.start(source)
    source.refresh_from_db()
    return source


@pytest.fixture
def at_work(mall: Mall) -> Iterator[StubRecognizer]:
    recognizer = StubRecognizer(one_fit_face)
    with all_working(mall, recognizer):
        yield recognizer


@contextmanager
def importing() -> Iterator[Importer]:
    importer = Importer()
    with in_thread(importer.run, importer.stop):
        yield importer


def ended(source: PeopleImport) -> PeopleImport:
    """The import once it has ended, however it did."""

    def has_ended() -> bool:
        source.refresh_from_db()
        return not source.is_open

    wait_until(has_ended)
    return source


@pytest.fixture
def worked_off(at_work: StubRecognizer) -> Callable[[PeopleImport], PeopleImport]:
    def work_off(source: PeopleImport) -> PeopleImport:
        with importing():
            return ended(source)

    return work_off


def reasons(source: PeopleImport) -> dict[str, list[str]]:
    """Why each refused file was."""
    refused = source.files.filter(state="refused")
    return {file.path: [one["reason"] for one in file.objections] for file in refused}


def enrolled(source: PeopleImport) -> list[str]:
    return sorted(source.files.filter(state="enrolled").values_list("path", flat=True))
