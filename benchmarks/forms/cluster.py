"""A Cluster of three masters, with a replica each or without."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from redis.crc import key_slot

from benchmarks.forms.member import HOST, Member, data_server, start_dead, wait_for

MASTERS = 3
SLOTS = 16384
OPTIONS = {
    "cluster-enabled": "yes",
    "cluster-node-timeout": 1000,
    "cluster-require-full-coverage": "no",
    "cluster-replica-validity-factor": 0,
    "cluster-migration-barrier": 9,
}


@dataclass
class RealCluster:
    """masters: in the order of their slots when it was made; replicas: of the master at the same place, if any."""

    masters: list[Member]
    replicas: list[Member] = field(default_factory=list)

    @property
    def members(self) -> list[Member]:
        return [*self.masters, *self.replicas]

    @property
    def url(self) -> str:
        return f"redis+cluster://{','.join(f'{HOST}:{one.port}' for one in self.members)}"

    def owner(self, key: str) -> Member:
        """Who serves the key, by what a living member says."""
        port = owner_of(next(one for one in self.members if one.alive), key_slot(key.encode()))
        return next(one for one in self.members if one.port == port)

    def wait_until_failed(self, dead: Member) -> None:
        """Until every living member holds `dead` for failed."""
        wait_for(lambda: all(_holds_for_failed(one, dead) for one in self.members if one.alive))

    def wait_for_failover(self, dead: Member) -> Member:
        """Returns the replica of `dead` once it is master and every living member knows it."""
        successor = self.replicas[self.masters.index(dead)]
        wait_for(lambda: all(dead.port not in _ports(one)[0] for one in self.members if one.alive))
        wait_for(successor.is_master)
        return successor

    def join(self) -> None:
        """Makes one Cluster of the running servers, and returns once it is whole."""
        third = SLOTS // MASTERS + 1
        for number, master in enumerate(self.masters):
            master.ask("CLUSTER", "ADDSLOTS", *range(number * third, min((number + 1) * third, SLOTS)))
        for number, member in enumerate(self.members):
            member.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            self.masters[0].ask("CLUSTER", "MEET", HOST, member.port)
        wait_for(lambda: all(len(one.ask("CLUSTER NODES")) == len(self.members) for one in self.members))
        for master, replica in zip(self.masters, self.replicas, strict=False):
            master_id = master.ask("CLUSTER", "MYID").decode()
            wait_for(partial(_knows, replica, master_id))
            replica.ask("CLUSTER", "REPLICATE", master_id)
        wait_for(self.is_whole)

    def heal(self) -> None:
        """Starts what is dead and returns once each slot's first master has it again, everything empty."""
        start_dead(self.members)
        self.give_back()
        for master in self.masters:
            master.ask("FLUSHALL")
        wait_for(self.is_whole)

    def give_back(self) -> None:
        """Returns once each slot's first master has it again. All members must run, or come up meanwhile."""
        wait_for(lambda: all(one.alive for one in self.members))
        wait_for(self._is_up)
        for master in self.masters:
            if not master.is_master():
                wait_for(master.is_linked)
                master.ask("CLUSTER", "FAILOVER")
        wait_for(self.is_whole)

    def is_whole(self) -> bool:
        """Whether each of the first masters serves its slots and has its replica, and all members know it."""
        wanted = {one.port for one in self.masters}, {one.port for one in self.replicas}
        return (
            self._is_up()
            and all(_ports(one) == wanted for one in self.members)
            and all(one.is_linked() for one in self.replicas)
        )

    def _is_up(self) -> bool:
        return all(one.ask("CLUSTER INFO")["cluster_state"] == "ok" for one in self.members) and not any(
            _holds_for_failed(one, other) for one in self.members for other in self.members
        )


def make_cluster(folder: Path, *, with_replicas: bool = False, options: Mapping[str, Any] | None = None) -> RealCluster:
    """options: of its servers."""
    count = 2 * MASTERS if with_replicas else MASTERS
    members = [data_server(folder, {**OPTIONS, **(options or {})}) for _ in range(count)]
    return RealCluster(members[:MASTERS], members[MASTERS:])


def owner_of(asked: Member, slot: int) -> int | None:
    """The port of who serves the slot, as this member sees it."""
    rows = asked.ask("CLUSTER SLOTS")
    return next((row[2][1] for row in rows if row[0] <= slot <= row[1]), None)


def _holds_for_failed(asked: Member, other: Member) -> bool:
    rows = asked.ask("CLUSTER NODES")
    flags: str = next(row["flags"] for address, row in rows.items() if address.endswith(f":{other.port}"))
    return "fail" in flags.split(",")


def _ports(asked: Member) -> tuple[set[int], set[int]]:
    """Of those that serve slots, and of their replicas, as `asked` sees it."""
    rows = asked.ask("CLUSTER SLOTS")
    return {row[2][1] for row in rows}, {replica[1] for row in rows for replica in row[3:]}


def _knows(member: Member, node_id: str) -> bool:
    return node_id in str(member.ask("CLUSTER NODES"))
