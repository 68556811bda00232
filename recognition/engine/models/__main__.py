"""`python -m recognition.engine.models` makes what is missing, and says so.

Exit code 0 also where int8 cannot be served, since fp32 can; 1 where nothing can.
"""

import argparse
import sys
from pathlib import Path

from recognition.engine.models.folder import ModelFolder


def main() -> int:
    arguments = _arguments()
    folder = ModelFolder.of_environment()
    without_int8 = arguments.fp32_only or folder.int8_is_settled or (arguments.daily and folder.was_tried_lately)
    if folder.has_what_is_needed and without_int8:
        return 0
    # Slow to load, and most starts end above.
    from recognition.engine.models.building import BuildFailed, build_what_is_needed, locked  # noqa: PLC0415

    try:
        with locked(folder):
            if not folder.has_what_is_needed:
                _say(f"Making the recognition networks, once on this machine, in {folder.root} ...")
                build_what_is_needed(folder)
            if not without_int8 and not folder.int8_is_settled:
                from recognition.engine.models.int8 import settle  # noqa: PLC0415

                _say(settle(folder, arguments.photos or folder.photos))
    except (BuildFailed, OSError) as error:
        sys.stderr.write(f"The recognition networks cannot be made in {folder.root}: {error}\n")
        return 1
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m recognition.engine.models", description="Makes the recognition networks for this machine."
    )
    parser.add_argument("--fp32-only", action="store_true", help="leave out int8, for which photos are fetched")
    parser.add_argument("--daily", action="store_true", help="do not try again today to fetch what could not be had")
    parser.add_argument("--photos", type=Path, metavar="DIR", help="where those are, or are put; default: beside them")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
