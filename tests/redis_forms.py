"""Real Redis servers in the forms that are several: a master with replica and three Sentinels, and a Cluster.

They stand on loopback ports, end with this process even if that is killed, and can be killed and started one by one.
"""

import os
import random
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import redis
from redis.crc import key_slot

from mallvision.launch import tether
from mallvision.launch.redis_server import find_redis_server
from mallvision.launch.supervisor import tethered
from recognition.node.connections import connect
from tests.waiting import wait_until

MASTER_NAME = "mall"
DOWN_AFTER_MS = 800
NODE_TIMEOUT_MS = 1000
SLOTS = 16384
_PORTS = range(11_000, 19_000)  # the bus of a Cluster's server is 10,000 above: all below those the kernel hands out


@dataclass
class Member:
    """One server. command: without the program, which is the same for all."""

    port: int
    command: Sequence[str]
    folder: Path
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        with (self.folder / f"{self.port}.log").open("ab") as log:
            self.process = subprocess.Popen(
                tethered([str(find_redis_server()), *self.command]),
                env={**os.environ, tether.PARENT: str(os.getpid())},
                stdout=log,
                stderr=log,
            )
        wait_until(self._answers)

    def kill(self) -> None:
        """With -9, and returns once it is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)

    def ask(self, *command: Any) -> Any:
        client = connect(self.url, 5.0)
        try:
            return client.execute_command(*command)
        finally:
            client.close()

    def info(self, section: str) -> dict[str, Any]:
        return dict(self.ask("INFO", section))

    def owner_of(self, slot: int) -> int | None:
        """The port of who serves the slot, as this member of a Cluster sees it."""
        rows = self.ask("CLUSTER SLOTS")
        return next((row[2][1] for row in rows if row[0] <= slot <= row[1]), None)

    def is_linked(self) -> bool:
        """Whether it is a replica that has its master."""
        return self.info("replication").get("master_link_status") == "up"

    def _answers(self) -> bool:
        assert self.alive, (self.folder / f"{self.port}.log").read_text()
        try:
            self.ask("PING")
        except redis.RedisError as error:
            return isinstance(error, redis.AuthenticationError)
        return True


@dataclass
class SentinelTrio:
    """A master, its replica, and three Sentinels that fail over about two seconds after the master has died."""

    data: list[Member]
    sentinels: list[Member]
    folder: Path

    @property
    def url(self) -> str:
        return f"redis+sentinel://{','.join(f'127.0.0.1:{one.port}' for one in self.sentinels)}/{MASTER_NAME}"

    def master(self) -> Member:
        """By what all living Sentinels say; waits until they agree."""
        port = wait_until(self._agreed_port)
        return next(one for one in self.data if one.port == port)

    def kill_master(self) -> Member:
        master = self.master()
        master.kill()
        return master

    def wait_for_failover(self, old: Member) -> Member:
        """Returns the new master once every living Sentinel names it and it takes writes."""
        wait_until(lambda: self._agreed_port() not in {None, old.port})
        master = self.master()
        wait_until(lambda: master.info("replication")["role"] == "master")
        return master

    def heal(self) -> None:
        """Starts what is dead and returns once the master has its replica again, empty."""
        for one in (*self.data, *self.sentinels):
            if not one.alive:
                one.start()
        master = self.master()
        for one in self.data:
            if one is not master:  # the Sentinels would see to it, after ten seconds
                one.ask("REPLICAOF", "127.0.0.1", master.port)
        wait_until(self._is_whole)
        self.master().ask("FLUSHALL")

    def _agreed_port(self) -> int | None:
        """None while they differ, hold the master for down or are in the middle of a failover."""
        states = [_sentinel_state(one) for one in self.sentinels if one.alive]
        ports = {int(state["port"]) for state in states}
        return ports.pop() if len(ports) == 1 and {state["flags"] for state in states} == {"master"} else None

    def _is_whole(self) -> bool:
        port = self._agreed_port()
        master = next((one for one in self.data if one.port == port), None)
        if master is None or master.info("replication")["role"] != "master":
            return False
        replicas = [one for one in self.data if one is not master]
        states = [one.info("replication") for one in replicas]
        linked = all(state.get("master_link_status") == "up" and state["master_port"] == port for state in states)
        return linked and all(self._sees_replica(sentinel) for sentinel in self.sentinels)

    def _sees_replica(self, sentinel: Member) -> bool:
        client = connect(sentinel.url)
        try:
            replicas = client.sentinel_slaves(MASTER_NAME)
        finally:
            client.close()
        return [one["flags"] for one in replicas] == ["slave"]


@dataclass
class RealCluster:
    """masters: in the order of their slots when it was made; replicas: of the master at the same place, if any."""

    masters: list[Member]
    folder: Path
    replicas: list[Member] = field(default_factory=list)

    @property
    def members(self) -> list[Member]:
        return [*self.masters, *self.replicas]

    @property
    def url(self) -> str:
        return f"redis+cluster://{','.join(f'127.0.0.1:{one.port}' for one in self.members)}"

    def owner(self, key: str) -> Member:
        """Who serves the key, by what a living member says."""
        port = next(one for one in self.members if one.alive).owner_of(key_slot(key.encode()))
        return next(one for one in self.members if one.port == port)

    def wait_until_failed(self, dead: Member) -> None:
        """Until every living member holds `dead` for failed."""
        wait_until(lambda: all(self._holds_for_failed(one, dead) for one in self.members if one.alive))

    def wait_for_failover(self, dead: Member) -> Member:
        """Returns the replica of `dead` once it is master and every living member knows it."""
        successor = self.replicas[self.masters.index(dead)]
        wait_until(lambda: all(_master_ports(one)[0].isdisjoint({dead.port}) for one in self.members if one.alive))
        wait_until(lambda: successor.info("replication")["role"] == "master")
        return successor

    def heal(self) -> None:
        """Starts what is dead and returns once each slot's first master has it again, everything empty."""
        for one in self.members:
            if not one.alive:
                one.start()
        wait_until(self._is_up)
        for master in self.masters:
            if master.info("replication")["role"] != "master":
                wait_until(master.is_linked)
                master.ask("CLUSTER", "FAILOVER")
        wait_until(self._is_whole)
        for master in self.masters:
            master.ask("FLUSHALL")
        wait_until(self._is_whole)

    def _holds_for_failed(self, asked: Member, dead: Member) -> bool:
        rows = asked.ask("CLUSTER NODES")
        flags: str = next(row["flags"] for address, row in rows.items() if address.endswith(f":{dead.port}"))
        return "fail" in flags.split(",")

    def _is_up(self) -> bool:
        return all(one.ask("CLUSTER INFO")["cluster_state"] == "ok" for one in self.members) and not any(
            self._holds_for_failed(one, other) for one in self.members for other in self.members
        )

    def _is_whole(self) -> bool:
        wanted = {one.port for one in self.masters}, {one.port for one in self.replicas}
        links = [one.info("replication").get("master_link_status") for one in self.replicas]
        return self._is_up() and all(_master_ports(one) == wanted for one in self.members) and set(links) <= {"up"}


