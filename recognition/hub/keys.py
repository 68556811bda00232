"""Every key of the hub. What has a time to live says so; the ledger and the streams have none."""

HITS = "hits"  # stream of {ref, node, way, ending}: snapshots answered from a cache, accepted by standing here
ENDINGS = "endings"  # stream of {ref, node, ending}: snapshots that the monitor found to be over
COLLECTOR_GROUP = "collector"  # consumer group on both

LEDGER_DUE = "ledger:due"  # sorted set of snapshot ids by when the monitor looks at them next, ms
REFUSED = "refused"  # hash of reason -> results that were refused
# Each snapshot is counted once, by the scripts that accept and settle it: at every moment
# received = done + failed + expired + in the ledger. Camera 0 stands for those that no camera sent.
RECEIVED = "counts:received"  # hash of camera id -> snapshots accepted
ENDED = "counts:ended"  # hash of "camera id:state" -> snapshots with an outcome
IN_LEDGER = "counts:in-ledger"  # hash of camera id -> snapshots held in the ledger or the hit stream

EPOCHS_CHANNEL = "epochs"  # published: "name number"
GALLERY_PROCESSES = "gallery:processes"  # hash of process id -> msgpack, see gallery_processes
NODE_STATES = "node-states"  # what the monitor last found. Has a time to live
MONITOR_SEEN = "monitor-seen"  # when it last reported, ms by the hub's clock


def ledger_entry(snapshot: str) -> str:
    """Hash {ref, photo, nodes, scene}: an accepted snapshot whose outcome is not recorded yet.

    scene: the snapshot that nodes may say it repeats, if any.
    """
    return f"ledger:entry:{snapshot}"


def epoch(name: str) -> str:
    return f"epoch:{name}"


def newest(camera: int) -> str:
    """Hash {snapshot, captured_at, digest, photo}: the newest snapshot of a camera. Has a time to live."""
    return f"newest:{camera}"


def scene(camera: int) -> str:
    """Hash {snapshot, captured_at, recipe, gallery, signature}: see `scenes.Scene`. Has a time to live."""
    return f"scene:{camera}"


def remembered(camera: int, key_digest: str) -> str:
    """The first reply to an Idempotency-Key. Has a time to live."""
    return f"remembered:{camera}:{key_digest}"


def rate(name: str, window: int) -> str:
    """How often something was done in a window of time. Has a time to live."""
    return f"rate:{name}:{window}"
