"""The two sides of the import rate, each called in a process of its own."""

import time
from pathlib import Path

RECIPE = "fast.640.fp32.enrol"  # what photos for enrolment are recognised with


def product(folder: str, count: int) -> None:
    """Enrols the photos of `folder` as `manage.py import_people` does; prints photos per second. Needs Django."""
    from recognition.imports.direct import FolderImport  # noqa: PLC0415 (the other side runs without Django)
    from recognition.imports.folders import photos_in  # noqa: PLC0415

    work, paths = FolderImport(Path(folder), ()), photos_in(Path(folder))[:count]
    began = time.monotonic()
    refused = [report.refused for report in work.run(paths) if report.refused]
    took_s = time.monotonic() - began
    if refused:
        raise SystemExit(f"{len(refused)} of {count} photos were refused, the first: {refused[0]}")
    print(count / took_s)


def bare(folder: str, count: int) -> None:
    """The engine alone, on the same photos in batches as a worker takes them; prints photos per second."""
    from recognition.engine import Request, load_recognizer  # noqa: PLC0415

    engine = load_recognizer()
    requests = [Request(path.read_bytes(), RECIPE) for path in sorted(Path(folder).rglob("*.jpg"))[:count]]
    size = engine.photos_per_batch
    engine.recognise(requests[:size])
    began = time.monotonic()
    for first in range(0, count, size):
        engine.recognise(requests[first : first + size])
    print(count / (time.monotonic() - began))