def _sentinel_state(sentinel: Member) -> dict[str, Any]:
    client = connect(sentinel.url)
    try:
        return dict(client.sentinel_masters()[MASTER_NAME])
    finally:
        client.close()


def _master_ports(member: Member) -> tuple[set[int], set[int]]:
    """The ports of those that serve slots, and of their replicas, as `member` sees it."""
    rows = member.ask("CLUSTER SLOTS")
    return {row[2][1] for row in rows}, {replica[1] for row in rows for replica in row[3:]}


@contextmanager
def sentinel_trio() -> Iterator[SentinelTrio]:
    with tempfile.TemporaryDirectory(prefix="mv-sentinel-") as name:
        folder = Path(name)
        master, replica = (_server(folder) for _ in range(2))
        replica.command = [*replica.command, "--replicaof", "127.0.0.1", str(master.port)]
        ports = [_free_port() for _ in range(3)]
        sentinels = [_sentinel(folder, port, ports, master, replica) for port in ports]
        trio = SentinelTrio([master, replica], sentinels, folder)
        with _ended([*trio.data, *sentinels]):
            for one in trio.data:
                one.start()
            wait_until(replica.is_linked)
            trio.heal()
            yield trio


@contextmanager
def guarded_sentinel(password: str, sentinel_password: str) -> Iterator[str]:
    """The address of a master behind one Sentinel, each with its password, in database 1."""
    with tempfile.TemporaryDirectory(prefix="mv-sentinel-") as name:
        folder = Path(name)
        master = _server(folder)
        master.command = [*master.command, "--requirepass", password]
        sentinel = _sentinel(folder, _free_port(), (), master, None)
        with (folder / f"sentinel-{sentinel.port}.conf").open("a") as file:
            file.write(f'sentinel auth-pass {MASTER_NAME} {password}\nrequirepass "{sentinel_password}"\n')
        with _ended([master, sentinel]):
            master.start()
            sentinel.start()
            signing_in = f":{quote(password, safe='')}@"
            yield (
                f"redis+sentinel://{signing_in}127.0.0.1:{sentinel.port}/{MASTER_NAME}/1"
                f"?sentinel_password={quote(sentinel_password, safe='')}"
            )


