"""Telling the processes that an epoch has moved. A hint: the epoch's row in the database is the truth."""

from recognition.hub import keys
from recognition.hub.scripts import ANNOUNCE_EPOCH
from recognition.node.connections import Redis


def announce_epoch(hub: Redis, name: str, number: int) -> None:
    """Raises the hub's copy of the epoch to `number` (never lowers it) and publishes it."""
    hub.register_script(ANNOUNCE_EPOCH)(keys=[keys.epoch(name)], args=[name, number, keys.EPOCHS_CHANNEL])
