import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from cameras.models import shown_address
from cameras.node_address import check_address, server_of, with_stored_password, without_password

SECRET = "hunter2"


def answer(address: str) -> str:
    """What is said of the address; nothing when it is good."""
    try:
        check_address(address)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


@pytest.mark.parametrize(
    "address",
    [
        "redis://10.0.0.7",
        "redis://10.0.0.7:6380/3",
        "redis://node-1.mall.example:6379/0",
        "redis://node_1/",
        "redis://node-1.mall.example.:6379",
        f"redis://{'a' * 63}.mall",
        "redis://:secret@host:6379",
        "redis://alice:p%2Fw%23x%40y@host/1",
        "redis://[::1]:6379/1",
        "redis://host/?db=2",
        "rediss://alice:secret@host:6379/0?ssl_ca_certs=/etc/ca.pem",
        "unix:///run/redis.sock",
        "unix://alice:secret@/run/redis.sock?db=1",
    ],
)
def test_a_good_address_is_accepted(address: str) -> None:
    check_address(address)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("", "begins with redis://"),
        ("10.0.0.7:6379", "begins with redis://"),
        ("http://host", "begins with redis://"),
        ("redis:host", "begins with redis://"),
        ("redis://", "host is missing"),
        ("redis://ho$t", "host is missing"),
        ("redis://node..mall", "host is missing"),
        (f"redis://{'a' * 64}.mall", "host is missing"),
        (f"redis://{'a.' * 127}", "host is missing"),
        ("redis://-node", "host is missing"),
        ("redis://host:", "port is missing"),
        ("redis://host:0", "1 to 65535"),
        ("redis://host:65536", "1 to 65535"),
        ("redis://host:six", "1 to 65535"),
        ("redis://[::1", "cannot be read"),
        ("redis://host/first", "number of the database"),
        ("redis://host/1/2", "number of the database"),
        ("redis://host?db=x", "whole number"),
        ("redis://host?db=1&db=2", "each once"),
        ("redis://host?password=hunter2", "each once: db"),
        ("redis://host?decode_responses=1", "each once: db"),
        ("redis://host?ssl_ca_certs=/x", "each once: db"),
        ("redis://ho st", "a space"),
        ("redis://host\n", "a space"),
        ("redis://host#", "%23"),
        ("redis://hunter2@host", "password is missing"),
        ("redis://:@host", "password is missing"),
        ("redis://:hunter2#x@host", "percent codes"),
        ("redis://:hunter2/x@host", "percent codes"),
        ("redis://:hunter2@x@host", "%40"),
        ("unix://run/redis.sock", "whole path"),
        ("unix:///", "whole path"),
        ("unix://", "whole path"),
    ],
)
def test_a_bad_address_is_refused_with_what_is_wrong(address: str, says: str) -> None:
    assert says in answer(address)


@given(st.text(max_size=12), st.text(max_size=12), st.sampled_from(["redis", "rediss", "unix", "http"]))
def test_whatever_is_typed_either_passes_or_is_a_validation_error(before: str, after: str, scheme: str) -> None:
    for address in (f"{scheme}://{before}:{SECRET}@{after}", f"{scheme}://{before}{SECRET}/{after}", before + SECRET):
        assert SECRET not in answer(address)


@given(st.text(max_size=12), st.text(max_size=12), st.text("/?#@: x", max_size=3))
def test_a_typed_password_is_never_shown_again(before: str, after: str, stray: str) -> None:
    assert SECRET not in without_password(f"redis://{before}:{stray}{SECRET}@{after}")
    assert SECRET not in without_password(f"redis://:{SECRET}{stray}@host{after}")


@pytest.mark.parametrize("typed", ["redis://hunter2@host", "redis://:hunter2", "redis://host?password=hunter2"])
def test_a_misplaced_password_is_not_shown_again(typed: str) -> None:
    assert SECRET not in without_password(typed)


def test_what_comes_back_to_the_form_leaves_a_gap_for_the_password() -> None:
    assert without_password("redis://alice:hunter2@host:6380/2") == "redis://alice:@host:6380/2"


def test_the_three_stars_and_an_address_without_password_come_back_as_they_are() -> None:
    assert without_password("redis://alice:***@host/2") == "redis://alice:***@host/2"
    assert without_password("unix:///run/redis.sock") == "unix:///run/redis.sock"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("redis://host/1", "redis://host/1"),
        ("redis://:hunter2@host:1/2", "redis://:***@host:1/2"),
        ("rediss://alice:hunter2@host", "rediss://alice:***@host"),
        ("unix://alice:hunter2@/run/redis.sock", "unix://alice:***@/run/redis.sock"),
    ],
)
def test_a_shown_address_has_stars_for_its_password(address: str, shown: str) -> None:
    assert shown_address(address) == shown


def test_the_stars_stand_for_the_stored_password() -> None:
    stored = "redis://alice:a%2Fb@host:6379/1"
    assert with_stored_password("redis://alice:***@host:6379/2", stored) == "redis://alice:a%2Fb@host:6379/2"


def test_a_typed_password_replaces_the_stored_one() -> None:
    assert with_stored_password("redis://:new@host", "redis://:old@host") == "redis://:new@host"


@pytest.mark.parametrize(
    "typed",
    [
        "redis://alice:***@evil.example:6379",
        "redis://alice:***@host:6380",
        "redis://bob:***@host:6379",
        "rediss://alice:***@host:6379",
        "unix://alice:***@/run/redis.sock",
    ],
)
def test_a_stored_password_is_not_sent_to_another_server_or_user(typed: str) -> None:
    with pytest.raises(ValidationError, match="write its password again"):
        with_stored_password(typed, "redis://alice:hunter2@host:6379")


def test_stars_without_a_stored_password_are_refused() -> None:
    with pytest.raises(ValidationError, match="write its password again"):
        with_stored_password("redis://:***@host", "redis://host")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("redis://host", "redis://alice:secret@HOST:6379/0"),
        ("redis://host/2", "rediss://host?db=2"),
        ("unix:///run/a.sock", "unix://alice:secret@/run/a.sock?db=0"),
    ],
)
def test_the_same_database_is_recognised_however_it_is_written(one: str, other: str) -> None:
    assert server_of(one) == server_of(other)


def test_two_databases_of_one_server_are_told_apart() -> None:
    assert server_of("redis://host/1") != server_of("redis://host/2")
