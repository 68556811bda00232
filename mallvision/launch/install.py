"""`make install`: .venv holds exactly what the lock file pins.

Run by path with the system's python3, which may be too old: nothing but plain syntax and the standard library.
The stamp is written last, so an interrupted installation is done again.
"""

import fcntl
import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
OLDEST_PYTHON = (3, 11)
PIP_OPTIONS = ("--disable-pip-version-check", "--no-input", "--quiet")
PROBE = "import pip, sys; print(sys.prefix, sys.version_info >= (3, 11))"
LOCK_OPTIONS = ("--no-deps", "--only-binary", ":all:", "--require-hashes")


def main() -> int:
    if sys.version_info < OLDEST_PYTHON:
        found = f"{sys.executable} is {sys.version_info[0]}.{sys.version_info[1]}"
        return _fail(f"MallVision needs Python 3.11 or newer; {found}. With a newer one: make run PYTHON=python3.11")
    lock_file = ROOT / sys.argv[1]
    with Path(__file__).open() as only_one_at_a_time:
        fcntl.flock(only_one_at_a_time, fcntl.LOCK_EX)
        stamp, digest = VENV / (".installed-" + lock_file.stem), _digest(lock_file)
        if stamp.exists() and stamp.read_text() == digest and _works():
            return 0
        return _install(lock_file, stamp, digest)


def _install(lock_file: Path, stamp: Path, digest: str) -> int:
    stamp.unlink(missing_ok=True)
    if not _works() and not _make_venv():
        return _fail("python3-venv is missing. Type: sudo apt install python3-venv   and then this command again.")
    _say("Installing " + lock_file.name + " into .venv; the first time takes a minute or two...")
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", *PIP_OPTIONS, *LOCK_OPTIONS, "-r", str(lock_file)]
    if subprocess.call(pip) != 0:  # noqa: S603 - our own command, no shell
        return _fail("The installation failed; the lines above say why. The same command tries again.")
    stamp.write_text(digest)
    return 0


def _works() -> bool:
    """Whether .venv has a Python of the right version, at the right place, with pip."""
    try:
        probe = [str(VENV / "bin" / "python"), "-c", PROBE]
        answer = subprocess.run(probe, check=False, capture_output=True, text=True)  # noqa: S603
    except OSError:
        return False
    return answer.returncode == 0 and answer.stdout.split("\n")[0] == f"{VENV} True"


def _make_venv() -> bool:
    # Debian's python3 comes without ensurepip, and its venv then leaves half an environment behind.
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        return False
    return subprocess.call([sys.executable, "-m", "venv", "--clear", str(VENV)]) == 0  # noqa: S603 - the same


def _digest(lock_file: Path) -> str:
    return hashlib.sha256(lock_file.read_bytes()).hexdigest()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _fail(text: str) -> int:
    sys.stderr.write(text + "\n")
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(_fail("Interrupted. The same command carries on."))
