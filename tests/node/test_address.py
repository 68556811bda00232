"""Addresses of servers that are several."""

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from recognition.node.address import Address, BadAddress, form_of, parse, shown
from recognition.node.connections import connect, connect_async

SECRET = "hunter2"


def refusal(url: str) -> str:
    """What is said against the address; nothing when it is good."""
    try:
        parse(url)
    except ValueError as error:
        return str(error)
    return ""


def test_a_sentinel_address_holds_servers_name_database_and_passwords() -> None:
    url = "redis+sentinel://alice:p%40ss@10.0.0.1,Node-2.mall:5000/the-master/3?sentinel_password=a%2Fb"
    assert parse(url) == Address(
        form="sentinel",
        servers=(("10.0.0.1", 26379), ("node-2.mall", 5000)),
        name="the-master",
        db=3,
        username="alice",
        password="p@ss",
        sentinel_password="a/b",
    )


def test_a_cluster_address_holds_servers_and_what_tls_needs() -> None:
    assert parse("rediss+cluster://:pass@[::1]:7000,b?ssl_ca_certs=/etc/ca.pem") == Address(
        form="cluster",
        servers=(("::1", 7000), ("b", 6379)),
        password="pass",
        tls=True,
        options=(("ssl_ca_certs", "/etc/ca.pem"),),
    )


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("redis://host", "standalone"),
        ("rediss://host", "standalone"),
        ("unix:///run/redis.sock", "standalone"),
        ("rediss+sentinel://host/name", "sentinel"),
        ("redis+cluster://host", "cluster"),
    ],
)
def test_the_form_is_known_by_the_beginning(url: str, form: str) -> None:
    assert form_of(url) == form


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "scheme"),
        ("redis+sentinel", "scheme"),
        ("redis+ring://host", "scheme"),
        ("redis://host", "scheme"),
        ("redis+cluster://", "host"),
        ("redis+cluster://a,", "host"),
        ("redis+cluster://a,,b", "host"),
        ("redis+cluster://a b", "space"),
        ("redis+cluster://ho$t", "host"),
        ("redis+cluster://[::1,b", "host"),
        ("redis+cluster://::1", "host"),
        ("redis+cluster://a:", "port"),
        ("redis+cluster://a:0", "port"),
        ("redis+cluster://a:65536", "port"),
        ("redis+cluster://a:b:c", "port"),
        ("redis+cluster://a,b:6379,A:6379", "twice"),
        ("redis+cluster://a/0", "path"),
        ("redis+cluster://a#", "hash"),
        ("redis+cluster://hunter2@a", "password"),
        ("redis+cluster://:@a", "password"),
        ("redis+cluster://:hun@ter2@a", "at"),
        ("redis+cluster://:hunter2/x@a", "at"),
        ("redis+cluster://a?db=1", "options"),
        ("redis+cluster://a?ssl_ca_certs=/x", "options"),
        ("redis+cluster://a?sentinel_password=x", "options"),
        ("redis+sentinel://a", "name"),
        ("redis+sentinel://a/", "name"),
        ("redis+sentinel://a/na$me", "name"),
        ("redis+sentinel://a/name/first", "db"),
        ("redis+sentinel://a/name/1/2", "db"),
        ("redis+sentinel://a/name?sentinel_password=", "password"),
        ("redis+sentinel://a/name?sentinel_password=x&sentinel_password=y", "options"),
        ("redis+sentinel://a/name?password=hunter2", "options"),
    ],
)
def test_a_bad_address_is_refused_for_what_is_wrong(url: str, problem: str) -> None:
    with pytest.raises(BadAddress) as refused:
        parse(url)
    assert refused.value.problem == problem


@given(st.text(max_size=12), st.text(max_size=12), st.sampled_from(["redis+sentinel", "rediss+cluster", "redis+ring"]))
def test_whatever_is_written_passes_or_is_a_value_error_that_repeats_nothing(
    before: str, after: str, scheme: str
) -> None:
    for url in (f"{scheme}://{before}:{SECRET}@{after}", f"{scheme}://{before}{SECRET}/{after}", before + SECRET):
        assert SECRET not in refusal(url)


def test_no_password_stands_in_what_is_shown_or_printed() -> None:
    url = f"redis+sentinel://alice:{SECRET}@a,b:5/mall/1?sentinel_password={SECRET}2"
    assert shown(url) == "redis+sentinel://alice:***@a,b:5/mall/1?sentinel_password=***"
    assert SECRET not in repr(parse(url))


@pytest.mark.parametrize("url", ["redis+cluster://", "redis+sentinel://host", "nonsense"])
async def test_no_client_is_made_for_a_bad_address(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        connect(url)
    with pytest.raises(ValueError, match=r"."):
        connect_async(url)


@pytest.mark.parametrize("url", ["rediss+cluster://127.0.0.1:1", "rediss+sentinel://127.0.0.1:1/mall"])
async def test_tls_is_spoken_where_the_address_says_so(url: str) -> None:
    url += "?ssl_check_hostname=false&ssl_cert_reqs=none"
    with pytest.raises(redis.ConnectionError):
        connect(url).get("key")
    client = connect_async(url)
    with pytest.raises(redis.ConnectionError):
        await client.get("key")
    await client.aclose()
