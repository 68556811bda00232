"""Reasons in the reader's language: whatever the product gives as one is known, in English and in Chinese."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib  # type: ignore[import-untyped]
import pytest
from django.core.management import call_command
from django.utils import translation

from recognition.collector.repeating import GONE
from recognition.engine import headers
from recognition.reasons import KNOWN, told

ROOT = Path(__file__).resolve().parents[1]
# Where reasons are made that reach a page. What only cameras and integrators are told is not among them.
SOURCES = (
    *(ROOT / "recognition/node").glob("*.py"),
    *(ROOT / "recognition/collector").glob("*.py"),
    *(ROOT / "recognition/monitor").glob("*.py"),
    *(ROOT / "recognition/intake" / f"{name}.py" for name in ("dispatch", "nodes", "photo_header", "submission")),
    ROOT / "recognition/intake/replies.py",
)
GIVES_A_REASON = {"Failure", "Unreadable", "Problem", "busy", "bury", "unreadable"}


@pytest.fixture(autouse=True)
def _compiled() -> None:
    call_command("compile_translations", verbosity=0)


def written_in(source: Path) -> Iterator[str]:
    """Every reason that is written down there, with 7 for what is filled in."""
    for node in ast.walk(ast.parse(source.read_text())):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=given) if name in GIVES_A_REASON:
                yield from filter(None, map(text_of, given))
            case ast.Assign(targets=[ast.Name(id="reason") | ast.Attribute(attr="reason")], value=value):
                yield from filter(None, [text_of(value)])


def text_of(value: ast.expr) -> str | None:
    match value:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(text_of(part) or "7" for part in parts)
        case ast.IfExp(body=first):
            return text_of(first)
    return None


def reasons() -> list[str]:
    written = {reason for source in SOURCES for reason in written_in(source)}
    return sorted(written | {GONE, headers.NO_PICTURE, headers.TOO_LARGE, headers.TOO_MUCH_WORK, headers.DAMAGED})


@pytest.mark.parametrize("reason", reasons())
def test_every_reason_that_the_product_gives_is_told_in_chinese(reason: str) -> None:
    with translation.override("zh-hans"):
        assert re.search(r"[\u4e00-\u9fff]", told(reason)), reason


def test_the_sources_are_really_read() -> None:
    assert "recognition failed 7 times: 7" in reasons()
    assert "its scene is not known" in reasons()
    assert len(reasons()) > 20


@pytest.mark.parametrize("reason", [one for one in KNOWN if "." in one or " " in one])
def test_a_translation_has_the_same_places(reason: str) -> None:
    catalogue = polib.pofile(str(ROOT / "mallvision/locale/zh_Hans/LC_MESSAGES/django.po"))
    msgid = str(KNOWN[reason])
    entry = catalogue.find(msgid)
    assert entry is not None
    assert entry.msgstr
    assert sorted(re.findall(r"%\(\w+\)s", entry.msgstr)) == sorted(re.findall(r"%\(\w+\)s", msgid))


def test_what_differs_from_time_to_time_stands_in_its_place() -> None:
    with translation.override("zh-hans"):
        assert told("recognition failed 3 times: MemoryError") == "识别失败 3 次：MemoryError"
        assert told("4 of 16 shards do not answer") == "16 个分片中有 4 个没有应答"


def test_a_reason_within_a_reason_is_told_as_well() -> None:
    with translation.override("zh-hans"):
        said = told("The picture cannot be read: 3 workers died of it")
    assert said == "无法读取图片：已有 3 个工作进程因它崩溃"


@pytest.mark.parametrize("reason", ["", "93%", "the moon is full", "recognition failed", "%(count)s", "100 %s"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_unknown_one_is_told_as_it_came(reason: str, language: str) -> None:
    with translation.override(language):
        assert told(reason) == reason


@pytest.mark.parametrize("reason", [headers.DAMAGED, "3 nodes were given it, and none has answered"])
def test_in_english_a_sentence_stays_as_it_is(reason: str) -> None:
    assert told(reason) == reason
