from math import cos, radians, sin

from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from recognition.people.fitness import MOST_TURN, Fitness, turn_of
from recognition.people.objections import Reason
from tests.faces import FRONTAL


def turned(by: float, tilt_degrees: float = 0.0, size: float = 1.0) -> list[float]:
    """Eyes 40 px apart, the base of the nose `by` of that beside their middle; the head tilted."""
    points = [(30.0, 50.0), (50.0, 50.0), (70.0, 50.0), (90.0, 50.0), (60 + 40 * by, 80.0)]
    across, down = cos(radians(tilt_degrees)), sin(radians(tilt_degrees))
    return [size * part for x, y in points for part in (x * across - y * down, x * down + y * across)]


def reasons(**known: object) -> list[Reason]:
    fitness = Fitness(**{"width_px": 200, "sharpness": 1.0, "turn": 0.0, **known})  # type: ignore[arg-type]
    return [objection.reason for objection in fitness.objections()]


def test_a_face_that_looks_straight_ahead_is_not_turned() -> None:
    assert turn_of(FRONTAL) == 0


@given(st.floats(-2, 2), st.floats(-180, 180), st.floats(0.1, 50))
def test_tilting_and_size_change_nothing_of_how_far_a_face_is_turned(by: float, tilt: float, size: float) -> None:
    assert abs(turn_of(turned(by, tilt, size)) - abs(by)) < 1e-6


def test_a_face_whose_eyes_lie_on_one_another_is_turned_as_far_as_can_be() -> None:
    assert turn_of([50.0, 50.0] * 4 + [60.0, 80.0]) == MOST_TURN


def test_what_lies_on_a_limit_is_fit(settings: Settings) -> None:
    settings.MALLVISION_ENROL_FACE_PX, settings.MALLVISION_ENROL_SHARPNESS, settings.MALLVISION_ENROL_TURN = (
        60,
        0.5,
        0.3,
    )
    assert reasons(width_px=60, sharpness=0.5, turn=0.3) == []


def test_each_limit_is_its_setting(settings: Settings) -> None:
    settings.MALLVISION_ENROL_FACE_PX, settings.MALLVISION_ENROL_SHARPNESS, settings.MALLVISION_ENROL_TURN = (
        60,
        0.5,
        0.3,
    )
    assert reasons(width_px=59) == [Reason.TOO_SMALL]
    assert reasons(sharpness=0.49) == [Reason.BLURRED]
    assert reasons(turn=0.31) == [Reason.TURNED_AWAY]


def test_what_is_not_known_is_not_held_against_a_face() -> None:
    assert reasons(width_px=None, turn=None) == []
