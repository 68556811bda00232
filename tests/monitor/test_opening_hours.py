from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from mallvision.environment import BadEnvironment, Reader
from recognition.monitor.opening_hours import is_open, was_open_for

NAME = "MALLVISION_OPENING_HOURS"
ZURICH = ZoneInfo("Europe/Zurich")


def hours(text: str) -> tuple[tuple[time, time], ...]:
    return Reader({NAME: text}).opening_hours(NAME)


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("09:00-22:00", time(9), True),
        ("09:00-22:00", time(21, 59), True),
        ("09:00-22:00", time(22), False),
        ("09:00-22:00", time(8, 59), False),
        ("10:00-02:00", time(1, 59), True),
        ("10:00-02:00", time(23), True),
        ("10:00-02:00", time(2), False),
        ("09:00-12:00, 14:00-18:00", time(13), False),
        ("09:00-12:00, 14:00-18:00", time(14), True),
        ("18:00-24:00", time(23, 59), True),
        ("18:00-24:00", time(0), False),
        ("00:00-24:00", time(3), True),
        ("", time(12), False),
    ],
)
def test_it_is_open_within_its_hours(text: str, at: time, expected: bool) -> None:
    assert is_open(hours(text), at) == expected


@pytest.mark.parametrize("text", ["9-22", "09:00", "09:00-25:00", "09:00-12:00-14:00", "09:60-10:00", "always"])
def test_hours_that_cannot_be_read_are_refused_by_name(text: str) -> None:
    with pytest.raises(BadEnvironment, match=NAME):
        hours(text)


def test_hours_past_midnight_are_one_time_of_being_open() -> None:
    half_past_midnight = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert was_open_for(hours("10:00-02:00"), half_past_midnight, 120, ZURICH)


def test_spans_that_touch_are_one_time_of_being_open() -> None:
    noon = datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert was_open_for(hours("09:00-12:00,12:00-18:00"), noon, 60, ZURICH)


@pytest.mark.parametrize(("minutes", "expected"), [(89, False), (90, True)])
def test_an_hour_that_the_clocks_leave_out_is_not_counted(minutes: int, expected: bool) -> None:
    """On 29 March 2026 it is 3 o'clock in Zurich, 1 in UTC, one minute after 1:59."""
    opening = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # 1:30
    now = opening + timedelta(minutes=minutes)
    assert was_open_for(hours("01:30-12:00"), now, 90, ZURICH) == expected
