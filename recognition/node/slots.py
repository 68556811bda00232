"""Which server of a Cluster a command belongs to: the command's slot, and who serves the slots. No input or output.

Slots and their keys: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/
"""

import random
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from redis.crc import key_slot
from redis.exceptions import ClusterDownError

from recognition.node.address import Server

SLOTS = 16384

_NUMBERED_KEYS = frozenset({"EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "FCALL", "FCALL_RO"})
_STREAM_READERS = frozenset({"XREAD", "XREADGROUP"})
_KEY_AFTER_SUBCOMMAND = frozenset({"XGROUP", "XINFO", "OBJECT"})
_KEYLESS = frozenset(
    {"ACL", "CLIENT", "CLUSTER", "COMMAND", "CONFIG", "DBSIZE", "DEBUG", "ECHO", "FLUSHALL", "FLUSHDB", "INFO", "KEYS"}
    | {"LASTSAVE", "LATENCY", "MEMORY", "PING", "PUBLISH", "ROLE", "SCAN", "SCRIPT", "SLOWLOG", "TIME", "WAIT"}
)


def slot_of(args: Sequence[Any]) -> int | None:
    """The slot of a command's first key; None for a command without keys. The server refuses keys of several slots."""
    words = [*str(args[0]).upper().split(), *args[1:]]
    name = words[0]
    if name in _KEYLESS:
        return None
    if name in _NUMBERED_KEYS:
        place = 3 if int(words[2]) else None
    elif name in _STREAM_READERS:
        place = 1 + next(at for at, word in enumerate(words) if word in {"STREAMS", b"STREAMS"})
    else:
        place = 2 if name in _KEY_AFTER_SUBCOMMAND else 1
    return None if place is None else slot_of_key(words[place])


def slot_of_key(key: Any) -> int:
    return int(key_slot(key if isinstance(key, bytes) else str(key).encode()))


@dataclass(frozen=True, slots=True)
class SlotMap:
    """starts: first slots of the ranges, ascending. ends, masters, replicas: of the range at the same place."""

    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    masters: tuple[Server, ...] = ()
    replicas: tuple[tuple[Server, ...], ...] = ()

    def master_of(self, slot: int) -> Server | None:
        """None where nobody serves the slot."""
        at = bisect_right(self.starts, slot) - 1
        return self.masters[at] if at >= 0 and slot <= self.ends[at] else None

    @property
    def servers(self) -> set[Server]:
        return {*self.masters, *(server for servers in self.replicas for server in servers)}

    @property
    def covered(self) -> int:
        """How many of the 16384 slots have a master."""
        return sum(end - start + 1 for start, end in zip(self.starts, self.ends, strict=True))


def read_slot_map(reply: Sequence[Any], asked: Server) -> SlotMap:
    """reply: of CLUSTER SLOTS, whose servers may lack their host: then it is that of the server that was asked."""
    ranges = sorted(reply, key=lambda row: int(row[0]))
    servers = [tuple(_server(written, asked) for written in row[2:]) for row in ranges]
    return SlotMap(
        starts=tuple(int(row[0]) for row in ranges),
        ends=tuple(int(row[1]) for row in ranges),
        masters=tuple(one[0] for one in servers),
        replicas=tuple(one[1:] for one in servers),
    )


def redirected_to(host: str, port: int, asked: Server) -> Server:
    """Where a MOVED or ASK of the server `asked` points to; an empty host is its own."""
    return host or asked[0], port


def _server(written: Sequence[Any], asked: Server) -> Server:
    host = written[0] or b""
    return redirected_to(host.decode() if isinstance(host, bytes) else str(host), int(written[1]), asked)


@dataclass(slots=True)
class Topology:
    """What a client knows of its Cluster.

    seeds: the servers of its address. generation: how often it has learned. A master that failed is outdated: before
    it is used again the map is read anew, from others first.
    """

    seeds: Sequence[Server]
    map: SlotMap = field(default_factory=SlotMap)
    generation: int = 0
    _outdated: set[Server] = field(default_factory=set)
    _silent: set[Server] = field(default_factory=set)

    @property
    def servers(self) -> set[Server]:
        return {*self.seeds, *self.map.servers}

    @property
    def masters(self) -> list[Server]:
        return sorted(set(self.map.masters))

    def usable_master(self, slot: int) -> Server | None:
        """None where the map must be read first."""
        master = self.map.master_of(slot)
        return None if master in self._outdated else master

    def to_ask(self, first: Collection[Server] = ()) -> list[Server]:
        """Every server known, in the order in which to ask them for the map."""
        others = list(self.servers - set(first))
        random.shuffle(others)
        return sorted([*first, *others], key=self._silent.__contains__)

    def learn(self, slot_map: SlotMap) -> None:
        self.map = slot_map
        self.generation += 1
        self._outdated = set()

    def note_failure(self, server: Server) -> None:
        self._outdated.add(server)
        self._silent.add(server)

    def note_result(self, server: Server, result: Any) -> None:
        """result: a reply, or those of a pipeline, among which errors may stand."""
        if isinstance(result, list) and any(isinstance(reply, ClusterDownError) for reply in result):
            self.note_failure(server)
        elif self._silent:
            self._silent.discard(server)
