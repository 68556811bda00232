"""Nobody reads whose lease may have run out: for what he has read the next one has to wait."""

import signal
import threading
from pathlib import Path
from queue import Queue

import pytest

from benchmarks.forms.member import HOST, data_server, running
from recognition.collector import lease
from recognition.collector.collector import Collector
from recognition.collector.lease import CollectorLease
from recognition.collector.streams import Delivery, Stream, StreamReader
from recognition.hub import keys as hub_keys
from recognition.node.connections import Redis
from tests.mall import Mall, eventually, in_thread


class HangingLease(CollectorLease):
    """The database answers the first renewal, and hangs at the second until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.hangs = threading.Event()
        self.goes_on = threading.Event()
        self._renewed = False

    def renew(self) -> None:
        if self._renewed:
            self.hangs.set()
            self.goes_on.wait(20)
        self._renewed = True
        super().renew()


def test_a_reader_reads_only_while_it_may(hub_url: str, hub: Redis) -> None:
    inbox: Queue[Delivery] = Queue()
    asked, allowed = threading.Semaphore(0), threading.Event()

    def may_read() -> bool:
        asked.release()
        return allowed.is_set()

    hub.xgroup_create(hub_keys.HITS, hub_keys.COLLECTOR_GROUP, mkstream=True)
    hub.xadd(hub_keys.HITS, {"x": "y"})
    reader = StreamReader(Stream(hub_url, hub_keys.HITS, hub_keys.COLLECTOR_GROUP, None), inbox, may_read)
    reader.start()
    try:
        for _ in range(3):
            assert asked.acquire(timeout=10)
        assert hub.xpending(hub_keys.HITS, hub_keys.COLLECTOR_GROUP)["pending"] == 0
        allowed.set()
        assert len(inbox.get(timeout=10).entries) == 1
    finally:
        reader.stop()
        reader.join()


def test_a_collector_that_cannot_renew_its_lease_leaves_what_comes_to_the_next_one(
    mall: Mall, hub: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "HELD_FOR_S", 1.5)
    collector = Collector()
    collector._lease = hanging = HangingLease()
    with in_thread(collector.run, collector.stop):
        try:
            assert hanging.hangs.wait(20)
            eventually(lambda: not hanging.is_surely_held())
            eventually(lambda: hub.info("clients")["blocked_clients"] == 0)
            hub.xadd(hub_keys.HITS, {"x": "y"})
            read = hub.xreadgroup(hub_keys.COLLECTOR_GROUP, "the next one", {hub_keys.HITS: ">"}, block=5_000)
        finally:
            hanging.goes_on.set()
    assert [len(entries) for _, entries in read] == [1]


@pytest.mark.django_db(transaction=True)
class TestSurelyHeld:
    def test_while_it_is_renewed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lease, "HELD_FOR_S", 0.2)
        one = CollectorLease()
        assert not one.is_surely_held()
        one.acquire()
        eventually(lambda: not one.is_surely_held())
        monkeypatch.setattr(lease, "HELD_FOR_S", 60.0)
        one.renew()
        assert one.is_surely_held()

    def test_not_by_two_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lease, "HELD_FOR_S", 0.2)
        first, second = CollectorLease(), CollectorLease()
        first.acquire()
        while not second.acquire():
            pass
        assert not first.is_surely_held()


def test_what_no_replica_has_yet_is_not_read(tmp_path: Path) -> None:
    master = data_server(tmp_path, {})
    replica = data_server(tmp_path, {"replicaof": f"{HOST} {master.port}"})
    inbox: Queue[Delivery] = Queue()
    stream = Stream(master.url, hub_keys.HITS, hub_keys.COLLECTOR_GROUP, None, is_replicated=True)
    reader = StreamReader(stream, inbox, lambda: True)
    with running([master, replica]):
        eventually(replica.is_linked)
        assert replica.process is not None
        reader.start()
        try:
            master.ask("XADD", hub_keys.HITS, "*", "number", 1)
            assert numbers(inbox.get(timeout=10)) == [b"1"]
            replica.process.send_signal(signal.SIGSTOP)
            master.ask("XADD", hub_keys.HITS, "*", "number", 2)
            eventually(lambda: reader.trouble == "NotReplicatedError")
            assert inbox.empty()
            replica.process.send_signal(signal.SIGCONT)
            while (read := numbers(inbox.get(timeout=10))) == [b"1"]:  # not acknowledged, so it may come again
                pass
            assert read[-1] == b"2"
        finally:
            reader.stop()
            reader.join()


def numbers(delivery: Delivery) -> list[bytes]:
    return [fields[b"number"] for _, fields in delivery.entries]
