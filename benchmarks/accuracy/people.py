"""Photos of known people: DIR/NAME/photo."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmarks.engine.photos import pictures_in
from benchmarks.engine.pictures import around, read
from benchmarks.processes import BenchmarkFailed
from recognition.engine.answers import Box, Pixels

MARGIN_TIMES = 4.0  # the face's side: what of a photo is kept around a face that is degraded


@dataclass(frozen=True, slots=True)
class Labelled:
    """One photo. place: of the face that is its person's, None where nobody finds one."""

    person: str
    file: Path
    place: Box | None = None

    @property
    def name(self) -> str:
        return f"{self.person}/{self.file.name}"

    def content(self) -> bytes:
        return self.file.read_bytes()

    def cut(self) -> tuple[Pixels, Box] | None:
        """The person's face with what is around it, and where it is there."""
        return None if self.place is None else around(read(self.content()), self.place, MARGIN_TIMES)


def read_people(folder: Path) -> list[Labelled]:
    """Raises BenchmarkFailed unless there are two people, and two photos of one."""
    photos = [Labelled(file.parent.name, file) for file in pictures_in(folder) if file.parent.parent == folder]
    counted = Counter(photo.person for photo in photos)
    if len(counted) < 2 or max(counted.values()) < 2:
        raise BenchmarkFailed(f"{folder} needs photos of two people at least, and two of one: NAME/photo.jpg")
    return photos