@contextmanager
def real_cluster(with_replicas: bool = False) -> Iterator[RealCluster]:
    """Three masters, the slots in three equal parts, and one replica each if wanted."""
    with tempfile.TemporaryDirectory(prefix="mv-cluster-") as name:
        folder = Path(name)
        members = [_cluster_server(folder) for _ in range(6 if with_replicas else 3)]
        cluster = RealCluster(members[:3], folder, members[3:])
        with _ended(members):
            for one in members:
                one.start()
            _join(cluster)
            cluster.heal()
            yield cluster


def _join(cluster: RealCluster) -> None:
    third = SLOTS // 3 + 1
    for number, master in enumerate(cluster.masters):
        master.ask("CLUSTER", "ADDSLOTS", *range(number * third, min((number + 1) * third, SLOTS)))
    for number, member in enumerate(cluster.members):
        member.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        cluster.masters[0].ask("CLUSTER", "MEET", "127.0.0.1", member.port)
    wait_until(lambda: all(len(one.ask("CLUSTER NODES")) == len(cluster.members) for one in cluster.members))
    for master, replica in zip(cluster.masters, cluster.replicas, strict=False):
        master_id = master.ask("CLUSTER", "MYID").decode()
        wait_until(partial(_knows, replica, master_id))
        replica.ask("CLUSTER", "REPLICATE", master_id)


def _knows(member: Member, node_id: str) -> bool:
    return node_id in str(member.ask("CLUSTER NODES"))


def _server(folder: Path) -> Member:
    port = _free_port()
    options = {
        "port": port,
        "bind": "127.0.0.1",
        "dir": folder,
        "save": "",
        "dbfilename": f"{port}.rdb",
        "maxmemory-policy": "volatile-lru",
        "repl-diskless-sync": "yes",
        "repl-diskless-sync-delay": 0,
    }
    return Member(port, [word for name, value in options.items() for word in (f"--{name}", str(value))], folder)


def _cluster_server(folder: Path) -> Member:
    member = _server(folder)
    options = {
        "cluster-enabled": "yes",
        "cluster-config-file": f"nodes-{member.port}.conf",
        "cluster-node-timeout": NODE_TIMEOUT_MS,
        "cluster-require-full-coverage": "no",
        "cluster-replica-validity-factor": 0,
        "cluster-migration-barrier": 9,
    }
    member.command = [*member.command, *(word for name, value in options.items() for word in (f"--{name}", str(value)))]
    return member


def _sentinel(folder: Path, port: int, ports: Sequence[int], master: Member, replica: Member | None) -> Member:
    """Told of the others beforehand: finding them takes Sentinels some seconds."""
    lines = [
        f"port {port}",
        "bind 127.0.0.1",
        f"dir {folder}",
        f"sentinel myid {port:040x}",
        f"sentinel monitor {MASTER_NAME} 127.0.0.1 {master.port} {2 if replica else 1}",
        f"sentinel down-after-milliseconds {MASTER_NAME} {DOWN_AFTER_MS}",
        f"sentinel failover-timeout {MASTER_NAME} 1500",
        *([f"sentinel known-replica {MASTER_NAME} 127.0.0.1 {replica.port}"] if replica else []),
        *(f"sentinel known-sentinel {MASTER_NAME} 127.0.0.1 {other} {other:040x}" for other in ports if other != port),
    ]
    file = folder / f"sentinel-{port}.conf"
    file.write_text("\n".join(lines) + "\n")
    return Member(port, [str(file), "--sentinel"], folder)


def _free_port() -> int:
    while True:
        port = random.choice(_PORTS)
        with socket.socket() as one, socket.socket() as bus, suppress(OSError):
            one.bind(("127.0.0.1", port))
            bus.bind(("127.0.0.1", port + 10_000))
            return port


@contextmanager
def _ended(members: Sequence[Member]) -> Iterator[None]:
    try:
        yield
    finally:
        for one in members:
            one.kill()
