"""What `make run` can be told. Everything else is Django's settings."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass

from mallvision.environment import HUB_DURABILITIES, BadEnvironment, DataFolder, Reader, data_folder
from mallvision.hub_address import hub_of_sentinels

DEFAULT_PORT = 8000
DEFAULT_NODES = 3
WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - named to be recognised
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Options:
    """hub_url: of a hub that runs elsewhere; empty when it is embedded. nodes: how many are embedded."""

    data: DataFolder
    host: str
    port: int
    hub_url: str
    hub_flushes_always: bool
    nodes: int
    node_memory_mb: int
    with_demo: bool

    @property
    def url(self) -> str:
        """Where this machine reaches the web server."""
        host = WILDCARDS.get(self.host, self.host)
        return f"http://{_bracketed(host)}:{self.port}"

    @property
    def node_names(self) -> list[str]:
        return [f"node-{number}" for number in range(1, self.nodes + 1)]

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        """The names under which the browsers may ask, when the environment does not say."""
        if self.host in WILDCARDS:
            return (*LOOPBACK, socket.gethostname())
        return (*LOOPBACK, _bracketed(self.host))


def read_options(variables: Mapping[str, str]) -> Options:
    reader = Reader(variables)
    hub_url = reader.text("MALLVISION_HUB_URL", "")
    if hub_url:
        hub_of_sentinels(hub_url)  # refuses what no process could use
    port = reader.positive_int("MALLVISION_PORT", DEFAULT_PORT)
    if port > 65_535:
        raise BadEnvironment("MALLVISION_PORT", str(port), "a port from 1 to 65535")
    return Options(
        data=data_folder(variables),
        host=reader.text("MALLVISION_HOST", "127.0.0.1"),
        port=port,
        hub_url=hub_url,
        hub_flushes_always=_hub_durability(reader, hub_url) == "always",
        nodes=_node_count(reader, bool(hub_url)),
        node_memory_mb=reader.positive_int("MALLVISION_NODE_MEMORY_MB", 256),
        with_demo=reader.flag("MALLVISION_DEMO", default=True),
    )


def _hub_durability(reader: Reader, hub_url: str) -> str:
    """The embedded hub is alone: nothing could ever be accepted if a replica had to have it."""
    chosen = reader.choice("MALLVISION_HUB_DURABILITY", *HUB_DURABILITIES)
    if chosen == "replica" and not hub_url:
        raise BadEnvironment(
            "MALLVISION_HUB_DURABILITY", chosen, "everysec or always, as the embedded hub has no replica"
        )
    return chosen


def _node_count(reader: Reader, hub_is_elsewhere: bool) -> int:
    """A hub elsewhere may serve several machines, which could not reach this one's unix sockets: no nodes then."""
    if reader.text("MALLVISION_EMBEDDED_NODES", "") == "0":
        return 0
    return reader.positive_int("MALLVISION_EMBEDDED_NODES", 0 if hub_is_elsewhere else DEFAULT_NODES)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
