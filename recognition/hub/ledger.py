"""Accepting snapshots at the hub. For one event loop.

Every method raises redis.RedisError when the hub does not answer in time: then nothing may be promised to the sender.
"""

import logging
from dataclasses import dataclass

from recognition.hub import keys, scripts
from recognition.hub.newest import NEWEST_TTL_S
from recognition.node.connections import Redis
from recognition.node.messages import Answer, SceneReference, SnapshotRef, decode_answer, decode_ref, encode
from recognition.node.snapshot_id import made_at_ms

REMEMBER_S = 600

# A hit's id is made a moment before it enters the hit stream, whose ids hold the moment by the hub's clock.
ACCEPTED_WITHIN_MS = 5_000
CLOCKS_APART_MS = 2_000
MOST_HITS_LOOKED_AT = 200  # either way

log = logging.getLogger(__name__)


class StaleRegistry(Exception):
    """The registry has changed since the caller read it; `epoch` is the hub's number."""

    def __init__(self, epoch: int) -> None:
        super().__init__(f"the registry is at epoch {epoch}")
        self.epoch = epoch


class Repeated(Exception):
    """The Idempotency-Key was used before; `reply` is what was remembered then."""

    def __init__(self, reply: bytes) -> None:
        super().__init__("repeated Idempotency-Key")
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Remember:
    """A reply to keep under an Idempotency-Key, known by its digest."""

    key_digest: str
    reply: bytes
    ttl_s: int = REMEMBER_S


NOTHING = Remember("", b"")


@dataclass(frozen=True, slots=True)
class Waiting:
    """An accepted snapshot without a recorded outcome: the node that may have it, a hit's answer."""

    ref: SnapshotRef
    node: int | None
    answer: Answer | None = None


