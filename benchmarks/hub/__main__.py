"""`python -m benchmarks.hub`: what the ledger's copy of each photo costs, and each durability of the hub.

Accepts snapshots and settles them, as web process and collector do, on a hub of its own for each way; the ways take
turns, and each is told as a share of the first one of the same round.
"""

import argparse
import asyncio
import json
import os
import shutil
import socket
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from benchmarks.processes import Processes
from mallvision.launch.redis_server import Server, find_redis_server, server_command
from recognition.hub.ledger import NOTHING, Ledger
from recognition.hub.replicated import connect_replicated
from recognition.hub.settling import Settled, settle
from recognition.node.connections import connect, connect_async
from recognition.node.messages import Purpose, SnapshotRef
from recognition.node.snapshot_id import new_snapshot_id

PHOTO_BYTES = 60_000
AT_ONCE = 16
CORE = 0


@dataclass(frozen=True, slots=True)
class Way:
    name: str
    photo_bytes: int = PHOTO_BYTES
    keeps_on_disk: bool = True
    flushes_always: bool = False
    replica: bool = False


WAYS = (
    Way("everysec (the default)"),
    Way("everysec, no photo in the ledger", photo_bytes=0),
    Way("no file at all", keeps_on_disk=False),
    Way("no file, no photo", photo_bytes=0, keeps_on_disk=False),
    Way("always", flushes_always=True),
    Way("everysec + WAIT 1", replica=True),
)


@dataclass(frozen=True, slots=True)
class Row:
    way: str
    accepted_per_s: float
    share: float
    share_range: tuple[float, float]
    p50_ms: float


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hub", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lasts-s", type=float, default=2.0, help="how long each way is measured in a round")
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args()
    os.sched_setaffinity(0, {CORE})
    folder = Path(tempfile.mkdtemp(prefix="mv-bench-hub-"))
    try:
        rounds = [[_measured(way, folder, given.lasts_s) for way in WAYS] for _ in range(given.rounds)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    rows = [_row(number, rounds, given.lasts_s) for number in range(len(WAYS))]
    for row in rows:
        low, high = row.share_range
        print(f"{row.way:36} {row.accepted_per_s:7.0f}/s  {row.share:.2f} ({low:.2f}-{high:.2f})  {row.p50_ms:.2f} ms")
    if given.json:
        given.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    return 0


def _row(number: int, rounds: list[list[list[float]]], lasts_s: float) -> Row:
    rates = [len(one[number]) / lasts_s for one in rounds]
    shares = sorted(rate / (len(one[0]) / lasts_s) for rate, one in zip(rates, rounds, strict=True))
    p50_ms = median(median(one[number]) for one in rounds) * 1000
    return Row(WAYS[number].name, median(rates), median(shares), (shares[0], shares[-1]), p50_ms)


def _measured(way: Way, folder: Path, lasts_s: float) -> list[float]:
    """How long each acceptance took, s."""
    binary = find_redis_server()
    with Processes(folder, dict(os.environ)) as processes, ExitStack() as files:
        home = Path(tempfile.mkdtemp(dir=folder))
        files.callback(shutil.rmtree, home)
        port = _free_port()
        hub = Server("hub", home, home / "hub.sock", port, way.keeps_on_disk, way.flushes_always)
        processes.start("hub", server_command(hub, binary), CORE)
        processes.wait_for(home / "hub.sock")
        if way.replica:
            (home / "replica").mkdir()
            replica = Server("replica", home / "replica", home / "replica.sock", keeps_on_disk=True)
            processes.start("replica", [*server_command(replica, binary), "--replicaof", f"127.0.0.1 {port}"], CORE)
            processes.wait_for(home / "replica.sock")
            _wait_for_replica(f"unix://{home / 'hub.sock'}")
        return asyncio.run(_accepting(f"unix://{home / 'hub.sock'}", way, lasts_s))


def _wait_for_replica(url: str) -> None:
    client = connect(url)
    while client.info("replication").get("slave0", {}).get("state") != "online":
        time.sleep(0.05)
    client.close()


async def _accepting(url: str, way: Way, lasts_s: float) -> list[float]:
    client = (connect_replicated if way.replica else connect_async)(url, 30.0)
    ledger = Ledger(client, 10.0)
    settling = connect(url, 30.0)
    took: list[float] = []
    ends_at = time.perf_counter() + lasts_s

    async def sender(camera: int) -> None:
        while time.perf_counter() < ends_at:
            ref = _ref(camera)
            started_at = time.perf_counter()
            await ledger.accept_miss(ref, os.urandom(way.photo_bytes), 1, 1, ref.deadline_ms, NOTHING)
            took.append(time.perf_counter() - started_at)
            settle(settling, [Settled(ref, "done")])

    await asyncio.gather(*(sender(camera) for camera in range(1, AT_ONCE + 1)))
    await client.aclose()
    await client.connection_pool.disconnect()
    return took


def _ref(camera: int) -> SnapshotRef:
    now_ms = time.time_ns() // 1_000_000
    digest = os.urandom(32).hex()
    made = new_snapshot_id(now_ms)
    return SnapshotRef(made, camera, Purpose.CAMERA, digest, "fast.640.int8", now_ms, now_ms, now_ms + 60_000)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
