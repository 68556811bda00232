"""`make manage ARGS="…"`: a management command against the data folder, also while it is being served."""

import os
import sys

from mallvision.environment import BASE_DIR, BadEnvironment, data_folder
from mallvision.launch import words
from mallvision.launch.errors import StartError
from mallvision.launch.folder import make_folder


def main() -> None:
    data = data_folder(os.environ)
    try:
        make_folder(data, os.environ)
    except (BadEnvironment, StartError) as error:
        words.complain(f"MallVision: {error}")
        sys.exit(1)
    os.environ["MALLVISION_DATA"] = str(data.root)
    command = [sys.executable, str(BASE_DIR / "manage.py"), *sys.argv[1:]]
    os.execv(sys.executable, command)  # noqa: S606 - our own command, no shell


if __name__ == "__main__":
    main()
