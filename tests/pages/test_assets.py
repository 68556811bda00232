"""What holds of every page: the content policy can be kept, and every file it names is there."""

import re
from collections.abc import Iterator
from pathlib import Path

import polib  # type: ignore[import-untyped]
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client

from cameras.models import Camera
from recognition.people.models import Person
from tests.pages.conftest import SignedIn
from tests.pages.page import Page, read

pytestmark = pytest.mark.usefixtures("hub")
ROOT = Path(settings.BASE_DIR)
ALSO_ON_PAGES = (
    "recognition/alerts/sentences.py",
    *(
        f"recognition/imports/{name}.py"
        for name in ("importer", "jobs", "listing", "models", "people_list", "refusals", "report", "zip_files")
    ),
    *(f"recognition/people/{name}.py" for name in ("editing", "enrolment", "erasure", "models", "objections")),
)
SCRIPTS = sorted((ROOT / "static/js").glob("*.js"))
PAGES = ("/", "/nodes", "/nodes/dead-letters", "/upload", "/credits", "/login", "/nothing-here")
PEOPLE_PAGES = (
    "/people",
    "/people/new",
    "/people/{id}",
    "/people/{id}/edit",
    "/people/{id}/erase",
    "/watchlists",
    "/watchlists/new",
    "/people/import",
)


@pytest.fixture(params=[*PAGES, *PEOPLE_PAGES])
def content(
    request: pytest.FixtureRequest, signed_in: SignedIn, camera: Camera, person: Person, client: Client
) -> bytes:
    reader = client if request.param == "/login" else signed_in("administrator")
    return reader.get(request.param.format(id=person.pk)).content


def whole(content: bytes) -> Page:
    return read(content.replace(b"<template", b"<div").replace(b"</template", b"</div"))


def test_no_page_holds_a_script_or_style_of_its_own(content: bytes) -> None:
    for element in whole(content).elements:
        assert element.tag != "style"
        assert element.tag != "script" or (element.attributes["src"] and not element.text)
        assert not [name for name in element.attributes if name == "style" or name.startswith("on")]


def test_every_file_a_page_names_is_there(content: bytes) -> None:
    for element in whole(content).elements:
        address = element.attributes.get("href" if element.tag == "link" else "src", "")
        assert not re.match(r"(https?:)?//", address)
        if address.startswith(settings.STATIC_URL):
            assert finders.find(address.removeprefix(settings.STATIC_URL)), address


def test_every_page_comes_with_the_strict_policy(client: Client, db: None) -> None:
    policy = client.get("/login").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_builds_no_markup_from_text_and_imports_what_is_there(script: Path) -> None:
    text = script.read_text()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text)
    for name in re.findall(r'from "\./([\w.]+)"', text):
        assert (script.parent / name).exists()


def english_texts() -> Iterator[str]:
    for template in (ROOT / "templates").rglob("*.html"):
        text = template.read_text()
        yield from (quoted for _, quoted in re.findall(r"""{% translate (["'])(.+?)\1""", text))
    for module in (*(ROOT / "recognition/pages").rglob("*.py"), *(ROOT / name for name in ALSO_ON_PAGES)):
        yield from re.findall(r'\b(?:_|gettext_lazy)\(\s*"([^"]+)"\s*\)', module.read_text())


def test_every_text_of_the_pages_is_there_in_chinese() -> None:
    catalogue = polib.pofile(str(ROOT / "mallvision/locale/zh_Hans/LC_MESSAGES/django.po"))
    translated = {entry.msgid for entry in catalogue.translated_entries()}
    assert set(english_texts()) <= translated


def test_the_pages_speak_chinese_when_asked(client: Client, db: None) -> None:
    call_command("compile_translations", verbosity=0)
    content = client.get("/login", headers={"Accept-Language": "zh-CN"}).content.decode()
    assert '<html lang="zh-hans">' in content
    assert "用户名" in content


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def themes() -> tuple[dict[str, str], dict[str, str]]:
    light, dark = (ROOT / "static/css/tokens.css").read_text().split("@media")
    colours = [dict(re.findall(r"--([\w-]+): (#\w{6});", part)) for part in (light, dark)]
    return colours[0], colours[0] | colours[1]


READ_ON = [
    *((text, under) for text in ("text", "muted", "accent") for under in ("page", "surface", "raised")),
    *((tone, under) for tone in ("ok", "warn", "bad") for under in (f"{tone}-soft", "surface", "page")),
    ("accent", "accent-soft"),
    ("on-accent", "accent"),
    ("on-frame", "frame"),
]


@pytest.mark.parametrize(("text", "under"), READ_ON)
def test_text_stands_out_enough_from_what_is_under_it(text: str, under: str) -> None:
    for theme in themes():
        lighter, darker = sorted((luminance(theme[text]), luminance(theme[under])), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5  # WCAG 2.2, AA
