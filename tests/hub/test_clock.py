"""The hub's clock: every process goes by it, whatever its own machine says."""

import time

import pytest

from recognition.hub.clock import HubClock, hub_now_ms
from recognition.node.connections import Redis

AN_HOUR_MS = 3_600_000


def told_by(hub: Redis) -> int:
    seconds, microseconds = hub.time()
    return int(seconds * 1000 + microseconds // 1000)


def test_it_is_the_hubs_within_the_time_that_asking_takes(hub: Redis) -> None:
    before = told_by(hub) - 1  # half of the way is guessed
    now = hub_now_ms(hub)
    assert before <= now <= told_by(hub) + 2


def test_a_hub_whose_clock_is_ahead_is_believed() -> None:
    clock = HubClock()
    ahead_ms = clock.now_ms() + AN_HOUR_MS
    clock.note((ahead_ms // 1000, ahead_ms % 1000 * 1000), time.monotonic())
    assert abs(clock.now_ms() - ahead_ms) < AN_HOUR_MS // 2


def test_it_does_not_jump_with_this_machines_clock(monkeypatch: pytest.MonkeyPatch, hub: Redis) -> None:
    hub_now_ms(hub)
    monkeypatch.setattr(time, "time_ns", lambda: time.monotonic_ns() + 10**18)
    assert abs(hub_now_ms(hub) - told_by(hub)) < AN_HOUR_MS
