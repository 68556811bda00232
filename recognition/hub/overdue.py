"""The ledger as the monitor reads it."""

from collections.abc import Iterable, Set
from dataclasses import dataclass

from recognition.hub import keys
from recognition.hub.scripts import MOVE, TURN_INTO_HIT
from recognition.node.connections import Redis
from recognition.node.messages import Ending, SnapshotRef, decode_ref, encode

MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """An accepted snapshot without an outcome. nodes: those that may have taken it, the newest last."""

    ref: SnapshotRef
    nodes: tuple[int, ...]

    @property
    def last(self) -> int | None:
        return self.nodes[-1] if self.nodes else None


class OverdueLedger:
    """Every method raises redis.RedisError when the hub does not answer."""

    def __init__(self, hub: Redis) -> None:
        self._hub = hub
        self._move = hub.register_script(MOVE)
        self._turn_into_hit = hub.register_script(TURN_INTO_HIT)

    def due(self, now_ms: int) -> list[Entry]:
        """Those to be looked at by now, at most MOST_AT_ONCE, the longest overdue first."""
        snapshots = self._hub.zrangebyscore(keys.LEDGER_DUE, "-inf", now_ms, start=0, num=MOST_AT_ONCE)
        return list(self._entries([snapshot.decode() for snapshot in snapshots]))

    def hurry(self, nodes: Set[int], now_ms: int) -> int:
        """Makes everything due now that was last offered to one of `nodes`."""
        snapshots = [snapshot.decode() for snapshot in self._hub.zrange(keys.LEDGER_DUE, 0, -1)]
        stranded = {entry.ref.id: now_ms for entry in self._entries(snapshots) if entry.last in nodes}
        if stranded:
            self._hub.zadd(keys.LEDGER_DUE, stranded, xx=True)
        return len(stranded)

    def postpone(self, snapshot: str, due_ms: int) -> None:
        self._hub.zadd(keys.LEDGER_DUE, {snapshot: due_ms}, xx=True)

    def photo(self, snapshot: str) -> bytes | None:
        """None if the snapshot has been settled meanwhile."""
        photo: bytes | None = self._hub.hget(keys.ledger_entry(snapshot), "photo")
        return photo

    def move(self, snapshot: str, node: int | None, due_ms: int, refused: bool) -> bool:
        """Notes that the snapshot is about to be offered to `node`, or to none. False: it has been settled meanwhile.

        refused: the node that it was offered to last has said that it does not take it.
        """
        names = [keys.ledger_entry(snapshot), keys.LEDGER_DUE]
        return bool(self._move(keys=names, args=[snapshot, node or "", due_ms, int(refused)]))

    def turn_into_hit(self, snapshot: str, node: int, answer: bytes) -> None:
        self._turn_into_hit(
            keys=[keys.ledger_entry(snapshot), keys.HITS, keys.LEDGER_DUE], args=[node, answer, snapshot]
        )

    def end(self, ref: SnapshotRef, ending: Ending) -> None:
        """Says how the snapshot ended. The collector records it, unless it has another outcome by then."""
        self._hub.xadd(keys.ENDINGS, {"ref": encode(ref), "ending": encode(ending)})

    def _entries(self, snapshots: list[str]) -> Iterable[Entry]:
        pipeline = self._hub.pipeline(transaction=False)
        for snapshot in snapshots:
            pipeline.hmget(keys.ledger_entry(snapshot), ["ref", "nodes"])
        for ref, nodes in pipeline.execute():
            if ref is not None:
                yield Entry(decode_ref(ref), tuple(int(node) for node in nodes.split(b",") if node))
