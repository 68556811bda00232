"""What a process is told from outside, read once. A bad value fails with its name and what was expected."""

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import TypeAlias, TypeVar
from urllib.parse import quote

T = TypeVar("T")

# What an accepted snapshot outlives: at most a second of them is lost with the hub's machine; none is, unless its disk
# is; none is, as a second machine has them too.
HUB_DURABILITIES = ("everysec", "always", "replica")
Span: TypeAlias = tuple[time, time]

BASE_DIR = Path(__file__).resolve().parent.parent
UNIX_SOCKET_PATH_LIMIT = 107  # bytes, the kernel's
# "/supervisor.sock" and the ".12345" that supervisord adds while it makes it
LONGEST_SOCKET_NAME = 30


class BadEnvironment(ValueError):
    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{name}={value!r} cannot be used: expected {expected}")


def _flag(text: str) -> bool:
    return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[text.lower()]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _positive_int(text: str) -> int:
    number = int(text)
    if number <= 0:
        raise ValueError(text)
    return number


def _positive_float(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise ValueError(text)
    return number


def _fraction(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1:
        raise ValueError(text)
    return number


def _share(text: str) -> float:
    number = float(text)
    if not 0 < number <= 100:
        raise ValueError(text)
    return number


def _time(text: str) -> time:
    if text.strip() == "24:00":
        return time(0)
    found = re.fullmatch(r"(\d\d):(\d\d)", text.strip())
    if found is None:
        raise ValueError(text)
    return time(int(found[1]), int(found[2]))


def _span(text: str) -> Span:
    opens, closes = text.split("-")
    return _time(opens), _time(closes)


def _spans(text: str) -> tuple[Span, ...]:
    return tuple(map(_span, _words(text)))


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads typed values out of a mapping such as `os.environ`; an empty value counts as unset."""

    variables: Mapping[str, str]

    def text(self, name: str, default: str) -> str:
        return self.variables.get(name) or default

    def flag(self, name: str, default: bool) -> bool:
        return self._parsed(name, default, _flag, "1 or 0")

    def words(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        return self._parsed(name, default, _words, "words parted by commas")

    def positive_int(self, name: str, default: int) -> int:
        return self._parsed(name, default, _positive_int, "a whole number above 0")

    def positive_float(self, name: str, default: float) -> float:
        return self._parsed(name, default, _positive_float, "a number above 0")

    def fraction(self, name: str, default: float) -> float:
        return self._parsed(name, default, _fraction, "a number from 0 to 1")

    def percent(self, name: str, default: float) -> float:
        return self._parsed(name, default, _share, "a number above 0, at most 100")

    def choice(self, name: str, *choices: str) -> str:
        """One of `choices`; the first by default."""
        return self._parsed(name, choices[0], {choice: choice for choice in choices}.__getitem__, " or ".join(choices))

    def opening_hours(self, name: str) -> tuple[Span, ...]:
        """From and until, none by default. Until is a later day's when it is not after from: 24:00 is 00:00."""
        return self._parsed(name, (), _spans, "spans such as 09:00-22:00, parted by commas")

    def secret(self, name: str, file: Path) -> str:
        """The variable, else what the key file holds, else nothing (the system check says what to do)."""
        if value := self.variables.get(name):
            return value
        return file.read_text().strip() if file.exists() else ""

    def _parsed(self, name: str, default: T, parse: Callable[[str], T], expected: str) -> T:
        value = self.variables.get(name)
        if not value:
            return default
        try:
            return parse(value)
        except (ValueError, KeyError):
            raise BadEnvironment(name, value, expected) from None


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Where everything that lasts is kept: the database, keys, logs and the embedded servers' files."""

    root: Path

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def secret_key(self) -> Path:
        return self.keys / "secret-key"

    @property
    def field_keys(self) -> Path:
        return self.keys / "field-keys"

    @property
    def demo(self) -> Path:
        return self.root / "demo"

    @property
    def logs(self) -> Path:
        return self.root / "log"

    @property
    def servers(self) -> Path:
        return self.root / "servers"

    @property
    def sockets(self) -> Path:
        """A unix socket's path is limited, so a data folder with a long path has its sockets elsewhere.

        The place follows from the folder and the user alone: every process must come to the same one.
        """
        if len(os.fsencode(self.servers)) <= UNIX_SOCKET_PATH_LIMIT - LONGEST_SOCKET_NAME:
            return self.servers
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]
        return Path(f"/tmp/mallvision-{os.getuid()}-{digest}")  # noqa: S108 - made 0700, and refused if another's

    def socket(self, name: str) -> Path:
        """The unix socket of the embedded server called `name`."""
        return self.sockets / f"{name}.sock"

    def socket_url(self, name: str) -> str:
        return f"unix://{quote(str(self.socket(name)))}"


def data_folder(variables: Mapping[str, str]) -> DataFolder:
    return DataFolder(Path(variables.get("MALLVISION_DATA") or BASE_DIR / "var").resolve())
