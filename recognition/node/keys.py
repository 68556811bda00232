"""Every key of a node. SHARD is in braces so that all keys of one script fall into one cluster slot.

Only answers have a time to live: `volatile-lru` evicts whatever has one, and nothing else.
"""

SHARD = "0"  # digest mod K; K is 1 for a standalone node
ANSWER_VERSION = 2  # moves on with the form of messages.Answer: what was stored in an older form is not found

JOBS = f"jobs:{{{SHARD}}}"  # stream of {job, photo}
RESULTS = f"results:{{{SHARD}}}"  # stream of {snapshot, way, digest, ending}
DEAD = f"dead:{{{SHARD}}}"  # stream of {reason, deliveries, worker, snapshots, job, photo}: jobs that were given up
LOAD = f"load:{{{SHARD}}}"  # how many bytes the photos of the waiting jobs have together
WORKERS = f"workers:{{{SHARD}}}"  # sorted set of worker ids by the time of their last heartbeat, ms
BEATS = f"beats:{{{SHARD}}}"  # hash of worker id -> what it says of itself

# A random word, written with the consumer group: another one tells that everything was lost in between.
BORN = f"born:{{{SHARD}}}"

WORKER_GROUP = "workers"  # consumer group on JOBS
COLLECTOR_GROUP = "collector"  # consumer group on RESULTS


def image(recipe: str, digest: str) -> str:
    """The cached answer. Has a time to live."""
    return f"image:{{{SHARD}}}:{ANSWER_VERSION}:{recipe}:{digest}"


def work(recipe: str, digest: str) -> str:
    """Hash of snapshot id -> way, of all snapshots that wait for one photo. Has none.

    Beside them stand `job`, the job's stream id; `deadline`, the latest of all that wait, ms by the node's clock; and
    `bytes`, the photo's size.
    """
    return f"work:{{{SHARD}}}:{recipe}:{digest}"
