"""Malls whose hub or nodes are several servers each: behind Sentinels, or a Cluster."""

from collections.abc import Sequence

from benchmarks.faults.site import NODE_MEMORY_MB, NODES, Servers, Site, node_program, standalone_hub
from benchmarks.forms.cluster import make_cluster
from benchmarks.forms.member import Member
from benchmarks.forms.trio import make_trio
from mallvision.environment import DataFolder
from mallvision.launch.programs import SERVERS, Program

# As docs/running.md says. Each server waits for the disk no longer than its replicas do, so `everysec` will do.
HUB = {
    "maxmemory-policy": "noeviction",
    "appendonly": "yes",
    "min-replicas-to-write": 1,
    "min-replicas-max-lag": 10,
}
NODE = {"maxmemory": f"{NODE_MEMORY_MB}mb"}


def behind_sentinels(data: DataFolder) -> Site:
    """The hub's master has two replicas, and WAIT asks for one of them. Of the nodes the first has one replica."""
    hub = make_trio(data.servers, replicas=2, options=HUB)
    first = make_trio(data.servers, options=NODE)
    return Site(
        hub_url=hub.url,
        node_urls=[first.url, *map(data.socket_url, NODES[1:])],
        programs=[*_programs([*hub.members, *first.members]), *(node_program(data, name) for name in NODES[1:])],
        durability="replica",
        hub=hub,
        trios={0: first},
    )


def with_clusters(data: DataFolder) -> Site:
    """The first node is a Cluster without replicas, the second one with them, the third a single server."""
    lone = make_cluster(data.servers, options=NODE)
    replicated = make_cluster(data.servers, with_replicas=True, options=NODE)
    third = NODES[2]
    return Site(
        hub_url=data.socket_url("hub"),
        node_urls=[lone.url, replicated.url, data.socket_url(third)],
        programs=[
            standalone_hub(data),
            *_programs([*lone.members, *replicated.members]),
            node_program(data, third),
        ],
        clusters={0: lone, 1: replicated},
    )


def _programs(members: Sequence[Member]) -> list[Program]:
    return [Program(one.name, SERVERS, one.command) for one in members]


BEHIND_SENTINELS = Servers(behind_sentinels)
WITH_CLUSTERS = Servers(with_clusters)
