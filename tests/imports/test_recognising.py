from collections.abc import Iterator

import pytest
from pytest_django import Settings

from recognition.imports.recognising import AT_ONCE, recognise_all
from recognition.node.messages import Recognition
from tests.mall import Mall
from tests.photos import photo
from tests.recognizers import StubRecognizer


class Photos:
    """An endless row of photos that knows how many were taken."""

    def __init__(self, size_bytes: int = 0) -> None:
        self.taken = 0
        self._padding = bytes(size_bytes)

    def first(self, count: int) -> Iterator[tuple[int, bytes]]:
        for number in range(count):
            self.taken += 1
            yield number, photo() + self._padding


def most_ahead(photos: Photos, count: int) -> int:
    """By how many photos the taking was ever ahead of the answers; which came in order, one for each."""
    ahead = 0
    for number, looked in enumerate(recognise_all(photos.first(count))):
        assert (looked.key, isinstance(looked.answer, Recognition)) == (number, True)
        ahead = max(ahead, photos.taken - number)
    return ahead


def test_no_more_photos_are_in_memory_than_are_in_work(mall: Mall, at_work: StubRecognizer) -> None:
    assert most_ahead(Photos(), 100) == AT_ONCE


def test_of_large_photos_fewer_are_in_work(
    mall: Mall, at_work: StubRecognizer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recognition.imports.recognising.MOST_BYTES_AT_ONCE", 300_000)
    assert most_ahead(Photos(100_000), 20) == 3
