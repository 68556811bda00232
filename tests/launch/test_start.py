"""The whole product, started and ended as `make run` does it."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

from mallvision.environment import BASE_DIR
from tests.launch.conftest import Running, Starter, find_free_port, product_environment, starter

COMMAND = (sys.executable, "-m", "mallvision.launch")


@dataclass(frozen=True, slots=True)
class Mall:
    running: Running
    said: str

    @property
    def password(self) -> str:
        found = re.search(r"with the password (\S+) \(shown only this once\)", self.said)
        assert found is not None
        return found[1]


@pytest.fixture(scope="module")
def mall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mall]:
    port = find_free_port()
    with starter(tmp_path_factory.mktemp("mall") / "data", port) as start:
        variables = {"MALLVISION_DEMO": "0", "MALLVISION_EMBEDDED_NODES": "1", "MALLVISION_PORT": str(port)}
        running = start(*COMMAND, **variables)
        yield Mall(running, "".join(running.lines_until("Log in as admin")))


def test_it_comes_up_and_tells_its_address(mall: Mall) -> None:
    assert f"http://127.0.0.1:{mall.running.port}/" in mall.said
    assert _get(mall.running.port, "/healthz") == 200


def test_the_password_that_was_made_is_in_no_file(mall: Mall) -> None:
    assert _files_with(mall.running.data, mall.password) == []


def test_no_key_or_password_is_in_an_argument(mall: Mall) -> None:
    keys = [(mall.running.data / "keys" / name).read_text().strip() for name in ("secret-key", "field-keys")]
    arguments = " ".join(word for process in mall.running.family for word in process.cmdline())
    assert not any(secret in arguments for secret in [*keys, mall.password])


def test_no_process_is_given_the_admins_password(stub_mall: Starter) -> None:
    stubs = stub_mall(MALLVISION_ADMIN_PASSWORD="given for the test")
    stubs.lines_until("login")
    assert all("MALLVISION_ADMIN_PASSWORD" not in process.environ() for process in stubs.family)


def test_management_commands_work_meanwhile(mall: Mall) -> None:
    assert _manage(mall.running.data, "check", "--database", "default").returncode == 0


def test_everything_goes_when_told_and_the_data_stays(mall: Mall) -> None:
    mall.running.process.send_signal(signal.SIGTERM)
    assert mall.running.survivors() == []
    assert (mall.running.data / "mallvision.sqlite3").exists()


def test_a_taken_port_is_told_before_anything_is_made(start: Starter, free_port: int, tmp_path: Path) -> None:
    holder = start(sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "{port}")
    holder.lines_until("Serving")
    refused = start(*COMMAND, MALLVISION_PORT=str(free_port))
    assert refused.process.communicate(timeout=30)[0].count("\n") == 1
    assert refused.process.returncode == 1
    assert not (tmp_path / "data").exists()


def test_a_bad_variable_is_told_in_one_line(start: Starter) -> None:
    refused = start(*COMMAND, MALLVISION_PORT="eighty")
    assert refused.process.communicate(timeout=30)[0].startswith("MallVision: MALLVISION_PORT='eighty' cannot be used")


def _get(port: int, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def _files_with(folder: Path, words: str) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and words.encode() in file.read_bytes()]


def _manage(data: Path, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "mallvision.launch.manage", *arguments]
    return subprocess.run(command, cwd=BASE_DIR, env=product_environment(data), check=False, timeout=30)


def test_a_mistyped_data_folder_is_refused_and_not_made(tmp_path: Path) -> None:
    ended = _manage(tmp_path / "mistyped", "create_camera", "gate-1", "--group", "entrance")
    assert ended.returncode == 1
    assert not (tmp_path / "mistyped").exists()


def test_a_mall_is_planned_without_a_data_folder(tmp_path: Path) -> None:
    ended = _manage(tmp_path / "none", "simulate_cluster", "--cameras", "5", "--hours", "0.01")
    assert ended.returncode == 0
    assert not (tmp_path / "none").exists()
