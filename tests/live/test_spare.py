"""N+1: what the load of the rest would be without a group's busiest node."""

import pytest

from recognition.live.spare import AtWork, Spare, spare


def test_the_work_of_the_busiest_is_shared_by_the_others() -> None:
    nodes = [AtWork("a", 1, 0.62), AtWork("b", 1, 0.62), AtWork("c", 1, 0.62)]
    assert spare(nodes) == Spare("enough", "a", pytest.approx(0.93))  # type: ignore[arg-type]


def test_the_busiest_is_the_one_with_the_most_work_not_the_highest_load() -> None:
    assert spare([AtWork("small", 1, 0.9), AtWork("large", 8, 0.5)]).busiest == "large"


def test_work_counts_in_workers() -> None:
    assert spare([AtWork("large", 8, 0.5), AtWork("small", 4, 0.25)]) == Spare("short", "large", 1.25)


def test_a_rest_that_would_just_do_is_enough() -> None:
    assert spare([AtWork("a", 1, 0.5), AtWork("b", 1, 0.5)]).verdict == "enough"


def test_one_node_has_no_other() -> None:
    assert spare([AtWork("a", 4, 0.2)]) == Spare("alone", "a")


def test_a_node_without_workers_is_no_other() -> None:
    assert spare([AtWork("a", 4, 0.2), AtWork("b", 0, None)]) == Spare("alone", "a")


def test_without_a_node_there_is_none() -> None:
    assert spare([]).verdict == "none"


def test_a_load_that_is_not_known_makes_the_rest_unknown() -> None:
    assert spare([AtWork("a", 1, 0.9), AtWork("b", 1, None)]) == Spare("unknown")
