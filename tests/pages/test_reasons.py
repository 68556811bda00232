"""Reasons on Chinese pages, wherever one can stand."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation

from cameras.models import Camera, Node
from recognition.alerts.models import SystemAlert
from recognition.hub.live_state import NodeState, put_node_states
from recognition.node.connections import Redis, connect
from recognition.people.objections import Reason, refused
from tests.letters import dead_letter
from tests.pages.conftest import Recorded, SignedIn
from tests.pages.page import Page, read

CHINESE = {"accept-language": "zh-hans"}
DIED = "已有 3 个工作进程因它崩溃"

pytestmark = pytest.mark.usefixtures("hub", "compiled")


@pytest.fixture
def compiled() -> None:
    call_command("compile_translations", verbosity=0)


def shown(signed_in: SignedIn, address: str, role: str = "administrator") -> Page:
    return read(signed_in(role).get(address, headers=CHINESE).content)


def test_a_failed_snapshot_says_why_on_its_tile_and_in_the_ticker(signed_in: SignedIn, recorded: Recorded) -> None:
    recorded(state="failed", way="", reason="3 workers died of it")
    page = shown(signed_in, "/")
    assert page.texts(data_field="problem") == page.texts(data_field="seen") == [DIED]


def test_an_expired_snapshot_is_said_to_be_on_its_tile(signed_in: SignedIn, recorded: Recorded) -> None:
    recorded(state="expired", way="")
    assert shown(signed_in, "/").texts(data_field="problem") == ["超时"]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("old queue", "队列积压过久"),
        ("3 of 16 shards do not answer", "16 个分片中有 3 个没有应答"),
        ("BusyLoadingError", "仍在载入数据"),
        ("SomeNewError", "SomeNewError"),
    ],
)
def test_a_nodes_reason_in_the_console(signed_in: SignedIn, node: Node, hub: Redis, reason: str, words: str) -> None:
    put_node_states(hub, [NodeState(node.pk, node.name, "degraded", 1, 0, 0, [], reason=reason)])
    assert shown(signed_in, "/nodes").texts(data_field="reason") == [words]


def test_a_nodes_reason_in_a_system_alert(signed_in: SignedIn, recorded: Recorded) -> None:
    alert = {"kind": "node_degraded", "about": "node-1", "detail": "3 of 16 shards do not answer"}
    SystemAlert.objects.create(raised_at=recorded().recorded_at, **alert)
    said = "节点 node-1 已降级：16 个分片中有 3 个没有应答。"
    client = signed_in("administrator")
    assert read(client.get("/", headers=CHINESE).content).texts(class_="trouble__text") == [said]
    assert said in client.get(reverse("admin:alerts_systemalert_changelist"), headers=CHINESE).content.decode()


def test_a_dead_letters_reason(signed_in: SignedIn, db: None, node_urls: list[str]) -> None:
    node = Node.objects.create(name="node-7", address=node_urls[0])
    address = f"/nodes/dead-letters/{node.name}/{dead_letter(connect(node_urls[0]), b'photo')}"
    client = signed_in("administrator")
    assert read(client.get("/nodes/dead-letters", headers=CHINESE).content).texts(href=address) == [DIED]
    page = read(client.get(address, headers=CHINESE).content)
    assert [element.text for element in page.elements if element.tag == "h1"] == [DIED]


def test_why_a_photo_sent_by_hand_was_not_taken(transactional_db: None, signed_in: SignedIn, camera: Camera) -> None:
    file = SimpleUploadedFile("photo.jpg", b"\xff\xd8\xff" + bytes(40), "image/jpeg")
    answer = signed_in("operator").post("/upload", {"camera": camera.pk, "photo": file}, headers=CHINESE)
    assert read(answer.content).texts(class_="answer__detail") == ["无法读取图片：其 JPEG 文件头已损坏或不完整。"]


def test_an_outcomes_reason_in_the_admin(signed_in: SignedIn, recorded: Recorded) -> None:
    failed = recorded(state="failed", way="", reason="3 workers died of it")
    page = shown(signed_in, reverse("admin:sightings_outcome_change", args=[failed.pk]), "auditor")
    assert DIED in str(page.elements)
    assert "3 workers died of it" not in str(page.elements)


def test_why_a_photo_cannot_be_enrolled() -> None:
    with translation.override("zh-hans"):
        assert str(refused(Reason.UNREADABLE, "The picture is damaged or cut short.")).endswith("图片已损坏或不完整。")
