"""Which photos of real people are fetched, to be shown and to calibrate with: where each lies, whose, on what terms."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Photo:
    """A member of a package's archive. digest: sha256 of its bytes, in hex."""

    member: str
    digest: str
    person: str
    source: str
    licence: str
    note: str = ""

    @property
    def file(self) -> str:
        return self.member.rpartition("/")[2]

    def credit(self) -> dict[str, str]:
        return {
            "file": self.file,
            "person": self.person,
            "source": self.source,
            "licence": self.licence,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class Parcel:
    """Photos that lie in one archive: any file of the project whose name starts and ends so.

    digest: sha256 of the archive, where it is the same file on every platform.
    """

    project: str
    name_starts: str
    name_ends: Literal[".whl", ".tar.gz"]
    photos: tuple[Photo, ...]
    digest: str | None = None


ASTRONAUT = Photo(
    member="skimage/data/astronaut.png",
    digest="88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
    person="Eileen Collins",
    source="NASA, through scikit-image 0.26.0",
    licence="Public domain",
    note="The simulated cameras also show a part of it in other sizes and on other backgrounds.",
)

_WHITE_HOUSE = (
    "Official White House photo. Not to be manipulated, nor used in commercial or political materials; "
    "here for trying out only."
)


def _white_house(file: str, digest: str, person: str, note: str = "") -> Photo:
    return Photo(
        member=f"face_recognition-1.3.0/tests/test_images/{file}",
        digest=digest,
        person=person,
        source="Pete Souza, The White House, through face_recognition 1.3.0",
        licence=_WHITE_HOUSE,
        note=note or "Shown as it is.",
    )


_CUT = "Cut like this in the package; shown as it is there."

WHITE_HOUSE = (
    _white_house("biden.jpg", "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c", "Joe Biden"),
    _white_house("obama.jpg", "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6", "Barack Obama"),
    _white_house("obama2.jpg", "a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6", "Barack Obama"),
    _white_house("obama3.jpg", "76ac6bf97c36dc2da0ad16a537d6a5ac1b10f48d49aac29a0cca9a17cdbc3ca3", "Barack Obama"),
    _white_house(
        "obama_partial_face.jpg",
        "c2d1f09e7ef3042352b41e41286e6eb0522f64f88308be13886991b95db52117",
        "Barack Obama",
        _CUT,
    ),
    _white_house(
        "obama_partial_face2.jpg",
        "9a812347f97633542b8cd9992de22def11b74f79d82056bc3ee830f13878e028",
        "Barack Obama",
        _CUT,
    ),
)
PARCELS = (
    Parcel("scikit-image", "scikit_image-0.26.0-", ".whl", (ASTRONAUT,)),
    Parcel(
        "face-recognition",
        "face_recognition-1.3.0",
        ".tar.gz",
        WHITE_HOUSE,
        digest="5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec",
    ),
)
