"""What the pages show of a dead letter."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cameras.models import Node
from recognition.intake.dead_letters import Shelf
from recognition.node.dead_letters import DeadLetter


@dataclass(frozen=True, slots=True)
class Sheet:
    """is_picture: whether the photo's first bytes are those of a picture that a browser shows."""

    node: str
    id: str
    at: datetime
    reason: str
    deliveries: int
    worker: str
    snapshots: tuple[str, ...]
    photo_bytes: int
    digest: str
    recipe: str
    is_picture: bool


def sheets(shelves: Iterable[Shelf]) -> list[Sheet]:
    """Newest first, whichever node they are of."""
    found = [sheet(shelf.node, letter) for shelf in shelves for letter in shelf.letters or ()]
    return sorted(found, key=lambda letter: letter.at, reverse=True)


def sheet(node: Node, letter: DeadLetter, is_picture: bool = False) -> Sheet:
    return Sheet(
        node=node.name,
        id=letter.id,
        at=datetime.fromtimestamp(letter.at_ms / 1000, UTC),
        reason=letter.reason,
        deliveries=letter.deliveries,
        worker=letter.worker,
        snapshots=letter.snapshots,
        photo_bytes=letter.photo_bytes,
        digest=letter.job.digest,
        recipe=letter.job.recipe,
        is_picture=is_picture,
    )
