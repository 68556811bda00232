"""The way of a snapshot from its receipt to a cached answer or a place in a node's queue (DESIGN, steps 1 and 2)."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

import msgspec
import redis
from django.conf import settings

from cameras.placement import ranked
from cameras.registry import KnownGroup, KnownNode, Registry
from recognition.hub.clock import hub_clock
from recognition.hub.ledger import NOTHING, Ledger, Remember, StaleRegistry
from recognition.intake.nodes import Candidate, NodeDirectory
from recognition.intake.problems import Problem, busy
from recognition.intake.replies import (
    RememberedReply,
    Reply,
    answered,
    decode_remembered,
    encode_remembered,
    queued,
)
from recognition.node.client import Offered
from recognition.node.client import Reply as NodeReply
from recognition.node.messages import Answer, SceneReference, SnapshotRef, decode_answer, job_for
from recognition.node.snapshot_id import made_at_ms
from recognition.node.trouble import Trouble

# After which the monitor asks whether the job is still there: it no longer matters who accepted the snapshot.
FIRST_LOOK_MS = 5_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Accepted:
    """An accepted snapshot, the node, and its answer if the node's cache had it, else None.

    reply: the one that is remembered already, if any.
    """

    ref: SnapshotRef
    node: KnownNode
    answer: Answer | None
    reply: Reply | None = None


class Dispatcher:
    """Hands snapshots to nodes. A refusal is a Problem: then nothing was accepted, as far as the hub has answered."""

    def __init__(self, ledger: Ledger, nodes: NodeDirectory) -> None:
        self._ledger = ledger
        self._nodes = nodes
        self._trouble = Trouble("the hub", log)

    async def dispatch(
        self, ref: SnapshotRef, photo: bytes, group_of: Callable[[Registry], KnownGroup], key_digest: str = ""
    ) -> Accepted:
        """Accepts a snapshot. Raises Problem 503, or Repeated for a known Idempotency-Key.

        group_of: whose nodes it goes to; asked again whenever the registry has changed meanwhile, and may then refuse
        with a Problem of its own.
        """
        try:
            accepted = await self._by_the_newest_registry(ref, photo, group_of, key_digest)
        except redis.RedisError as error:
            self._trouble.note(error)
            raise hub_silent() from None
        self._trouble.note(None)
        return accepted

    async def remember(self, ref: SnapshotRef, key_digest: str, reply: Reply) -> None:
        """In place of what was remembered before. If that cannot be, a repeat is told that, and may come again."""
        try:
            await self._ledger.remember(ref.camera, remembered(key_digest, ref, reply))
        except redis.RedisError as error:
            log.warning("the reply for snapshot %s could not be remembered: %s", ref.id, type(error).__name__)

    async def first_reply(self, ref: SnapshotRef, key_digest: str, stored: bytes) -> RememberedReply:
        """The reply to the first request with this Idempotency-Key; of status 0 while that is being answered.

        It is not for ever: whoever answered it may have died, or have heard nothing of the hub that had accepted it.
        The snapshot then has its outcome as any other, and the repeat is told so. Raises Problem 503.
        """
        first = decode_remembered(stored)
        if first.status or hub_clock.now_ms() < (made_at_ms(first.snapshot) or 0) + FIRST_LOOK_MS:
            return first
        owed = queued(first.snapshot, first.digest, None)
        promised = RememberedReply(first.snapshot, first.digest, owed.status, owed.body)
        remember = Remember(key_digest, encode_remembered(promised))
        try:
            return promised if await self._ledger.promise(ref.camera, stored, remember) else first
        except redis.RedisError as error:
            self._trouble.note(error)
            raise hub_silent() from None

    async def _by_the_newest_registry(
        self, ref: SnapshotRef, photo: bytes, group_of: Callable[[Registry], KnownGroup], key_digest: str
    ) -> Accepted:
        while True:
            group = group_of(self._nodes.registry)
            if group.recipe != ref.recipe:
                ref = msgspec.structs.replace(ref, recipe=group.recipe)
            try:
                return await self._dispatched(ref, photo, group, key_digest)
            except StaleRegistry as stale:
                await self._nodes.reload(stale.epoch)

    async def _dispatched(self, ref: SnapshotRef, photo: bytes, group: KnownGroup, key_digest: str) -> Accepted:
        candidates = self._candidates(ref, group)
        for asked in candidates:
            try:
                stored = await asked.client.look_up(asked.recipe, ref.digest)
            except redis.RedisError as error:
                self._nodes.note_silence(asked, error)
                continue
            answer = await self._readable(ref, asked, stored)
            if stored is not None and answer is not None:
                return await self._accept_hit(ref, photo, asked.node, stored, answer, key_digest)
            order = self._nodes.with_workers_first(chain([asked], candidates))
            return await self._accept_miss(ref, photo, next(order), order, key_digest)
        raise busy(f"No node of the camera's group answers and serves {ref.recipe}; the snapshot was not accepted.")

    async def _readable(self, ref: SnapshotRef, asked: Candidate, stored: bytes | None) -> Answer | None:
        """What is stored, decoded. What cannot be decoded is no answer: it is removed, so that a new one is made."""
        if stored is None:
            return None
        try:
            answer: Answer = decode_answer(stored)
        except msgspec.DecodeError:
            log.warning("node %s has an answer for photo %s that cannot be read", asked.node.name, ref.digest)
            await self._forget(ref, asked)
            return None
        return answer

    async def _forget(self, ref: SnapshotRef, asked: Candidate) -> None:
        try:
            await asked.client.forget(asked.recipe, ref.digest)
        except redis.RedisError as error:
            self._nodes.note_silence(asked, error)

    def _candidates(self, ref: SnapshotRef, group: KnownGroup) -> Iterator[Candidate]:
        for seat in ranked(ref.digest, group.seats):
            if candidate := self._nodes.candidate(seat.node_id, ref.recipe, ref.digest):
                yield candidate

    async def _accept_hit(
        self, ref: SnapshotRef, photo: bytes, node: KnownNode, stored: bytes, answer: Answer, key_digest: str
    ) -> Accepted:
        if not key_digest:
            await self._ledger.accept_hit(ref, photo, node.id, stored, self._nodes.epoch, NOTHING)
            return Accepted(ref, node, answer)
        reply = answered(ref, answer, node.name)
        remember = remembered(key_digest, ref, reply)
        await self._ledger.accept_hit(ref, photo, node.id, stored, self._nodes.epoch, remember)
        return Accepted(ref, node, answer, reply)

    async def _accept_miss(
        self,
        ref: SnapshotRef,
        photo: bytes,
        asked: Candidate,
        further: Iterator[Candidate],
        key_digest: str,
    ) -> Accepted:
        due_ms = ref.received_at_ms + FIRST_LOOK_MS
        remember = _pending(key_digest, ref) if key_digest else NOTHING
        scene = await self._ledger.accept_miss(ref, photo, asked.node.id, self._nodes.epoch, due_ms, remember)
        may_be_in_work = False
        while True:
            offered = await self._offer(ref, photo, asked, scene)
            if offered and offered.reply is not NodeReply.FULL:
                return await self._taken(ref, asked, offered)
            may_be_in_work = may_be_in_work or offered is None
            following = next(further, None)
            if following is None:
                break
            asked = following
            await self._ledger.move(ref.id, asked.node.id, due_ms, refused=offered is not None)
        # A node that gave no reply may have the job. The snapshot then stays accepted, and the monitor looks after it.
        if may_be_in_work:
            if offered:
                await self._ledger.move(ref.id, None, due_ms, refused=True)
            return Accepted(ref, asked.node, None)
        if not await self._ledger.take_back(ref, remember):
            return Accepted(ref, asked.node, None)
        raise busy("The queues of the camera's nodes are full; the snapshot was not accepted.")

    async def _offer(
        self, ref: SnapshotRef, photo: bytes, asked: Candidate, scene: SceneReference | None
    ) -> Offered | None:
        """The node's reply, None if there is none."""
        job = job_for(ref, asked.recipe, settings.MALLVISION_ANSWER_TTL_S, hub_clock.now_ms(), scene)
        limits = settings.MALLVISION_QUEUE_LIMITS.of_priority(ref.priority)
        try:
            return await asked.client.offer(ref.id, job, photo, limits)
        except redis.ResponseError as error:  # out of memory, say: it has answered, and has not taken it
            self._nodes.note_silence(asked, error)
            return Offered(NodeReply.FULL)
        except redis.RedisError as error:
            self._nodes.note_silence(asked, error)
            return None

    async def _taken(self, ref: SnapshotRef, asked: Candidate, offered: Offered) -> Accepted:
        if offered.reply is not NodeReply.HIT:
            return Accepted(ref, asked.node, None)
        answer = await self._readable(ref, asked, offered.answer)
        if answer is not None:
            await self._ledger.turn_into_hit(ref.id, asked.node.id, offered.answer)
        return Accepted(ref, asked.node, answer)


def remembered(key_digest: str, ref: SnapshotRef, reply: Reply) -> Remember:
    """What is kept so that the first reply can be repeated."""
    return Remember(key_digest, encode_remembered(RememberedReply(ref.id, ref.digest, reply.status, reply.body)))


def _pending(key_digest: str, ref: SnapshotRef) -> Remember:
    """While no node has the photo, nothing may be promised to a repeat: the acceptance may be taken back."""
    return Remember(key_digest, encode_remembered(RememberedReply(ref.id, ref.digest, 0, b"")))


def hub_silent() -> Problem:
    """What it was told last it may have done all the same, and only its reply is lost."""
    return busy("The hub does not answer; the snapshot may not have been accepted.")
