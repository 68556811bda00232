"""The gallery at one epoch: whose templates, what they are called, and by which rules they are recognised."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import TypeVar

from recognition.people.block import Block, Nearest, empty_block
from recognition.people.embeddings import SPACE, Float32, OtherSpace

V = TypeVar("V")

UNKNOWN_EPOCH = -1
JOINED_FROM_ROWS = 1024  # so many are compared beside the rest at hardly any cost
JOINED_FROM_SHARE = 16  # or a sixteenth of the rest, which then takes as long to copy as it grew


@dataclass(frozen=True, slots=True)
class ListedRules:
    """What a watchlist says of its people. Times are seconds since 1970."""

    threshold: float | None
    expires_at: float = inf


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What the database holds of some people, or of all.

    names: of those with templates. valid_until: of those who expire. watchlists_of: of those who are on any.
    """

    names: Mapping[int, str] = field(default_factory=dict)
    valid_until: Mapping[int, float] = field(default_factory=dict)
    watchlists_of: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    templates: Block = field(default_factory=empty_block)


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """Never changes, so threads may share it. Plain mappings to plain values: the collector of garbage skips them.

    old, new: two blocks, so that a change costs no copy of everything. Each person's templates count in one of them.
    """

    epoch: int
    space: str = SPACE
    names: Mapping[int, str] = field(default_factory=dict)
    valid_until: Mapping[int, float] = field(default_factory=dict)
    watchlists_of: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    watchlists: Mapping[int, ListedRules] = field(default_factory=dict)
    old: Block = field(default_factory=empty_block)
    new: Block = field(default_factory=empty_block)

    @classmethod
    def of(cls, epoch: int, enrolled: Enrolled, watchlists: Mapping[int, ListedRules], space: str = SPACE) -> "Gallery":
        return cls(
            epoch,
            space,
            enrolled.names,
            enrolled.valid_until,
            enrolled.watchlists_of,
            watchlists,
            enrolled.templates,
        )

    def __len__(self) -> int:
        """How many templates count."""
        return self.old.counting + self.new.counting

    def nearest(self, embeddings: Float32, space: str) -> list[Nearest]:
        """For each of `embeddings`, float32 (n, 128), the two nearest people; fewer where there are fewer."""
        if space != self.space:
            raise OtherSpace(space, self.space)
        found = self.old.nearest(embeddings)
        if not len(self.new):
            return found
        both = zip(found, self.new.nearest(embeddings), strict=True)
        return [sorted([*old, *new], key=lambda near: near.distance)[:2] for old, new in both]

    def threshold_of(self, person_id: int) -> float | None:
        """The strictest of the person's watchlists; None where none has one."""
        lists = (self.watchlists.get(number) for number in self.watchlists_of.get(person_id, ()))
        own = [rules.threshold for rules in lists if rules and rules.threshold is not None]
        return min(own, default=None)

    def changed(
        self, epoch: int, persons: Collection[int], now: Enrolled, watchlists: Mapping[int, ListedRules]
    ) -> "Gallery":
        """The gallery at a later epoch: `persons` are as they are in `now`, gone if they are not in it."""
        old = self.old.without(persons)
        new = Block.joined([self.new.without(persons), now.templates])
        if len(new) + len(old) - old.counting > max(JOINED_FROM_ROWS, len(old) // JOINED_FROM_SHARE):
            old, new = Block.joined([old, new]), empty_block()
        return Gallery(
            epoch,
            self.space,
            _put(self.names, persons, now.names),
            _put(self.valid_until, persons, now.valid_until),
            _put(self.watchlists_of, persons, now.watchlists_of),
            watchlists,
            old,
            new,
        )

    def valid_at(self, moment: float) -> "Gallery":
        """Without the templates of people, and without the watchlists, that have expired by then. Names stay."""
        expired = [person for person, until in self.valid_until.items() if until <= moment]
        lists = {number: rules for number, rules in self.watchlists.items() if rules.expires_at > moment}
        if not expired:
            return replace(self, watchlists=lists)
        return replace(self, watchlists=lists, old=self.old.without(expired), new=self.new.without(expired))

    def expiries(self) -> Iterable[float]:
        yield from self.valid_until.values()
        yield from (rules.expires_at for rules in self.watchlists.values())


def _put(held: Mapping[int, V], persons: Collection[int], now: Mapping[int, V]) -> Mapping[int, V]:
    if not now and held.keys().isdisjoint(persons):
        return held
    changed = dict(held)
    for person in persons:
        changed.pop(person, None)
    return {**changed, **now}
