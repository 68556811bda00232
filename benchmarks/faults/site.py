"""What runs in the mall in which things break: servers of the hub and the nodes, and the product's processes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from benchmarks.faults import people
from benchmarks.forms.cluster import RealCluster
from benchmarks.forms.member import wait_for
from benchmarks.forms.trio import SentinelTrio
from benchmarks.processes import manage, python
from benchmarks.web import PRODUCT, uvicorn
from mallvision.environment import DataFolder
from mallvision.launch.programs import BEHIND, PROCESSES, SERVERS, Program
from mallvision.launch.redis_server import Server, find_redis_server, server_command

NODES = ("node-1", "node-2", "node-3")
NODE_MEMORY_MB = 200
PROCESSOR_MS = 3.0


@dataclass(frozen=True, slots=True)
class Size:
    """How many processes there are: workers for each node, collectors, web processes."""

    workers: int
    collectors: int
    webs: int


WHOLE = Size(workers=2, collectors=2, webs=2)
SMALL = Size(workers=1, collectors=1, webs=1)


@dataclass(frozen=True, slots=True)
class Site:
    """Where the hub and the nodes are, and what runs them.

    durability: of what the hub has accepted. hub: the servers of a hub behind Sentinels. trios, clusters: those of
    nodes, by their place among `node_urls`.
    """

    hub_url: str
    node_urls: Sequence[str]
    programs: Sequence[Program]
    durability: str = "always"
    hub: SentinelTrio | None = None
    trios: Mapping[int, SentinelTrio] = field(default_factory=dict)
    clusters: Mapping[int, RealCluster] = field(default_factory=dict)

    def join(self) -> None:
        """Once its programs run: makes Clusters of servers, and returns when all there is has come together."""
        for cluster in self.clusters.values():
            wait_for(lambda: all(one.alive for one in cluster.members))  # noqa: B023 (awaited within the round)
            cluster.join()
        wait_for(self.is_whole)

    def is_whole(self) -> bool:
        """Whether replicas follow their masters, and Sentinels and Clusters agree."""
        forms: list[SentinelTrio | RealCluster] = [*self.trios.values(), *self.clusters.values()]
        if self.hub is not None:
            forms.append(self.hub)
        return all(all(one.alive for one in form.members) and form.is_whole() for form in forms)


@dataclass(frozen=True, slots=True)
class Servers:
    """A way to set up the hub and the nodes. build: makes what they need in the folder; starts nothing."""

    build: Callable[[DataFolder], Site]


def standalone(data: DataFolder) -> Site:
    programs = [standalone_hub(data), *(node_program(data, name) for name in NODES)]
    return Site(data.socket_url("hub"), [data.socket_url(name) for name in NODES], programs)


def standalone_hub(data: DataFolder) -> Program:
    """It flushes its append-only file before it replies, so that what it has accepted outlives it."""
    return _program(replace(_server(data, "hub"), keeps_on_disk=True, flushes_always=True))


def node_program(data: DataFolder, name: str) -> Program:
    return _program(replace(_server(data, name), memory_mb=NODE_MEMORY_MB))


def _server(data: DataFolder, name: str) -> Server:
    folder = data.servers / name
    folder.mkdir()
    return Server(name, folder, data.socket(name))


def _program(server: Server) -> Program:
    return Program(server.name, SERVERS, server_command(server, find_redis_server()))


STANDALONE = Servers(standalone)


def product(size: Size, site: Site, ports: Sequence[int]) -> list[Program]:
    """The product's processes. A stub stands in for the recognition program, in the product's own worker."""
    return [
        *(
            Program(worker_name(place, number), PROCESSES, worker(url))
            for place, url in enumerate(site.node_urls)
            for number in range(size.workers)
        ),
        *(Program(name, PROCESSES, manage("run_collector")) for name in collector_names(size)),
        Program("monitor", PROCESSES, manage("run_monitor")),
        *(
            Program(f"web-{number}", PROCESSES, python(*uvicorn(PRODUCT, port)))
            for number, port in enumerate(ports, start=1)
        ),
    ]


def collector_names(size: Size) -> list[str]:
    return [f"collector-{number + 1}" for number in range(size.collectors)]


def worker_name(place: int, number: int) -> str:
    """Of the node at `place` among the nodes, both from 0."""
    return f"worker-{place + 1}{'ab'[number]}"


def worker(url: str, *options: str) -> list[str]:
    stub = ("--faces", "1", "--people", str(people.PEOPLE), "--space", people.SPACE)
    return [
        *BEHIND,
        *python("-m", "benchmarks.stubs.worker", url, "--processor-ms", str(PROCESSOR_MS), *stub, *options),
    ]
