"""docs/configuration.md names what can be set, all of it and nothing else."""

import re

import pytest

from mallvision.environment import BASE_DIR

CONFIGURATION = (BASE_DIR / "docs" / "configuration.md").read_text()
ROOMS = ("mallvision", "cameras", "recognition")
VARIABLE = re.compile(r'"(MALLVISION_[A-Z_]+|DATABASE_URL|REDIS_SERVER)"')
DOCUMENTED = set(re.findall(r"^\| `(MALLVISION_[A-Z_]+|DATABASE_URL|REDIS_SERVER)` \|", CONFIGURATION, re.MULTILINE))


def _read_in_the_code() -> set[str]:
    sources = (file.read_text() for room in ROOMS for file in (BASE_DIR / room).rglob("*.py"))
    # dj-database-url reads DATABASE_URL without being told its name.
    return {name for source in sources for name in VARIABLE.findall(source)} | {"DATABASE_URL"}


def _make_targets() -> list[str]:
    return re.findall(r"^([a-z-]+):.*## ", (BASE_DIR / "Makefile").read_text(), re.MULTILINE)


def test_every_variable_that_is_read_is_documented() -> None:
    assert _read_in_the_code() - DOCUMENTED == set()


def test_no_variable_is_documented_that_nothing_reads() -> None:
    assert DOCUMENTED - _read_in_the_code() == set()


@pytest.mark.parametrize("target", _make_targets())
def test_every_make_target_is_documented(target: str) -> None:
    assert f"`make {target}" in CONFIGURATION


def test_no_lock_file_names_a_host() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        assert "://" not in (BASE_DIR / name).read_text()
