"""`manage.py import_people`: a folder for each person, a line for each file."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from recognition.people.models import Person, Template
from tests.mall import Mall
from tests.photos import photo
from tests.recognizers import StubRecognizer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("Ada/1.jpg", "Ada/2.jpg", "Bob/1.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(photo())
    return tmp_path


def run(folder: Path) -> str:
    out = StringIO()
    call_command("import_people", folder, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_each_folder_becomes_a_person(folder: Path, at_work: StubRecognizer) -> None:
    said = run(folder)
    assert "Ada/1.jpg: enrolled" in said
    assert "Enrolled: 3; enrolled before: 0; refused: 0." in said
    assert {person.name: person.templates.count() for person in Person.objects.all()} == {"Ada": 2, "Bob": 1}


def test_running_again_enrols_nothing_twice_and_is_no_failure(folder: Path, at_work: StubRecognizer) -> None:
    run(folder)
    assert "Enrolled: 0; enrolled before: 3; refused: 0." in run(folder)
    assert (Template.objects.count(), len(at_work.recognised)) == (3, 3)


def test_what_is_refused_is_told_and_ends_with_an_error(folder: Path, at_work: StubRecognizer) -> None:
    (folder / "Ada/notes.txt").write_text("no photo")
    (folder / "Ada/link.jpg").symlink_to("/etc/passwd")
    (folder / "alone.jpg").write_bytes(photo())
    out = StringIO()
    with pytest.raises(CommandError, match="3 of 6 files were refused"):
        call_command("import_people", folder, stdout=out, stderr=StringIO())
    for text in ("notes.txt: refused. The photo cannot be read", "It is a link", "It stands in no folder"):
        assert text in out.getvalue()
    assert Template.objects.count() == 3


def test_a_folder_that_is_not_there_is_said_in_plain_words(tmp_path: Path, db: None) -> None:
    with pytest.raises(CommandError, match="There is no folder"):
        run(tmp_path / "nowhere")


def test_without_a_node_it_says_so(folder: Path, mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    for node in mall.nodes:
        node.address = "unix:///nowhere/node.sock"
        node.save()
    monkeypatch.setattr("recognition.imports.recognising.PATIENCE_S", 0.1)
    with pytest.raises(CommandError, match="No node answered"):
        run(folder)
