"""Imports from being sent to their report: everything that is right is enrolled, everything else is told."""

import stat
import zipfile
from collections.abc import Callable
from io import BytesIO

import pytest
from pytest_django import Settings

from recognition.imports import jobs
from recognition.imports.claim import claim_next
from recognition.imports.models import ImportedPerson, ImportFile, ImportPiece, PeopleImport
from recognition.imports.recognising import PATIENCE_S
from recognition.imports.refusals import sentence_of
from recognition.people.authors import By
from recognition.people.erasure import remove
from recognition.people.models import Person, Template, Watchlist
from tests.imports.conftest import ended, enrolled, importing, reasons, sent_zip, zip_of
from tests.mall import Mall
from tests.photos import photo, png_claiming
from tests.recognizers import StubRecognizer
from tests.waiting import wait_until

WorkedOff = Callable[[PeopleImport], PeopleImport]


def test_each_folders_photos_are_enrolled_as_one_person(worked_off: WorkedOff) -> None:
    source = worked_off(sent_zip(zip_of({"Ada/1.jpg": photo(), "all/Ada/2.jpg": photo(), "Bob/1.png": photo("PNG")})))
    assert (source.state, jobs.progress_of(source)) == ("done", jobs.Progress(3, 0, 3, 0))
    counted = {person.name: person.templates.count() for person in Person.objects.all()}
    assert counted == {"Ada": 2, "Bob": 1}


def test_nothing_of_what_was_sent_is_kept_but_the_faces(worked_off: WorkedOff) -> None:
    worked_off(sent_zip(zip_of({"Ada/1.jpg": photo()})))
    assert not ImportPiece.objects.exists()
    assert not ImportFile.objects.exclude(photo=None).exists()


def test_what_systems_leave_in_archives_is_passed_over(worked_off: WorkedOff) -> None:
    junk = ("__MACOSX/Ada/._1.jpg", "Ada/.DS_Store", "Ada/Thumbs.db")
    source = worked_off(sent_zip(zip_of({"Ada/1.jpg": photo(), **dict.fromkeys(junk, b"x")})))
    assert (enrolled(source), reasons(source)) == (["Ada/1.jpg"], {})


def test_a_person_of_that_name_gets_the_faces(worked_off: WorkedOff) -> None:
    ada = Person.objects.create(name="Ada")
    worked_off(sent_zip(zip_of({"Ada/1.jpg": photo()})))
    assert Template.objects.get().person == ada


def test_of_two_people_of_that_name_neither_gets_them(worked_off: WorkedOff) -> None:
    Person.objects.bulk_create([Person(name="Ada"), Person(name="Ada")])
    assert reasons(worked_off(sent_zip(zip_of({"Ada/1.jpg": photo()})))) == {"Ada/1.jpg": ["same_name"]}


def test_the_same_photo_twice_is_enrolled_once(worked_off: WorkedOff) -> None:
    same = photo()
    source = worked_off(sent_zip(zip_of({"Ada/1.jpg": same, "Ada/2.jpg": same, "Bob/1.jpg": same})))
    assert reasons(source) == {"Ada/2.jpg": ["same_photo"], "Bob/1.jpg": ["same_photo"]}
    assert [person.name for person in Person.objects.all()] == ["Ada"]


def test_an_import_that_is_sent_again_asks_no_node_and_makes_no_doubles(
    worked_off: WorkedOff, at_work: StubRecognizer
) -> None:
    content = zip_of({"Ada/1.jpg": photo(), "Bob/1.jpg": photo()})
    worked_off(sent_zip(content))
    again = worked_off(sent_zip(content))
    assert (len(at_work.recognised), Template.objects.count(), Person.objects.count()) == (2, 2, 2)
    assert set(map(tuple, reasons(again).values())) == {("same_photo",)}


@pytest.mark.parametrize("name", ["x" * 200, "محمد الفاتح", "李 小龙", "Zoë 🧑‍🚀"])
def test_any_name_that_people_have_is_kept_as_it_is(worked_off: WorkedOff, name: str) -> None:
    worked_off(sent_zip(zip_of({f"{name}/1.jpg": photo()})))
    assert Person.objects.get().name == name


@pytest.mark.parametrize("name", ["x" * 301, "a\u202eb", "\u200b"])
def test_a_name_that_nobody_may_have_is_refused_and_shown_without_harm(worked_off: WorkedOff, name: str) -> None:
    source = worked_off(sent_zip(zip_of({f"{name}/1.jpg": photo()})))
    ((path, found),) = reasons(source).items()
    assert (found, "\u202e" in path) == (["bad_name"], False)
    assert not Person.objects.exists()


