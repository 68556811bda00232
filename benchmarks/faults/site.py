"""What runs in the mall in which things break: servers of the hub and the nodes, and the product's processes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from benchmarks.faults import people
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
    """Where the hub and the nodes are, and what runs them."""

    hub_url: str
    node_urls: Sequence[str]
    programs: Sequence[Program]


@dataclass(frozen=True, slots=True)
class Servers:
    """A way to set up the hub and the nodes. build: makes what they need in the folder; starts nothing."""

    build: Callable[[DataFolder], Site]


def standalone(data: DataFolder) -> Site:
    """The hub flushes its append-only file before it replies, so that what it has accepted outlives it."""
    binary = find_redis_server()
    programs = []
    for name in ("hub", *NODES):
        folder = data.servers / name
        folder.mkdir()
        memory_mb = None if name == "hub" else NODE_MEMORY_MB
        server = Server(name, folder, data.socket(name), memory_mb=memory_mb)
        if name == "hub":
            server = replace(server, keeps_on_disk=True, flushes_always=True)
        programs.append(Program(name, SERVERS, server_command(server, binary)))
    return Site(data.socket_url("hub"), [data.socket_url(name) for name in NODES], programs)


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
