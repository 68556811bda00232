"""Templates in one block of memory, and the two people who are nearest to a face: exactly, whichever way is quicker."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from recognition.people.embeddings import Float32, as_matrix, row_squares
from recognition.people.half_precision import HalfIndex

HALF_FROM_ROWS = 50_000  # below, one product of matrices is as quick
HALF_UP_TO_FACES = 4  # of more faces together the product reads each template once for all of them
NEIGHBOURS = 10
MOST_NEIGHBOURS = 1000
DISTANCES_AT_ONCE = 8_000_000  # 32 MB


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person, and how far their nearest template lies from a face."""

    person_id: int
    distance: float


Nearest: TypeAlias = Sequence[Candidate]  # the nearest person first, then the next; fewer where there are fewer


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Templates of whole people, sorted by person, each one's vetoes first. Never changes, so threads may share it.

    matrix: float32 (templates, 128). person_ids: int64 (templates,). vetoes: bool (templates,), those that say that
    a face is not this person. squares: float32 (templates,), |x|² of each row, infinite for rows that count no more.
    """

    matrix: Float32
    person_ids: NDArray[np.int64]
    vetoes: NDArray[np.bool_]
    squares: Float32
    half: HalfIndex | None

    @classmethod
    def of(cls, matrix: Float32, person_ids: NDArray[np.int64], vetoes: NDArray[np.bool_]) -> "Block":
        order = np.lexsort((~vetoes, person_ids))
        matrix = matrix[order]
        half = HalfIndex(matrix) if len(matrix) >= HALF_FROM_ROWS else None
        return cls(matrix, person_ids[order], vetoes[order], row_squares(matrix), half)

    @classmethod
    def joined(cls, blocks: Iterable["Block"]) -> "Block":
        """One block of what still counts in `blocks`."""
        counting = [(block, np.isfinite(block.squares)) for block in blocks]
        return cls.of(
            np.concatenate([block.matrix[rows] for block, rows in counting]),
            np.concatenate([block.person_ids[rows] for block, rows in counting]),
            np.concatenate([block.vetoes[rows] for block, rows in counting]),
        )

    def without(self, persons: Iterable[int]) -> "Block":
        """The same, but the templates of `persons` count no more. They stay in memory until blocks are joined."""
        squares = self.squares.copy()
        for person in persons:
            squares[self._rows_of(person)] = np.inf
        return replace(self, squares=squares)

    def __len__(self) -> int:
        return len(self.matrix)

    @property
    def counting(self) -> int:
        return int(np.isfinite(self.squares).sum())

    def nearest(self, embeddings: Float32) -> list[Nearest]:
        """For each of `embeddings`, float32 (n, 128), the two nearest people by their nearest template.

        A person whose nearest template is a veto is passed over.
        """
        if self.half is not None and len(embeddings) <= HALF_UP_TO_FACES:
            return [self._by_half(self.half, embedding) for embedding in embeddings]
        at_once = max(1, DISTANCES_AT_ONCE // max(1, len(self)))
        parts = [embeddings[start : start + at_once] for start in range(0, len(embeddings), at_once)]
        return [near for part in parts for near in self._by_product(part)]

    def _by_product(self, embeddings: Float32) -> list[Nearest]:
        """By |x|² - 2 x·q, which orders rows as their distances do."""
        ranks = (-2 * embeddings) @ self.matrix.T
        ranks += self.squares
        return [self._ranked(embedding, line) for embedding, line in zip(embeddings, ranks, strict=True)]

    def _ranked(self, embedding: Float32, ranks: Float32) -> Nearest:
        """ranks: float32 (templates,), which are used up."""
        rows: list[int] = []
        met = 0
        found: Nearest = ()
        while len(ranks) and len(found) < 2:
            row = int(ranks.argmin())
            if not ranks[row] < np.inf:  # said this way round, not-a-number ends it too
                return found if met != 1 else self._two_of(embedding, rows)
            mine = self._rows_of(self.person_ids[row])
            ranks[mine] = np.inf
            rows.extend(range(mine.start, mine.stop))
            met += 1
            if met > 1:
                found = self._two_of(embedding, rows)
        return found

    def _by_half(self, half: HalfIndex, embedding: Float32) -> Nearest:
        """Scored again in single precision, of as many rows as it takes to be sure that no other row is nearer."""
        if not np.isfinite(embedding).all():
            return ()
        count = NEIGHBOURS
        while count <= MOST_NEIGHBOURS:
            distances, rows = half.nearest(embedding[None], count)
            found = self._two_of(embedding, [row for row in sorted(rows[0].tolist()) if self.squares[row] < np.inf])
            if len(found) == 2 and found[1].distance <= distances[0, -1] - half.error:
                return found
            count *= 4
        return self._by_product(embedding[None])[0]

    def _two_of(self, embedding: Float32, rows: list[int]) -> Nearest:
        """The two nearest people among `rows`. Each one's ascend, so that of a veto and its equal the veto counts."""
        apart = self.matrix[rows] - embedding
        distances = np.sqrt(row_squares(apart))
        met: set[int] = set()
        found: list[Candidate] = []
        for place in distances.argsort(kind="stable").tolist():
            row = rows[place]
            person = int(self.person_ids[row])
            if person not in met and not self.vetoes[row]:
                found.append(Candidate(person, float(distances[place])))
                if len(found) == 2:
                    break
            met.add(person)
        return found

    def _rows_of(self, person: np.int64 | int) -> slice:
        return slice(int(self.person_ids.searchsorted(person)), int(self.person_ids.searchsorted(person, "right")))


def empty_block() -> Block:
    return Block.of(as_matrix([]), np.empty(0, np.int64), np.empty(0, np.bool_))
