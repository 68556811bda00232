"""What is known of a snapshot: recorded, in the ledger, or answered and about to be recorded."""

import redis

from cameras.database import in_database_thread
from recognition.hub.ledger import Waiting
from recognition.intake.problems import busy
from recognition.intake.process import WebProcess
from recognition.intake.replies import DoneReply, EndedReply, QueuedReply, answer_body, outcome_body
from recognition.sightings.models import Outcome

Found = DoneReply | EndedReply | QueuedReply


async def find_snapshot(process: WebProcess, snapshot: str, camera: int) -> Found | None:
    """None if this camera has sent no such snapshot. Problem 503 when the hub does not answer."""
    if recorded := await _recorded(snapshot, camera):
        return recorded
    try:
        waiting = await process.ledger.waiting(snapshot) or await process.ledger.unrecorded_hit(snapshot)
    except redis.RedisError:
        raise busy("The hub does not answer.") from None
    if waiting is None:
        return await _recorded(snapshot, camera)  # it may have been, meanwhile
    return _waiting(process, waiting) if waiting.ref.camera == camera else None


def _waiting(process: WebProcess, waiting: Waiting) -> Found:
    ref = waiting.ref
    node = process.nodes.registry.nodes.get(waiting.node or 0)
    name = node.name if node else ""
    if waiting.answer is not None:
        return answer_body(ref, waiting.answer, name)
    return QueuedReply(ref.id, ref.digest, "queued", name)


@in_database_thread
def _recorded(snapshot: str, camera: int) -> DoneReply | EndedReply | None:
    outcome = Outcome.objects.select_related("node").filter(snapshot=snapshot, camera=camera).first()
    return outcome_body(outcome) if outcome else None
