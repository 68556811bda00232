"""Clearing recorded snapshots from the ledger and the hit stream, and counting how they ended."""

from collections.abc import Iterable
from dataclasses import dataclass

from recognition.hub import keys
from recognition.hub.newest import NEWEST_TTL_S
from recognition.hub.scripts import SETTLE
from recognition.node.connections import Redis
from recognition.node.messages import SnapshotRef


@dataclass(frozen=True, slots=True)
class Settled:
    """A snapshot whose outcome is recorded. state: of that outcome. hit: its id in the hit stream, if it came there."""

    ref: SnapshotRef
    state: str
    hit: str = ""


def settle(hub: Redis, recorded: Iterable[Settled]) -> set[str]:
    """Clears and counts them, each once; returns the ids of those that are now their camera's newest snapshot."""
    script = hub.register_script(SETTLE)
    pipeline = hub.pipeline(transaction=False)
    settled = list(recorded)
    for one in settled:
        ref = one.ref
        names = (keys.ledger_entry(ref.id), keys.LEDGER_DUE, keys.newest(ref.camera))
        ttl_s = NEWEST_TTL_S if ref.camera else 0
        script(
            keys=[*names, keys.HITS, keys.ENDED, keys.IN_LEDGER],
            args=[ref.id, ref.captured_at_ms, ref.digest, ttl_s, ref.camera, one.state, one.hit],
            client=pipeline,
        )
    return {one.ref.id for one, is_newest in zip(settled, pipeline.execute(), strict=True) if is_newest}
