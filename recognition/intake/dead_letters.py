"""The dead letters of all nodes: listing, showing and dropping them. A node that is silent hides no other's."""

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import redis

from cameras.models import Node
from recognition.node.connections import connect
from recognition.node.dead_letters import DeadLetter, DeadLetters

TIMEOUT_S = 2.0
NODES_AT_ONCE = 32

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shelf:
    """A node's dead letters, newest first; None when it does not answer."""

    node: Node
    letters: list[DeadLetter] | None


@contextmanager
def letters_of(node: Node) -> Iterator[DeadLetters]:
    """Everything asked of them raises redis.RedisError when the node does not answer."""
    client = connect(node.address, TIMEOUT_S)
    try:
        yield DeadLetters(client)
    finally:
        client.close()


def shelves() -> list[Shelf]:
    """One for each node, disabled ones too."""
    return [Shelf(node, letters) for node, letters in _asked(Node.objects.all(), DeadLetters.all)]


def drop_older(before: datetime) -> int:
    """Drops those that have lain there since before then, on every node that answers. Returns how many."""
    at_ms = int(before.timestamp() * 1000)
    dropped = 0
    for node, count in _asked(Node.objects.all(), lambda letters: letters.drop_older(at_ms)):
        if count is None:
            log.warning("node %s does not answer: it keeps its dead letters until it is asked again", node.name)
        dropped += count or 0
    return dropped


def _asked(nodes: Iterable[Node], question: Callable[[DeadLetters], T]) -> list[tuple[Node, T | None]]:
    """What each node says, None if it does not answer; many at once, as each may take TIMEOUT_S."""

    def ask(node: Node) -> tuple[Node, T | None]:
        try:
            with letters_of(node) as letters:
                return node, question(letters)
        except (redis.RedisError, ValueError):  # ValueError: no such address
            return node, None

    with ThreadPoolExecutor(NODES_AT_ONCE, "dead letters") as pool:
        return list(pool.map(ask, list(nodes)))
