"""The monitor: watches nodes and ledger, and says how they are (DESIGN, step 5). It never ends a snapshot itself."""

import logging
import threading
import time

import msgspec
import redis
from django.db import InterfaceError, OperationalError, close_old_connections

from cameras import epochs
from cameras.models import CameraGroup, Node
from cameras.registry import Registry
from recognition.collector.signs import MONITOR, give_sign
from recognition.hub.clock import hub_clock
from recognition.hub.live_state import NodeState, put_node_states
from recognition.hub.overdue import OverdueLedger
from recognition.hub.sync import hub
from recognition.live.groups import group_messages
from recognition.live.messages import NodeMessage, as_text
from recognition.live.publisher import Publisher
from recognition.live.status import status, troubles
from recognition.monitor.health import NodeWatch
from recognition.monitor.rates import Rates
from recognition.monitor.resending import Resender
from recognition.monitor.system_watch import SystemWatch
from recognition.node.trouble import Trouble
from recognition.retention.purge import purge

LOOK_EVERY_S = 1.0
PURGE_EVERY_S = 3600.0

log = logging.getLogger(__name__)


class Monitor:
    """Looks once a second. `stop` may be called from a signal handler."""

    def __init__(self) -> None:
        self._watch = NodeWatch()
        self._system_watch = SystemWatch(self._watch)
        self._rates = Rates()
        self._publisher = Publisher()
        self._ledger = OverdueLedger(hub())
        self._stopping = threading.Event()
        self._next_purge = 0.0
        self._registry: Registry | None = None
        self._told_of_groups: dict[int, str] = {}
        self._hub_trouble = Trouble("the hub", log)
        self._database_trouble = Trouble("the database", log)

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        while not self._stopping.is_set():
            started = time.monotonic()
            self._step()
            self._stopping.wait(max(0.0, started + LOOK_EVERY_S - time.monotonic()))
        self.close()

    def close(self) -> None:
        self._publisher.close()
        self._system_watch.close()
        self._watch.close()

    def _step(self) -> None:
        try:
            close_old_connections()
            self.look()
            self._purge_now_and_then()
        except redis.RedisError as error:
            self._hub_trouble.note(error)
        except (OperationalError, InterfaceError) as error:
            self._database_trouble.note(error)
        else:
            self._hub_trouble.note(None)
            self._database_trouble.note(None)

    def look(self) -> None:
        """Raises redis.RedisError when the hub does not answer."""
        give_sign(MONITOR)
        nodes = list(Node.objects.all())
        found = self._watch.look(nodes)
        self._system_watch.look(nodes, found)
        rates = self._rates.look()
        states = [msgspec.structs.replace(state, images_per_s=rates.get(state.node, 0.0)) for state in found]
        put_node_states(hub(), states)
        self._send_on(nodes, states)
        self._publish()

    def _send_on(self, nodes: list[Node], states: list[NodeState]) -> None:
        now_ms = hub_clock.now_ms()  # the system watch has just asked
        if lost := self._watch.lost(states):
            count = self._ledger.hurry(lost, now_ms)
            log.warning("nodes %s lost what they held: %d snapshots go elsewhere", sorted(lost), count)
        enabled = {node.pk: node for node in nodes if node.enabled}
        by_id = {state.node: state for state in states}
        Resender(self._ledger, self._watch, self._current_registry(), enabled, by_id).look(now_ms)

    def _current_registry(self) -> Registry:
        if self._registry is None or self._registry.epoch != epochs.current(epochs.REGISTRY):
            self._registry = Registry.load()
        return self._registry

    def _publish(self) -> None:
        nodes, totals = status(hub())
        text = as_text("status", nodes=nodes, totals=totals, troubles=troubles())
        registry, gallery = epochs.current(epochs.REGISTRY), epochs.current(epochs.GALLERY)
        self._publisher.publish({"type": "live.status", "text": text, "registry": registry, "gallery": gallery})
        self._publish_groups(nodes)

    def _publish_groups(self, nodes: list[NodeMessage]) -> None:
        """To each its own, since not everyone sees every group; those of which there is nothing new are left out."""
        messages = group_messages(CameraGroup.objects.all(), nodes)
        texts = {group: as_text("group", group=message) for group, message in messages.items()}
        fresh = [(group, text) for group, text in texts.items() if self._told_of_groups.get(group) != text]
        self._told_of_groups = texts
        if fresh:
            self._publisher.publish({"type": "live.batch", "parts": fresh, "ended": []})

    def _purge_now_and_then(self) -> None:
        if time.monotonic() >= self._next_purge:
            self._next_purge = time.monotonic() + PURGE_EVERY_S
            purge()
