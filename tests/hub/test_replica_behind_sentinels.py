"""A hub behind Sentinels that accepts only what a replica has too."""

import asyncio
from collections.abc import Iterator

import pytest

from benchmarks.forms.member import Member
from benchmarks.forms.trio import SentinelTrio
from recognition.hub.replicated import NotReplicatedError, connect_replicated
from tests.redis_forms import sentinel_trio

Failed = tuple[SentinelTrio, Member]


@pytest.fixture(scope="module")
def failed_over() -> Iterator[Failed]:
    """With its new master, which has no replica. The key was accepted by the one before."""
    with sentinel_trio() as trio:
        asyncio.run(accept(trio, "key", "accepted"))
        yield trio, trio.wait_for_failover(trio.kill_master())


async def accept(trio: SentinelTrio, key: str, value: str) -> None:
    client = connect_replicated(trio.url, 2.0)
    try:
        await client.set(key, value)
    finally:
        await client.aclose()


def test_what_was_answered_is_on_the_master_that_follows(failed_over: Failed) -> None:
    _trio, master = failed_over
    assert master.ask("GET", "key") == b"accepted"


async def test_nothing_counts_as_answered_while_the_new_master_has_no_replica(failed_over: Failed) -> None:
    trio, _master = failed_over
    with pytest.raises(NotReplicatedError):
        await accept(trio, "another", "not accepted")
