"""Everything that is measured of the engines in one run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.engine.photos import Photo, Studio
from benchmarks.engine.sides import Side, fast_side, loop_side, printed
from benchmarks.engine.timing import Rounds, Sides, further_face_ms, timed
from benchmarks.rounds import Comparison

# Of how many times as long face_recognition takes.
GOALS = {
    "480p": ("480p, one face", 22.0),
    "720p": ("720p, one face", 35.0),
    "1080p": ("1080p, one face", 50.0),
    "crowd": ("crowd, as it is", 25.0),
    "crowd 800 px": ("crowd, 800 px", 25.0),
    "720p scene": ("unchanged scene, 720p", 250.0),
    "1080p scene": ("unchanged scene, 1080p", 250.0),
}

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Lengths:
    """loop_photos: how many face_recognition's process recognises before its memory is read. every_frame: of those
    that are taken from the video, how many are passed over for each that is looked at, and one."""

    rounds: int
    starts: int
    photos: int
    loop_photos: int
    every_frame: int
    stage_calls: int
    plain_too: bool


FULL = Lengths(5, 5, 320, 48, 1, 21, plain_too=True)
QUICK = Lengths(1, 2, 160, 8, 5, 5, plain_too=False)


@dataclass(slots=True)
class Figures:
    """ready: what the two engines said of themselves. timed: by kind of photo, with `photos` the photos themselves.

    further: milliseconds of each round, of fast and loop. first_s, memory_mb: of both, fast first.
    """

    ready: tuple[dict[str, Any], dict[str, Any]]
    photos: dict[str, list[Photo]] = field(default_factory=dict)
    timed: dict[str, Rounds] = field(default_factory=dict)
    further_ms: tuple[list[float], list[float]] = ([], [])
    first_s: tuple[list[float], list[float]] = ([], [])
    memory_mb: tuple[Mapping[str, float], Mapping[str, float]] = ({}, {})
    stages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    peaks: dict[str, float] = field(default_factory=dict)

    def comparison(self, kind: str) -> Comparison:
        name, goal = GOALS.get(kind, ("street video, 1080p", 0.0))
        return Comparison(name, "photos/s", goal, self.timed[kind].pairs)

    def faces(self, kind: str) -> tuple[int, int]:
        """How many each has found on all the photos."""
        found = self.timed[kind].faces
        return sum(fast or 0 for fast, _ in found), sum(loop or 0 for _, loop in found)

    @property
    def recipe(self) -> str:
        return str(self.ready[0]["recipe"])

    @property
    def further_face_ms(self) -> float:
        return median(self.further_ms[0])


def measure(recipe: str, studio_of: Callable[[Side], Studio], start: Path, lengths: Lengths, say: Say) -> Figures:
    """recipe: as `fast_side` takes it. start: the photo that the processes begin with."""
    with _open(recipe, start, lengths) as sides:
        say("making the photos")
        studio = studio_of(sides.fast)
        figures = Figures((sides.fast.ready, sides.loop.ready), _photos(studio, lengths))
        for kind, photos in figures.photos.items():
            say(f"measuring {kind}")
            figures.timed[kind] = timed(sides, photos, 1 if kind == "video" else lengths.rounds)
        say("measuring a further face")
        copies = studio.copies()
        figures.further_ms = (
            further_face_ms(sides.fast, copies, lengths.rounds, 10),
            further_face_ms(sides.loop, copies, 1, 1),
        )
    _measure_processes(figures, lengths, say)
    _measure_stages(figures, lengths, say)
    return figures


@contextmanager
def _open(recipe: str, start: Path, lengths: Lengths) -> Iterator[Sides]:
    with ExitStack() as opened:
        fast = opened.enter_context(fast_side(recipe, start))
        loop = opened.enter_context(loop_side(start))
        plain = opened.enter_context(loop_side(start, {})) if lengths.plain_too else None
        yield Sides(fast, loop, plain)


def _photos(studio: Studio, lengths: Lengths) -> dict[str, list[Photo]]:
    made = {kind: studio.one_face(kind) for kind in ("480p", "720p", "1080p")}
    made |= {"crowd": studio.crowd(), "crowd 800 px": studio.small_crowd()}
    made |= {f"{kind} scene": studio.scenes(kind) for kind in ("720p", "1080p")}
    if frames := studio.frames()[:: lengths.every_frame]:
        made["video"] = frames
    return made


def _measure_processes(figures: Figures, lengths: Lengths, say: Say) -> None:
    """First answers in turn, then the memory of a process that has had nothing but work."""
    say("measuring first answers and memory")
    photo = figures.photos["720p"][0].file
    for _ in range(lengths.starts):
        with fast_side(figures.recipe, photo) as fast:
            figures.first_s[0].append(fast.first_answer_s)
        with loop_side(photo) as loop:
            figures.first_s[1].append(loop.first_answer_s)
    mixed = [photo.file for kind in ("480p", "720p", "1080p", "crowd 800 px") for photo in figures.photos[kind]]
    with fast_side(figures.recipe, photo) as fast, loop_side(photo, {}) as loop:
        figures.memory_mb = (
            fast.work(list(islice(cycle(mixed), lengths.photos))),
            loop.work(list(islice(cycle(mixed), lengths.loop_photos))),
        )


def _measure_stages(figures: Figures, lengths: Lengths, say: Say) -> None:
    say("measuring stages")
    kinds = [kind for kind in figures.photos if kind != "video" and not kind.endswith("scene")]
    photos = [photo for kind in kinds for photo in figures.photos[kind]]
    for recipe in _both_precisions(figures.recipe, figures.ready[0]["recipes"]):
        files = [str(photo.file) for photo in photos]
        taken = printed("benchmarks.engine.stages", recipe, str(lengths.stage_calls), *files)
        figures.stages[recipe] = [{"kind": photo.kind, **one} for photo, one in zip(photos, taken, strict=True)]
    figures.peaks = printed("benchmarks.engine.kernels")


def _both_precisions(recipe: str, served: Sequence[str]) -> list[str]:
    family, side_px, *_ = recipe.split(".")
    return [text for text in (f"{family}.{side_px}.fp32", f"{family}.{side_px}.int8") if text in served]
