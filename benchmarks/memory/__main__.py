"""`python -m benchmarks.memory`: whether a worker's memory grows with the photos it has seen (docs/measuring.md)."""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import psutil

from benchmarks.cores import Cores, choose_cores
from benchmarks.drivers.jobs import make_groups
from benchmarks.engine.sources import default_folder
from benchmarks.mall import environment_in
from benchmarks.memory.feeding import Feeding
from benchmarks.memory.photos import small_photos
from benchmarks.processes import BenchmarkFailed, Processes, python
from benchmarks.report import aligned, run_json
from cameras.recipes import DEFAULT_RECIPE
from mallvision.environment import DataFolder
from mallvision.launch.redis_server import Server, find_redis_server, server_command
from recognition.node.connections import Redis, connect
from recognition.node.heartbeat import living_workers
from recognition.recipe import recipes_that_do
from recognition.samples.photos import PhotosUnavailable

FULL = (1_000, 5_000, 10_000, 20_000)
QUICK = (500, 1_000, 2_000)
MOST_GROWTH = 1.10
READINGS = 9
READ_EVERY_S = 0.2
REST_S = 1.0
NODE_MEMORY_MB = 200
WORKER_PATIENCE_S = 60.0
REPLY_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Reading:
    """A worker's resident memory after so many photos, in bytes: the median while it has nothing to do."""

    photos: int
    resident_bytes: int


def main() -> int:
    arguments = _arguments()
    started_at = time.monotonic()
    cores = choose_cores()
    try:
        readings, answered = _measured(arguments.photos or _photos(), cores, QUICK if arguments.quick else FULL)
    except BenchmarkFailed as error:
        print(f"benchmarks: {error}", *error.__dict__.get("__notes__", ()), sep="\n", file=sys.stderr)
        return 1
    growth = readings[-1].resident_bytes / readings[0].resident_bytes
    rows = [(f"{one.photos:,}", f"{one.resident_bytes / 1e6:.1f}") for one in readings]
    print(aligned(("photos", "resident, MB"), rows))
    print(
        f"\n{answered}\nAfter the last {growth:.3f} of what it was after the first; at most {MOST_GROWTH:g} is allowed."
    )
    if file := arguments.json:
        told = {"growth": growth, "most": MOST_GROWTH, "readings": [asdict(one) for one in readings]}
        file.write_text(json.dumps({**run_json(cores, time.monotonic() - started_at), **told}, indent=1) + "\n")
    return 0 if growth <= MOST_GROWTH else 1


def _photos() -> Path | None:
    try:
        return default_folder()
    except PhotosUnavailable as error:
        print(f"benchmarks: drawn photos without faces, since {error}", file=sys.stderr)
        return None


def _measured(photos: Path | None, cores: Cores, counts: Sequence[int]) -> tuple[list[Reading], str]:
    """The readings after each of `counts`, and what the photos were."""
    folder = Path(tempfile.mkdtemp(prefix="mv-memory-"))
    data = DataFolder(folder)
    try:
        server_folder = data.servers / "node"
        server_folder.mkdir(parents=True)
        server = Server("node", server_folder, data.socket("node"), memory_mb=NODE_MEMORY_MB)
        with Processes(folder, environment_in(data)) as processes:
            processes.start("node", server_command(server, find_redis_server()), cores.driving)
            processes.wait_for(data.socket("node"))
            node = connect(data.socket_url("node"), REPLY_TIMEOUT_S)
            make_groups(node)
            worker = python("-m", "recognition.node", "--redis", data.socket_url("node"))
            process = processes.start("worker", worker, cores.measured)
            process.cpu_affinity([])  # time does not matter here
            feeding = Feeding(node, _recipe(node, processes), small_photos(photos), processes)
            return [_reading(feeding, process, count) for count in counts], _what_they_were(feeding)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _recipe(node: Redis, processes: Processes) -> str:
    """What a camera group asks for, or its exact twin, as the worker serves it."""
    ends_at = time.monotonic() + WORKER_PATIENCE_S
    while not (workers := living_workers(node)):
        processes.check()
        if time.monotonic() > ends_at:
            raise BenchmarkFailed(f"no worker within {WORKER_PATIENCE_S:.0f} s")
        time.sleep(READ_EVERY_S)
    return next(recipe for recipe in recipes_that_do(DEFAULT_RECIPE) if recipe in workers[0].recipes)


def _reading(feeding: Feeding, process: psutil.Process, count: int) -> Reading:
    feeding.until(count)
    time.sleep(REST_S)
    found = []
    for _ in range(READINGS):
        found.append(process.memory_info().rss)
        time.sleep(READ_EVERY_S)
    reading = Reading(count, int(median(found)))
    print(f"{count} photos: {reading.resident_bytes / 1e6:.1f} MB", file=sys.stderr)
    return reading


def _what_they_were(feeding: Feeding) -> str:
    answered = feeding.answered
    return f"{answered['Recognition']} photos with {answered['faces']} faces, by {feeding.recipe}."


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description="Watches a worker's memory.")
    parser.add_argument("--photos", type=Path, metavar="DIR", help="of real people; default: as for benchmarks.engine")
    parser.add_argument("--quick", action="store_true", help="2,000 photos instead of 20,000")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures to")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
