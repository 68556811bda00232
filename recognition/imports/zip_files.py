"""Photos in a zip file that somebody has sent: nothing of it is trusted, and nothing is ever written to disk."""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, cast

from django.conf import settings
from django.utils.translation import gettext as _

from recognition.imports.models import PeopleImport
from recognition.imports.paths import check_path
from recognition.imports.pieces import PieceReader, TooMuchAtOnce
from recognition.imports.refusals import FileReason, FileRefused

_ENCRYPTED = 0x1
_UTF8 = 0x800
_DAMAGES = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OSError)


class BadZip(ValueError):
    """The zip file cannot be read; the message says why in plain words."""


class ZipOfPhotos:
    def __init__(self, source: PeopleImport) -> None:
        """Raises BadZip."""
        try:
            self._zip = zipfile.ZipFile(cast(IO[bytes], PieceReader(source)))
        except TooMuchAtOnce:
            raise BadZip(_("The zip file names too many files.")) from None
        except _DAMAGES as error:
            raise BadZip(_("The file is no zip file that can be read: %(error)s") % {"error": error}) from None
        self._entries = self._zip.infolist()

    def __len__(self) -> int:
        return len(self._entries)

    def paths(self, start: int = 0) -> Iterator[tuple[int, str]]:
        """The place and path of every file from `start` on; folders are left out."""
        for place, entry in enumerate(self._entries[start:], start):
            if not entry.is_dir():
                yield place, path_of(entry)

    def check(self, place: int) -> None:
        """Raises FileRefused for what is not a plain file of a size that is taken. Looks at the directory alone."""
        entry = self._entries[place]
        check_path(path_of(entry))
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise FileRefused(FileReason.LINK)
        if entry.flag_bits & _ENCRYPTED:
            raise FileRefused(FileReason.ENCRYPTED)
        if entry.file_size > settings.PHOTO_LIMIT_BYTES:
            raise _too_large()

    def read(self, place: int) -> bytes:
        """A photo. Raises FileRefused, also where more comes than the directory said, as of a bomb."""
        self.check(place)
        limit: int = settings.PHOTO_LIMIT_BYTES
        try:
            with self._zip.open(self._entries[place]) as file:
                content = file.read(limit + 1)
        except (*_DAMAGES, RuntimeError, TooMuchAtOnce) as error:
            raise FileRefused(FileReason.DAMAGED, str(error)) from None
        if len(content) > limit:
            raise _too_large()
        if content.startswith(b"PK\x03\x04"):
            raise FileRefused(FileReason.ARCHIVE)
        return content


def path_of(entry: zipfile.ZipInfo) -> str:
    """Many programs write UTF-8 and do not say so; zipfile then reads it as code page 437."""
    if entry.flag_bits & _UTF8:
        return entry.orig_filename
    try:
        return entry.orig_filename.encode("cp437").decode()
    except UnicodeError:
        return entry.orig_filename


def _too_large() -> FileRefused:
    return FileRefused(FileReason.TOO_LARGE, str(settings.PHOTO_LIMIT_BYTES // 1_000_000))
