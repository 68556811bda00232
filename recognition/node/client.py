"""A node as the rest of the product sees it: look an answer up, offer a photo. For one event loop."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict, cast

from recognition.node.admission import Limits
from recognition.node.connections import Redis, connect_async
from recognition.node.keys import Shards
from recognition.node.messages import Job, encode
from recognition.node.scripts import OFFER
from recognition.node.shards import shards_of


class Reply(StrEnum):
    """What a node says to an offer."""

    HIT = "HIT"
    JOINED = "JOINED"
    QUEUED = "QUEUED"
    FULL = "FULL"


@dataclass(frozen=True, slots=True)
class Offered:
    """A node's reply; `answer` is the encoded `messages.Answer` of a HIT."""

    reply: Reply
    answer: bytes = b""


class OfferArguments(TypedDict):
    """What scripts.OFFER is called with."""

    keys: list[str]
    args: list[str | bytes | int]


def offer_arguments(shards: Shards, snapshot: str, job: Job, photo: bytes, limits: Limits) -> OfferArguments:
    """limits: the node's; each of its shards has its part of them."""
    shard = shards.of(job.digest)
    part = limits if len(shards) == 1 else limits.of_each(len(shards))
    return OfferArguments(
        keys=[shard.image(job.recipe, job.digest), shard.work(job.recipe, job.digest), shard.jobs, shard.load],
        args=[snapshot, encode(job), photo, part.jobs, part.photo_bytes, job.time_left_ms],
    )


def read_reply(reply: list[bytes]) -> Offered:
    """What scripts.OFFER has returned."""
    name, *answer = reply
    return Offered(Reply(name.decode()), *answer)


class NodeClient:
    """Talks to the node at `url`. Every call raises redis.RedisError when the node does not answer in time.

    shards: of the node; a Cluster whose master has died answers for those of the others.
    """

    def __init__(self, url: str, reply_timeout_s: float) -> None:
        self._redis: Redis = connect_async(url, reply_timeout_s)
        self._offer = self._redis.register_script(OFFER)
        self.shards = shards_of(self._redis)

    async def look_up(self, recipe: str, digest: str) -> bytes | None:
        """The cached answer, encoded as `messages.Answer`, or None."""
        return cast(bytes | None, await self._redis.get(self.shards.of(digest).image(recipe, digest)))

    async def offer(self, snapshot: str, job: Job, photo: bytes, limits: Limits) -> Offered:
        """Asks the node to recognise `photo` for `snapshot`; refused with FULL when more than `limits` would wait."""
        return read_reply(await self._offer(**offer_arguments(self.shards, snapshot, job, photo, limits)))

    async def forget(self, recipe: str, digest: str) -> None:
        """Removes a cached answer."""
        await self._redis.delete(self.shards.of(digest).image(recipe, digest))

    async def close(self) -> None:
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()
