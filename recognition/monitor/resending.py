"""Sending accepted snapshots that are overdue to the next node, and ending those whose deadline has passed."""

import logging
from collections.abc import Mapping

import redis
from django.conf import settings

from cameras.models import Assignment, Camera, Node
from cameras.placement import Seat, ranked
from recognition.hub.live_state import NodeState
from recognition.hub.overdue import Entry, OverdueLedger
from recognition.monitor.health import NodeWatch
from recognition.node import keys
from recognition.node.messages import Expiry, Job, encode
from recognition.node.scripts import OFFER, STILL_WAITING

LOOK_AGAIN_MS = 5_000

log = logging.getLogger(__name__)


class Resender:
    """One look at what is overdue. nodes: all enabled ones; states: what was just found at them."""

    def __init__(
        self, ledger: OverdueLedger, watch: NodeWatch, nodes: Mapping[int, Node], states: Mapping[int, NodeState]
    ) -> None:
        self._ledger = ledger
        self._watch = watch
        self._nodes = nodes
        self._states = states

    def look(self, now_ms: int) -> None:
        """Raises redis.RedisError when the hub does not answer."""
        for entry in self._ledger.due(now_ms):
            if entry.ref.deadline_ms <= now_ms:
                self._ledger.end(entry.ref, Expiry())
                self._ledger.postpone(entry.ref.id, now_ms + LOOK_AGAIN_MS)
            elif self._still_waits(entry):
                self._ledger.postpone(entry.ref.id, min(now_ms + LOOK_AGAIN_MS, entry.ref.deadline_ms))
            else:
                self._send_on(entry, now_ms)

    def _still_waits(self, entry: Entry) -> bool:
        node = self._usable(entry.nodes[-1])
        if node is None:
            return False
        client = self._watch.client(node)
        work = keys.work(entry.ref.recipe, entry.ref.digest)
        try:
            return bool(client.register_script(STILL_WAITING)(keys=[work, keys.JOBS], args=[entry.ref.id]))
        except redis.RedisError:
            return False

    def _send_on(self, entry: Entry, now_ms: int) -> None:
        """Offers the snapshot to the nodes in rank, the one that had it last at the very end."""
        photo = self._ledger.photo(entry.ref.id)
        if photo is None:
            return
        due_ms = min(now_ms + LOOK_AGAIN_MS, entry.ref.deadline_ms)
        for node in self._candidates(entry):
            if not self._ledger.move(entry.ref.id, node.pk, due_ms):
                return
            if self._offered(entry, node, photo):
                log.info("snapshot %s was sent on to node %s", entry.ref.id, node.name)
                return
        self._ledger.postpone(entry.ref.id, due_ms)

    def _candidates(self, entry: Entry) -> list[Node]:
        seats = _seats(entry.ref.camera, self._nodes)
        order = [seat.node_id for seat in ranked(entry.ref.digest, seats)]
        order.sort(key=lambda node_id: node_id == entry.nodes[-1])
        return [node for node_id in order if (node := self._usable(node_id))]

    def _usable(self, node_id: int) -> Node | None:
        state = self._states.get(node_id)
        if state is None or state.state in ("down", "disabled"):
            return None
        return self._nodes.get(node_id)

    def _offered(self, entry: Entry, node: Node, photo: bytes) -> bool:
        ref = entry.ref
        job = Job(ref.digest, ref.recipe, ref.purpose, settings.MALLVISION_ANSWER_TTL_S)
        client = self._watch.client(node)
        try:
            reply = client.register_script(OFFER)(
                keys=[keys.image(ref.recipe, ref.digest), keys.work(ref.recipe, ref.digest), keys.JOBS],
                args=[ref.id, encode(job), photo, settings.MALLVISION_QUEUE_LIMIT_JOBS],
            )
        except redis.RedisError as error:
            log.warning("node %s took no snapshot: %s", node.name, type(error).__name__)
            return False
        if reply[0] == b"HIT":
            self._ledger.turn_into_hit(ref.id, node.pk, reply[1])
        return bool(reply[0] != b"FULL")


def _seats(camera_id: int, nodes: Mapping[int, Node]) -> list[Seat]:
    """As intake would place it; a photo that no camera sent may go to any node."""
    group_id = Camera.objects.filter(pk=camera_id).values_list("group_id", flat=True).first()
    if group_id is None:
        return [Seat.of(node.pk, node.weight) for node in nodes.values()]
    assigned = Assignment.objects.filter(group_id=group_id, node__in=nodes)
    return [Seat.of(row.node_id, row.weight * nodes[row.node_id].weight) for row in assigned]
