"""What a node says when it is asked how it is: one server, or those of a Cluster together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import redis

from recognition.node.connections import Redis
from recognition.node.heartbeat import WorkerBeat, living_at, living_everywhere
from recognition.node.keys import Shard
from recognition.node.shards import Place, places, shards_of

Identity = tuple[str, bytes | None]  # another one: the server was started again, or emptied


@dataclass(frozen=True, slots=True)
class Found:
    """What a node that answers says. identities: of each shard that answers, by its number. shards: how many it has.

    memory_limit_bytes: 0 where a server has none.
    """

    identities: Mapping[int, Identity]
    shards: int
    queued: int
    queued_bytes: int
    oldest_job_s: float
    memory_bytes: int
    memory_limit_bytes: int
    evicted: int
    workers: list[WorkerBeat]

    @property
    def silent_shards(self) -> list[int]:
        return [number for number in range(self.shards) if number not in self.identities]


@dataclass(frozen=True, slots=True)
class _Part:
    """What one server says. beats: by shard."""

    identities: Mapping[int, Identity]
    queued: int
    queued_bytes: int
    oldest_job_s: float
    memory_bytes: int
    memory_limit_bytes: int
    evicted: int
    beats: Sequence[Sequence[WorkerBeat]]


def probe(client: Redis) -> Found:
    """Of a Cluster those masters count that answer. Raises redis.RedisError when none answers in time."""
    parts: list[_Part] = []
    error: redis.RedisError = redis.ConnectionError("no server serves any of the node's shards")
    for place in places(client):
        if not place.shards:
            continue
        try:
            parts.append(_probe_server(place))
        except redis.RedisError as failed:
            error = failed
    if not parts:
        raise error
    limits = [part.memory_limit_bytes for part in parts]
    return Found(
        identities={number: one for part in parts for number, one in part.identities.items()},
        shards=len(shards_of(client)),
        queued=sum(part.queued for part in parts),
        queued_bytes=sum(part.queued_bytes for part in parts),
        oldest_job_s=max(part.oldest_job_s for part in parts),
        memory_bytes=sum(part.memory_bytes for part in parts),
        memory_limit_bytes=sum(limits) if all(limits) else 0,
        evicted=sum(part.evicted for part in parts),
        workers=living_everywhere([beats for part in parts for beats in part.beats]),
    )


def _probe_server(place: Place) -> _Part:
    pipeline = place.server.pipeline(transaction=False)
    pipeline.info("server").info("memory").info("stats").time()
    for shard in place.shards:
        pipeline.get(shard.born).get(shard.load).xlen(shard.jobs).xrange(shard.jobs, count=1)
    server, memory, stats, now, *told = pipeline.execute()
    queues = [
        _Queue.read(shard, told[at : at + 4]) for shard, at in zip(place.shards, range(0, len(told), 4), strict=True)
    ]
    return _Part(
        identities={queue.shard.number: (server["run_id"], queue.born) for queue in queues},
        queued=sum(queue.jobs for queue in queues),
        queued_bytes=sum(queue.photo_bytes for queue in queues),
        oldest_job_s=max(queue.oldest_s(now[0]) for queue in queues),
        memory_bytes=int(memory["used_memory"]),
        memory_limit_bytes=int(memory.get("maxmemory", 0)),
        evicted=int(stats["evicted_keys"]),
        beats=[living_at(place.server, shard) for shard in place.shards],
    )


@dataclass(frozen=True, slots=True)
class _Queue:
    """A shard's. queued_at_s: of its oldest job, by the server's clock; None where none waits."""

    shard: Shard
    born: bytes | None
    jobs: int
    photo_bytes: int
    queued_at_s: float | None

    @classmethod
    def read(cls, shard: Shard, told: Sequence[Any]) -> "_Queue":
        born, load, jobs, oldest = told
        queued_at_s = int(oldest[0][0].split(b"-")[0]) / 1000 if oldest else None
        return cls(shard, born, jobs, int(load or 0) if jobs else 0, queued_at_s)

    def oldest_s(self, now_s: float) -> float:
        return 0.0 if self.queued_at_s is None else max(0.0, now_s - self.queued_at_s)
