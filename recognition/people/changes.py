"""The gallery's change log: which people each epoch is about, so that a process takes over those alone.

Whoever changes people past the signals (`queryset.update()`, `bulk_create()`) calls `gallery_changed()` in the same
transaction. An epoch that was moved on without it makes every process load everything anew.
"""

from collections.abc import Collection
from datetime import timedelta

from cameras.epochs import GALLERY, advance
from recognition.people.models import GalleryChange

KEPT = timedelta(hours=24)
MOST_AT_ONCE = 2000  # more are loaded as quickly by loading everything, and need no more room in a statement


def gallery_changed(*person_ids: int) -> int:
    """Moves the gallery's epoch on in the caller's transaction, for these people; for nobody: for the watchlists."""
    epoch = advance(GALLERY)
    GalleryChange.objects.bulk_create(
        GalleryChange(epoch=epoch, person_id=person) for person in (person_ids or (None,))
    )
    return epoch


def changed_since(held: int, epoch: int) -> Collection[int] | None:
    """The people that changed after the epoch `held`, up to `epoch`. None when that is not known, or too many."""
    if not 0 <= epoch - held <= MOST_AT_ONCE:
        return None
    log = GalleryChange.objects.filter(epoch__gt=held, epoch__lte=epoch).values_list("epoch", "person_id")
    rows = list(log[: MOST_AT_ONCE + 1])
    if len(rows) > MOST_AT_ONCE or {number for number, _ in rows} != set(range(held + 1, epoch + 1)):
        return None
    return {person for _, person in rows if person is not None}
