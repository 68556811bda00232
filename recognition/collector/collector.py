"""The collector: turns what nodes answered into recorded outcomes, each exactly once (DESIGN, step 4)."""

import logging
import threading
import time
from collections.abc import Sequence
from queue import Empty, Queue

import redis
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections

from cameras.models import Node
from recognition.collector.announcing import announcement
from recognition.collector.endings import Ended, believed
from recognition.collector.lease import RENEW_EVERY_S, CollectorLease, LeaseLost
from recognition.collector.recording import Recorded, as_failure, record
from recognition.collector.streams import MOST_ENTRIES, Delivery, Stream, StreamReader
from recognition.hub import keys as hub_keys
from recognition.hub.settling import settle
from recognition.hub.sync import hub
from recognition.live.publisher import Publisher
from recognition.node import keys as node_keys
from recognition.node.connections import Redis, connect
from recognition.people.gallery import LiveGallery, live_gallery

WAIT_S = 0.25
STANDBY_LOOK_S = 0.5
ACK_TIMEOUT_S = 2.0

log = logging.getLogger(__name__)


class Collector:
    """Works while it holds the lease, waits for it otherwise. `stop` may be called from a signal handler."""

    def __init__(self, gallery: LiveGallery | None = None) -> None:
        self._lease = CollectorLease()
        self._gallery = gallery or live_gallery()
        self._publisher = Publisher()
        self._inbox: Queue[Delivery] = Queue(maxsize=64)
        self._readers: dict[Stream, StreamReader] = {}
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
            except LeaseLost:
                log.warning("another collector has taken over")
            except (OperationalError, InterfaceError) as error:
                log.warning("the database does not answer, trying again: %s", error)
                close_old_connections()
                self._stopping.wait(STANDBY_LOOK_S)
        self._publisher.close()

    def _collect(self) -> None:
        """Until told to stop, or the lease is lost. What was read and not recorded stays pending."""
        log.info("this is the active collector")
        try:
            while not self._stopping.is_set():
                self._keep_up()
                if deliveries := self._next_deliveries():
                    self.take(deliveries)
        finally:
            self._stop_readers()
        self._gallery.leave()
        self._lease.release()

    def _keep_up(self) -> None:
        """Once a second: holds the lease, and reads exactly the nodes that there are."""
        self._gallery.refresh()
        if time.monotonic() < self._next_renewal:
            return
        self._next_renewal = time.monotonic() + RENEW_EVERY_S
        self._lease.renew()
        wanted = streams()
        for stream in self._readers.keys() - wanted:
            self._readers.pop(stream).stop()
        for stream in wanted - self._readers.keys():
            self._readers[stream] = StreamReader(stream, self._inbox)
            self._readers[stream].start()

    def _next_deliveries(self) -> list[Delivery]:
        """What waits, up to a batch; waits a moment for the first."""
        deliveries: list[Delivery] = []
        try:
            deliveries.append(self._inbox.get(timeout=WAIT_S))
            while sum(len(delivery.entries) for delivery in deliveries) < MOST_ENTRIES:
                deliveries.append(self._inbox.get_nowait())
        except Empty:
            return deliveries
        return deliveries

    def take(self, deliveries: Sequence[Delivery]) -> Recorded:
        """Records, acknowledges, clears the ledger, announces, in this order: a death in between loses nothing."""
        while not self._stopping.is_set():
            try:
                ended = believed(hub(), deliveries)
                recorded = self._record(ended)
                self._acknowledge(deliveries)
                newest = settle(hub(), [one.ref for one in ended])
            except redis.RedisError as error:
                log.warning("the hub does not answer, trying again: %s", error)
                self._stopping.wait(STANDBY_LOOK_S)
                self._lease.renew()
                continue
            if recorded.outcomes:
                self._publisher.publish(announcement(recorded, newest, self._gallery.current().names))
            return recorded
        return Recorded()

    def _record(self, ended: Sequence[Ended]) -> Recorded:
        try:
            return record(ended, self._gallery, self._lease)
        except (LeaseLost, OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("a batch of %d cannot be recorded, trying row by row", len(ended))
        return _merged([self._record_alone(one) for one in ended])

    def _record_alone(self, one: Ended) -> Recorded:
        """The row at fault becomes `failed`; it never holds up the others."""
        try:
            return record([one], self._gallery, self._lease)
        except (LeaseLost, OperationalError, InterfaceError):
            raise
        except Exception as error:
            log.exception("the ending of snapshot %s cannot be recorded", one.ref.id)
            return record([as_failure(one, error)], self._gallery, self._lease)

    def _acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            stream = delivery.stream
            ids = [entry_id for entry_id, _ in delivery.entries]
            try:
                pipeline = self._client(stream.url).pipeline(transaction=True)
                pipeline.xack(stream.key, stream.group, *ids).xdel(stream.key, *ids).execute()
            except redis.RedisError as error:
                # They come again when the node is back, and then have their outcome already.
                log.warning("%d entries of %r could not be acknowledged: %s", len(ids), stream, error)

    def _client(self, url: str) -> Redis:
        if url not in self._clients:
            self._clients[url] = connect(url, ACK_TIMEOUT_S)
        return self._clients[url]

    def _stop_readers(self) -> None:
        for reader in self._readers.values():
            reader.stop()
        for reader in self._readers.values():
            reader.join()
        self._readers.clear()
        self._next_renewal = 0.0
        self._inbox = Queue(maxsize=64)


def streams() -> set[Stream]:
    """All that say how snapshots ended. A disabled node may still hold results."""
    url = settings.MALLVISION_HUB_URL
    found = {Stream(url, key, hub_keys.COLLECTOR_GROUP, None) for key in (hub_keys.HITS, hub_keys.ENDINGS)}
    for node in Node.objects.all():
        found.add(Stream(node.address, node_keys.RESULTS, node_keys.COLLECTOR_GROUP, node.pk))
    return found


def _merged(parts: Sequence[Recorded]) -> Recorded:
    return Recorded(
        [outcome for part in parts for outcome in part.outcomes],
        [alert for part in parts for alert in part.alerts],
        {pk: camera for part in parts for pk, camera in part.cameras.items()},
    )
