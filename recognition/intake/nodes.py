"""The web process's copy of the registry and of what the monitor says of the nodes, and its clients to them."""

import asyncio
import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import redis
import redis.asyncio
from django.db import DatabaseError

from cameras import epochs
from cameras.database import in_database_thread
from cameras.registry import KnownNode, Registry
from recognition.hub import keys
from recognition.hub.clock import hub_clock
from recognition.hub.live_state import NodeState, decode_node_states, recipe_for_unknown
from recognition.intake.problems import busy
from recognition.node.client import NodeClient
from recognition.node.connections import Redis
from recognition.node.trouble import Trouble

LOOK_EVERY_S = 1.0
NODE_TIMEOUT_S = 1.0
SILENT_FOR_S = 2.0


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node that may be asked, the recipe that it is asked for, and the number of the shard that has the photo."""

    node: KnownNode
    client: NodeClient
    recipe: str
    shard: int

    def __str__(self) -> str:
        return self.node.name if len(self.client.shards) == 1 else f"{self.node.name}, shard {self.shard}"


@in_database_thread
def _current_epoch() -> int:
    return epochs.current(epochs.REGISTRY)


class NodeDirectory:
    """Who is there right now. `keep_fresh` is called before each use; it looks at most once a second."""

    def __init__(self, hub: Redis) -> None:
        self._hub = hub
        self._registry: Registry | None = None
        self._hub_epoch = 0
        self._states: dict[int, NodeState] = {}
        self._clients: dict[str, NodeClient] = {}
        self._silent_until: dict[tuple[int, int], float] = {}  # by node and shard
        self._looked_at = float("-inf")
        self._first_look = asyncio.Lock()
        self._hub_trouble = Trouble("the hub (states of the nodes)", log)
        self._database_trouble = Trouble("the registry's database", log)

    @property
    def registry(self) -> Registry:
        assert self._registry is not None, "keep_fresh comes first"  # noqa: S101
        return self._registry

    @property
    def epoch(self) -> int:
        """The newest epoch of the registry that this copy takes account of."""
        return max(self.registry.epoch, self._hub_epoch)

    async def keep_fresh(self) -> None:
        if self._registry is None:
            async with self._first_look:  # requests that come together all wait for it
                if self._registry is None:
                    await self._look()
            return
        now = time.monotonic()
        if now - self._looked_at >= LOOK_EVERY_S:
            self._looked_at = now
            await self._look()

    async def _look(self) -> None:
        await self._look_at_states()
        try:
            if self._registry is None or await _current_epoch() != self._registry.epoch:
                await self.reload()
            self._database_trouble.note(None)
        except DatabaseError as error:
            self._database_trouble.note(error)
            if self._registry is None:
                raise busy("The registry does not answer; the snapshot was not accepted.") from None

    async def reload(self, hub_epoch: int = 0) -> None:
        """Reads the registry anew. `hub_epoch`: the number with which the hub refused the old copy."""
        self._registry = await in_database_thread(Registry.load)()
        self._hub_epoch = max(self._hub_epoch, hub_epoch)

    async def hub_has_moved_on(self) -> bool:
        """Whether the hub knows of a newer registry; reads it if so."""
        try:
            known = int(await self._hub.get(keys.epoch(epochs.REGISTRY)) or 0)
        except redis.RedisError:
            log.warning("the hub does not say its registry epoch")
            return False
        if known <= self.epoch:
            return False
        await self.reload(known)
        return True

    def candidate(self, node_id: int, asked: str, digest: str) -> Candidate | None:
        """The node for the photo `digest`.

        None where it is known to be down or silent, or to serve neither the recipe nor its exact twin.
        """
        node = self.registry.nodes.get(node_id)
        if node is None:
            return None
        client = self.client(node)
        shard = client.shards.of(digest).number
        if self._silent_until.get((node_id, shard), 0.0) > time.monotonic():
            return None
        state = self._states.get(node_id)
        if state is not None and not state.reaches(digest):
            return None
        recipe = recipe_for_unknown(asked) if state is None else state.recipe_for(asked)
        return None if recipe is None else Candidate(node, client, recipe, shard)

    def with_workers_first(self, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
        """The others still, at the end: their workers may be just starting."""
        without = []
        for candidate in candidates:
            state = self._states.get(candidate.node.id)
            if state is None or state.workers:
                yield candidate
            else:
                without.append(candidate)
        yield from without

    def client(self, node: KnownNode) -> NodeClient:
        client = self._clients.get(node.address)
        if client is None:
            client = self._clients[node.address] = NodeClient(node.address, NODE_TIMEOUT_S)
        return client

    def note_silence(self, asked: Candidate, error: redis.RedisError) -> None:
        """Leaves the node, of a Cluster the shard, out for a moment, until the monitor has found out more."""
        now = time.monotonic()
        place = asked.node.id, asked.shard
        if now > self._silent_until.get(place, 0.0) + SILENT_FOR_S:  # otherwise it has just been said
            log.warning("node %s does not answer: %s", asked, type(error).__name__)
        self._silent_until[place] = now + SILENT_FOR_S

    async def close(self) -> None:
        for client in self._clients.values():
            await client.close()

    async def _look_at_states(self) -> None:
        try:
            self._states = decode_node_states(await self._hub.get(keys.NODE_STATES))
            asked_at_s = time.monotonic()
            hub_clock.note(await self._hub.time(), asked_at_s)
            self._hub_trouble.note(None)
        except redis.RedisError as error:
            self._hub_trouble.note(error)
