"""mallvision/launch/install.py, in a copy of its own with an empty lock file: no package is fetched."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mallvision.environment import BASE_DIR

INSTALL = Path("mallvision") / "launch" / "install.py"
RUN = "import runpy, sys; {before}; sys.argv[1:] = ['requirements.txt']; runpy.run_path({path!r}, run_name='__main__')"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    (tmp_path / INSTALL).parent.mkdir(parents=True)
    shutil.copy(BASE_DIR / INSTALL, tmp_path / INSTALL)
    (tmp_path / "requirements.txt").touch()
    return tmp_path


def _install(clone: Path, before: str = "pass") -> "subprocess.CompletedProcess[str]":
    code = RUN.format(before=before, path=str(clone / INSTALL))
    return subprocess.run([sys.executable, "-S", "-c", code], check=False, capture_output=True, text=True)


def test_a_missing_python3_venv_is_answered_with_the_line_to_type(clone: Path) -> None:
    answer = _install(clone, before="sys.modules['ensurepip'] = None")
    assert answer.returncode == 1
    assert "apt install python3-venv" in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_a_python_that_is_too_old_is_told_in_one_line(clone: Path) -> None:
    answer = _install(clone, before="sys.version_info = (3, 9, 2)")
    assert answer.returncode == 1
    assert answer.stderr.startswith("MallVision needs Python 3.11 or newer")
    assert answer.stderr.count("\n") == 1


def test_an_interrupted_installation_is_taken_up_again_and_a_finished_one_left_alone(clone: Path) -> None:
    (clone / ".venv" / "bin").mkdir(parents=True)  # as far as the first attempt came
    first, second = _install(clone), _install(clone)
    assert (first.returncode, second.returncode) == (0, 0)
    assert "Installing" in first.stdout
    assert second.stdout == ""
