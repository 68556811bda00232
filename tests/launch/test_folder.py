import os
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from mallvision.environment import DataFolder
from mallvision.launch.errors import StartError
from mallvision.launch.folder import lock_folder, make_folder


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folder_and_its_keys_are_private(data: DataFolder) -> None:
    make_folder(data, {})
    assert [_mode(path) for path in (data.root, data.keys, data.sockets)] == [0o700] * 3
    assert [_mode(path) for path in (data.secret_key, data.field_keys)] == [0o600] * 2


def test_a_key_file_that_others_could_read_is_made_private(data: DataFolder) -> None:
    make_folder(data, {})
    data.field_keys.chmod(0o644)
    make_folder(data, {})
    assert _mode(data.field_keys) == 0o600


def test_the_field_key_is_one_that_encrypts(data: DataFolder) -> None:
    make_folder(data, {})
    Fernet(data.field_keys.read_text().strip())


def test_keys_stay_the_same(data: DataFolder) -> None:
    make_folder(data, {})
    before = data.secret_key.read_text(), data.field_keys.read_text()
    make_folder(data, {})
    assert (data.secret_key.read_text(), data.field_keys.read_text()) == before


def test_keys_from_the_environment_get_no_file(data: DataFolder) -> None:
    make_folder(data, {"MALLVISION_SECRET_KEY": "given", "MALLVISION_FIELD_KEYS": "given"})
    assert list(data.keys.iterdir()) == []


def test_a_lost_field_key_is_not_replaced(data: DataFolder) -> None:
    make_folder(data, {})
    (data.root / "mallvision.sqlite3").touch()
    data.field_keys.unlink()
    with pytest.raises(StartError, match="put it back"):
        make_folder(data, {})


@pytest.mark.parametrize("name", ["a;b", "a #b", "50%", "two\nlines"])
def test_a_path_that_the_supervisor_cannot_take_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StartError, match="may not contain"):
        make_folder(DataFolder(tmp_path / name), {})


def test_a_path_that_is_a_file_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StartError, match=r"^the data folder .* cannot be used"):
        make_folder(DataFolder(tmp_path / "file"), {})


def test_a_folder_is_served_by_one_at_a_time(data: DataFolder) -> None:
    make_folder(data, {})
    lock = lock_folder(data)
    with pytest.raises(StartError, match="already being served"):
        lock_folder(data, patience_s=0)
    os.close(lock)
    os.close(lock_folder(data))


def test_a_long_path_gets_short_sockets_in_a_private_folder(tmp_path: Path) -> None:
    data = DataFolder(tmp_path / ("long" * 30))
    make_folder(data, {})
    try:
        assert len(os.fsencode(data.socket("supervisor"))) < 90
        assert _mode(data.sockets) == 0o700
        assert data.sockets == DataFolder(data.root).sockets
        assert data.sockets != DataFolder(data.root / "other").sockets
    finally:
        data.sockets.rmdir()


def test_a_sockets_folder_that_is_not_a_folder_is_refused(tmp_path: Path) -> None:
    data = DataFolder(tmp_path / ("long" * 30))
    data.sockets.symlink_to(tmp_path)
    try:
        with pytest.raises(StartError, match="belongs to somebody else"):
            make_folder(data, {})
    finally:
        data.sockets.unlink()