class Ledger:
    """The hub's list of accepted snapshots, and the hit stream beside it.

    Accepting raises StaleRegistry when the registry has moved on since `registry_epoch`, Repeated for a known
    Idempotency-Key; neither accepts anything.
    """

    def __init__(self, hub: Redis, scene_refresh_s: float, accepting: Redis | None = None) -> None:
        """scene_refresh_s: how much older than a snapshot the scene may be that it is compared with.

        accepting: another client of the hub, which answers for what is accepted; `hub` if there is none.
        """
        self._hub = hub
        accepting = accepting or hub
        self._scene_refresh_ms = round(scene_refresh_s * 1000)
        self._accept_hit = accepting.register_script(scripts.ACCEPT_HIT)
        self._accept_miss = accepting.register_script(scripts.ACCEPT_MISS)
        self._move = hub.register_script(scripts.MOVE)
        self._take_back = hub.register_script(scripts.TAKE_BACK)
        self._promise = accepting.register_script(scripts.PROMISE)
        self._turn_into_hit = hub.register_script(scripts.TURN_INTO_HIT)
        self._newest_digests: dict[int, str] = {}
        self._registry_key = keys.epoch("registry")
        self._gallery_key = keys.epoch("gallery")

    async def accept_hit(
        self, ref: SnapshotRef, photo: bytes, node: int, ending: bytes, registry_epoch: int, remember: Remember
    ) -> None:
        """Accepts a snapshot that a cache has answered. The photo is sent only if the hub lacks it as the newest."""
        believed_newest = self._newest_digests.get(ref.camera) == ref.digest
        shown = b"" if believed_newest else photo
        wanted = await self._hit(ref, shown, node, ending, registry_epoch, remember)
        self._newest_digests[ref.camera] = "" if wanted else ref.digest

    async def _hit(
        self, ref: SnapshotRef, photo: bytes, node: int, ending: bytes, registry_epoch: int, remember: Remember
    ) -> bool:
        reply = await self._accept_hit(
            keys=[
                keys.HITS,
                keys.RECEIVED,
                self._registry_key,
                keys.newest(ref.camera),
                keys.remembered(ref.camera, remember.key_digest),
                keys.IN_LEDGER,
            ],
            args=[
                registry_epoch,
                ref.camera,
                encode(ref),
                node,
                ending,
                ref.id,
                ref.digest,
                ref.captured_at_ms,
                photo,
                NEWEST_TTL_S,
                remember.reply,
                remember.ttl_s,
            ],
        )
        _raise_unless_ok(reply)
        return bool(reply[1])

    async def accept_miss(
        self, ref: SnapshotRef, photo: bytes, node: int, registry_epoch: int, due_ms: int, remember: Remember
    ) -> SceneReference | None:
        """Accepts a snapshot that no cache answers; the monitor looks at it at `due_ms`.

        Returns the scene that it may be a repetition of by the same recipe, if it `may_repeat` and there is one.
        """
        self._newest_digests.pop(ref.camera, None)
        reply = await self._accept_miss(
            keys=[
                keys.ledger_entry(ref.id),
                keys.LEDGER_DUE,
                keys.RECEIVED,
                self._registry_key,
                keys.remembered(ref.camera, remember.key_digest),
                keys.scene(ref.camera),
                self._gallery_key,
                keys.IN_LEDGER,
            ],
            args=[
                registry_epoch,
                ref.camera,
                encode(ref),
                photo,
                node,
                ref.id,
                due_ms,
                remember.reply,
                remember.ttl_s,
                ref.recipe if ref.may_repeat else "",
                ref.captured_at_ms,
                self._scene_refresh_ms,
            ],
        )
        _raise_unless_ok(reply)
        _, *scene = reply
        return SceneReference(scene[0].decode(), int(scene[1]), scene[2]) if scene else None

    async def move(self, snapshot: str, node: int | None, due_ms: int, refused: bool) -> bool:
        """Notes that the snapshot is about to be offered to a further node, or to none. False: it has ended meanwhile.

        refused: the node that it was offered to last has said that it does not take it.
        """
        names = [keys.ledger_entry(snapshot), keys.LEDGER_DUE]
        return bool(await self._move(keys=names, args=[snapshot, node or "", due_ms, int(refused)]))

    async def take_back(self, ref: SnapshotRef, remember: Remember) -> bool:
        """Undoes an acceptance of which nobody was told. False: it has ended, or was promised, and stays accepted."""
        return bool(
            await self._take_back(
                keys=[
                    keys.ledger_entry(ref.id),
                    keys.LEDGER_DUE,
                    keys.RECEIVED,
                    keys.remembered(ref.camera, remember.key_digest),
                    keys.IN_LEDGER,
                ],
                args=[ref.id, ref.camera, remember.reply],
            )
        )

    async def turn_into_hit(self, snapshot: str, node: int, ending: bytes) -> None:
        """The node had the answer after all: it goes the way of a hit."""
        await self._turn_into_hit(
            keys=[keys.ledger_entry(snapshot), keys.HITS, keys.LEDGER_DUE], args=[node, ending, snapshot]
        )

    async def remember(self, camera: int, remember: Remember) -> None:
        """Replaces the reply kept under an Idempotency-Key."""
        await self._hub.set(keys.remembered(camera, remember.key_digest), remember.reply, ex=remember.ttl_s)

    async def promise(self, camera: int, stands: bytes, remember: Remember) -> bool:
        """Remembers the reply in place of `stands`; from then on `take_back` refuses. False: something else stands."""
        names = [keys.remembered(camera, remember.key_digest)]
        return bool(await self._promise(keys=names, args=[stands, remember.reply, remember.ttl_s]))

    async def waiting(self, snapshot: str) -> Waiting | None:
        """The snapshot as it stands in the ledger, None when it does not."""
        ref, nodes = await self._hub.hmget(keys.ledger_entry(snapshot), ["ref", "nodes"])
        return None if ref is None else Waiting(decode_ref(ref), int(nodes.split(b",")[-1] or 0) or None)

    async def unrecorded_hit(self, snapshot: str) -> Waiting | None:
        """The snapshot as it stands in the hit stream, looked for around the moment that its id names."""
        at_ms = made_at_ms(snapshot)
        if at_ms is None:
            return None
        after = await self._hub.xrange(keys.HITS, at_ms, at_ms + ACCEPTED_WITHIN_MS, count=MOST_HITS_LOOKED_AT)
        if found := _hit_among(after, snapshot):
            return found
        before = await self._hub.xrevrange(
            keys.HITS, at_ms - 1, max(0, at_ms - CLOCKS_APART_MS), count=MOST_HITS_LOOKED_AT
        )
        return _hit_among(before, snapshot)


def _hit_among(entries: list[tuple[bytes, dict[bytes, bytes]]], snapshot: str) -> Waiting | None:
    for entry_id, fields in entries:
        try:
            ref = decode_ref(fields[b"ref"])
            if ref.id == snapshot:
                return Waiting(ref, int(fields[b"node"]), decode_answer(fields[b"ending"]))
        except (KeyError, ValueError):  # a DecodeError is one; the collector refuses such an entry, and counts it
            log.warning("entry %s of the hit stream is no hit", entry_id.decode())
    return None


def _raise_unless_ok(reply: list[bytes]) -> None:
    if reply[0] == b"STALE":
        raise StaleRegistry(int(reply[1]))
    if reply[0] == b"REPEAT":
        raise Repeated(reply[1])
