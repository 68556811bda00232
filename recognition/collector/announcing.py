"""Telling the browsers, through the channel layer, what has been recorded. A hint: they catch up by event number."""

from collections import defaultdict
from collections.abc import Mapping, Set

from recognition.alerts.raising import is_late
from recognition.collector.recording import Recorded
from recognition.live.messages import LiveBatch, alert_message, as_text, result_message


def announcement(recorded: Recorded, newest: Set[str], names: Mapping[int, str]) -> LiveBatch:
    """newest: the snapshots that are now their cameras' newest. names: of those who may be named right now."""
    return {
        "type": "live.batch",
        "parts": _parts(recorded, newest, names),
        "ended": [outcome.snapshot for outcome in recorded.outcomes],
    }


def _parts(recorded: Recorded, newest: Set[str], names: Mapping[int, str]) -> list[tuple[int, str]]:
    results = defaultdict(list)
    for outcome in recorded.outcomes:
        if outcome.camera is not None:
            camera = recorded.cameras[outcome.camera.pk]
            results[camera.group_id].append(result_message(outcome, camera, names, outcome.snapshot in newest))
    alerts = defaultdict(list)
    for alert in recorded.alerts:
        camera = recorded.cameras[alert.sighting.camera_id]
        alerts[camera.group_id].append(alert_message(alert, camera, names, is_late(alert)))
    return [
        *((group, as_text("results", results=found)) for group, found in results.items()),
        *((group, as_text("alerts", alerts=found)) for group, found in alerts.items()),
    ]
