import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from cameras.models import Camera
from recognition.hub import keys
from recognition.live.messages import ResultMessage
from recognition.node.connections import Redis
from tests.browser.conftest import Publish
from tests.mall import Mall
from tests.photos import photo

pytestmark = pytest.mark.browser

FACE = {
    "box": [10, 20, 30, 30],
    "score": 0.9,
    "quality": 0.8,
    "poor": False,
    "person": {"id": 1, "name": "Eileen Collins"},
}


def result(number: int, snapshot: str = "a", **changes: object) -> ResultMessage:
    known: ResultMessage = {
        "number": number,
        "id": snapshot,
        "camera": "gate-1",
        "group": "entrance",
        "captured_at": "2026-01-01T10:00:00+00:00",
        "state": "done",
        "reason": "",
        "way": "hit",
        "node": "node-1",
        "took_ms": 3.0,
        "width": 64,
        "height": 48,
        "faces": [FACE],  # type: ignore[list-item]
        "newest": True,
    }
    return {**known, **changes}  # type: ignore[typeddict-item]


def put_newest(hub: Redis, camera: Camera, snapshot: str) -> None:
    hub.hset(keys.newest(camera.pk), mapping={"snapshot": snapshot, "captured_at": 1, "photo": photo()})


def open_wall(page: Page) -> None:
    page.goto("/")
    expect(page.locator("#connection")).to_have_attribute("data-state", "open")


def test_a_result_comes_into_the_ticker_and_over_its_picture(
    page: Page, publish: Publish, mall: Mall, hub: Redis, complaints: list[str]
) -> None:
    open_wall(page)
    put_newest(hub, mall.camera, "a")
    publish("results", results=[result(1)])
    row = page.locator("#ticker .result")
    expect(row.locator("[data-field=seen]")).to_have_text("Eileen Collins")
    expect(row.locator(".badge")).to_have_text("cached")
    expect(page.locator(".tile__picture")).to_have_js_property("naturalWidth", 64)
    expect(page.locator(".tile .face--known text")).to_have_text("Eileen Collins")
    expect(page.locator(".tile .overlay")).to_have_attribute("viewBox", "0 0 64 48")
    assert complaints == []


def test_boxes_wait_for_the_photo_they_belong_to(page: Page, publish: Publish, mall: Mall, hub: Redis) -> None:
    open_wall(page)
    put_newest(hub, mall.camera, "b")
    with page.expect_response("**/newest?snapshot=a"):
        publish("results", results=[result(1, "a")])
    expect(page.locator("#ticker .result")).to_have_count(1)
    expect(page.locator(".tile .face")).to_have_count(0)
    publish("results", results=[result(2, "b")])
    expect(page.locator(".tile .face")).to_have_count(1)


def test_a_failed_snapshot_shows_its_reason(page: Page, publish: Publish) -> None:
    open_wall(page)
    publish("results", results=[result(1, state="failed", way="", reason="Cut short.", faces=[], newest=False)])
    expect(page.locator("#ticker .result [data-field=seen]")).to_have_text("Cut short.")
    expect(page.locator(".tile__problem")).to_have_text("Cut short.")


def test_a_name_is_never_markup(page: Page, publish: Publish) -> None:
    open_wall(page)
    name = "<img src=x onerror=alert(1)>"
    publish("results", results=[result(1, faces=[{**FACE, "person": {"id": 1, "name": name}}], newest=False)])
    expect(page.locator("#ticker [data-field=seen]")).to_have_text(name)
    expect(page.locator("#ticker img")).to_have_count(0)


def test_the_page_says_when_it_is_not_connected_and_resumes_where_it_was(page: Page, publish: Publish) -> None:
    opened: list[WebSocketRoute] = []

    def through(socket: WebSocketRoute) -> None:
        opened.append(socket)
        socket.connect_to_server()

    page.route_web_socket("**/ws/live*", through)
    open_wall(page)
    publish("results", results=[result(7, newest=False)])
    expect(page.locator("#ticker .result")).to_have_count(1)
    page.clock.install()  # time stands still, so the page stays as it is until it may try again
    opened[0].close()
    expect(page.locator("#disconnected")).to_be_visible()
    expect(page.locator("#connection")).to_have_text("Not connected", use_inner_text=True)
    page.clock.resume()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#connection")).to_have_attribute("data-state", "open")
    expect(page.locator("#disconnected")).to_be_hidden()
    assert opened[-1].url.endswith("?since=7")


def test_who_loses_the_right_is_told(page: Page) -> None:
    page.route_web_socket("**/ws/live*", lambda socket: socket.close(code=4403))
    page.goto("/")
    expect(page.locator("#refused")).to_be_visible()


def test_a_paused_ticker_stands_still_until_it_is_resumed(page: Page, publish: Publish) -> None:
    open_wall(page)
    page.click("#ticker-pause")
    publish("results", results=[result(1, state="failed", reason="Cut short.")])
    expect(page.locator(".tile__problem")).to_be_visible()
    expect(page.locator("#ticker .result")).to_have_count(0)
    page.click("#ticker-pause")
    expect(page.locator("#ticker .result")).to_have_count(1)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("The picture is damaged or cut short.", "图片已损坏或不完整。"),
        ("its answer could not be recorded (MemoryError)", "结果无法记录（MemoryError）"),
        ("something (new) happened.", "something (new) happened."),
    ],
)
def test_a_reason_that_comes_live_is_told_in_the_readers_language(
    page: Page, publish: Publish, reason: str, words: str
) -> None:
    page.set_extra_http_headers({"Accept-Language": "zh-hans"})
    open_wall(page)
    publish("results", results=[result(1, state="failed", reason=reason)])
    expect(page.locator(".tile__problem [data-field=problem]")).to_have_text(words)
    expect(page.locator("#ticker .result__seen")).to_have_text(words)


def test_a_snapshot_that_expires_is_said_to_have_on_its_tile(page: Page, publish: Publish) -> None:
    open_wall(page)
    publish("results", results=[result(1, state="expired", reason="")])
    expect(page.locator(".tile__problem [data-field=problem]")).to_have_text("expired")


def test_what_is_wrong_comes_and_goes_by_itself(page: Page, publish: Publish, complaints: list[str]) -> None:
    open_wall(page)
    since = "2026-01-01T10:00:00+00:00"
    trouble = {"kind": "node_degraded", "about": "node-1", "text": "no worker", "severity": "warning", "since": since}
    full = {"kind": "disk_full", "about": "", "text": "93%", "severity": "bad", "since": since}
    totals = {"hub": "up", "images_per_s": 0.0}
    publish("status", nodes=[], totals=totals, troubles=[full, trouble])
    expect(page.locator("#troubles .trouble__text")).to_have_text(
        [
            "The disk is 93% full: when nothing is left, nothing can be recorded.",
            "Node node-1 is degraded: no worker.",
        ]
    )
    publish("status", nodes=[], totals=totals, troubles=[])
    expect(page.locator("#troubles .trouble")).to_have_count(0)
    assert complaints == []


@pytest.mark.parametrize("path", ["/", "/nodes", "/upload", "/credits", "/nothing-here"])
@pytest.mark.parametrize("width", [375, 3840])
def test_no_page_is_wider_than_the_screen(page: Page, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
