"""The networks' files: made once on each machine from the packages' own, and kept in a cache folder.

`python -m recognition.engine.models` makes them all, and says what this machine can serve.
"""

import subprocess
import sys

from recognition.engine.models.folder import ModelFolder

__all__ = ["ModelFolder", "ModelsUnavailable", "ready_models"]

BUILD_PATIENCE_S = 300


class ModelsUnavailable(Exception):
    """The networks' files are not there and cannot be made; says why."""


def ready_models() -> ModelFolder:
    """The folder, with at least the files of the fp32 recipes in it. Raises ModelsUnavailable.

    They are made in a process of its own, as what makes them needs three times the memory that a worker may have.
    """
    folder = ModelFolder.of_environment()
    if not folder.has_what_is_needed:
        build = [sys.executable, "-m", "recognition.engine.models", "--fp32-only"]
        try:
            made = subprocess.run(build, capture_output=True, text=True, timeout=BUILD_PATIENCE_S, check=False)  # noqa: S603
        except subprocess.TimeoutExpired:
            raise ModelsUnavailable(f"the recognition models were not made within {BUILD_PATIENCE_S} s") from None
        if made.returncode != 0:
            raise ModelsUnavailable(f"the recognition models cannot be made: {made.stderr.strip()[-500:]}")
    return folder
