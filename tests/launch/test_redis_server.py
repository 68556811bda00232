from pathlib import Path

import pytest

from mallvision.launch.errors import StartError
from mallvision.launch.redis_server import Server, find_redis_server, server_command


def _program(folder: Path, name: str, version_line: str) -> Path:
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{version_line}'\n")
    program.chmod(0o700)
    return program


def _redis(folder: Path, version: str) -> Path:
    return _program(folder, "redis-server", f"Redis server v={version} sha=00000000:0 malloc=jemalloc bits=64")


def test_a_chosen_server_wins_over_the_path(tmp_path: Path) -> None:
    chosen = _redis(tmp_path / "chosen", "7.2.4")
    _redis(tmp_path / "path", "8.0.0")
    assert find_redis_server({"REDIS_SERVER": str(chosen), "PATH": str(tmp_path / "path")}) == chosen


def test_a_redis_on_the_path_is_taken(tmp_path: Path) -> None:
    assert find_redis_server({"PATH": str(tmp_path)}).name == "valkey-server"
    assert find_redis_server({"PATH": str(_redis(tmp_path, "6.2.0").parent)}) == tmp_path / "redis-server"


def test_a_redis_that_is_too_old_is_passed_over(tmp_path: Path) -> None:
    _redis(tmp_path, "6.0.16")
    assert find_redis_server({"PATH": str(tmp_path)}).parent != tmp_path


def test_a_valkey_on_the_path_is_taken(tmp_path: Path) -> None:
    valkey = _program(tmp_path, "valkey-server", "Valkey server v=8.1.0 sha=00000000:0")
    assert find_redis_server({"PATH": str(tmp_path)}) == valkey


@pytest.mark.parametrize("version", ["Redis server v=5.0.14", "something else"])
def test_a_chosen_server_that_will_not_do_is_refused(tmp_path: Path, version: str) -> None:
    chosen = _program(tmp_path, "redis-server", version)
    with pytest.raises(StartError, match=r"REDIS_SERVER=.* is not a Redis 6\.2"):
        find_redis_server({"REDIS_SERVER": str(chosen)})


def test_a_chosen_server_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="REDIS_SERVER="):
        find_redis_server({"REDIS_SERVER": str(tmp_path / "nothing")})


def test_the_hub_keeps_what_it_has_and_a_node_may_forget(tmp_path: Path) -> None:
    hub = server_command(Server("hub", tmp_path, keeps_on_disk=True), Path("redis"))
    node = server_command(Server("node-1", tmp_path, memory_mb=64), Path("redis"))
    assert [hub[hub.index(f"--{name}") + 1] for name in ("appendonly", "maxmemory-policy")] == ["yes", "noeviction"]
    assert [node[node.index(f"--{name}") + 1] for name in ("appendonly", "maxmemory-policy")] == ["no", "volatile-lru"]
