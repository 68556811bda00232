"""The way of a snapshot from its receipt to a cached answer or a place in a node's queue (DESIGN, steps 1 and 2)."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import redis
from django.conf import settings

from cameras.placement import ranked
from cameras.registry import KnownGroup, KnownNode
from recognition.hub.ledger import NOTHING, Ledger, Remember
from recognition.intake.nodes import NodeDirectory
from recognition.intake.problems import busy
from recognition.intake.replies import RememberedReply, Reply, answered, encode_remembered, queued
from recognition.node.client import NodeClient, Offered
from recognition.node.client import Reply as NodeReply
from recognition.node.messages import Answer, Job, SnapshotRef, decode_answer

FIRST_LOOK_MS = 5_000  # after which the monitor asks whether the job is still there

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Accepted:
    """An accepted snapshot: its answer if a node's cache had it, else None, and the node."""

    node: KnownNode
    answer: Answer | None


class Dispatcher:
    """Hands snapshots to nodes. Every refusal is a Problem, and then nothing was accepted."""

    def __init__(self, ledger: Ledger, nodes: NodeDirectory) -> None:
        self._ledger = ledger
        self._nodes = nodes

    async def dispatch(self, ref: SnapshotRef, photo: bytes, group: KnownGroup, key_digest: str = "") -> Accepted:
        """Accepts a snapshot. Raises Problem 503, StaleRegistry, or Repeated for a known Idempotency-Key."""
        try:
            return await self._dispatched(ref, photo, group, key_digest)
        except redis.RedisError as error:
            log.warning("the hub does not answer: %s", error)
            raise busy("The hub does not answer; the snapshot was not accepted.") from None

    async def _dispatched(self, ref: SnapshotRef, photo: bytes, group: KnownGroup, key_digest: str) -> Accepted:
        candidates = self._candidates(ref, group)
        for node, client in candidates:
            try:
                stored = await client.look_up(ref.recipe, ref.digest)
            except redis.RedisError as error:
                self._nodes.note_silence(node, error)
                continue
            if stored is not None:
                return await self._accept_hit(ref, photo, node, stored, key_digest)
            return await self._accept_miss(ref, photo, node, client, candidates, key_digest)
        raise busy("No node of the camera's group answers; the snapshot was not accepted.")

    def _candidates(self, ref: SnapshotRef, group: KnownGroup) -> Iterator[tuple[KnownNode, NodeClient]]:
        for seat in ranked(ref.digest, group.seats):
            if node := self._nodes.usable(seat.node_id, ref.recipe):
                yield node, self._nodes.client(node)

    async def _accept_hit(
        self, ref: SnapshotRef, photo: bytes, node: KnownNode, stored: bytes, key_digest: str
    ) -> Accepted:
        answer = decode_answer(stored)
        remember = _remember(key_digest, ref, answered(ref, answer, node.name)) if key_digest else NOTHING
        await self._ledger.accept_hit(ref, photo, node.id, stored, self._nodes.epoch, remember)
        return Accepted(node, answer)

    async def _accept_miss(
        self,
        ref: SnapshotRef,
        photo: bytes,
        node: KnownNode,
        client: NodeClient,
        further: Iterator[tuple[KnownNode, NodeClient]],
        key_digest: str,
    ) -> Accepted:
        due_ms = ref.received_at_ms + FIRST_LOOK_MS
        reply = queued(ref.id, ref.digest, node.name)
        remember = _remember(key_digest, ref, reply) if key_digest else NOTHING
        await self._ledger.accept_miss(ref, photo, node.id, self._nodes.epoch, due_ms, remember)
        full = False
        while True:
            offered = await self._offer(ref, photo, node, client)
            if offered and offered.reply is not NodeReply.FULL:
                return await self._taken(ref, node, offered)
            full = full or offered is not None
            following = next(further, None)
            if following is None:
                break
            node, client = following
            await self._ledger.move(ref.id, node.id, due_ms)
        await self._ledger.take_back(ref, remember)
        if full:
            raise busy("The queues of the camera's nodes are full; the snapshot was not accepted.")
        raise busy("No node of the camera's group answers; the snapshot was not accepted.")

    async def _offer(self, ref: SnapshotRef, photo: bytes, node: KnownNode, client: NodeClient) -> Offered | None:
        """The node's reply, None if there is none. It may have the job all the same: its result is then refused."""
        job = Job(ref.digest, ref.recipe, ref.purpose, settings.MALLVISION_ANSWER_TTL_S)
        try:
            return await client.offer(ref.id, job, photo, settings.MALLVISION_QUEUE_LIMIT_JOBS)
        except redis.RedisError as error:
            self._nodes.note_silence(node, error)
            return None

    async def _taken(self, ref: SnapshotRef, node: KnownNode, offered: Offered) -> Accepted:
        if offered.reply is not NodeReply.HIT:
            return Accepted(node, None)
        await self._ledger.turn_into_hit(ref.id, node.id, offered.answer)
        return Accepted(node, decode_answer(offered.answer))


def _remember(key_digest: str, ref: SnapshotRef, reply: Reply) -> Remember:
    return Remember(key_digest, encode_remembered(RememberedReply(ref.id, ref.digest, reply.status, reply.body)))
