import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.forms.cluster import RealCluster
from benchmarks.forms.member import Member
from benchmarks.forms.trio import SentinelTrio
from cameras.connection_test import Finding, Unusable, try_all, try_connection
from recognition.node import keys
from recognition.node.connections import Redis, connect
from tests.beats import beat_as, beat_as_worker
from tests.cameras.conftest import SECRET
from tests.certificates import make_certificates
from tests.tls import tls_url

NO_WORKER = "No worker is alive: photos will wait."


@pytest.fixture
def url(node_urls: list[str]) -> str:
    return node_urls[0]


@pytest.fixture
def server(url: str) -> Redis:
    return connect(url)


def found(url: str) -> Finding:
    finding = try_connection(url)
    assert isinstance(finding, Finding)
    return finding


def reason(url: str) -> str:
    finding = try_connection(url)
    assert isinstance(finding, Unusable)
    return finding.reason


@contextmanager
def listening(reply: bytes | None) -> Iterator[int]:
    """The port of a server that answers everything with `reply`, or with silence."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _address = listener.accept()
            with connection:
                while connection.recv(4096):
                    if reply is not None:
                        connection.sendall(reply)

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]


def test_a_living_server_is_described(url: str) -> None:
    finding = found(url)
    assert finding.server in {"Redis", "Valkey"}
    assert finding.version[0].isdigit()
    assert finding.mode == "standalone"
    assert 0 < finding.latency_ms < 1000


def test_living_workers_and_waiting_photos_are_counted(url: str, server: Redis) -> None:
    beat_as_worker(server, name="alive")
    beat_as_worker(server, name="dead")
    server.zadd(keys.ONLY.workers, {"dead": 1})
    server.xadd(keys.ONLY.jobs, {"job": b"", "photo": b""})
    finding = found(url)
    assert (finding.workers, finding.queued) == (1, 1)


def test_a_server_without_a_worker_is_warned_of(url: str) -> None:
    assert found(url).warnings == [NO_WORKER]


def test_an_eviction_policy_that_could_lose_jobs_is_warned_of(url: str, server: Redis) -> None:
    server.config_set("maxmemory-policy", "allkeys-lru")
    try:
        assert any("allkeys-lru" in warning for warning in found(url).warnings)
    finally:
        server.config_set("maxmemory-policy", "volatile-lru")


def test_garbage_where_a_worker_should_write_is_told(url: str, server: Redis) -> None:
    beat_as(server, "strange", b"\xc1garbage")
    assert "something other than a worker" in reason(url)


def test_a_key_of_another_kind_is_told(url: str, server: Redis) -> None:
    server.set(keys.ONLY.jobs, "text")
    assert reason(url) == "The server answers, but not as a node's Redis does."


def test_a_wrong_password_is_told(url: str, server: Redis) -> None:
    server.acl_setuser("alice", enabled=True, passwords=["+right"], commands=["+@all"], keys=["*"])
    path = url.removeprefix("unix://")
    try:
        assert "does not accept the user or the password" in reason(f"unix://alice:wrong@{path}")
    finally:
        server.acl_deluser("alice")


def test_a_user_without_the_needed_commands_is_told(url: str, server: Redis) -> None:
    server.acl_setuser("bob", enabled=True, passwords=["+right"], commands=["+ping"], keys=["*"])
    path = url.removeprefix("unix://")
    try:
        assert "does not allow this user" in reason(f"unix://bob:right@{path}")
    finally:
        server.acl_deluser("bob")


def test_a_port_on_which_nothing_listens_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert "nothing listens" in reason(f"redis://127.0.0.1:{port}")


def test_a_missing_socket_is_told() -> None:
    assert reason("unix:///nowhere/node.sock") == "There is no socket at this path."


def test_a_name_that_no_host_has_is_told() -> None:
    assert "name" in reason("redis://no-such-host.invalid")


@pytest.mark.parametrize("host", ["node..mall", "a" * 64])
def test_a_name_that_cannot_be_looked_up_is_told(host: str) -> None:
    assert reason(f"redis://{host}") == "The address cannot be read."


def test_a_server_that_stays_silent_is_told_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cameras.connection_test.TIMEOUT_S", 0.2)
    with listening(None) as port:
        assert "did not answer within" in reason(f"redis://127.0.0.1:{port}")


def test_a_server_that_echoes_the_password_does_not_get_it_repeated() -> None:
    with listening(f"-ERR unknown command AUTH {SECRET}\r\n".encode()) as port:
        assert SECRET not in reason(f"redis://:{SECRET}@127.0.0.1:{port}")


def test_a_server_that_speaks_something_else_is_told() -> None:
    with listening(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert reason(f"redis://127.0.0.1:{port}")


def test_the_answers_stand_in_the_order_of_the_addresses(url: str) -> None:
    first, second = try_all(["unix:///nowhere/node.sock", url])
    assert isinstance(first, Unusable)
    assert isinstance(second, Finding)


def test_behind_sentinels_the_master_and_its_replicas_are_told(trio: SentinelTrio) -> None:
    finding = found(trio.url)
    assert finding.mode == f"Sentinel: master 127.0.0.1:{trio.master().port}, 1 replica"
    assert finding.warnings == [NO_WORKER]


def test_a_sentinel_that_does_not_answer_is_warned_of(trio: SentinelTrio) -> None:
    trio.sentinels[0].kill()
    assert f"These Sentinels do not answer: 127.0.0.1:{trio.sentinels[0].port}." in found(trio.url).warnings


def test_a_master_without_a_replica_is_warned_of(trio: SentinelTrio) -> None:
    trio.wait_for_failover(trio.kill_master())
    assert "The master has no replica: there is nothing to fail over to." in found(trio.url).warnings


def test_sentinels_that_know_no_such_master_are_told(trio: SentinelTrio) -> None:
    assert "no living master of this name" in reason(trio.url.replace("/mall", "/market"))


def test_of_a_cluster_masters_and_slots_are_told(cluster: RealCluster) -> None:
    finding = found(cluster.url)
    assert finding.mode == "Cluster: 3 masters, 16384 of 16384 slots served"
    assert finding.warnings == [NO_WORKER]


def test_a_cluster_that_one_dead_master_would_stop_is_warned_of(cluster: RealCluster) -> None:
    master = cluster.masters[1]
    master.ask("CONFIG", "SET", "cluster-require-full-coverage", "yes")
    try:
        (warning, _no_worker) = found(cluster.url).warnings
    finally:
        master.ask("CONFIG", "SET", "cluster-require-full-coverage", "no")
    assert f"127.0.0.1:{master.port}" in warning
    assert "one dead master would stop all" in warning


def test_the_eviction_policy_of_each_master_is_looked_at(cluster: RealCluster) -> None:
    master = cluster.masters[2]
    master.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    try:
        assert f"allkeys-lru (127.0.0.1:{master.port})" in found(cluster.url).warnings[0]
    finally:
        master.ask("CONFIG", "SET", "maxmemory-policy", "volatile-lru")


def test_a_master_that_does_not_answer_is_warned_of(cluster: RealCluster) -> None:
    for dead in cluster.masters[:2]:
        dead.kill()
    silent = ", ".join(f"127.0.0.1:{port}" for port in sorted(one.port for one in cluster.masters[:2]))
    assert found(cluster.url).warnings == [f"These masters do not answer: {silent}."]


def test_a_server_that_is_no_cluster_is_told(trio: SentinelTrio) -> None:
    assert "not as a node's Redis does" in reason(trio.data[0].url.replace("redis://", "redis+cluster://"))


def test_a_certificate_that_nobody_trusts_is_told(tls_server: Member, tmp_path: Path) -> None:
    others = make_certificates(tmp_path).authority
    assert reason(tls_url(tls_server.url, f"ssl_ca_certs={others}")) == "The server's certificate is not trusted."
