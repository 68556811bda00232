"""Imports over the API and the page: sending in parts, watching, stopping, the report."""

import csv
from io import StringIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from recognition.imports.models import ImportFile, ImportPiece, PeopleImport
from recognition.people.models import Template
from tests.imports.conftest import ended, importing, zip_of
from tests.photos import photo
from tests.recognizers import StubRecognizer
from tests.users import client_of

IMPORTS = "/api/v1/imports"


@pytest.fixture
def staff(db: None, hub_url: str) -> Client:
    return client_of("enroller")


def begin(client: Client, **fields: Any) -> str:
    made = client.post(IMPORTS, {"title": "some.zip", **fields}, content_type="application/json")
    assert made.status_code == 201, made.content
    return f"{IMPORTS}/{made.json()['id']}"


def send(client: Client, method: str, path: str, content: bytes = b"") -> int:
    return client.generic(method, path, content, "application/octet-stream").status_code


def test_a_zip_file_is_sent_in_parts_in_any_order(staff: Client, at_work: StubRecognizer) -> None:
    address, content = begin(staff), zip_of({"Ada/1.jpg": photo(), "Bob/1.jpg": b"no photo"})
    parts = [content[:100], content[100:]]
    for number in (1, 0, 0):  # one is sent again
        assert send(staff, "PUT", f"{address}/pieces/{number}", parts[number]) == 204
    assert send(staff, "POST", f"{address}/start") == 200
    with importing():
        ended(PeopleImport.objects.get())
    told = staff.get(address).json()
    assert (told["state"], told["total"], told["enrolled"], told["refused"]) == ("done", 2, 1, 1)


def test_a_folder_is_sent_photo_by_photo(staff: Client, at_work: StubRecognizer) -> None:
    address = begin(staff)
    for path in ("all/Ada/1.jpg", "all/Ada/2.jpg", "all/Ada/2.jpg", "../Bob/1.jpg"):
        assert send(staff, "POST", f"{address}/photos?path={path}", photo()) == 204
    assert send(staff, "POST", f"{address}/start") == 200
    with importing():
        ended(PeopleImport.objects.get())
    assert (Template.objects.count(), ImportFile.objects.filter(state="refused").count()) == (2, 1)


def test_photos_that_wait_are_encrypted_at_rest(staff: Client) -> None:
    send(staff, "POST", f"{begin(staff)}/photos?path=Ada/1.jpg", photo())
    stored = ImportFile.objects.extra(select={"raw": "photo"}).values_list("raw", flat=True).get()
    assert bytes(stored).startswith(b"gAAAA")  # a Fernet token


def test_a_missing_part_is_asked_for(staff: Client) -> None:
    address = begin(staff)
    send(staff, "PUT", f"{address}/pieces/1", b"x")
    assert send(staff, "POST", f"{address}/start") == 409
    assert send(staff, "PUT", f"{address}/pieces/0", b"x") == 204
    assert send(staff, "POST", f"{address}/start") == 200
    assert send(staff, "PUT", f"{address}/pieces/2", b"x") == 409


def test_nothing_is_no_import(staff: Client) -> None:
    assert send(staff, "POST", f"{begin(staff)}/start") == 409


@pytest.mark.parametrize("text", ["name\nAda", "file,person\na.jpg,Ada", ""])
def test_a_list_without_its_columns_is_refused_at_once(staff: Client, text: str) -> None:
    made = staff.post(IMPORTS, {"people_list": text}, content_type="application/json")
    assert (made.status_code, "must name the columns" in made.json()["detail"]) == (422, True)


def test_likeness_is_not_overruled_for_a_whole_import(staff: Client) -> None:
    begin(staff, overrule=["too_small", "looks_like"])
    assert PeopleImport.objects.get().overrule == ["too_small"]


def test_the_report_says_what_became_of_each_file_and_runs_no_formula(staff: Client, at_work: StubRecognizer) -> None:
    address = begin(staff)
    send(staff, "PUT", f"{address}/pieces/0", zip_of({"=1+1/1.jpg": photo(), "Ada/1.jpg": b"no photo"}))
    send(staff, "POST", f"{address}/start")
    with importing():
        ended(PeopleImport.objects.get())
    content = b"".join(staff.get(f"{address}/report.csv").streaming_content)  # type: ignore[attr-defined]
    _header, first, second = csv.reader(StringIO(content.decode("utf-8-sig")))
    assert first == ["'=1+1/1.jpg", "'=1+1", "enrolled", ""]
    assert second[:3] == ["Ada/1.jpg", "Ada", "refused"]
    assert "The photo cannot be read" in second[3]


def test_removing_one_takes_what_was_sent_with_it(staff: Client) -> None:
    address = begin(staff)
    send(staff, "PUT", f"{address}/pieces/0", b"x")
    assert send(staff, "DELETE", address) == 204
    assert not ImportPiece.objects.exists()
    assert send(staff, "GET", address) == 404


@pytest.mark.parametrize("role", ["viewer", "operator", "auditor"])
def test_nobody_else_imports(db: None, hub_url: str, role: str) -> None:
    other, source = client_of(role), PeopleImport.objects.create(title="some.zip")
    address = f"{IMPORTS}/{source.pk}"
    asked = [("POST", IMPORTS), ("GET", address), ("PUT", f"{address}/pieces/0"), ("POST", f"{address}/photos?path=a")]
    asked += [("POST", f"{address}/start"), ("GET", f"{address}/report.csv"), ("DELETE", address)]
    pages = [("GET", "/people/import"), ("POST", f"/people/import/{source.pk}/stop")]
    assert {send(other, method, path) for method, path in [*asked, *pages]} == {403}


class TestThePage:
    def test_without_a_script_a_small_zip_file_is_sent_at_once(self, staff: Client, at_work: StubRecognizer) -> None:
        file = SimpleUploadedFile("some.zip", zip_of({"Ada/1.jpg": photo(), "Bob/1.jpg": b"no photo"}))
        address = staff.post("/people/import", {"zip": file})["Location"]
        assert b'hx-trigger="every 1s"' in staff.get(address).content
        with importing():
            ended(PeopleImport.objects.get())
        content = staff.get(address, headers={"HX-Request": "true"}).content
        assert [text in content for text in (b"2 / 2", b"Bob/1.jpg", b"every 1s", b"<html")] == [
            True,
            True,
            False,
            False,
        ]

    def test_what_is_wrong_with_a_list_is_said(self, staff: Client) -> None:
        files = {"people_list": SimpleUploadedFile("list.csv", "name,file\nJürg,a.jpg".encode("latin-1"))}
        assert b"not in UTF-8" in staff.post("/people/import", files).content

    def test_it_is_stopped_goes_on_and_is_removed(self, staff: Client) -> None:
        source = PeopleImport.objects.create(title="some.zip", state="waiting")
        states = []
        for verb in ("stop", "go-on"):
            staff.post(f"/people/import/{source.pk}/{verb}")
            source.refresh_from_db()
            states.append(source.state)
        assert states == ["stopped", "waiting"]
        staff.post(f"/people/import/{source.pk}/remove")
        assert not PeopleImport.objects.exists()
        assert staff.post("/people/import/1/explode").status_code == 404
