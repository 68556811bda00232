"""Every key of a node. A shard's tag stands in braces so that all keys of one script fall into one slot of a Cluster.

Only answers have a time to live: `volatile-lru` evicts whatever has one, and nothing else.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

ANSWER_VERSION = 2  # moves on with the form of messages.Answer: what was stored in an older form is not found

WORKER_GROUP = "workers"  # consumer group on a shard's jobs
COLLECTOR_GROUP = "collector"  # consumer group on a shard's results

# Their slots lie in the middle of each sixteenth of the 16384, so that any number of masters that share the slots
# evenly share the shards evenly; the numbers 0 to 15 themselves would put nothing on some of eight masters.
CLUSTER_TAGS = (18, 249, 72, 223, 19, 2, 64, 222, 265, 34, 404, 155, 264, 22, 219, 48)


@dataclass(frozen=True, slots=True)
class Shard:
    """The part of a node's keys that one script may touch. number: its place among the node's shards, `of` so many.

    jobs: stream of {job, photo}. results: stream of {snapshot, way, digest, ending}. dead: stream of {reason,
    deliveries, worker, snapshots, job, photo}, the jobs that were given up. load: how many bytes the photos of the
    waiting jobs have together. workers: sorted set of worker ids by the time of their last heartbeat, ms. beats: hash
    of worker id -> what it says of itself. born: a random word, written with the consumer group; another one tells
    that everything was lost in between.
    """

    number: int
    tag: int
    of: int = 1
    jobs: str = field(init=False)
    results: str = field(init=False)
    dead: str = field(init=False)
    load: str = field(init=False)
    workers: str = field(init=False)
    beats: str = field(init=False)
    born: str = field(init=False)

    def __post_init__(self) -> None:
        for name in ("jobs", "results", "dead", "load", "workers", "beats", "born"):
            object.__setattr__(self, name, f"{name}:{{{self.tag}}}")

    def image(self, recipe: str, digest: str) -> str:
        """The cached answer. Has a time to live."""
        return f"image:{{{self.tag}}}:{ANSWER_VERSION}:{recipe}:{digest}"

    def work(self, recipe: str, digest: str) -> str:
        """Hash of snapshot id -> way, of all snapshots that wait for one photo. Has none.

        Beside them stand `job`, the job's stream id; `deadline`, the latest of all that wait, ms by the node's clock;
        and `bytes`, the photo's size.
        """
        return f"work:{{{self.tag}}}:{recipe}:{digest}"


class Shards:
    """All shards of a node. A photo's is its digest modulo their number, which the digest's end alone tells."""

    def __init__(self, tags: Sequence[int]) -> None:
        self._all = tuple(Shard(number, tag, len(tags)) for number, tag in enumerate(tags))

    def of(self, digest: str) -> Shard:
        return self._all[shard_number(digest, len(self._all))]

    def __iter__(self) -> Iterator[Shard]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


def shard_number(digest: str, shards: int) -> int:
    """Which of so many shards the photo belongs to. shards: a power of two up to 16."""
    return int(digest[-1], 16) % shards


ONLY = Shard(0, 0)  # of a node that is one server
ONE_SHARD = Shards((0,))
CLUSTER_SHARDS = Shards(CLUSTER_TAGS)
