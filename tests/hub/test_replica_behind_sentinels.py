"""A hub behind Sentinels that accepts only what a replica has too."""

from contextlib import suppress

import pytest
import redis

from benchmarks.forms.trio import SentinelTrio
from recognition.hub.replicated import NotReplicatedError, connect_replicated


async def test_what_was_answered_is_on_the_master_that_follows(trio: SentinelTrio) -> None:
    client = connect_replicated(trio.url, 2.0)
    await client.set("key", "accepted")
    master = trio.wait_for_failover(trio.kill_master())
    assert master.ask("GET", "key") == b"accepted"
    await client.aclose()


async def test_nothing_counts_as_answered_while_the_new_master_has_no_replica(trio: SentinelTrio) -> None:
    client = connect_replicated(trio.url, 2.0)
    await client.set("key", "accepted")
    trio.wait_for_failover(trio.kill_master())
    with suppress(redis.ConnectionError):  # the one command that meets the dead master
        await client.ping()
    with pytest.raises(NotReplicatedError):
        await client.set("key", "not accepted")
    await client.aclose()
