"""Which processes an erasure waits for."""

import msgspec
import pytest

from recognition.hub.gallery_processes import LISTED_S, Confirmation, GalleryProcesses
from recognition.hub.keys import GALLERY_PROCESSES
from recognition.node.connections import Redis


@pytest.fixture
def processes(hub: Redis) -> GalleryProcesses:
    return GalleryProcesses(hub)


def silent_since(hub: Redis, process: str, seconds: float) -> None:
    now_s, _ = hub.time()
    hub.hset(GALLERY_PROCESSES, process, msgspec.msgpack.encode(Confirmation(1, round((now_s - seconds) * 1000))))


def test_each_process_is_listed_with_the_epoch_that_it_confirmed_last(processes: GalleryProcesses) -> None:
    processes.confirm("one", 1)
    processes.confirm("other", 1)
    processes.confirm("one", 2)
    assert processes.confirmed() == {"one": 2, "other": 1}


def test_one_that_has_left_is_not_listed(processes: GalleryProcesses) -> None:
    processes.confirm("one", 1)
    processes.confirm("other", 1)
    processes.leave("one")
    assert processes.confirmed() == {"other": 1}


def test_one_that_is_silent_for_too_long_is_forgotten(processes: GalleryProcesses, hub: Redis) -> None:
    processes.confirm("living", 1)
    silent_since(hub, "dead", LISTED_S + 1)
    assert processes.confirmed() == {"living": 1}
    assert hub.hkeys(GALLERY_PROCESSES) == [b"living"]


def test_one_that_may_still_serve_names_is_listed(processes: GalleryProcesses, hub: Redis) -> None:
    silent_since(hub, "slow", LISTED_S - 2)
    assert processes.confirmed() == {"slow": 1}
