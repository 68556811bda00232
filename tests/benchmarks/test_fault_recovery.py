from benchmarks.faults.recovery import Ended, recover_s
from benchmarks.faults.sender import Sent

STRUCK_AT_S = 100.0
NOW_S = 110.0


def accepted(at_s: float) -> Sent:
    return Sent(at_s, 202, f"snapshot-{at_s}")


def ended(sent: list[Sent], after_s: float = 0.1, state: str = "done") -> dict[str, Ended]:
    return {one.snapshot: Ended(state, one.at_s + after_s) for one in sent}


def recovered(sent: list[Sent], found: dict[str, Ended], now_s: float = NOW_S) -> float | None:
    return recover_s(sent, found, STRUCK_AT_S, now_s, steady_s=2.0)


EVERY_SECOND = [accepted(STRUCK_AT_S + second) for second in range(10)]


def test_a_fault_that_nobody_noticed_takes_no_time() -> None:
    assert recovered(EVERY_SECOND, ended(EVERY_SECOND)) == 0.0


def test_it_is_over_with_the_first_snapshot_after_the_last_refused_one() -> None:
    sent = [*EVERY_SECOND[:3], Sent(STRUCK_AT_S + 2.5, 503), *EVERY_SECOND[3:]]
    assert recovered(sent, ended(EVERY_SECOND)) == 3.0


def test_a_lost_reply_counts_as_a_refusal() -> None:
    sent = [*EVERY_SECOND[:3], Sent(STRUCK_AT_S + 2.5, 0), *EVERY_SECOND[3:]]
    assert recovered(sent, ended(EVERY_SECOND)) == 3.0


def test_it_is_not_over_before_what_came_late_has_come() -> None:
    found = ended(EVERY_SECOND) | ended(EVERY_SECOND[:1], after_s=5.5)
    assert recovered(EVERY_SECOND, found) == 5.5


def test_what_was_sent_before_the_fault_and_came_late_counts_as_well() -> None:
    before = accepted(STRUCK_AT_S - 0.5)
    found = ended(EVERY_SECOND) | ended([before], after_s=4.5)
    assert recovered([before, *EVERY_SECOND], found) == 4.0


def test_what_came_late_before_the_fault_was_not_its_doing() -> None:
    before = accepted(STRUCK_AT_S - 5)
    found = ended(EVERY_SECOND) | ended([before], after_s=2.0)
    assert recovered([before, *EVERY_SECOND], found) == 0.0


def test_a_snapshot_that_expired_did_not_go_well() -> None:
    found = ended(EVERY_SECOND) | ended(EVERY_SECOND[:2], state="expired")
    assert recovered(EVERY_SECOND, found) == 2.0


def test_it_is_not_over_while_an_accepted_snapshot_is_overdue() -> None:
    assert recovered(EVERY_SECOND, ended(EVERY_SECOND[1:])) is None


def test_it_is_not_said_before_all_has_gone_well_for_a_while() -> None:
    sent = [Sent(STRUCK_AT_S, 503), *EVERY_SECOND[1:]]
    assert recovered(sent, ended(EVERY_SECOND[1:]), now_s=STRUCK_AT_S + 3.5) is None


def test_a_mall_that_accepts_nothing_has_not_recovered() -> None:
    sent = [Sent(STRUCK_AT_S + second, 503) for second in range(10)]
    assert recovered(sent, {}) is None
