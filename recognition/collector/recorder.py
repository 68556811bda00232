"""Recording batches, quickly where all is well and row by row where it is not."""

import logging
from collections.abc import Sequence

from django.db import IntegrityError, InterfaceError, OperationalError

from recognition.collector.endings import Ended
from recognition.collector.lease import CollectorLease, LeaseLost
from recognition.collector.recording import Known, Recorded, as_failure, record, record_carefully
from recognition.collector.repeating import repeated
from recognition.people.gallery import LiveGallery
from recognition.sightings.models import Outcome

NOT_THE_ROWS_FAULT = (LeaseLost, OperationalError, InterfaceError)

log = logging.getLogger(__name__)


class Recorder:
    """Every method raises LeaseLost, and OperationalError or InterfaceError when the database does not answer."""

    def __init__(self, gallery: LiveGallery, lease: CollectorLease) -> None:
        self._gallery = gallery
        self._lease = lease
        self._known: Known | None = None

    def keep_up(self) -> None:
        """Reads the registry anew if it has changed."""
        if self._known is None or not self._known.is_current():
            self._known = Known.load()

    def record(self, ended: Sequence[Ended]) -> Recorded:
        """Records those without an outcome. A row that cannot be recorded becomes `failed`, alone."""
        try:
            return self._together(ended)
        except NOT_THE_ROWS_FAULT:
            raise
        except Exception:
            log.exception("a batch of %d cannot be recorded, trying row by row", len(ended))
        # What repeats another comes last: the other may stand in this batch.
        return merged([self._alone(one) for one in sorted(ended, key=lambda one: repeated(one) is not None)])

    def states(self, ended: Sequence[Ended], recorded: Recorded) -> dict[str, str]:
        """By snapshot: the state of its outcome, whether it was recorded just now or earlier."""
        states = {outcome.snapshot: outcome.state for outcome in recorded.outcomes}
        if earlier := {one.ref.id for one in ended} - states.keys():
            # Those that no row could hold have none: to their senders that is a failure.
            states |= dict.fromkeys(earlier, Outcome.State.FAILED)
            states |= dict(Outcome.objects.filter(snapshot__in=earlier).values_list("snapshot", "state"))
        return states

    def _together(self, ended: Sequence[Ended]) -> Recorded:
        # Hardly ever has one an outcome already: looking first would cost every batch a query.
        if self._known is not None and self._known.covers(ended):
            try:
                return record(ended, self._known, self._gallery, self._lease)
            except IntegrityError:
                self._known = None
        return record_carefully(ended, self._gallery, self._lease)

    def _alone(self, one: Ended) -> Recorded:
        try:
            return record_carefully([one], self._gallery, self._lease)
        except NOT_THE_ROWS_FAULT:
            raise
        except Exception as error:
            log.exception("the ending of snapshot %s cannot be recorded", one.ref.id)
            return self._as_failure(one, error)

    def _as_failure(self, one: Ended, error: Exception) -> Recorded:
        try:
            return record_carefully([as_failure(one, error)], self._gallery, self._lease)
        except NOT_THE_ROWS_FAULT:
            raise
        except Exception:
            # No row can hold what its reference says. Only a forger at the hub writes such a one.
            log.exception("snapshot %s cannot even be recorded as failed, it is passed over", one.ref.id)
            return Recorded()


def merged(parts: Sequence[Recorded]) -> Recorded:
    return Recorded(
        [outcome for part in parts for outcome in part.outcomes],
        [alert for part in parts for alert in part.alerts],
        {pk: camera for part in parts for pk, camera in part.cameras.items()},
        [scene for part in parts for scene in part.scenes],
    )
