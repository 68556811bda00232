import os
import subprocess
import sys

import pytest

from mallvision.environment import BadEnvironment, Reader


@pytest.mark.parametrize("value", ["0", "101", "-5", "nan", "many"])
def test_a_percentage_out_of_range_is_refused_by_name(value: str) -> None:
    with pytest.raises(BadEnvironment, match="SHARE"):
        Reader({"SHARE": value}).percent("SHARE", 90.0)


@pytest.mark.parametrize(("value", "percent"), [("0.5", 0.5), ("100", 100.0), ("", 90.0)])
def test_a_percentage_is_read(value: str, percent: float) -> None:
    assert Reader({"SHARE": value}).percent("SHARE", 90.0) == percent


@pytest.mark.parametrize("value", ["-0.1", "1.1", "nan", "half"])
def test_a_fraction_out_of_range_is_refused_by_name(value: str) -> None:
    with pytest.raises(BadEnvironment, match="LIMIT"):
        Reader({"LIMIT": value}).fraction("LIMIT", 0.5)


@pytest.mark.parametrize(("value", "fraction"), [("0", 0.0), ("1", 1.0), ("", 0.39)])
def test_a_fraction_is_read(value: str, fraction: float) -> None:
    assert Reader({"LIMIT": value}).fraction("LIMIT", 0.39) == fraction


def test_numpy_is_told_to_keep_to_one_thread_before_it_is_imported() -> None:
    script = "import os, sys, mallvision.settings; print('numpy' in sys.modules, os.environ['OPENBLAS_NUM_THREADS'])"
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    said = subprocess.run([sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True)
    assert said.stdout.split() == ["False", "1"]
