"""Faults in which there is no room left: in a node's memory, on the hub's disk."""

import asyncio
import resource
import time
from pathlib import Path

from benchmarks.faults.fault import Fault
from benchmarks.faults.mall import Mall
from benchmarks.faults.site import NODE_MEMORY_MB, worker
from benchmarks.processes import BenchmarkFailed
from benchmarks.stubs.worker import stub_id
from recognition.node import keys as node_keys
from recognition.node.connections import Redis
from recognition.node.heartbeat import living_workers
from recognition.node.messages import decode_job

SLOW_MS = 1000.0
ROOM_BYTES = 128_000  # for some forty jobs, less than half of what a queue may hold
LOOK_EVERY_S = 0.02
ATTEMPTS = 500


class FullMemory(Fault):
    """A node at its `maxmemory`, with no answer left to be evicted: join lists and jobs are not."""

    name = "node-memory"
    breaks = "a node at its maxmemory (volatile-lru) while its workers take a second for each photo"

    async def aim(self, mall: Mall) -> None:
        """Slow workers instead of the usual ones: jobs gather, and the node does not look dead."""
        self._replace_workers(mall, "--wait-ms", str(SLOW_MS), "--photos-per-batch", "1")
        for _ in range(ATTEMPTS):
            if {beat.worker for beat in living_workers(mall.node(0))} >= {
                stub_id(mall.keeper.pid(name)) for name in mall.workers(0)
            }:
                return
            await asyncio.sleep(LOOK_EVERY_S)
        raise BenchmarkFailed("the slow workers do not beat")

    async def strike(self, mall: Mall) -> None:
        node = mall.node(0)
        before = _refusals(node)
        await asyncio.to_thread(self._evict_the_answers, node)
        node.config_set("maxmemory", node.info("memory")["used_memory"] + ROOM_BYTES)
        await asyncio.sleep(max(4.0, mall.lasts_s / 2))
        evicted = _jobs_without_a_list(node)
        refused = _refusals(node) - before
        node.config_set("maxmemory", f"{NODE_MEMORY_MB}mb")
        self._replace_workers(mall)
        if not refused:
            raise BenchmarkFailed("the node's memory was never full")
        if evicted:
            raise BenchmarkFailed(f"the join lists of {evicted} jobs were evicted")

    def _evict_the_answers(self, node: Redis) -> None:
        node.config_set("maxmemory", 1)
        ends_at = time.monotonic() + 5
        while next(node.scan_iter(f"{node_keys.ONLY.image('*', '*')}", count=1000), None) is not None:
            if time.monotonic() > ends_at:
                raise BenchmarkFailed("the node does not evict its answers")
            time.sleep(LOOK_EVERY_S)

    def _replace_workers(self, mall: Mall, *options: str) -> None:
        for name in mall.workers(0):
            mall.keeper.replace(name, worker(mall.site.node_urls[0], *options))


def _jobs_without_a_list(node: Redis) -> int:
    """How many wait, or are in work, without a list of the snapshots that wait for them."""
    missing = 0
    for entry_id, fields in node.xrange(node_keys.ONLY.jobs):
        job = decode_job(fields[b"job"])
        if not node.hexists(node_keys.ONLY.work(job.recipe, job.digest), "job"):
            missing += len(node.xrange(node_keys.ONLY.jobs, entry_id, entry_id))  # unless it has just been ended
    return missing


def _refusals(node: Redis) -> int:
    errors = node.info("errorstats")
    return int(errors.get("errorstat_OOM", {}).get("count", 0))


class FullDisk(Fault):
    """No byte more fits into the hub's append-only file: its process may not make files larger than that one is.

    Python ignores the signal that would kill a process for trying (SIGXFSZ), and so does what is started through it, as
    every tethered program is: writing fails, as on a full disk.

    A server that is not asked to flush before each reply (`everysec`) refuses what writes, and waits. One that is
    (`always`) ends, since it may not take back what it has done; here it is started again at once, again and again.
    """

    def __init__(self, name: str, breaks: str, fsync: str) -> None:
        self.name = name
        self.breaks = breaks
        self._fsync = fsync

    def prepare(self, mall: Mall) -> None:
        mall.hub().config_set("appendfsync", self._fsync)

    async def strike(self, mall: Mall) -> None:
        ends_at = time.monotonic() + mall.lasts_s / 2
        limited = 0
        while time.monotonic() < ends_at:
            pid = mall.keeper.pid("hub")
            if pid != limited:
                limited = self._limit(pid, _file(mall).stat().st_size)
            await asyncio.sleep(LOOK_EVERY_S)
        self._limit(mall.keeper.pid("hub"), resource.RLIM_INFINITY)

    def restore(self, mall: Mall) -> None:
        mall.hub().config_set("appendfsync", "always")

    def _limit(self, pid: int, most_bytes: int) -> int:
        try:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most_bytes, resource.RLIM_INFINITY))
        except ProcessLookupError:
            return 0
        return pid


def _file(mall: Mall) -> Path:
    """What the hub appends to; Redis 7 and Valkey keep it in a folder, Redis 6.2 does not."""
    folder = mall.data.servers / "hub"
    found = [*folder.glob("appendonlydir/*.incr.aof"), *folder.glob("appendonly.aof")]
    return max(found, key=lambda file: file.stat().st_mtime)


FULL = (
    FullMemory(),
    FullDisk("hub-disk", "no room for the hub's append-only file for 5 s (quick: 2 s), everysec", "everysec"),
    FullDisk("hub-disk-always", "the same with appendfsync always, where the server ends", "always"),
)
