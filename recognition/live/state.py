"""The whole state of the wall: what a page is first drawn from, and what a socket is told when it opens."""

from collections.abc import Iterable, Mapping
from typing import TypedDict

import redis

from cameras.models import Camera
from cameras.scope import Scope
from recognition.alerts.models import Alert
from recognition.alerts.raising import is_late
from recognition.hub.newest import newest_snapshots
from recognition.hub.sync import hub
from recognition.live.groups import group_messages
from recognition.live.messages import (
    AlertMessage,
    CameraMessage,
    GroupMessage,
    NodeMessage,
    ResultMessage,
    TotalsMessage,
    TroubleMessage,
    alert_message,
    camera_message,
    face_person_ids,
    result_message,
)
from recognition.live.status import status, troubles
from recognition.people.models import Person
from recognition.sightings.models import Outcome

RESULTS = 30
MISSED_RESULTS = 100
ALERTS = 20


class Hello(TypedDict):
    cameras: list[CameraMessage]
    results: list[ResultMessage]
    alerts: list[AlertMessage]
    nodes: list[NodeMessage]
    groups: list[GroupMessage]
    totals: TotalsMessage
    troubles: list[TroubleMessage]


def hello(scope: Scope, since: int | None = None) -> Hello:
    """Everything in `scope`. results: the newest, oldest first, or those after event number `since`."""
    cameras = {camera.pk: camera for camera in scope.cameras().select_related("group").order_by("group__name", "name")}
    newest = _newest_outcomes(cameras)
    outcomes = _outcomes(cameras, since)
    alerts = _alerts(cameras)
    names = _names(face_person_ids([*newest.values(), *outcomes]) | {alert.sighting.person_id for alert in alerts})
    nodes, totals = status(hub())
    return {
        "cameras": [
            camera_message(camera, _result(newest[pk], cameras, names, newest) if pk in newest else None)
            for pk, camera in cameras.items()
        ],
        "results": [_result(outcome, cameras, names, newest) for outcome in outcomes],
        "alerts": [alert_message(alert, cameras[alert.sighting.camera_id], names, is_late(alert)) for alert in alerts],
        "nodes": nodes,
        "groups": list(group_messages(scope.groups(), nodes).values()),
        "totals": totals,
        "troubles": troubles(),
    }


def _newest_outcomes(cameras: Mapping[int, Camera]) -> dict[int, Outcome]:
    """By camera: the outcome of the snapshot whose photo can be shown."""
    try:
        snapshots = newest_snapshots(hub(), cameras)
    except redis.RedisError:
        return {}
    found = Outcome.objects.filter(snapshot__in=snapshots.values()).select_related("node")
    return {outcome.camera_id: outcome for outcome in found if outcome.camera_id}


def _outcomes(cameras: Mapping[int, Camera], since: int | None) -> list[Outcome]:
    """Oldest first. After a long absence only the newest of what was missed."""
    mine = Outcome.objects.filter(camera__in=cameras).select_related("node").order_by("-pk")
    found = mine[:RESULTS] if since is None else mine.filter(pk__gt=since)[:MISSED_RESULTS]
    return list(found)[::-1]


def _alerts(cameras: Mapping[int, Camera]) -> list[Alert]:
    mine = Alert.objects.filter(sighting__camera__in=cameras).select_related("rule", "sighting").order_by("-pk")
    return list(mine.defer("sighting__thumbnail", "sighting__embedding")[:ALERTS])[::-1]


def _names(person_ids: Iterable[int | None]) -> dict[int, str]:
    return dict(Person.objects.filter(pk__in=[pk for pk in person_ids if pk]).values_list("pk", "name"))


def _result(
    outcome: Outcome, cameras: Mapping[int, Camera], names: Mapping[int, str], newest: Mapping[int, Outcome]
) -> ResultMessage:
    assert outcome.camera_id is not None  # noqa: S101 (chosen by camera)
    shown = newest.get(outcome.camera_id)
    return result_message(outcome, cameras[outcome.camera_id], names, shown is not None and shown.pk == outcome.pk)
