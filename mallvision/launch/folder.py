"""Makes the data folder: private, with its keys, and served by one launcher at a time."""

import base64
import fcntl
import os
import secrets
import stat
import time
from collections.abc import Mapping
from pathlib import Path

from mallvision.environment import DataFolder
from mallvision.launch.errors import StartError

PRIVATE_UMASK = 0o077
LOCK_PATIENCE_S = 1.5  # children of a launcher that was killed take a moment to go


def make_folder(data: DataFolder, variables: Mapping[str, str]) -> None:
    """Safe to call while the folder is being served. Keys that the environment gives get no file."""
    os.umask(PRIVATE_UMASK)
    _refuse_awkward_path(data.root)
    try:
        data.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (data.keys, data.logs, data.servers):
            folder.mkdir(mode=0o700, exist_ok=True)
        _make_private_folder(data.sockets)
        if not variables.get("MALLVISION_SECRET_KEY"):
            _make_key(data.secret_key, secrets.token_urlsafe(50))
        if not variables.get("MALLVISION_FIELD_KEYS"):
            _make_field_key(data, variables)
    except OSError as error:
        raise StartError(f"the data folder {data.root} cannot be used: {error.strerror} ({error.filename})") from error


def lock_folder(data: DataFolder, patience_s: float = LOCK_PATIENCE_S) -> int:
    """A file descriptor that holds the lock for as long as any process has it open."""
    descriptor = os.open(data.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + patience_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(descriptor)
                message = f"{data.root} is already being served; stop that one or choose another folder: DATA=/some/dir"
                raise StartError(message) from None
            time.sleep(0.05)
        else:
            return descriptor


def _refuse_awkward_path(root: Path) -> None:
    # supervisord's configuration takes these for a comment, a variable or the end of the line.
    if any(sign in str(root) for sign in ";#%\n\r"):
        raise StartError(f"the data folder's path may not contain ; or # or % or a line break: {str(root)!r}")


def _make_private_folder(folder: Path) -> None:
    """The sockets' folder may lie in /tmp, where somebody else may have made it first."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise StartError(f"{folder} belongs to somebody else; remove it or choose another data folder: DATA=/some/dir")
    folder.chmod(0o700)


def _make_field_key(data: DataFolder, variables: Mapping[str, str]) -> None:
    database = data.root / "mallvision.sqlite3"
    if database.exists() and not variables.get("DATABASE_URL") and not data.field_keys.exists():
        raise StartError(f"{data.field_keys} is gone, and with it what {database.name} holds of faces: put it back")
    _make_key(data.field_keys, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())


def _make_key(file: Path, key: str) -> None:
    """Linked into place, so that of two processes one wins and neither ever reads half a key."""
    if not file.exists():
        draft = file.with_name(f"{file.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(f"{key}\n")
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    file.chmod(0o600)
