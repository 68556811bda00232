"""What the streams' entries say, checked against the ledger before it is believed."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from recognition.collector.streams import Delivery, Entry, Stream
from recognition.hub import keys
from recognition.node.connections import Redis
from recognition.node.messages import Ending, SnapshotRef, Unchanged, decode_ending, decode_ref
from recognition.sightings.models import Outcome

WAYS = {b"join": Outcome.Way.JOIN, b"miss": Outcome.Way.MISS}  # those that a node may name

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    """A snapshot that has ended. way: hit, join, miss, unchanged, or '' when no node answered.

    unchanged: the ending is `Unchanged`, and the ledger knows that the node was asked about that very snapshot.
    hit: its id in the hit stream, if it stands there.
    """

    ref: SnapshotRef
    node: int | None
    way: str
    ending: Ending
    hit: str = ""


@dataclass(frozen=True, slots=True)
class _Result:
    """What a node says of a snapshot it may or may not have been given."""

    snapshot: str
    digest: str
    way: str
    ending: Ending
    node: int


class Refused(ValueError):
    """An entry that is not believed; the text is the reason it is counted under."""


def believed(hub: Redis, deliveries: Sequence[Delivery]) -> tuple[list[Ended], Counter[str]]:
    """The endings that stand in `deliveries`, and the reasons for which others were refused.

    Raises redis.RedisError when the hub does not answer.
    """
    refused: Counter[str] = Counter()
    hits: list[Ended] = []
    of_monitor: list[Ended] = []
    results: list[_Result] = []
    for delivery in deliveries:
        for entry in delivery.entries:
            if not entry[1]:  # pending, but deleted meanwhile
                continue
            try:
                read = _read(delivery.stream, entry)
            except Refused as why:
                log.warning("entry %s of %r refused: %s", entry[0].decode(), delivery.stream, why)
                refused[str(why)] += 1
                continue
            if isinstance(read, _Result):
                results.append(read)
            else:
                (hits if read.hit else of_monitor).append(read)
    ended = [*hits, *_still_in_ledger(hub, of_monitor, refused), *_known_to_ledger(hub, results, refused)]
    return ended, refused


def count_refused(hub: Redis, refused: Counter[str]) -> None:
    for reason, count in refused.items():
        hub.hincrby(keys.REFUSED, reason, count)


def _read(stream: Stream, entry: Entry) -> "Ended | _Result":
    entry_id, fields = entry
    try:
        ending = decode_ending(fields[b"ending"])
        if stream.node is None:
            node = int(fields[b"node"]) if b"node" in fields else None
            hit = entry_id.decode() if stream.key == keys.HITS else ""
            return Ended(decode_ref(fields[b"ref"]), node, fields.get(b"way", b"").decode(), ending, hit)
        way = WAYS[fields[b"way"]]
        return _Result(fields[b"snapshot"].decode(), fields[b"digest"].decode(), way, ending, stream.node)
    except (KeyError, ValueError, msgspec.DecodeError):
        raise Refused("not a message") from None


def _still_in_ledger(hub: Redis, said: Sequence[Ended], refused: Counter[str]) -> list[Ended]:
    """What the monitor says of snapshots that nobody has recorded, or taken back, meanwhile."""
    if not said:
        return []
    pipeline = hub.pipeline(transaction=False)
    for one in said:
        pipeline.exists(keys.ledger_entry(one.ref.id))
    held = pipeline.execute()
    if never_recorded := _never_recorded([one.ref.id for one, holds in zip(said, held, strict=True) if not holds]):
        refused["unknown snapshot"] += never_recorded
    return [one for one, holds in zip(said, held, strict=True) if holds]


def _known_to_ledger(hub: Redis, results: Sequence[_Result], refused: Counter[str]) -> list[Ended]:
    """The results whose id, digest and node the ledger knows. Those recorded before are passed over silently."""
    if not results:
        return []
    pipeline = hub.pipeline(transaction=False)
    for result in results:
        pipeline.hmget(keys.ledger_entry(result.snapshot), ["ref", "nodes", "scene"])
    ended = []
    unknown: list[str] = []
    for result, (ref, nodes, scene) in zip(results, pipeline.execute(), strict=True):
        if ref is None:
            unknown.append(result.snapshot)
            continue
        try:
            ended.append(_checked(result, decode_ref(ref), nodes.split(b","), scene))
        except Refused as why:
            refused[str(why)] += 1
    if never_recorded := _never_recorded(unknown):
        refused["unknown snapshot"] += never_recorded
    return ended


def _checked(result: _Result, known: SnapshotRef, nodes: Sequence[bytes], scene: bytes | None) -> Ended:
    """scene: the snapshot that the node may have been told to compare this one with."""
    if known.digest != result.digest:
        raise Refused("another digest")
    if str(result.node).encode() not in nodes:
        raise Refused("another node")
    if not isinstance(result.ending, Unchanged):
        return Ended(known, result.node, result.way, result.ending)
    if result.ending.of.encode() != scene:
        raise Refused("another scene")  # the monitor will find nobody at work on it, and send it on
    return Ended(known, result.node, Outcome.Way.UNCHANGED, result.ending)


def _never_recorded(unknown: Sequence[str]) -> int:
    """How many of these snapshots, which the ledger does not hold, have no outcome either."""
    if not unknown:
        return 0
    recorded = set(Outcome.objects.filter(snapshot__in=unknown).values_list("snapshot", flat=True))
    return sum(snapshot not in recorded for snapshot in unknown)
