"""A whole mall in processes of its own: hub, three nodes with two workers each, collectors, monitor, web, cameras."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

import redis

from benchmarks.faults import people
from benchmarks.faults.database import own_database
from benchmarks.faults.keeper import LOOK_EVERY_S, Keeper
from benchmarks.faults.observing import Observing
from benchmarks.faults.site import STANDALONE, WHOLE, Servers, Site, Size, collector_names, product, worker_name
from benchmarks.mall import Rows, environment_in
from benchmarks.processes import BenchmarkFailed, shell
from benchmarks.web import free_port, listens
from mallvision.environment import BASE_DIR, DataFolder
from mallvision.launch.programs import PROCESSES, SERVERS
from recognition.hub import keys as hub_keys
from recognition.hub.counts import accounts
from recognition.hub.live_state import node_states
from recognition.node.cluster import ClusterClient
from recognition.node.connections import Redis, connect
from recognition.node.shards import places

PATIENCE_S = 40.0
QUIET_PATIENCE_S = 80.0  # longer than the deadline of a snapshot: whatever was accepted has ended by then
REPLY_TIMEOUT_S = 2.0


@dataclass(slots=True)
class Mall:
    """down: nodes that a fault has taken away for good, by their place among `site.node_urls`.

    lasts_s: how long faults last that are ended again.
    """

    data: DataFolder
    size: Size
    site: Site
    keeper: Keeper
    observer: Observing
    ports: Sequence[int]
    rows: Rows
    down: set[int]
    lasts_s: float = 10.0
    clients: dict[str, Redis] = field(default_factory=dict)

    def hub(self) -> Redis:
        return self._client(self.site.hub_url)

    def node(self, place: int) -> Redis:
        return self._client(self.site.node_urls[place])

    def _client(self, url: str) -> Redis:
        if url not in self.clients:
            self.clients[url] = connect(url, REPLY_TIMEOUT_S)
        return self.clients[url]

    def workers(self, place: int) -> list[str]:
        """Of the node at `place`."""
        return [worker_name(place, number) for number in range(self.size.workers)]

    def collectors(self) -> list[str]:
        return collector_names(self.size)

    def wait_until(self, is_true: Callable[[], bool], otherwise: str, patience_s: float = PATIENCE_S) -> None:
        """Keeps the processes running meanwhile. Raises BenchmarkFailed with `otherwise`."""
        ends_at = time.monotonic() + patience_s
        while not is_true():
            if time.monotonic() > ends_at:
                raise BenchmarkFailed(f"{otherwise} within {patience_s:.0f} s")
            self.keeper.look()
            time.sleep(LOOK_EVERY_S)

    def wait_until_healthy(self) -> None:
        """Until everything is up, and nothing is under way."""
        self.wait_until(self._is_healthy, "the mall has not become healthy")

    def _is_healthy(self) -> bool:
        try:
            if not self.keeper.all_have_started():
                return False
            states = node_states(self.hub()).values()
            whole = self.site.is_whole()
        except redis.RedisError:
            return False
        return (
            whole
            and len(states) == len(self.site.node_urls)
            and all(state.state == "up" and state.workers >= self.size.workers for state in states)
            and all(map(listens, self.ports))
            and self.observer.active_collector() is not None
            and self.is_quiet()
        )

    def wait_until_quiet(self) -> None:
        """Until everything that was accepted is recorded, and nothing is under way any more."""
        self.wait_until(self.is_quiet, "the ledger is not empty", QUIET_PATIENCE_S)

    def is_quiet(self) -> bool:
        try:
            hub = self.hub()
            found = accounts(hub)
            waiting = found.held + found.total.in_ledger + hub.xlen(hub_keys.ENDINGS)
            for place in range(len(self.site.node_urls)):
                if place not in self.down:
                    waiting += _left_at(self.node(place))
        except redis.RedisError:
            return False
        return bool(waiting == 0)


@contextmanager
def open_mall(servers: Servers = STANDALONE, size: Size = WHOLE) -> Iterator[Mall]:
    """Everything ends with the block, and nothing of it is kept. Raises BenchmarkFailed."""
    folder = Path(tempfile.mkdtemp(prefix="mv-faults-"))
    data = DataFolder(folder)
    try:
        data.servers.mkdir()
        data.logs.mkdir()
        with own_database(os.environ) as database:
            site = servers.build(data)
            environment = environment_in(data) | database | _settings(site)
            keeper = Keeper(data.logs, environment)
            try:
                yield from _opened(data, size, site, keeper, environment)
            except BenchmarkFailed as error:
                keeper.explain(error)
                raise
            finally:
                keeper.stop(PROCESSES)
                keeper.stop(SERVERS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _settings(site: Site) -> dict[str, str]:
    return {
        "MALLVISION_HUB_URL": site.hub_url,
        "MALLVISION_HUB_DURABILITY": site.durability,
        "MALLVISION_SIGHTING_GAP_S": str(people.SIGHTING_GAP_S),
        "BENCHMARK_NODE_URLS": " ".join(site.node_urls),
    }


def _opened(data: DataFolder, size: Size, site: Site, keeper: Keeper, environment: dict[str, str]) -> Iterator[Mall]:
    keeper.start(site.programs)
    site.join()
    for url in (site.hub_url, *site.node_urls):
        _wait_for(url)
    rows = Rows(**json.loads(_printed(shell("benchmarks.faults.rows.make()"), environment)))
    ports = [free_port() for _ in range(size.webs)]
    keeper.start(product(size, site, ports))
    observer = Observing(environment, data.logs / "observer.log")
    mall = Mall(data, size, site, keeper, observer, ports, rows, set())
    try:
        mall.wait_until_healthy()
        yield mall
    finally:
        observer.close()
        for client in mall.clients.values():
            client.close()


def _left_at(node: Redis) -> int:
    """Jobs and results; of a Cluster those of masters that answer: what a dead one has is the ledger's affair."""
    waiting = 0
    for place in places(node):
        with suppress(redis.ConnectionError) if isinstance(node, ClusterClient) else nullcontext():
            waiting += sum(place.server.xlen(shard.jobs) + place.server.xlen(shard.results) for shard in place.shards)
    return waiting


def _printed(command: Sequence[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, env=environment, cwd=BASE_DIR, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchmarkFailed(f"the rows could not be made:\n{done.stderr[-2000:]}")
    return done.stdout


def _wait_for(url: str) -> None:
    ends_at = time.monotonic() + PATIENCE_S
    while True:
        client = connect(url, REPLY_TIMEOUT_S)
        try:
            client.ping()
        except redis.RedisError:
            if time.monotonic() > ends_at:
                raise BenchmarkFailed("a server does not answer") from None
            time.sleep(0.02)
        else:
            return
        finally:
            client.close()
