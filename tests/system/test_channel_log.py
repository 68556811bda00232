"""The channel layer's own log while the hub is down."""

import logging

import pytest
import redis

from mallvision import channel_log
from mallvision.channel_log import LostHub


def record_of(error: Exception | None) -> logging.LogRecord:
    exc_info = (type(error), error, None) if error else None
    return logging.LogRecord("channels_redis.pubsub", logging.ERROR, "", 0, "Unexpected exception", None, exc_info)


@pytest.mark.parametrize("error", [redis.ConnectionError("redis://:secret@hub"), FileNotFoundError("hub.sock")])
def test_a_lost_hub_is_said_plainly(error: Exception) -> None:
    record = record_of(error)
    assert LostHub().filter(record)
    assert record.getMessage() == f"the hub does not answer, trying again: {type(error).__name__}"
    assert (record.levelname, record.exc_info) == ("WARNING", None)


def test_it_is_said_once_however_often_it_is_tried_again() -> None:
    lost = LostHub()
    assert [lost.filter(record_of(redis.ConnectionError())) for _ in range(3)] == [True, False, False]


def test_the_next_time_it_is_said_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = LostHub()
    lost.filter(record_of(redis.ConnectionError()))
    monkeypatch.setattr(channel_log, "RETRIES_WITHIN_S", -1.0)
    assert lost.filter(record_of(redis.ConnectionError()))


@pytest.mark.parametrize("error", [TypeError("a bug"), None])
def test_everything_else_is_logged_as_it_is(error: Exception | None) -> None:
    record = record_of(error)
    assert LostHub().filter(record)
    assert record.getMessage() == "Unexpected exception"
    assert (record.exc_info is None) == (error is None)
