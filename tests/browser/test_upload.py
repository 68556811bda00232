import pytest
from playwright.sync_api import Page, expect

from tests.mall import Mall

pytestmark = pytest.mark.browser


def test_a_refusal_comes_without_a_new_page(page: Page, mall: Mall, complaints: list[str]) -> None:
    page.goto("/upload")
    page.evaluate("window.same = true")
    page.set_input_files("#id_photo", {"name": "notes.txt", "mimeType": "image/jpeg", "buffer": b"hello"})
    page.click("button:has-text('Send')")
    expect(page.locator("#answer h2")).to_have_text("This is not a JPEG, PNG or WebP photo")
    assert page.evaluate("window.same")
    assert complaints == []


def test_the_upload_page_works_without_javascript(page: Page, mall: Mall) -> None:
    page.route("**/*.js", lambda route: route.abort())
    page.goto("/upload")
    page.set_input_files("#id_photo", {"name": "notes.txt", "mimeType": "image/jpeg", "buffer": b"hello"})
    page.click("button:has-text('Send')")
    expect(page.locator("#answer h2")).to_have_text("This is not a JPEG, PNG or WebP photo")
