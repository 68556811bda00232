"""Enrolling in a real Chromium: photos dropped on the page, and taken with its (fake) webcam."""

from base64 import b64encode
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import cv2
import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from recognition.engine import Face
from recognition.people.models import Person, Template
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.mall import Mall, all_working
from tests.photos import photo
from tests.recognizers import StubRecognizer, fit_face

pytestmark = pytest.mark.browser

TINY, EMPTY = photo(), photo()


def faces_of(picture: bytes) -> list[Face]:
    return {EMPTY: [], TINY: [fit_face(b"tiny", side_px=20)]}.get(picture, [fit_face(picture)])


@pytest.fixture
def ada(mall: Mall) -> Iterator[Person]:
    with all_working(mall, StubRecognizer(faces_of)):
        yield Person.objects.create(name="Ada")


def drop(page: Page, **photos: bytes) -> None:
    """Drops the photos on the page as a file manager would."""
    coded = {name: b64encode(content).decode() for name, content in photos.items()}
    page.evaluate(
        """(photos) => {
            const data = new DataTransfer();
            for (const [name, content] of Object.entries(photos)) {
                const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
                data.items.add(new File([bytes], name, { type: "image/jpeg" }));
            }
            const drop = document.querySelector("[data-drop]");
            drop.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        coded,
    )


def test_dropped_photos_are_enrolled_and_what_is_wrong_is_said(page: Page, ada: Person, complaints: list[str]) -> None:
    page.goto(f"/people/{ada.pk}")
    drop(page, good=photo(), empty=EMPTY, tiny=TINY)
    expect(page.locator(".report[data-state=enrolled]")).to_have_count(1)
    expect(page.locator(".report[data-state=refused]", has_text="empty")).to_contain_text("No face was found")
    expect(page.locator(".face")).to_have_count(1)
    expect(page.locator(".report", has_text="empty").locator("button")).to_be_hidden()
    assert [text for text in complaints if "422" not in text] == []


def test_a_limit_is_overruled_by_a_button_beside_what_is_wrong(page: Page, ada: Person) -> None:
    page.goto(f"/people/{ada.pk}")
    drop(page, tiny=TINY)
    row = page.locator(".report", has_text="The face is 20 px wide")
    row.locator("button").click()
    expect(page.locator(".report[data-state=enrolled]")).to_have_count(1)
    expect(page.locator(".face__overruled")).to_contain_text("The face is 20 px wide")


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A real portrait as the film that the fake camera shows."""
    portrait = cv2.imread(str(Path(str(files("skimage"))) / "data" / "astronaut.png"))
    assert portrait is not None
    film = tmp_path / "camera.mjpeg"
    film.write_bytes(cv2.imencode(".jpg", cv2.resize(portrait, (640, 640)))[1].tobytes() * 30)
    return film


@pytest.fixture
def filming(playwright: Playwright, video: Path) -> Iterator[Browser]:
    camera = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={video}"]
    started = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *camera])
    yield started
    started.close()


def page_in(browser: Browser, page: Page, address: str, *permissions: str) -> Page:
    """A page in another browser, signed in as `page` is."""
    opened = browser.new_context(base_url=address, permissions=list(permissions))
    opened.add_cookies(page.context.cookies())  # type: ignore[arg-type]  # what one gives the other takes
    return opened.new_page()


def test_a_face_is_enrolled_by_the_webcam(filming: Browser, page: Page, address: str, ada: Person) -> None:
    webcam = page_in(filming, page, address, "camera")
    webcam.goto(f"/people/{ada.pk}")
    webcam.click("[data-webcam-start]")
    expect(webcam.locator("video")).not_to_have_js_property("videoWidth", 0)
    webcam.click("[data-webcam-shoot]")
    expect(webcam.locator(".report[data-state=enrolled]")).to_have_count(1)
    template = Template.objects.get()
    assert (template.source, template.person) == ("webcam", ada)
    webcam.click("[data-webcam-stop]")
    expect(webcam.locator("video")).to_be_hidden()


def test_a_camera_that_may_not_be_used_is_said_in_plain_words(
    filming: Browser, page: Page, address: str, ada: Person
) -> None:
    refused = page_in(filming, page, address)
    refused.goto(f"/people/{ada.pk}")
    refused.click("[data-webcam-start]")
    expect(refused.locator("[data-webcam-problem=refused]")).to_be_visible()


def test_without_a_camera_the_page_says_so(page: Page, ada: Person) -> None:
    page.goto(f"/people/{ada.pk}")
    page.evaluate(
        """() => { navigator.mediaDevices.getUserMedia =
            async () => { throw new DOMException("none here", "NotFoundError"); }; }"""
    )
    page.click("[data-webcam-start]")
    expect(page.locator("[data-webcam-problem=none]")).to_be_visible()
