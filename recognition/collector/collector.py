"""The collector: turns what nodes answered into recorded outcomes, each exactly once (DESIGN, step 4)."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

import redis
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections

from cameras.models import Node
from recognition.collector.announcing import announcement
from recognition.collector.endings import believed, count_refused
from recognition.collector.lease import RENEW_EVERY_S, CollectorLease, LeaseLost
from recognition.collector.monitor_watch import MonitorWatch
from recognition.collector.recorder import Recorder
from recognition.collector.streams import Delivery, Inbox, Stream
from recognition.hub import keys as hub_keys
from recognition.hub.scenes import Scene, put_scenes
from recognition.hub.settling import Settled, settle
from recognition.hub.sync import hub
from recognition.live.publisher import Publisher
from recognition.node import keys as node_keys
from recognition.node.connections import Redis, connect
from recognition.node.shards import shards_at
from recognition.people.gallery import live_gallery

WAIT_S = 0.25
STANDBY_LOOK_S = 0.5
ACK_TIMEOUT_S = 2.0

T = TypeVar("T")

log = logging.getLogger(__name__)


class Stopping(Exception):
    """The collector was told to stop while the hub did not answer."""


class Collector:
    """Works while it holds the lease, waits for it otherwise. `stop` may be called from a signal handler."""

    def __init__(self) -> None:
        self._lease = CollectorLease()
        self._gallery = live_gallery()
        self._recorder = Recorder(self._gallery, self._lease)
        self._monitor = MonitorWatch()
        self._publisher = Publisher()
        self._inbox = Inbox(self._lease.is_surely_held)
        self._clients: dict[str, Redis] = {}
        self._stopping = threading.Event()
        self._next_renewal = 0.0

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                if self._lease.acquire():
                    self._collect()
                else:
                    self._stopping.wait(STANDBY_LOOK_S)
            except Stopping:
                log.info("told to stop while the hub does not answer")
            except LeaseLost:
                log.warning("another collector has taken over")
            except (OperationalError, InterfaceError) as error:
                log.warning("the database does not answer, trying again: %s", type(error).__name__)
                close_old_connections()
                self._stopping.wait(STANDBY_LOOK_S)
        self._publisher.close()

    def _collect(self) -> None:
        """Until told to stop, or the lease is lost. What was read and not recorded stays pending."""
        log.info("this is the active collector")
        self._next_renewal = 0.0
        self._inbox = Inbox(self._lease.is_surely_held)
        try:
            while not self._stopping.is_set():
                self._keep_up()
                if deliveries := self._inbox.next(WAIT_S):
                    self._take(deliveries)
        finally:
            self._inbox.close()
        self._gallery.leave()
        self._lease.release()

    def _keep_up(self) -> None:
        """Once a second: holds the lease, reads exactly the nodes that there are, and looks after the monitor."""
        self._gallery.refresh()
        if time.monotonic() < self._next_renewal:
            return
        self._next_renewal = time.monotonic() + RENEW_EVERY_S
        self._lease.renew()
        self._recorder.keep_up()
        self._monitor.look()
        self._inbox.read(streams())

    def _take(self, deliveries: Sequence[Delivery]) -> None:
        """Records, clears the ledger, announces, acknowledges, in this order.

        Dying in between loses nothing: what is not acknowledged comes again, and then has its outcome already.
        Announcing comes before acknowledging because people wait for it.
        """
        ended, refused = self._once_answered(lambda: believed(hub(), deliveries))
        recorded = self._recorder.record(ended)
        states = self._recorder.states(ended, recorded)
        settled = [Settled(one.ref, states[one.ref.id], one.hit) for one in ended]
        newest = self._once_answered(lambda: settle(hub(), settled))
        self._keep(recorded.scenes)
        if recorded.outcomes:
            self._publisher.publish(announcement(recorded, newest, self._gallery.current().names))
        self._acknowledge(deliveries)
        self._count(refused)

    def _once_answered(self, ask_the_hub: Callable[[], T]) -> T:
        """What the hub says, however long it takes to answer. Keeps the lease meanwhile."""
        while not self._stopping.is_set():
            try:
                return ask_the_hub()
            except redis.RedisError as error:
                log.warning("the hub does not answer, trying again: %s", type(error).__name__)
                self._stopping.wait(STANDBY_LOOK_S)
                self._lease.renew()
        raise Stopping

    def _keep(self, scenes: Sequence[Scene]) -> None:
        """Only to spare the nodes work: without them the next snapshots are looked at."""
        try:
            put_scenes(hub(), scenes, settings.MALLVISION_SCENE_REFRESH_S)
        except redis.RedisError as error:
            log.warning("%d scenes were not kept: %s", len(scenes), type(error).__name__)

    def _acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            stream = delivery.stream
            ids = [entry_id for entry_id, _ in delivery.entries]
            try:
                pipeline = self._client(stream.url).pipeline(transaction=True)
                pipeline.xack(stream.key, stream.group, *ids).xdel(stream.key, *ids).execute()
            except redis.RedisError as error:
                # They come again when the reader next looks at what is pending.
                log.warning("%d entries of %r were not acknowledged: %s", len(ids), stream, type(error).__name__)

    def _count(self, refused: Counter[str]) -> None:
        try:
            count_refused(hub(), refused)
        except redis.RedisError as error:
            log.warning("%d refused entries were not counted: %s", refused.total(), type(error).__name__)

    def _client(self, url: str) -> Redis:
        if url not in self._clients:
            self._clients[url] = connect(url, ACK_TIMEOUT_S)
        return self._clients[url]


def streams() -> set[Stream]:
    """All that say how snapshots ended. A disabled node may still hold results."""
    url = settings.MALLVISION_HUB_URL
    group = hub_keys.COLLECTOR_GROUP
    # Of what else is read the ledger knows, and that a replica had before anything came of it.
    hits = Stream(url, hub_keys.HITS, group, None, is_replicated=settings.MALLVISION_HUB_DURABILITY == "replica")
    found = {hits, Stream(url, hub_keys.ENDINGS, group, None)}
    for node in Node.objects.all():
        for shard in shards_at(node.address):
            found.add(Stream(node.address, shard.results, node_keys.COLLECTOR_GROUP, node.pk))
    return found
