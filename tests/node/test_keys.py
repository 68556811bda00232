"""The shards of a node: their keys, and how photos and masters share them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recognition.node.keys import CLUSTER_SHARDS, CLUSTER_TAGS, ONE_SHARD, ONLY, Shard, shard_number
from recognition.node.shards import shards_at
from recognition.node.slots import SLOTS, slot_of_key

DIGESTS = st.integers(0, 2**256 - 1).map(lambda number: f"{number:064x}")


def every_key(shard: Shard, digest: str) -> list[str]:
    named = [shard.jobs, shard.results, shard.dead, shard.load, shard.workers, shard.beats, shard.born]
    return [*named, shard.image("recipe", digest), shard.work("recipe", digest)]


@given(DIGESTS)
def test_all_keys_of_a_photo_lie_in_one_slot(digest: str) -> None:
    assert len({slot_of_key(key) for key in every_key(CLUSTER_SHARDS.of(digest), digest)}) == 1


@given(DIGESTS)
def test_a_photo_belongs_to_the_shard_of_its_digest_modulo_their_number(digest: str) -> None:
    assert CLUSTER_SHARDS.of(digest).number == int(digest, 16) % 16 == shard_number(digest, 16)
    assert ONE_SHARD.of(digest) == ONLY


def test_no_two_shards_share_a_key() -> None:
    keys = [key for shard in CLUSTER_SHARDS for key in every_key(shard, "0" * 64)]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("masters", range(1, 17))
def test_masters_that_share_the_slots_evenly_share_the_shards_evenly(masters: int) -> None:
    shares = [0] * masters
    for tag in CLUSTER_TAGS:
        shares[slot_of_key(f"{{{tag}}}") * masters // SLOTS] += 1
    assert max(shares) - min(shares) <= 1


@pytest.mark.parametrize(
    ("url", "count"),
    [("redis://host", 1), ("redis+sentinel://host/mall", 1), ("rediss+cluster://host", 16), ("nonsense", 1)],
)
def test_the_address_tells_how_many_shards_there_are(url: str, count: int) -> None:
    assert len(shards_at(url)) == count
