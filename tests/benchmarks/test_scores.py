import math

import numpy as np
import pytest

from benchmarks.accuracy.scores import area_under_curve, best_threshold, equal_error_rate, scored


def test_people_who_are_apart_have_no_error_rate() -> None:
    assert equal_error_rate(np.array([0.2, 0.4]), np.array([0.7, 0.9])) == 0


def test_the_equal_error_rate_is_where_as_many_pairs_of_one_fail_as_of_two_match() -> None:
    same, other = np.array([0.1, 0.2, 0.3, 0.8]), np.array([0.25, 0.7, 0.9, 1.0])
    assert equal_error_rate(same, other) == pytest.approx(0.25)


def test_distances_that_say_nothing_give_an_equal_error_rate_of_a_half() -> None:
    alike = np.array([0.1, 0.2, 0.3, 0.4])
    assert equal_error_rate(alike, alike) == pytest.approx(0.5)


def test_the_area_under_the_curve_is_the_share_of_pairs_in_the_right_order() -> None:
    assert area_under_curve(np.array([0.1, 0.5]), np.array([0.3, 0.9])) == pytest.approx(3 / 4)


def test_a_tie_counts_half_in_the_area_under_the_curve() -> None:
    assert area_under_curve(np.array([0.5]), np.array([0.5])) == pytest.approx(0.5)


def test_the_best_threshold_lies_in_the_middle_between_people_who_are_apart() -> None:
    assert best_threshold(np.array([0.2, 0.4]), np.array([0.8, 0.9])) == pytest.approx((0.6, 1.0))


def test_the_best_threshold_gives_up_the_fewest_pairs() -> None:
    threshold, accuracy = best_threshold(np.array([0.1, 0.2, 0.9]), np.array([0.5, 0.6]))
    assert (0.2 <= threshold < 0.5, accuracy) == (True, 0.8)


def test_a_face_that_was_not_found_counts_as_not_recognised() -> None:
    assert scored(np.array([0.2, math.inf]), np.array([0.9])).fnr == 0.5


def test_a_face_that_was_not_found_has_no_part_in_the_equal_error_rate() -> None:
    assert scored(np.array([0.2, math.inf]), np.array([0.9])).eer == 0


def test_a_distance_of_exactly_the_threshold_is_a_match() -> None:
    assert scored(np.array([0.6]), np.array([0.6])).wrong == 1


def test_rates_of_no_pairs_are_no_numbers() -> None:
    assert math.isnan(scored(np.array([]), np.array([0.9])).fnr)
