from mallvision.launch.control import ProcessInfo, State
from mallvision.launch.troubles import RETRY_S, Troubles


def _process(state: State, pid: int = 0) -> ProcessInfo:
    return ProcessInfo("worker-1", "processes", state, pid, 0, "/data/log/worker-1.log")


def test_a_process_that_was_given_up_is_named_once_with_its_log() -> None:
    troubles = Troubles()
    lines = [line for now in (0.0, 1.0) for line in troubles.news([_process(State.FATAL)], now)]
    assert len(lines) == 1
    assert lines[0].startswith("worker-1 keeps ending")
    assert lines[0].endswith("/data/log/worker-1.log")


def test_a_process_that_dies_again_and_again_is_named_though_it_starts_well() -> None:
    troubles = Troubles()
    lines = [line for pid in range(1, 6) for line in troubles.news([_process(State.RUNNING, pid)], pid * 10.0)]
    assert len(lines) == 1


def test_a_process_that_died_once_is_not_named() -> None:
    troubles = Troubles()
    lines = [line for pid in (1, 2) for line in troubles.news([_process(State.RUNNING, pid)], pid * 10.0)]
    assert lines == []


def test_a_recovered_process_is_named_again() -> None:
    troubles = Troubles()
    list(troubles.news([_process(State.FATAL)], 0.0))
    assert list(troubles.news([_process(State.RUNNING, 7)], 100.0)) == ["worker-1 runs again."]


def test_a_process_that_was_given_up_is_tried_again_later_and_not_before() -> None:
    troubles = Troubles()
    dead = [_process(State.FATAL)]
    list(troubles.news(dead, 0.0))
    assert troubles.given_up(dead, RETRY_S - 1) == []
    assert troubles.given_up(dead, RETRY_S) == dead
    assert troubles.given_up(dead, RETRY_S + 1) == []
