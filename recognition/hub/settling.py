"""Clearing recorded snapshots from the ledger."""

from collections.abc import Iterable

from recognition.hub import keys
from recognition.hub.newest import NEWEST_TTL_S
from recognition.hub.scripts import SETTLE
from recognition.node.connections import Redis
from recognition.node.messages import SnapshotRef


def settle(hub: Redis, recorded: Iterable[SnapshotRef]) -> set[str]:
    """Clears them; returns the ids of those that are now their camera's newest snapshot."""
    script = hub.register_script(SETTLE)
    pipeline = hub.pipeline(transaction=False)
    refs = list(recorded)
    for ref in refs:
        script(
            keys=[keys.ledger_entry(ref.id), keys.LEDGER_DUE, keys.newest(ref.camera)],
            args=[ref.id, ref.captured_at_ms, ref.digest, NEWEST_TTL_S if ref.camera else 0],
            client=pipeline,
        )
    return {ref.id for ref, is_newest in zip(refs, pipeline.execute(), strict=True) if is_newest}