class TestArchivesNobodyShouldTrust:
    @pytest.mark.parametrize("path", ["../Ada/1.jpg", "/Ada/1.jpg", "Ada/../../1.jpg", "C:/Ada/1.jpg", "Ada\\1.jpg"])
    def test_a_path_that_leads_out_is_refused(self, worked_off: WorkedOff, path: str) -> None:
        source = worked_off(sent_zip(zip_of({path: photo(), "Bob/1.jpg": photo()})))
        assert (list(reasons(source).values()), enrolled(source)) == ([["unsafe_path"]], ["Bob/1.jpg"])

    def test_a_link_is_refused(self, worked_off: WorkedOff) -> None:
        buffer = BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            link = zipfile.ZipInfo("Ada/1.jpg")
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, "/etc/passwd")
        assert reasons(worked_off(sent_zip(buffer.getvalue()))) == {"Ada/1.jpg": ["link"]}

    def test_an_encrypted_file_is_refused(self, worked_off: WorkedOff) -> None:
        content = bytearray(zip_of({"Ada/1.jpg": photo()}))
        for start in (content.index(b"PK\x03\x04") + 6, content.index(b"PK\x01\x02") + 8):
            content[start] |= 1  # the flag of a password
        assert reasons(worked_off(sent_zip(bytes(content)))) == {"Ada/1.jpg": ["encrypted"]}

    def test_an_archive_within_the_archive_is_refused_whatever_it_is_called(self, worked_off: WorkedOff) -> None:
        inner = zip_of({"Ada/1.jpg": photo()})
        source = worked_off(sent_zip(zip_of({"Ada/more.zip": inner, "Ada/1.jpg": inner})))
        assert reasons(source) == {"Ada/more.zip": ["archive"], "Ada/1.jpg": ["archive"]}

    def test_a_file_that_is_too_large_is_refused_unread(self, worked_off: WorkedOff, settings: Settings) -> None:
        settings.PHOTO_LIMIT_BYTES = 100_000
        source = worked_off(sent_zip(zip_of({"Ada/1.jpg": bytes(100_001)})))
        assert reasons(source) == {"Ada/1.jpg": ["too_large"]}

    def test_a_file_that_unpacks_to_more_than_it_says_is_not_read_on(self, worked_off: WorkedOff) -> None:
        content = bytearray(zip_of({"Ada/1.jpg": bytes(20_000_000)}))
        for start in (content.index(b"PK\x03\x04") + 22, content.index(b"PK\x01\x02") + 24):
            content[start : start + 4] = (1000).to_bytes(4, "little")
        assert reasons(worked_off(sent_zip(bytes(content)))) == {"Ada/1.jpg": ["damaged"]}

    def test_a_picture_that_unpacks_to_too_many_pixels_is_refused(self, worked_off: WorkedOff) -> None:
        source = worked_off(sent_zip(zip_of({"Ada/1.png": png_claiming(50_000, 50_000)})))
        ((objection,),) = source.files.values_list("objections", flat=True)
        assert "50000 x 50000 pixels" in sentence_of(objection)

    def test_a_damaged_file_is_refused_and_the_others_enrolled(self, worked_off: WorkedOff) -> None:
        content = bytearray(zip_of({"Ada/1.jpg": photo(), "Bob/1.jpg": photo()}))
        content[content.index(b"Ada/1.jpg") + 40] ^= 0xFF
        source = worked_off(sent_zip(bytes(content)))
        assert (reasons(source), enrolled(source)) == ({"Ada/1.jpg": ["damaged"]}, ["Bob/1.jpg"])

    @pytest.mark.parametrize("content", [b"no zip file at all", zip_of({"Ada/1.jpg": photo()})[:-30]])
    def test_what_is_no_zip_file_fails_with_plain_words(self, worked_off: WorkedOff, content: bytes) -> None:
        source = worked_off(sent_zip(content))
        assert (source.state, "no zip file that can be read" in source.detail) == ("failed", True)
        assert not ImportPiece.objects.exists()

    def test_a_directory_of_a_hundred_thousand_files_is_refused_unread(self, worked_off: WorkedOff) -> None:
        source = jobs.begin("some.zip", None, (), By())
        content = zip_of({f"Ada/{number:050}.jpg": b"" for number in range(50_000)})
        for number in range(0, len(content), 1_000_000):
            jobs.add_piece(source, number // 1_000_000, content[number : number + 1_000_000])
        jobs.start(source)
        assert (worked_off(source).state, source.detail) == ("failed", "The zip file names too many files.")


class TestTheListOfPeople:
    def test_it_says_whose_each_file_is(self, worked_off: WorkedOff) -> None:
        Watchlist.objects.create(name="Barred", kind="barred")
        Watchlist.objects.create(name="Staff")
        rows = "Name;Reference;Watchlists;Reason;File;File 2\nAda L.;7;Barred|Staff;theft;a.jpg;photos/b.jpg\n"
        rows += "Bob;8;;;c.jpg;"
        photos = {"a.jpg": photo(), "photos/b.jpg": photo(), "deep/down/c.jpg": photo(), "d.jpg": photo()}
        source = worked_off(sent_zip(zip_of(photos), rows))
        ada = Person.objects.get(reference="7")
        assert (ada.name, ada.templates.count()) == ("Ada L.", 2)
        assert dict(ada.memberships.values_list("watchlist__name", "reason")) == {"Barred": "theft", "Staff": "theft"}
        assert Person.objects.get(name="Bob").templates.count() == 1
        assert reasons(source) == {"d.jpg": ["not_listed"]}

    def test_who_has_the_reference_number_gets_the_faces_whatever_the_name(self, worked_off: WorkedOff) -> None:
        ada = Person.objects.create(name="Ada Lovelace", reference="7")
        worked_off(sent_zip(zip_of({"a.jpg": photo()}), "name,reference,file\nAda,7,a.jpg"))
        assert [template.person for template in Template.objects.all()] == [ada]

    def test_a_file_that_was_not_sent_is_told(self, worked_off: WorkedOff) -> None:
        source = worked_off(sent_zip(zip_of({"a.jpg": photo()}), "name,file\nAda,a.jpg\nBob,b.jpg"))
        assert reasons(source) == {"b.jpg": ["missing"]}

    @pytest.mark.parametrize(("lists", "said"), [("Nowhere", "Nowhere"), ("Barred", "Say why this person is barred")])
    def test_a_list_that_somebody_cannot_be_on_refuses_their_files(
        self, worked_off: WorkedOff, lists: str, said: str
    ) -> None:
        Watchlist.objects.create(name="Barred", kind="barred")
        source = worked_off(sent_zip(zip_of({"a.jpg": photo()}), f"name,watchlists,file\nAda,{lists},a.jpg"))
        ((objection,),) = source.files.values_list("objections", flat=True)
        assert said in sentence_of(objection)
        assert not Person.objects.exists()


class TestInterruptions:
    def test_it_is_stopped_and_goes_on_with_what_waits(self, mall: Mall, at_work: StubRecognizer) -> None:
        source = sent_zip(zip_of({f"Person {number}/1.jpg": photo() for number in range(60)}))
        at_work._takes_s = 0.1
        with importing():
            wait_until(lambda: source.files.filter(state="enrolled").exists())
            jobs.stop(source)
            assert ended(source).state == "stopped"
            assert 0 < jobs.progress_of(source).done < 60
            at_work._takes_s = 0.0
            jobs.go_on(source)
            assert ended(source).state == "done"
        assert (Person.objects.count(), Template.objects.count()) == (60, 60)

    def test_another_process_goes_on_where_one_died(self, worked_off: WorkedOff, mall: Mall) -> None:
        source = sent_zip(zip_of({"Ada/1.jpg": photo(), "Bob/1.jpg": photo()}))
        assert claim_next() is not None
        assert claim_next() is None  # it is somebody's
        PeopleImport.objects.update(claimed_at="2020-01-01T00:00Z")
        assert worked_off(source).state == "done"
        assert Template.objects.count() == 2

    def test_a_process_that_is_told_to_end_gives_the_import_back(self, mall: Mall, at_work: StubRecognizer) -> None:
        source = sent_zip(zip_of({f"Person {number}/1.jpg": photo() for number in range(40)}))
        at_work._takes_s = 0.1
        with importing():
            wait_until(lambda: source.files.filter(state="enrolled").exists())
        source.refresh_from_db()
        assert (source.state, source.claimed_by) == ("waiting", "")
        at_work._takes_s = 0.0
        with importing():
            assert ended(source).state == "done"
        assert Template.objects.count() == 40

    def test_without_a_node_it_stops_and_says_so(self, mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
        for node in mall.nodes:
            node.address = "unix:///nowhere/node.sock"
            node.save()
        monkeypatch.setattr("recognition.imports.recognising.PATIENCE_S", PATIENCE_S / 100)
        source = sent_zip(zip_of({"Ada/1.jpg": photo()}))
        with importing():
            assert ended(source).state == "stopped"
        assert "No node answered" in source.detail
        assert jobs.progress_of(source).waiting == 1


class TestErasingDuringAnImport:
    def test_who_was_erased_is_not_brought_back_by_the_files_that_wait(
        self, mall: Mall, at_work: StubRecognizer
    ) -> None:
        photos = {"Ada/first.jpg": photo(), **{f"Ada/{number}.jpg": photo() for number in range(60)}}
        source = sent_zip(zip_of({**photos, "Bob/1.jpg": photo()}))
        at_work._takes_s = 0.05
        with importing():
            wait_until(lambda: Template.objects.filter(person__name="Ada").exists())
            remove([Person.objects.get(name="Ada")])
            ended(source)
        assert [person.name for person in Person.objects.all()] == ["Bob"]
        assert not source.files.filter(path__contains="Ada").exists()

    def test_nothing_names_them_in_the_reports_of_earlier_imports(self, worked_off: WorkedOff) -> None:
        worked_off(sent_zip(zip_of({"Ada/1.jpg": photo()})))
        remove([Person.objects.get()])
        assert not ImportedPerson.objects.exists()
        assert not ImportFile.objects.exists()
