"""However MallVision is ended, nothing of it is left 5 s later."""

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from tests.launch.conftest import Starter, wait_for

MAKEFILE = """
run:
	@MALLVISION_TETHERED_TO=$$PPID exec $(PYTHON) -m tests.launch.stub_mall $(DATA) $(PORT)
"""
UP = "login"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_launcher_ends_everything(stub_mall: Starter, number: signal.Signals) -> None:
    mall = stub_mall()
    mall.lines_until(UP)
    mall.process.send_signal(number)
    assert mall.survivors() == []
    assert mall.process.wait(2) == 0


def test_a_process_that_does_not_stop_is_killed_in_time(stub_mall: Starter) -> None:
    mall = stub_mall(STUBBORN="1")
    mall.lines_until(UP)
    mall.process.send_signal(signal.SIGTERM)
    assert mall.survivors() == []


@pytest.mark.parametrize("victim", ["launcher", "supervisord"])
def test_nothing_is_left_when_the_parent_is_killed(stub_mall: Starter, victim: str) -> None:
    mall = stub_mall(STUBBORN="1")
    mall.lines_until(UP)
    killed = mall.process.pid if victim == "launcher" else mall.child("supervisor.supervisord").pid
    os.kill(killed, signal.SIGKILL)
    assert mall.survivors() == []
    assert mall.process.wait(5) != 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_to_make_alone_ends_everything(start: Starter, tmp_path: Path, number: signal.Signals) -> None:
    makefile = tmp_path / "Makefile"
    makefile.write_text(MAKEFILE)
    mall = start("make", "-f", str(makefile), f"PYTHON={sys.executable}", "DATA={data}", "PORT={port}")
    mall.lines_until(UP)
    mall.process.send_signal(number)
    assert mall.survivors() == []
    assert mall.process.wait(2) != 0


def test_a_child_that_dies_is_started_again(stub_mall: Starter) -> None:
    mall = stub_mall()
    mall.lines_until(UP)
    victim = mall.child("node-1.sock")
    command = victim.cmdline()
    victim.kill()
    family = psutil.Process(mall.process.pid)
    wait_for(lambda: any(child.cmdline() == command for child in family.children(recursive=True) if child != victim))


def test_a_second_start_in_the_same_folder_is_refused(stub_mall: Starter) -> None:
    stub_mall().lines_until(UP)
    second = stub_mall()
    assert "is already being served" in second.lines_until("served")[-1]
    assert second.process.wait(5) == 1


def test_a_folder_can_be_served_again_at_once_after_a_kill(stub_mall: Starter) -> None:
    first = stub_mall()
    first.lines_until(UP)
    first.process.kill()
    stub_mall().lines_until(UP)
