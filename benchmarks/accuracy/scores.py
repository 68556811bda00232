"""How well distances tell people apart. Pure arithmetic on distances between pairs of faces.

`same` are the distances of pairs of one person, `other` those of two people; infinite where a face was not found.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Distances = npt.NDArray[np.float64]  # (n,)

THRESHOLD = 0.6  # face_recognition's own: at most that far apart is one person


@dataclass(frozen=True, slots=True)
class Scores:
    """Rates are 0 to 1; NaN where there is no pair to count. At THRESHOLD but for the last three.

    fnr: share of pairs of one person that are not recognised; fmr: share of pairs of two people taken for one.
    best_threshold: where most pairs are right. eer: where both error rates are equal. auc: how likely a pair of one
    person is nearer than one of two. eer and auc leave faces out that were not found.
    """

    same: int
    other: int
    wrong: int
    accuracy: float
    fnr: float
    fmr: float
    best_threshold: float
    best_accuracy: float
    eer: float
    auc: float


def scored(same: Distances, other: Distances) -> Scores:
    wrong = int(np.count_nonzero(same > THRESHOLD) + np.count_nonzero(other <= THRESHOLD))
    best, best_accuracy = best_threshold(same, other)
    return Scores(
        same=len(same),
        other=len(other),
        wrong=wrong,
        accuracy=_share(len(same) + len(other) - wrong, len(same) + len(other)),
        fnr=false_non_matches(same, THRESHOLD),
        fmr=false_matches(other, THRESHOLD),
        best_threshold=best,
        best_accuracy=best_accuracy,
        eer=equal_error_rate(same[np.isfinite(same)], other[np.isfinite(other)]),
        auc=area_under_curve(same[np.isfinite(same)], other[np.isfinite(other)]),
    )


def false_non_matches(same: Distances, threshold: float) -> float:
    return _share(int(np.count_nonzero(same > threshold)), len(same))


def false_matches(other: Distances, threshold: float) -> float:
    return _share(int(np.count_nonzero(other <= threshold)), len(other))


def best_threshold(same: Distances, other: Distances) -> tuple[float, float]:
    """The threshold at which most pairs are right, and their share; the middle of the widest such stretch."""
    count = len(same) + len(other)
    if not count:
        return float("nan"), float("nan")
    places = np.unique(np.concatenate([same[np.isfinite(same)], other[np.isfinite(other)], [0.0]]))
    right = _at_most(same, places) + len(other) - _at_most(other, places)
    best = np.nonzero(right == right.max())[0]
    ends = np.append(places[1:], places[-1])
    widest = best[np.argmax(ends[best] - places[best])]
    return float((places[widest] + ends[widest]) / 2), float(right.max()) / count


def equal_error_rate(same: Distances, other: Distances) -> float:
    """Where false matches overtake false non-matches, on the line between the two thresholds around that place."""
    if not len(same) or not len(other):
        return float("nan")
    places = np.unique(np.concatenate([same, other]))
    misses = np.append(1.0, 1 - _at_most(same, places) / len(same))
    matches = np.append(0.0, _at_most(other, places) / len(other))
    after = int(np.argmax(matches >= misses))
    ahead, behind = misses[after - 1] - matches[after - 1], matches[after] - misses[after]
    part = ahead / (ahead + behind)
    return float(misses[after - 1] + part * (misses[after] - misses[after - 1]))


def area_under_curve(same: Distances, other: Distances) -> float:
    """The chance that a pair of one person is nearer than a pair of two, a tie counting half (Mann-Whitney U)."""
    if not len(same) or not len(other):
        return float("nan")
    ordered = np.sort(other)
    nearer = len(other) - np.searchsorted(ordered, same, side="right")
    ties = len(other) - np.searchsorted(ordered, same, side="left") - nearer
    return float((nearer + ties / 2).sum() / (len(same) * len(other)))


def _at_most(values: Distances, places: Distances) -> npt.NDArray[np.int_]:
    return np.asarray(np.searchsorted(np.sort(values), places, side="right"), dtype=np.int_)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
