"""Every route, asked by someone of every role."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import get_resolver

from cameras.models import CameraGroup, Node
from recognition.alerts.models import Alert, AlertRule, SystemAlert
from recognition.hub import keys
from recognition.imports.models import PeopleImport
from recognition.intake.models import ApiKey, IdentifyRecord
from recognition.node.connections import Redis, connect
from recognition.people.models import Watchlist
from tests.faces import JPEG, camera, enrolled, outcome, sighting, vector
from tests.letters import dead_letter
from tests.system.routes import EVERYONE, MODELS, STAFF, table
from tests.users import client_of

ROUTES = table()

pytestmark = pytest.mark.django_db


def routes_of(resolver: Any, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from routes_of(pattern, route)
        else:
            yield route


def test_every_route_stands_in_the_table_and_no_other() -> None:
    assert set(routes_of(get_resolver())) == set(ROUTES)


@pytest.fixture
def rows(hub: Redis, node_urls: list[str]) -> dict[str, Any]:
    """One row of every model, by "app/model"; and the id of a dead letter."""
    gate = camera()
    hub.hset(keys.newest(gate.pk), mapping={"snapshot": "a" * 32, "captured_at": 1, "digest": "d", "photo": JPEG})
    ada = enrolled("Ada", vector(1))
    seen = sighting(gate, ada)
    rule = AlertRule.objects.create(name="anyone")
    ended = outcome(gate, "a" * 32)
    ended.save()
    Node.objects.create(name="node-8", address=node_urls[0])
    return {
        "import": PeopleImport.objects.create(title="some.zip"),
        "dead letter": dead_letter(connect(node_urls[0]), JPEG),
        "cameras/camera": gate,
        "cameras/cameragroup": gate.group,
        "cameras/node": Node.objects.create(name="node-9", address="redis://:secret@127.0.0.1:1/0"),
        "auth/user": User.objects.create_user("someone"),
        "auth/group": Group.objects.get(name="viewer"),
        "people/person": ada,
        "people/watchlist": Watchlist.objects.create(name="Staff"),
        "people/template": ada.templates.get(),
        "sightings/sighting": seen,
        "sightings/outcome": ended,
        "alerts/alertrule": rule,
        "alerts/alert": Alert.objects.create(rule=rule, sighting=seen, raised_at=seen.first_seen),
        "alerts/systemalert": SystemAlert.objects.create(kind="hub_down", raised_at=seen.first_seen),
        "intake/apikey": ApiKey.objects.create(name="till", scope="identify", key_digest="0" * 64),
        "intake/identifyrecord": IdentifyRecord.objects.create(key_name="till", digest="0" * 64, faces=1, known=0),
    }


def address(route: str, rows: dict[str, Any]) -> str:
    """The route with a row that exists in each of its places."""
    if model := next((name for name in MODELS if route.startswith(f"admin/{name}/")), None):
        route = re.sub(r"<(path:)?(object_)?id>", str(rows[model].pk), route)
    if route.startswith("api/v1/people"):
        route = route.replace("<id>", str(rows["people/person"].pk))
    if route.startswith("api/v1/imports"):
        route = route.replace("<id>", str(rows["import"].pk))
    if route.startswith("api/v1/watchlists"):
        route = route.replace("<id>", str(rows["people/watchlist"].pk))
    places = {
        "<int:person_id>": str(rows["people/person"].pk),
        "<int:watchlist_id>": str(rows["people/watchlist"].pk),
        "<int:import_id>": str(rows["import"].pk),
        "<number>": "0",
        "<verb>": "stop",
        "<slug:verb>": "stop",
        "<face>": str(rows["people/template"].pk),
        "<slug:slug>": rows["cameras/camera"].slug,
        "<int:sighting_id>": str(rows["sightings/sighting"].pk),
        "<int:template_id>": str(rows["people/template"].pk),
        "<id>": "a" * 32,
        "<slug:name>/<slug:letter>": f"node-8/{rows['dead letter']}",
        "<path:content_type_id>/<path:object_id>": "1/1",
        "^(?P<app_label>cameras|auth|people|sightings|alerts|intake)/$": "cameras/",
        "(?P<url>.*)$": "no-such-page",
    }
    for place, value in places.items():
        route = route.replace(place, value)
    return f"/{route}"


def client_for(who: str, group: CameraGroup) -> Client:
    if who in STAFF:
        return client_of(who, group)
    client = Client()
    if who == "roleless":
        client.force_login(User.objects.create_user("roleless"))
    return client


def is_let_in(client: Client, path: str) -> bool:
    """Whether a GET is answered with more than a refusal or the way to the log-in page."""
    answer = client.get(path)
    assert answer.status_code < 500, path
    leads_to = answer.headers.get("Location", "")
    if "/login" in leads_to and not path.startswith("/login"):
        return False
    return answer.status_code not in (401, 403, 404, 405)


@pytest.mark.parametrize("who", sorted(EVERYONE))
def test_each_role_is_let_in_where_the_table_says_and_nowhere_else(who: str, rows: dict[str, Any]) -> None:
    client = client_for(who, rows["cameras/cameragroup"])
    let_in = {route for route in ROUTES if is_let_in(client, address(route, rows))}
    assert let_in == {route for route in ROUTES if who in ROUTES[route]}


def test_every_model_in_the_admin_stands_in_the_table() -> None:
    registered = {model._meta.label_lower.replace(".", "/") for model in admin.site._registry}
    assert registered == set(MODELS)
