"""No photo, however broken, ends a worker, holds it up or fills its memory. More of them: tests/engine/fuzz.py."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings

from recognition.engine.models import ModelFolder
from tests.engine.fuzz import WHOLE, Looked, check, damaged_photos, looking

CASES = 2000


@pytest.fixture(scope="module")
def look(models: ModelFolder) -> Iterator[Callable[[bytes], Looked]]:
    with looking() as look:
        yield look


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_the_photos_that_are_damaged_below_do_no_harm_themselves(look: Callable[[bytes], Looked], name: str) -> None:
    check(look, WHOLE[name])


@settings(max_examples=CASES, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(photo=damaged_photos())
def test_no_damaged_photo_does_any_harm(look: Callable[[bytes], Looked], photo: bytes) -> None:
    check(look, photo)
