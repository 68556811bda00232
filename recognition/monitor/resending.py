"""Sending accepted snapshots that are overdue to the next node, and ending those whose deadline has passed."""

import logging
import time
from collections.abc import Mapping

import redis
from django.conf import settings

from cameras.models import Node
from cameras.placement import ranked
from cameras.registry import Registry
from recognition.hub.clock import hub_clock
from recognition.hub.live_state import NodeState
from recognition.hub.overdue import Entry, OverdueLedger
from recognition.monitor.health import NodeWatch
from recognition.node.client import Reply, offer_arguments, read_reply
from recognition.node.keys import Shard
from recognition.node.messages import Ending, Expiry, Failure, job_for
from recognition.node.scripts import OFFER, STILL_WAITING
from recognition.node.shards import shards_at
from recognition.recipe import recipes_that_do

LOOK_AGAIN_MS = 5_000
MOST_NODES = 3  # that may have taken a snapshot before it fails
LONGEST_LOOK_S = 2.0

log = logging.getLogger(__name__)


class Resender:
    """One look at what is overdue. nodes: all enabled ones; states: what was just found at them."""

    def __init__(
        self,
        ledger: OverdueLedger,
        watch: NodeWatch,
        registry: Registry,
        nodes: Mapping[int, Node],
        states: Mapping[int, NodeState],
    ) -> None:
        self._ledger = ledger
        self._watch = watch
        self._registry = registry
        self._nodes = nodes
        self._states = states
        # By node and shard: those that have failed during this look. One time-out each is enough.
        self._silent: set[tuple[int, int]] = set()

    def look(self, now_ms: int) -> None:
        """Raises redis.RedisError when the hub does not answer. What it finds no time for stays due."""
        ends_at = time.monotonic() + LONGEST_LOOK_S
        for entry in self._ledger.due(now_ms):
            if entry.ref.deadline_ms <= now_ms:
                self._end(entry, Expiry(), now_ms)
            elif time.monotonic() < ends_at:
                self._look_after(entry, now_ms)

    def _look_after(self, entry: Entry, now_ms: int) -> None:
        candidates = self._candidates(entry)
        if self._still_waits(entry, candidates):
            self._ledger.postpone(entry.ref.id, min(now_ms + LOOK_AGAIN_MS, entry.ref.deadline_ms))
        elif len(entry.nodes) >= MOST_NODES:
            self._end(entry, Failure(f"{MOST_NODES} nodes were given it, and none has answered"), now_ms)
        else:
            self._send_on(entry, candidates, now_ms)

    def _end(self, entry: Entry, ending: Ending, now_ms: int) -> None:
        self._ledger.end(entry.ref, ending)
        self._ledger.postpone(entry.ref.id, now_ms + LOOK_AGAIN_MS)

    def _still_waits(self, entry: Entry, candidates: list[int]) -> bool:
        """Whether the node that had it last still has it, and workers to do it unless nobody has any."""
        last = entry.last
        node = self._usable(last, entry) if last else None
        if last is None or node is None or (not self._has_workers(last) and any(map(self._has_workers, candidates))):
            return False
        # What the node was asked for depends on what was known of it then.
        shard = self._shard(node, entry)
        works = [shard.work(recipe, entry.ref.digest) for recipe in recipes_that_do(entry.ref.recipe)]
        try:
            waits = self._watch.client(node).register_script(STILL_WAITING)
            return any(waits(keys=[work, shard.jobs, shard.load], args=[entry.ref.id]) for work in works)
        except redis.RedisError as error:
            self._note_silence(node, entry, error)
            return False

    def _send_on(self, entry: Entry, candidates: list[int], now_ms: int) -> None:
        photo = self._ledger.photo(entry.ref.id)
        if photo is None:
            return
        due_ms = min(now_ms + LOOK_AGAIN_MS, entry.ref.deadline_ms)
        refused = False
        for node_id in candidates:
            node = self._usable(node_id, entry)
            recipe = self._recipe(node_id, entry)
            if node is None or recipe is None:
                continue
            if not self._ledger.move(entry.ref.id, node.pk, due_ms, refused):
                return
            reply = self._offered(entry, node, recipe, photo)
            refused = reply is Reply.FULL
            if reply and not refused:
                log.info("snapshot %s was sent on to node %s", entry.ref.id, node.name)
                return
        self._ledger.move(entry.ref.id, None, due_ms, refused)

    def _candidates(self, entry: Entry) -> list[int]:
        """The usable nodes in rank, the one that had it last behind them, those without workers at the very end."""
        seats = self._registry.group_of(entry.ref.camera).seats
        order = [seat.node_id for seat in ranked(entry.ref.digest, seats) if self._usable(seat.node_id, entry)]
        return sorted(order, key=lambda node_id: (not self._has_workers(node_id), node_id == entry.last))

    def _usable(self, node_id: int, entry: Entry) -> Node | None:
        node = self._nodes.get(node_id)
        if node is None or self._recipe(node_id, entry) is None:
            return None
        return None if (node_id, self._shard(node, entry).number) in self._silent else node

    def _recipe(self, node_id: int, entry: Entry) -> str | None:
        """What the node is asked for; None if it is not to be asked."""
        state = self._states.get(node_id)
        return state.recipe_for(entry.ref.recipe) if state and state.reaches(entry.ref.digest) else None

    def _shard(self, node: Node, entry: Entry) -> Shard:
        return shards_at(node.address).of(entry.ref.digest)

    def _has_workers(self, node_id: int) -> bool:
        return self._states[node_id].workers > 0

    def _offered(self, entry: Entry, node: Node, recipe: str, photo: bytes) -> Reply | None:
        """None when the node did not reply: then it may have the job."""
        ref = entry.ref
        job = job_for(ref, recipe, settings.MALLVISION_ANSWER_TTL_S, hub_clock.now_ms())
        limits = settings.MALLVISION_QUEUE_LIMITS.of_priority(ref.priority)
        offer = self._watch.client(node).register_script(OFFER)
        try:
            offered = read_reply(offer(**offer_arguments(shards_at(node.address), ref.id, job, photo, limits)))
        except redis.ResponseError as error:  # out of memory, say: it has answered, and has not taken it
            self._note_silence(node, entry, error)
            return Reply.FULL
        except redis.RedisError as error:
            self._note_silence(node, entry, error)
            return None
        if offered.reply is Reply.HIT:
            self._ledger.turn_into_hit(ref.id, node.pk, offered.answer)
        return offered.reply

    def _note_silence(self, node: Node, entry: Entry, error: redis.RedisError) -> None:
        shard = self._shard(node, entry).number
        log.warning("node %s (shard %d) is left out of this look: %s", node.name, shard, type(error).__name__)
        self._silent.add((node.pk, shard))
