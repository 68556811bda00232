"""The shards of a node as a client sees them: which there are, and which server has which."""

from collections.abc import Sequence
from dataclasses import dataclass

from recognition.node.address import is_cluster
from recognition.node.async_cluster import AsyncClusterClient
from recognition.node.cluster import ClusterClient
from recognition.node.connections import Redis
from recognition.node.keys import CLUSTER_SHARDS, ONE_SHARD, Shard, Shards


@dataclass(frozen=True, slots=True)
class Place:
    """A server of a node, by a client of its own, and the shards that it has."""

    server: Redis
    shards: Sequence[Shard]


def shards_of(client: Redis) -> Shards:
    """By the form of the address alone (docs/decisions/017): there is nothing to ask, and nobody can disagree."""
    return CLUSTER_SHARDS if isinstance(client, ClusterClient | AsyncClusterClient) else ONE_SHARD


def shards_at(url: str) -> Shards:
    """Of the node at the address `url`, which may be none."""
    return CLUSTER_SHARDS if is_cluster(url) else ONE_SHARD


def places(client: Redis) -> list[Place]:
    """Every server with the shards that it has right now; of a Cluster, shards that nobody serves stand nowhere.

    Raises redis.RedisError when no server tells.
    """
    shards = shards_of(client)
    if not isinstance(client, ClusterClient):
        return [Place(client, tuple(shards))]
    by_key = {shard.jobs: shard for shard in shards}
    return [Place(server, [by_key[key] for key in keys]) for server, keys in client.by_master(list(by_key))]
