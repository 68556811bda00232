"""Paths as senders write them: whom they name, and none of them leads anywhere."""

import re
import unicodedata

from recognition.imports.refusals import FileReason, FileRefused
from recognition.people.naming import normalised

LONGEST_PATH = 1000
_JUNK = re.compile(r"(^|/)(__MACOSX(/|$)|\.[^/]*$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_DRIVE = re.compile(r"^[A-Za-z]:")
_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz")


def is_junk(path: str) -> bool:
    """What systems leave beside people's files: hidden files, previews, folders' settings."""
    return bool(_JUNK.search(path))


def shown(path: str) -> str:
    """As a report may show it: without what would turn or hide the text around it."""
    return "".join("�" if unicodedata.category(letter)[0] == "C" else letter for letter in path)[:LONGEST_PATH]


def check_path(path: str) -> None:
    """Raises FileRefused for a path that is not one below the archive's root, or is an archive's."""
    if path.startswith("/") or "\\" in path or "\0" in path or _DRIVE.match(path) or ".." in path.split("/"):
        raise FileRefused(FileReason.UNSAFE_PATH)
    if path.lower().endswith(_ARCHIVES):
        raise FileRefused(FileReason.ARCHIVE)


def name_in(path: str) -> str:
    """The person that a photo's folder names: of `2026/Anna/1.jpg`, Anna. Raises FileRefused."""
    folders = [part for part in path.split("/")[:-1] if part not in ("", ".")]
    if not folders:
        raise FileRefused(FileReason.NO_FOLDER)
    return normalised(folders[-1])
