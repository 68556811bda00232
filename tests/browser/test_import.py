from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from recognition.people.models import Person
from tests.imports.conftest import importing, zip_of
from tests.mall import Mall, all_working
from tests.photos import photo
from tests.recognizers import StubRecognizer, one_fit_face

pytestmark = pytest.mark.browser


def test_a_zip_file_is_sent_and_its_progress_shown_live(page: Page, mall: Mall, complaints: list[str]) -> None:
    content = zip_of({"Ada/1.jpg": photo(), "Bob/1.jpg": photo(), "Eve/1.jpg": b"no photo"})
    page.goto("/people/import")
    page.set_input_files("#id_zip", {"name": "some.zip", "mimeType": "application/zip", "buffer": content})
    page.click("button:has-text('Import')")
    expect(page.locator("#progress")).to_have_attribute("data-state", "waiting")
    with all_working(mall, StubRecognizer(one_fit_face)), importing():
        expect(page.locator("#progress")).to_have_attribute("data-state", "done", timeout=20_000)
    expect(page.locator(".report")).to_contain_text("Eve/1.jpg")
    assert sorted(Person.objects.values_list("name", flat=True)) == ["Ada", "Bob"]
    assert complaints == []


def test_a_folder_is_sent_with_its_paths(page: Page, mall: Mall, tmp_path: Path) -> None:
    for name in ("Ada", "Bob"):
        (tmp_path / "people" / name).mkdir(parents=True)
        (tmp_path / "people" / name / "1.jpg").write_bytes(photo())
    page.goto("/people/import")
    page.set_input_files("#id_folder", tmp_path / "people")
    page.click("button:has-text('Import')")
    with all_working(mall, StubRecognizer(one_fit_face)), importing():
        expect(page.locator("#progress")).to_have_attribute("data-state", "done", timeout=20_000)
    assert sorted(Person.objects.values_list("name", flat=True)) == ["Ada", "Bob"]
