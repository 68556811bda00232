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
    """

    ref: SnapshotRef
    node: int | None
    way: str
    ending: Ending


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
    ended: list[Ended] = []
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
            else:
                (results if isinstance(read, _Result) else ended).append(read)  # type: ignore[arg-type]
    ended += _known_to_ledger(hub, results, refused)
    return ended, refused


def count_refused(hub: Redis, refused: Counter[str]) -> None:
    for reason, count in refused.items():
        hub.hincrby(keys.REFUSED, reason, count)


def _read(stream: Stream, entry: Entry) -> "Ended | _Result":
    _, fields = entry
    try:
        ending = decode_ending(fields[b"ending"])
        if stream.node is None:
            node = int(fields[b"node"]) if b"node" in fields else None
            return Ended(decode_ref(fields[b"ref"]), node, fields.get(b"way", b"").decode(), ending)
        way = WAYS[fields[b"way"]]
        return _Result(fields[b"snapshot"].decode(), fields[b"digest"].decode(), way, ending, stream.node)
    except (KeyError, ValueError, msgspec.DecodeError):
        raise Refused("not a message") from None


def _known_to_ledger(hub: Redis, results: Sequence[_Result], refused: Counter[str]) -> list[Ended]:
    """The results whose id, digest and node the ledger knows. Those recorded before are passed over silently."""
    if not results:
        return []
    pipeline = hub.pipeline(transaction=False)
    for result in results:
        pipeline.hmget(keys.ledger_entry(result.snapshot), ["ref", "nodes", "scene"])
    ended = []
    unknown = []
    for result, (ref, nodes, scene) in zip(results, pipeline.execute(), strict=True):
        if ref is None:
            unknown.append(result)
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


def _never_recorded(unknown: Sequence[_Result]) -> int:
    if not unknown:
        return 0
    snapshots = {result.snapshot for result in unknown}
    recorded = Outcome.objects.filter(snapshot__in=snapshots).values_list("snapshot", flat=True)
    return sum(result.snapshot not in set(recorded) for result in unknown)
