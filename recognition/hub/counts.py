"""How many snapshots were accepted, and what became of them. Read in one moment, so that it always adds up."""

from collections import defaultdict
from dataclasses import dataclass

from recognition.hub import keys
from recognition.node.connections import Redis


@dataclass(slots=True)
class Counts:
    """received = done + failed + expired + in_ledger."""

    received: int = 0
    done: int = 0
    failed: int = 0
    expired: int = 0
    in_ledger: int = 0


@dataclass(frozen=True, slots=True)
class Accounts:
    """by_camera: also of deleted cameras, and under 0 those that no camera sent.

    held: how many really stand in the ledger and the hit stream. refused: results that were not believed, by reason.
    """

    by_camera: dict[int, Counts]
    held: int
    refused: dict[str, int]

    @property
    def total(self) -> Counts:
        total = Counts()
        for counts in self.by_camera.values():
            total.received += counts.received
            total.done += counts.done
            total.failed += counts.failed
            total.expired += counts.expired
            total.in_ledger += counts.in_ledger
        return total


def accounts(hub: Redis) -> Accounts:
    """Raises redis.RedisError when the hub does not answer."""
    pipeline = hub.pipeline(transaction=True)
    pipeline.hgetall(keys.RECEIVED).hgetall(keys.ENDED).hgetall(keys.IN_LEDGER)
    pipeline.zcard(keys.LEDGER_DUE).xlen(keys.HITS).hgetall(keys.REFUSED)
    received, ended, in_ledger, due, hits, refused = pipeline.execute()
    by_camera: dict[int, Counts] = defaultdict(Counts)
    for camera, count in received.items():
        by_camera[int(camera)].received = int(count)
    for camera, count in in_ledger.items():
        by_camera[int(camera)].in_ledger = int(count)
    for name, count in ended.items():
        camera, _, state = name.decode().partition(":")
        setattr(by_camera[int(camera)], state, int(count))
    return Accounts(dict(by_camera), due + hits, {reason.decode(): int(count) for reason, count in refused.items()})
