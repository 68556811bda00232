"""A master and its replicas, watched by three Sentinels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.forms.member import HOST, Member, data_server, free_port, start_dead, wait_for
from mallvision.launch.redis_server import find_redis_server
from recognition.node.connections import connect

MASTER_NAME = "mall"
DOWN_AFTER_MS = 800
FAILOVER_TIMEOUT_MS = 1500  # after twice that an election in which nobody won is held again


@dataclass
class SentinelTrio:
    """data: the master first, as it was made. The Sentinels fail over two or three seconds after the master's death."""

    data: list[Member]
    sentinels: list[Member]

    @property
    def members(self) -> list[Member]:
        return [*self.data, *self.sentinels]

    @property
    def url(self) -> str:
        return f"redis+sentinel://{','.join(f'{HOST}:{one.port}' for one in self.sentinels)}/{MASTER_NAME}"

    def master(self) -> Member:
        """By what all living Sentinels say; waits until they agree."""
        port = wait_for(self._agreed_port)
        return next(one for one in self.data if one.port == port)

    def kill_master(self) -> Member:
        master = self.master()
        master.kill()
        return master

    def wait_for_failover(self, old: Member) -> Member:
        """Returns the new master once every living Sentinel names it and it takes writes."""
        wait_for(lambda: self._agreed_port() not in {None, old.port})
        master = self.master()
        wait_for(master.is_master)
        return master

    def heal(self) -> None:
        """Starts what is dead and returns once the master has its replicas again, empty."""
        start_dead(self.members)
        master = self.master()
        for one in self.data:
            if one is not master:  # the Sentinels would see to it, after ten seconds
                one.ask("REPLICAOF", HOST, master.port)
        wait_for(self.is_whole)
        self.master().ask("FLUSHALL")

    def is_whole(self) -> bool:
        """Whether there is a master that has its replicas, and all Sentinels know it."""
        port = self._agreed_port()
        master = next((one for one in self.data if one.port == port), None)
        if master is None or not master.is_master():
            return False
        states = [one.info("replication") for one in self.data if one is not master]
        linked = all(state.get("master_link_status") == "up" and state["master_port"] == port for state in states)
        return linked and all(self._sees_replicas(sentinel) for sentinel in self.sentinels)

    def _agreed_port(self) -> int | None:
        """None while they differ, hold the master for down or are in the middle of a failover."""
        states = [_sentinel_state(one) for one in self.sentinels if one.alive]
        ports = {int(state["port"]) for state in states}
        return ports.pop() if len(ports) == 1 and {state["flags"] for state in states} == {"master"} else None

    def _sees_replicas(self, sentinel: Member) -> bool:
        client = connect(sentinel.url)
        try:
            replicas = client.sentinel_slaves(MASTER_NAME)
        finally:
            client.close()
        return [one["flags"] for one in replicas] == ["slave"] * (len(self.data) - 1)


def make_trio(folder: Path, replicas: int = 1, options: Mapping[str, Any] | None = None) -> SentinelTrio:
    """options: of the servers that keep the data."""
    master = data_server(folder, options or {})
    following = [
        data_server(folder, {**(options or {}), "replicaof": f"{HOST} {master.port}"}) for _ in range(replicas)
    ]
    ports = [free_port() for _ in range(3)]
    data = [master, *following]
    return SentinelTrio(data, [sentinel(folder, port, ports, data) for port in ports])


def sentinel(folder: Path, port: int, ports: Sequence[int], data: Sequence[Member]) -> Member:
    """Told of the others and of the replicas beforehand: finding them takes Sentinels some seconds."""
    master, *replicas = data
    quorum = len(ports) // 2 + 1
    lines = [
        f"port {port}",
        f"bind {HOST}",
        f"dir {folder}",
        f"sentinel myid {port:040x}",
        f"sentinel monitor {MASTER_NAME} {HOST} {master.port} {quorum}",
        f"sentinel down-after-milliseconds {MASTER_NAME} {DOWN_AFTER_MS}",
        f"sentinel failover-timeout {MASTER_NAME} {FAILOVER_TIMEOUT_MS}",
        *(f"sentinel known-replica {MASTER_NAME} {HOST} {replica.port}" for replica in replicas),
        *(f"sentinel known-sentinel {MASTER_NAME} {HOST} {other} {other:040x}" for other in ports if other != port),
    ]
    file = folder / f"sentinel-{port}.conf"
    file.write_text("\n".join(lines) + "\n")
    return Member(port, [str(find_redis_server()), str(file), "--sentinel"], folder)


def _sentinel_state(asked: Member) -> dict[str, Any]:
    client = connect(asked.url)
    try:
        return dict(client.sentinel_masters()[MASTER_NAME])
    finally:
        client.close()
