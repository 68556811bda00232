"""A node as the rest of the product sees it: look an answer up, offer a photo. For one event loop."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict, cast

from recognition.node import keys
from recognition.node.admission import Limits
from recognition.node.connections import Redis, connect_async
from recognition.node.messages import Job, encode
from recognition.node.scripts import OFFER


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


def offer_arguments(snapshot: str, job: Job, photo: bytes, limits: Limits) -> OfferArguments:
    return OfferArguments(
        keys=[keys.image(job.recipe, job.digest), keys.work(job.recipe, job.digest), keys.JOBS, keys.LOAD],
        args=[snapshot, encode(job), photo, limits.jobs, limits.photo_bytes, job.time_left_ms],
    )


def read_reply(reply: list[bytes]) -> Offered:
    """What scripts.OFFER has returned."""
    name, *answer = reply
    return Offered(Reply(name.decode()), *answer)


class NodeClient:
    """Talks to the node at `url`. Every call raises redis.RedisError when the node does not answer in time."""

    def __init__(self, url: str, reply_timeout_s: float) -> None:
        self._redis: Redis = connect_async(url, reply_timeout_s)
        self._offer = self._redis.register_script(OFFER)

    async def look_up(self, recipe: str, digest: str) -> bytes | None:
        """The cached answer, encoded as `messages.Answer`, or None."""
        return cast(bytes | None, await self._redis.get(keys.image(recipe, digest)))

    async def offer(self, snapshot: str, job: Job, photo: bytes, limits: Limits) -> Offered:
        """Asks the node to recognise `photo` for `snapshot`; refused with FULL when more than `limits` would wait."""
        return read_reply(await self._offer(**offer_arguments(snapshot, job, photo, limits)))

    async def forget(self, recipe: str, digest: str) -> None:
        """Removes a cached answer."""
        await self._redis.delete(keys.image(recipe, digest))

    async def close(self) -> None:
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()
