"""`make manage ARGS="…"`: a management command against the data folder, also while it is being served."""

import os
import sys

from mallvision.environment import BASE_DIR, BadEnvironment, DataFolder, data_folder
from mallvision.launch import words
from mallvision.launch.errors import StartError
from mallvision.launch.folder import make_folder

NEEDS_NO_DATA = {"simulate_cluster"}  # a mall is planned before there is one


def main() -> None:
    data = data_folder(os.environ)
    try:
        if not NEEDS_NO_DATA.intersection(sys.argv[1:2]):
            _refuse_unknown_folder(data)
            make_folder(data, os.environ)
    except (BadEnvironment, StartError) as error:
        words.complain(f"MallVision: {error}")
        sys.exit(1)
    os.environ["MALLVISION_DATA"] = str(data.root)
    command = [sys.executable, str(BASE_DIR / "manage.py"), *sys.argv[1:]]
    os.execv(sys.executable, command)  # noqa: S606 - our own command, no shell


def _refuse_unknown_folder(data: DataFolder) -> None:
    """A mistyped DATA would otherwise become a new, empty data folder. Elsewhere the database says what is there."""
    if "DATABASE_URL" not in os.environ and not (data.root / "mallvision.sqlite3").exists():
        raise StartError(f"there is no MallVision in {data.root}; `make run` with the same DATA makes it")


if __name__ == "__main__":
    main()
