"""The node console in a browser: cordoning by a click, and what comes live."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from cameras.models import Node
from recognition.hub import keys
from recognition.hub.live_state import NodeState, put_node_states
from recognition.monitor.monitor import Monitor
from recognition.node.connections import Redis
from recognition.sightings.models import NodeTally
from tests.browser.conftest import Publish
from tests.mall import Mall, in_thread, working

pytestmark = pytest.mark.browser

FIGURES: dict[str, Any] = {
    "images_per_s": 1234.5,
    "reason": "old queue",
    "oldest_job_s": 4000.0,
    "queued_bytes": 1_234_567,
    "wait_p50_ms": 0.4,
    "wait_p95_ms": 1234.0,
    "took_p50_ms": 45.6,
    "took_p95_ms": 23_456.0,
    "load": 0.934,
    "memory_bytes": 9_876,
    "memory_limit_bytes": 268_435_456,
    "evicted": 12_345,
    "versions": ["1 stub", "2 stub"],
}


@contextmanager
def monitoring() -> Iterator[None]:
    monitor = Monitor()
    with in_thread(monitor.run, monitor.stop):
        yield


def open_console(page: Page) -> None:
    page.goto("/nodes")
    expect(page.locator("#connection")).to_have_attribute("data-state", "open")


def report(hub: Redis, *nodes: Node, **changes: Any) -> None:
    recipes = ["fast.640.fp32", "fast.640.fp32.enrol"]
    put_node_states(hub, [NodeState(node.pk, node.name, "degraded", 3, 7, 0, recipes, **changes) for node in nodes])


def test_a_node_is_cordoned_and_uncordoned_by_a_click(
    page: Page, mall: Mall, hub: Redis, complaints: list[str]
) -> None:
    card = page.locator("#node-node-1")
    with working(mall.nodes[0]), monitoring():
        open_console(page)
        expect(card).to_have_attribute("data-state", "up")
        card.get_by_role("button", name="Cordon node-1", exact=True).click()
        expect(page).to_have_url("/nodes#node-node-1")
        expect(card.locator("[data-field=state]")).to_have_text("cordoned")
        expect(card).to_have_attribute("data-state", "cordoned")
        expect(page.locator("[data-group] [data-node=node-1] [data-field=share]")).to_have_text("0%")
        card.get_by_role("button", name="Uncordon node-1", exact=True).click()
        expect(card).to_have_attribute("data-state", "up")
        expect(page.locator("[data-group] [data-node=node-1] [data-field=share]")).to_have_text("100%")
    assert complaints == []


def test_a_node_is_cordoned_by_keyboard(page: Page, mall: Mall, hub: Redis) -> None:
    report(hub, *mall.nodes)
    open_console(page)
    page.get_by_role("button", name="Cordon node-2", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#node-node-2")).to_have_attribute("data-state", "cordoned")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_browser_writes_what_the_server_wrote(page: Page, mall: Mall, hub: Redis, language: str) -> None:
    page.set_extra_http_headers({"Accept-Language": language})
    NodeTally.objects.create(node=mall.nodes[0], hits=1200, joins=3, misses=3400, unchanged=1)
    report(hub, *mall.nodes, **FIGURES)
    opened: list[WebSocketRoute] = []

    def through_from_the_second_on(socket: WebSocketRoute) -> None:
        opened.append(socket)
        if len(opened) > 1:
            socket.connect_to_server()
        else:
            socket.close()

    page.route_web_socket("**/ws/live*", through_from_the_second_on)
    page.clock.install()  # time stands still, so the page does not try again by itself
    page.goto("/nodes")
    expect(page.locator("#disconnected")).to_be_visible()
    before = page.locator(".console").inner_text()
    page.evaluate("for (const place of document.querySelectorAll('[data-format]')) place.textContent = '?'")
    page.clock.resume()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#connection")).to_have_attribute("data-state", "open")
    expect(page.locator("#node-node-1 [data-field=evicted]")).not_to_have_text("?")
    assert page.locator(".console").inner_text() == before


def test_a_groups_load_without_its_busiest_node_comes_live(
    page: Page, mall: Mall, hub: Redis, publish: Publish
) -> None:
    open_console(page)
    node = {"name": "node-1", "state": "up", "weight": 1.0, "share": 1.0, "workers": 1, "load": 0.7}
    spare = {"verdict": "short", "busiest": "node-1", "load": 1.4}
    group = {"slug": "entrance", "name": "Entrance", "recipe": "", "nodes": [node], "spare": spare}
    publish("group", group=group)
    line = page.locator("[data-group=entrance] .spare")
    expect(line).to_have_text("Without node-1 the rest would run at 140%: too much for them.")
    expect(line).to_have_attribute("data-verdict", "short")
    expect(page.locator("[data-group=entrance] tbody tr")).to_have_count(1)


def test_a_node_that_is_made_meanwhile_comes_with_its_buttons(page: Page, mall: Mall, hub: Redis) -> None:
    with monitoring():
        open_console(page)
        Node.objects.create(name="node-9", address="redis://127.0.0.1:1")
        card = page.locator("#node-node-9")
        expect(card).to_have_attribute("data-state", "down")
        card.get_by_role("button", name="Cordon node-9", exact=True).click()
        expect(card.get_by_role("button", name="Uncordon node-9", exact=True)).to_be_visible()


def test_a_monitor_that_falls_silent_is_told(page: Page, mall: Mall, hub: Redis) -> None:
    report(hub, *mall.nodes)
    open_console(page)
    expect(page.locator("#monitor-silent")).to_be_hidden()
    page.clock.install()
    page.clock.fast_forward(8_000)
    expect(page.locator("#monitor-silent")).to_be_visible()
    expect(page.locator("#monitor-silence")).to_contain_text("The monitor has not reported for")


def test_a_monitor_that_reports_again_is_believed(page: Page, mall: Mall, hub: Redis) -> None:
    hub.set(keys.MONITOR_SEEN, 1)
    open_console(page)
    expect(page.locator("#monitor-silent")).to_be_visible()
    with monitoring():
        expect(page.locator("#monitor-silent")).to_be_hidden()
