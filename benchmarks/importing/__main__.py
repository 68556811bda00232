"""`python -m benchmarks.importing`: how many photos a second an import enrols, next to the engine's bare rate.

Three workers, as `make run` starts them, share one core with their nodes and the hub; on another one the import and the
collector run. The bare engine has the first core to itself. The photos are one portrait in files that all differ.
"""

import argparse
import json
import tempfile
from dataclasses import asdict, dataclass
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from statistics import median

from PIL import Image

from benchmarks.cores import choose_cores
from benchmarks.mall import Mall, open_mall
from benchmarks.photos import numbered
from benchmarks.processes import Processes, manage, python, shell
from recognition.demo.scenes import portrait
from recognition.node.heartbeat import living_workers

ASTRONAUT = Path(str(files("skimage"))) / "data" / "astronaut.png"
QUALITY = 92


@dataclass(frozen=True, slots=True)
class Figures:
    import_per_s: float
    bare_per_s: float
    share: float
    share_range: tuple[float, float]


def measured(rounds: int, count: int) -> Figures:
    with tempfile.TemporaryDirectory(prefix="mv-bench-photos-") as photos, open_mall(choose_cores()) as mall:
        pairs = []
        for number in range(rounds):
            folder = _photos(Path(photos) / str(number), count, number * count)
            pairs.append((_import(mall, folder, count), _bare(mall, folder, count)))
    shares = [product / bare for product, bare in pairs]
    return Figures(
        import_per_s=round(median(product for product, _ in pairs), 1),
        bare_per_s=round(median(bare for _, bare in pairs), 1),
        share=round(median(shares), 2),
        share_range=(round(min(shares), 2), round(max(shares), 2)),
    )


def _photos(folder: Path, count: int, start: int) -> Path:
    own = folder / "Somebody"
    own.mkdir(parents=True)
    file = BytesIO()
    Image.open(BytesIO(portrait(ASTRONAUT))).save(file, "JPEG", quality=QUALITY)
    for number in range(start, start + count):
        (own / f"{number:06}.jpg").write_bytes(numbered(file.getvalue(), number))
    return folder


def _import(mall: Mall, folder: Path, count: int) -> float:
    mall.empty()
    with mall.processes() as processes:
        processes.start("collector", manage("run_collector"), mall.cores.driving)
        for number, url in enumerate(mall.node_urls):
            processes.start(f"worker-{number}", python("-m", "recognition.node", "--redis", url), mall.cores.measured)
        _wait_for_workers(mall, processes)
        call = f"benchmarks.importing.sides.product({str(folder)!r}, {count})"
        return float(processes.run("import", shell(call), mall.cores.driving).split()[-1])


def _wait_for_workers(mall: Mall, processes: Processes) -> None:
    def all_live() -> bool:
        return all(living_workers(mall.node(number)) for number in range(len(mall.node_urls)))

    processes.wait_until(all_live, "the workers have not come up")


def _bare(mall: Mall, folder: Path, count: int) -> float:
    code = f"import benchmarks.importing.sides as sides; sides.bare({str(folder)!r}, {count})"
    with mall.processes() as processes:
        return float(processes.run("bare", python("-c", code), mall.cores.measured).split()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.importing", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--photos", type=int, default=300, help="in each round")
    parser.add_argument("--json", type=Path, help="where to write the figures as well")
    options = parser.parse_args()
    figures = measured(options.rounds, options.photos)
    low, high = figures.share_range
    print(f"import       {figures.import_per_s} photos/s")
    print(f"bare engine  {figures.bare_per_s} photos/s")
    print(f"share        {figures.share} ({low} to {high})")
    if options.json:
        options.json.write_text(json.dumps(asdict(figures), indent=2))


if __name__ == "__main__":
    main()
