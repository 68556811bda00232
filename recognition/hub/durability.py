"""How much of what the hub has accepted its machine's death would cost, as the hub itself says."""

from dataclasses import dataclass

import redis

from recognition.node.connections import Redis


@dataclass(frozen=True, slots=True)
class HubDurability:
    """flushes: "everysec", "always", "no" or "" (the server does not tell). replicas: those that follow right now.

    disk_fails: the append-only file cannot be written at the moment; nothing is accepted until it can.
    """

    keeps_file: bool
    flushes: str
    disk_fails: bool
    replicas: int


def hub_durability(hub: Redis) -> HubDurability:
    """Raises redis.RedisError when the hub does not answer."""
    persistence, replication = hub.info("persistence"), hub.info("replication")
    return HubDurability(
        keeps_file=bool(persistence["aof_enabled"]),
        flushes=_flushes(hub),
        disk_fails=persistence.get("aof_last_write_status", "ok") != "ok",
        replicas=int(replication.get("connected_slaves", 0)),
    )


def _flushes(hub: Redis) -> str:
    try:
        return str(hub.config_get("appendfsync").get("appendfsync", ""))
    except redis.ResponseError:  # hosted servers keep their configuration to themselves
        return ""
