from pathlib import Path

import pytest

from recognition.demo.roll import FolderRoll, MixedRoll, Shot, photos_in
from recognition.demo.scenes import SceneMaker

REAL = b"a real photo"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.PNG", "a.jpg", "c.webp", "notes.txt"):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "d.jpg").mkdir()
    return tmp_path


def test_a_folders_photos_are_shown_in_turn_with_their_types(folder: Path) -> None:
    roll = FolderRoll(photos_in(folder), start=1)
    assert [roll.next() for _ in range(4)] == [
        Shot(b"b.PNG", "image/png"),
        Shot(b"c.webp", "image/webp"),
        Shot(b"a.jpg", "image/jpeg"),
        Shot(b"b.PNG", "image/png"),
    ]


def test_a_mixed_roll_shows_repeats_real_photos_and_fresh_scenes(tmp_path: Path) -> None:
    real = tmp_path / "real.jpg"
    real.write_bytes(REAL)
    roll = MixedRoll([real], SceneMaker(None, seed=1), seed=1)
    shown = [roll.next().photo for _ in range(60)]
    assert shown.count(REAL) > 3
    assert 20 < len(set(shown)) < 50


def test_a_mixed_roll_without_real_photos_shows_scenes_alone() -> None:
    roll = MixedRoll([], SceneMaker(None, seed=1), seed=1)
    assert all(roll.next().photo.startswith(b"\xff\xd8") for _ in range(10))
