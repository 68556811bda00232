"""Whether a face is fit to be enrolled: large, sharp and turned to the camera."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import hypot, inf

from django.conf import settings

from recognition.node.messages import Face
from recognition.people.decision import telling_quality
from recognition.people.objections import Objection, Reason


@dataclass(frozen=True, slots=True)
class Fitness:
    """What is known of a face; None where it is not, as with the face of a sighting.

    width_px: of its box. sharpness: 0 to 1. turn: see `turn_of`.
    """

    width_px: int | None
    sharpness: float
    turn: float | None

    @classmethod
    def of(cls, face: Face) -> "Fitness":
        return cls(face.box[2], telling_quality(face), turn_of(face.landmarks))

    def objections(self) -> Iterator[Objection]:
        if self.width_px is not None and self.width_px < settings.MALLVISION_ENROL_FACE_PX:
            limit = settings.MALLVISION_ENROL_FACE_PX
            yield Objection(Reason.TOO_SMALL, {"face_px": self.width_px, "limit": limit})
        if self.sharpness < settings.MALLVISION_ENROL_SHARPNESS:
            limit = settings.MALLVISION_ENROL_SHARPNESS
            yield Objection(Reason.BLURRED, {"sharpness": self.sharpness, "limit": limit})
        if self.turn is not None and self.turn > settings.MALLVISION_ENROL_TURN:
            yield Objection(Reason.TURNED_AWAY, {"turn": self.turn, "limit": settings.MALLVISION_ENROL_TURN})


MOST_TURN = 9.99  # of a face whose eyes lie on one another


def turn_of(landmarks: Sequence[float]) -> float:
    """How far the base of the nose lies beside the middle of the eyes, as a part of their distance. Tilting the head
    does not change it.

    landmarks: `recognition.node.messages.Face.landmarks`. Of the 16 sample portraits none is above 0.18; 0.42 is a face
    looked at half from the side.
    """
    x, y = landmarks[0::2], landmarks[1::2]
    left_x, left_y, right_x, right_y = (sum(pair) / 2 for pair in (x[0:2], y[0:2], x[2:4], y[2:4]))
    axis_x, axis_y = right_x - left_x, right_y - left_y
    apart = hypot(axis_x, axis_y)
    beside = (x[4] - (left_x + right_x) / 2) * axis_x + (y[4] - (left_y + right_y) / 2) * axis_y
    return min(abs(beside) / apart**2 if apart else inf, MOST_TURN)
