"""A folder of this machine, with a folder for each person in it."""

from pathlib import Path

from django.conf import settings

from recognition.imports.paths import is_junk
from recognition.imports.refusals import FileReason, FileRefused


def photos_in(folder: Path) -> list[str]:
    """The paths of all files below `folder`, in order. Links are not followed out of it."""
    files = (path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    paths = (path.relative_to(folder).as_posix() for path in files)
    return sorted(path for path in paths if not is_junk(path))


def read_photo(folder: Path, path: str) -> bytes:
    """Raises FileRefused."""
    file = folder / path
    limit: int = settings.PHOTO_LIMIT_BYTES
    if file.is_symlink():
        raise FileRefused(FileReason.LINK)
    try:
        with file.open("rb") as opened:
            content = opened.read(limit + 1)
    except OSError as error:
        raise FileRefused(FileReason.DAMAGED, error.strerror or type(error).__name__) from None
    if len(content) > limit:
        raise FileRefused(FileReason.TOO_LARGE, str(limit // 1_000_000))
    return content
