"""Both engines in turn on the same photos, so that what disturbs the machine disturbs both."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean

from benchmarks.engine.photos import Photo
from benchmarks.engine.regression import slope
from benchmarks.engine.sides import Side, Timed
from benchmarks.processes import BenchmarkFailed
from benchmarks.rounds import Measured

CALLS = 5  # of the fast engine, before and after face_recognition's turn


@dataclass(frozen=True, slots=True)
class Sides:
    """loop: face_recognition with memory that is kept; plain: the same as it comes, None where it is left out."""

    fast: Side
    loop: Side
    plain: Side | None


@dataclass(slots=True)
class Rounds:
    """Each round a pair (fast, loop), means over the photos. plain: of the loop as it comes. faces: of each photo."""

    pairs: list[tuple[Measured, Measured]] = field(default_factory=list)
    plain: list[Measured] = field(default_factory=list)
    faces: list[tuple[int | None, int | None]] = field(default_factory=list)


def timed(sides: Sides, photos: Sequence[Photo], rounds: int) -> Rounds:
    """Means, not least times: a disturbance is a part of either side's time."""
    taken = Rounds()
    for _ in range(rounds):
        fast: list[Timed] = []
        loop: list[Timed] = []
        plain: list[Timed] = []
        for photo in photos:
            before = _fast(sides.fast, photo)
            loop.append(sides.loop.time(photo.file, 1, is_warmed_up=False))
            after = _fast(sides.fast, photo)
            fast.append(Timed((before.ms + after.ms) / 2, (before.own_ms + after.own_ms) / 2, after.faces))
            if sides.plain is not None:
                plain.append(sides.plain.time(photo.file, 1, is_warmed_up=False))
        taken.pairs.append((_mean(fast), _mean(loop)))
        if plain:
            taken.plain.append(_mean(plain))
        taken.faces = [(one.faces, other.faces) for one, other in zip(fast, loop, strict=True)]
    return taken


def further_face_ms(side: Side, photos: Sequence[Photo], rounds: int, calls: int) -> list[float]:
    """What one more face on a photo costs, round by round. photos: of one size, with ever more faces."""
    slopes = []
    for _ in range(rounds):
        times = [side.time(photo.file, calls, is_warmed_up=True) for photo in photos]
        slopes.append(slope([time.faces or 0 for time in times], [time.ms for time in times]))
    return slopes


def _fast(side: Side, photo: Photo) -> Timed:
    """Warmed up: a worker that has work comes from a photo, not from another process."""
    took = side.time(photo.file, CALLS, is_warmed_up=True, scene_of=photo.scene)
    if photo.scene is not None and took.faces is not None:
        raise BenchmarkFailed(f"{photo.source} was looked at anew, though its scene is unchanged")
    return took


def _mean(times: Sequence[Timed]) -> Measured:
    """As a rate, which is what a `Comparison` compares."""
    return Measured(1e3 / fmean(time.ms for time in times), 1e3 * fmean(time.own_ms for time in times))
