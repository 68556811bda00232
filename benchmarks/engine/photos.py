"""Which photos are measured: real ones from a folder, cut and scaled to a camera's sizes, written to another folder."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.engine.pictures import around, hall, jpeg, oval, pasted, read, scaled, side_px, wide_around, with_noise
from benchmarks.processes import BenchmarkFailed
from recognition.engine.answers import Box, Pixels

SIZES_PX = {"480p": (854, 480), "720p": (1280, 720), "1080p": (1920, 1080)}
MOST_PHOTOS = 4  # of one face
LEAST_FRAME_PX = 1000
LEAST_CROWD = 2
SMALL_CROWD_PX = 800
HALL_PX = (1280, 720)
COPIES = (1, 2, 4, 8)  # of faces, for what a further one costs
COPY_FACE_PX = 110
NOISE_SIGMA = 2.0  # a camera's, between two photos of one scene
EVERY_FRAME = 5

FindFaces = Callable[[Path], Sequence[Box]]


@dataclass(frozen=True, slots=True)
class Photo:
    """source: what it was made of, for people. scene: another photo of the same scene, with other noise."""

    kind: str
    file: Path
    source: str
    scene: Path | None = None


@dataclass(frozen=True, slots=True)
class Portrait:
    """A photo of one person alone."""

    name: str
    pixels: Pixels
    box: Box


def pictures_in(folder: Path) -> list[Path]:
    """Those in folders called `bad` are left out."""
    files = (file for kind in ("jpg", "jpeg", "png") for file in folder.rglob(f"*.{kind}"))
    return sorted(file for file in files if "bad" not in file.relative_to(folder).parts)


def _closeness(portrait: Portrait) -> tuple[bool, float]:
    """A camera sees a face from afar; and a photo that must be enlarged much comes last."""
    height, width = portrait.pixels.shape[:2]
    frame_width = min(width, height * 16 / 9)
    return frame_width < LEAST_FRAME_PX, side_px(portrait.box) / frame_width


class Studio:
    """Makes the photos of a run out of those in `source`, in `folder`."""

    def __init__(self, source: Path, folder: Path, find_faces: FindFaces) -> None:
        self._source, self._folder = source, folder
        self._faces = {file: find_faces(file) for file in pictures_in(source)}
        alone = (self._portrait(file, faces[0]) for file, faces in self._faces.items() if len(faces) == 1)
        self._portraits = sorted(alone, key=_closeness)[:MOST_PHOTOS]
        if not self._portraits:
            raise BenchmarkFailed(f"there is no photo of one face in {source}")

    def one_face(self, kind: str) -> list[Photo]:
        return [self._kept(kind, portrait, self._framed(kind, portrait)) for portrait in self._portraits]

    def scenes(self, kind: str) -> list[Photo]:
        """Each with an earlier photo of the same scene."""
        random = np.random.default_rng(3)
        return list(self._scenes(kind, random))

    def crowd(self) -> list[Photo]:
        """The photos of several faces as they are; where there are none, copies of faces in a hall."""
        crowds = [(file, faces) for file, faces in self._faces.items() if len(faces) >= LEAST_CROWD]
        if not crowds:
            return self.copies()[1:]
        return [Photo("crowd", file, f"{self._name(file)}, {len(faces)} faces") for file, faces in crowds]

    def small_crowd(self) -> list[Photo]:
        """The same 800 pixels long, and as a camera writes a JPEG: not progressive."""
        return [self._small(photo) for photo in self.crowd()]

    def copies(self) -> list[Photo]:
        """One scene with 1, 2, 4 and 8 faces in it."""
        return [self._written("copies", f"{count} faces", self._hall_with(count)) for count in COPIES]

    def frames(self) -> list[Photo]:
        """Every fifth frame of the arcade's video, where it is there."""
        video = self._source / "video" / "arcade_walk_1080p.mp4"
        if not video.is_file():
            return []
        frames = enumerate(_frames(video))
        return [self._written("video", f"{video.name} {n}", frame) for n, frame in frames if n % EVERY_FRAME == 0]

    def _scenes(self, kind: str, random: np.random.Generator) -> Iterator[Photo]:
        for portrait in self._portraits:
            still = self._framed(kind, portrait)
            earlier, later = (
                self._written(f"{kind} scene", f"{portrait.name} {word}", with_noise(still, NOISE_SIGMA, random))
                for word in ("earlier", "later")
            )
            yield Photo(later.kind, later.file, later.source, earlier.file)

    def _hall_with(self, count: int) -> Pixels:
        """Left to right, then the second row; whoever comes first stands in every one."""
        random = np.random.default_rng(5)
        scene = with_noise(hall(*HALL_PX, random), NOISE_SIGMA, random)
        for number in range(count):
            portrait = self._portraits[number % len(self._portraits)]
            face, box = around(portrait.pixels, portrait.box, 2.0)
            ratio = COPY_FACE_PX * 2 / (box[2] + box[3])
            face = scaled(face, round(face.shape[1] * ratio), round(face.shape[0] * ratio))
            left, top = 30 + number % 4 * 310, 60 + number // 4 * 330
            scene = pasted(scene, face, left, top, oval(*face.shape[:2]))
        return scene

    def _small(self, crowd: Photo) -> Photo:
        pixels = read(crowd.file.read_bytes())
        height, width = pixels.shape[:2]
        ratio = min(1.0, SMALL_CROWD_PX / max(width, height))
        return self._written("crowd 800 px", crowd.source, scaled(pixels, round(width * ratio), round(height * ratio)))

    def _name(self, file: Path) -> str:
        return str(file.relative_to(self._source))

    def _portrait(self, file: Path, box: Box) -> Portrait:
        return Portrait(self._name(file), read(file.read_bytes()), box)

    def _framed(self, kind: str, portrait: Portrait) -> Pixels:
        width_px, height_px = SIZES_PX[kind]
        return scaled(wide_around(portrait.pixels, portrait.box, width_px / height_px), width_px, height_px)

    def _kept(self, kind: str, portrait: Portrait, pixels: Pixels) -> Photo:
        height, width = portrait.pixels.shape[:2]
        photo = self._written(kind, portrait.name, pixels)
        face = side_px(portrait.box) / min(width, height * 16 / 9)
        return Photo(kind, photo.file, f"{portrait.name}, {width} x {height}, the face {face:.0%} of the frame's width")

    def _written(self, kind: str, name: str, pixels: Pixels) -> Photo:
        file = self._folder / f"{kind} {name}.jpg".replace("/", "-").replace(" ", "_")
        file.write_bytes(jpeg(pixels))
        return Photo(kind, file, name)


def _frames(video: Path) -> Iterator[Pixels]:
    reader = cv2.VideoCapture(str(video))
    try:
        while True:
            is_there, frame = reader.read()
            if not is_there:
                return
            yield np.asarray(frame, dtype=np.uint8)
    finally:
        reader.release()
