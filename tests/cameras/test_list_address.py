"""Addresses of nodes that are several servers."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from cameras.list_address import WORDS
from cameras.models import shown_address
from cameras.node_address import (
    check_address,
    holds_stars,
    same_server,
    server_of,
    with_stored_password,
    without_password,
)
from recognition.node.address import PROBLEMS

SECRET = "hunter2"
SENTINELS = "redis+sentinel://alice:hunter2@a,b:5/mall/1?sentinel_password=hunter3"


def answer(address: str) -> str:
    """What is said of the address; nothing when it is good."""
    try:
        check_address(address)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


@pytest.mark.parametrize("address", [SENTINELS, "rediss+cluster://:p%2Fw@[::1]:7000,node-2?ssl_ca_certs=/etc/ca.pem"])
def test_a_good_address_is_accepted(address: str) -> None:
    assert not answer(address)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("redis+ring://a", "begins with redis://"),
        ("redis+sentinel://a,b", "their name for the master"),
        ("redis+cluster://a/1", "it has no databases"),
        ("redis+cluster://a,a", "twice"),
        ("redis+cluster://:hunter2@", "host is missing"),
        ("redis+cluster://a?password=hunter2", "something unknown"),
        ("redis+cluster://hunter2@a", "password is missing"),
    ],
)
def test_a_bad_address_is_refused_with_what_is_wrong(address: str, says: str) -> None:
    assert says in answer(address)
    assert SECRET not in answer(address)


def test_every_problem_of_an_address_has_words() -> None:
    assert WORDS.keys() == PROBLEMS.keys()


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("redis+cluster://a,b:5", "redis+cluster://a,b:5"),
        ("rediss+cluster://:hunter2@a,b", "rediss+cluster://:***@a,b"),
        (SENTINELS, "redis+sentinel://alice:***@a,b:5/mall/1?sentinel_password=***"),
        ("redis+cluster://:hun@ter2@a", "redis+cluster://***"),  # stored by hand
    ],
)
def test_a_shown_address_has_stars_for_its_passwords(address: str, shown: str) -> None:
    assert shown_address(address) == shown


@given(st.text(max_size=12), st.text(max_size=12), st.text("/?#@:, x", max_size=3))
def test_a_typed_password_is_never_shown_again(before: str, after: str, stray: str) -> None:
    for scheme in ("redis+sentinel", "redis+cluster"):
        assert SECRET not in without_password(f"{scheme}://{before}:{stray}{SECRET}@{after}")
        assert SECRET not in without_password(f"{scheme}://:{SECRET}{stray}@host{after}")
        assert SECRET not in without_password(f"{scheme}://host/mall?sentinel_password={SECRET}{stray}")


def test_a_password_that_lacks_its_colon_is_not_shown_again() -> None:
    assert without_password("redis+cluster://hunter2@a,b") == "redis+cluster://:@a,b"


def test_what_comes_back_to_the_form_leaves_gaps_for_the_passwords() -> None:
    assert without_password(SENTINELS) == "redis+sentinel://alice:@a,b:5/mall/1?sentinel_password="


def test_stars_come_back_as_they_are() -> None:
    assert without_password(shown_address(SENTINELS)) == shown_address(SENTINELS)


def test_the_stars_stand_for_the_stored_passwords() -> None:
    assert with_stored_password(shown_address(SENTINELS), SENTINELS) == SENTINELS


def test_one_password_can_be_typed_and_the_other_kept() -> None:
    typed = "redis+sentinel://alice:new@b:5,a/mall/2?sentinel_password=***"
    kept = "redis+sentinel://alice:new@b:5,a/mall/2?sentinel_password=hunter3"
    assert with_stored_password(typed, SENTINELS) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "redis+sentinel://alice:***@a,evil:5/mall",
        "redis+sentinel://alice:***@a,b:5,evil/mall",
        "redis+sentinel://alice:***@a/mall",
        "redis+sentinel://alice:***@a,b:5/market",
        "redis+sentinel://bob:***@a,b:5/mall",
        "rediss+sentinel://alice:***@a,b:5/mall",
        "redis+sentinel://evil/mall?sentinel_password=***",
        "redis+cluster://alice:***@a,b:5",
        "redis://alice:***@a",
    ],
)
def test_a_stored_password_is_not_sent_to_other_servers_or_for_another_user(typed: str) -> None:
    with pytest.raises(ValidationError, match="write its password again"):
        with_stored_password(typed, SENTINELS)


@pytest.mark.parametrize("stored", ["redis+cluster://a,b", "redis://:hunter2@a"])
def test_stars_without_a_stored_password_are_refused(stored: str) -> None:
    with pytest.raises(ValidationError, match="write its password again"):
        with_stored_password("redis+cluster://:***@a,b", stored)


@pytest.mark.parametrize(
    ("address", "holds"),
    [
        ("redis+cluster://:***@a", True),
        ("redis+sentinel://a/mall?sentinel_password=***", True),
        ("redis://:***@a", True),
        (SENTINELS, False),
        ("redis://a", False),
    ],
)
def test_stars_are_seen_wherever_a_password_stands(address: str, holds: bool) -> None:
    assert holds_stars(address) is holds


def test_the_same_servers_in_another_order_are_the_same() -> None:
    assert server_of("redis+cluster://:x@A:6379,b:2") == server_of("rediss+cluster://b:2,a")
    assert server_of("redis+sentinel://a,b/mall") == server_of("redis+sentinel://bob:x@b:26379,a/mall/0")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("redis+cluster://a,b", "redis+cluster://b,c", True),
        ("redis+cluster://a,b", "redis+cluster://c,d", False),
        ("redis+sentinel://a,b/mall", "redis+sentinel://b/mall", True),
        ("redis+sentinel://a/mall", "redis+sentinel://a/market", False),
        ("redis+sentinel://a/mall/1", "redis+sentinel://a/mall/2", False),
        ("redis+sentinel://a:6379/mall", "redis+cluster://a", False),
        ("redis://a", "redis+cluster://a", False),
        ("redis://a", "rediss://A:6379/0", True),
    ],
)
def test_a_server_in_common_tells_that_it_is_the_same_node(one: str, other: str, same: bool) -> None:
    assert same_server(one, other) is same_server(other, one) is same
