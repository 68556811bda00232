"""Snapshots of an unchanged scene: each repeats what was recorded of an earlier snapshot of its camera."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from recognition.collector.endings import Ended
from recognition.hub.scenes import Scene
from recognition.node.messages import SCENE_BYTES, Purpose, Recognition, Unchanged
from recognition.sightings.models import Outcome

GONE = "the recognition that it repeats is gone"


def repeated(one: Ended) -> str | None:
    """The snapshot that this one repeats, None for one that has an answer of its own.

    Only a result for which the ledger holds that very snapshot goes this way (`endings`).
    """
    return one.ending.of if isinstance(one.ending, Unchanged) and one.way == Outcome.Way.UNCHANGED else None


def originals(repeats: Sequence[Ended]) -> dict[str, Outcome]:
    """The recognitions that `repeats` name, by snapshot, as they stand now: who was erased since is not in them.

    One that was itself a repetition is no recognition.
    """
    if not repeats:
        return {}
    recognised = Outcome.objects.filter(state=Outcome.State.DONE, purpose=Purpose.CAMERA, camera__isnull=False)
    found = recognised.exclude(way=Outcome.Way.UNCHANGED).filter(snapshot__in={repeated(one) for one in repeats})
    return {outcome.snapshot: outcome for outcome in found.only("snapshot", "camera", "width_px", "height_px", "faces")}


def repeat(outcome: Outcome, original: Outcome | None) -> None:
    """Fills in `outcome`, of a snapshot that repeats `original`."""
    if original is None or original.camera_id != outcome.camera_id:
        outcome.state, outcome.reason = Outcome.State.FAILED, GONE
        return
    outcome.state = Outcome.State.DONE
    outcome.width_px, outcome.height_px = original.width_px, original.height_px
    outcome.faces = [dict(face) for face in original.faces]


def still_there(repetitions: Sequence[Outcome]) -> Mapping[int, Sequence[datetime]]:
    """By sighting: the moments at which `repetitions` showed its face."""
    moments: dict[int, list[datetime]] = defaultdict(list)
    for outcome in repetitions:
        for face in outcome.faces:
            if (sighting := face.get("sighting")) is not None:
                moments[sighting].append(outcome.captured_at)
    return moments


def scenes(recorded: Sequence[Ended], gallery_epoch: int) -> list[Scene]:
    """What the next snapshots of their cameras are compared with. A repetition is no scene: it would drift."""
    return [
        Scene(
            camera=one.ref.camera,
            snapshot=one.ref.id,
            captured_at_ms=one.ref.captured_at_ms,
            recipe=one.ref.recipe,
            gallery_epoch=gallery_epoch,
            signature=one.ending.scene,
        )
        for one in recorded
        if isinstance(one.ending, Recognition) and one.ref.may_repeat and len(one.ending.scene) == SCENE_BYTES
    ]
