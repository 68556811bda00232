"""Each form of address over TLS, for both kinds of client."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

from benchmarks.forms.cluster import RealCluster, make_cluster
from benchmarks.forms.member import HOST, Member, data_server, running
from benchmarks.forms.trio import SentinelTrio
from recognition.node.connections import connect, connect_async
from tests.certificates import make_certificates
from tests.node.asked import Asked, done
from tests.tls import Tls, tls_url

REPLY_TIMEOUT_S = 2.0
TAGS = range(16)

Connect = Callable[[str, float], Any]


@pytest.fixture(params=[connect, connect_async], ids=["blocking", "async"])
def connecting(request: pytest.FixtureRequest) -> Connect:
    made: Connect = request.param
    return made


@pytest.fixture(scope="module")
def wary(tls: Tls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Member]:
    """It wants a certificate of its clients."""
    member = tls.secure(data_server(tmp_path_factory.mktemp("wary"), {}), wants_certificate=True)
    with running([member]):
        yield member


@pytest.fixture(scope="module")
def cluster(tls: Tls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealCluster]:
    made = make_cluster(tmp_path_factory.mktemp("cluster"))
    for member in made.members:
        tls.secure(member)
    with running(made.members):
        made.join()
        yield made


@asynccontextmanager
async def client(connecting: Connect, url: str) -> AsyncIterator[Asked]:
    made = connecting(url, REPLY_TIMEOUT_S)
    try:
        yield Asked(made)
    finally:
        await done(made.aclose() if connecting is connect_async else made.close())


async def stored(connecting: Connect, url: str, key: str = "key") -> Any:
    async with client(connecting, url) as asked:
        await asked.set(key, "value")
        return await asked.get(key)


async def test_one_server(connecting: Connect, tls_server: Member, tls: Tls) -> None:
    assert await stored(connecting, tls_url(tls_server.url, tls.trusting)) == b"value"


async def test_a_server_whose_authority_is_unknown_is_not_told_anything(
    connecting: Connect, tls_server: Member, tmp_path: Path
) -> None:
    others = make_certificates(tmp_path)
    with pytest.raises(redis.ConnectionError, match=r"(?i)certificate"):
        await stored(connecting, tls_url(tls_server.url, f"ssl_ca_certs={others.authority}"))


async def test_a_server_under_another_name_than_its_certificates_is_not_told_anything(
    connecting: Connect, tls_server: Member, tls: Tls
) -> None:
    url = tls_url(tls_server.url, tls.trusting).replace(HOST, "localhost")
    with pytest.raises(redis.ConnectionError, match=r"(?i)certificate"):
        await stored(connecting, url)
    assert await stored(connecting, f"{url}&ssl_check_hostname=false") == b"value"


async def test_a_certificate_of_ones_own_is_shown(connecting: Connect, wary: Member, tls: Tls) -> None:
    with pytest.raises(redis.RedisError):
        await stored(connecting, tls_url(wary.url, tls.trusting))
    assert await stored(connecting, tls_url(wary.url, tls.showing)) == b"value"


async def test_sentinels_and_whatever_master_they_name(tls_trio: SentinelTrio, tls: Tls) -> None:
    url = tls_url(tls_trio.url, tls.trusting)
    async with client(connect, url) as blocking, client(connect_async, url) as later:
        assert await blocking.set("key", "before")
        assert await later.get("key") == b"before"
        with tls.doors.for_all():
            tls_trio.wait_for_failover(tls_trio.kill_master())
        assert await answered(lambda: blocking.set("key", "after"))
        assert await answered(lambda: later.get("key")) == b"after"


async def answered(ask: Callable[[], Awaitable[Any]]) -> Any:
    """The command that meets the dead master fails."""
    try:
        return await ask()
    except redis.ConnectionError:
        return await ask()


async def test_sentinels_whose_authority_is_unknown(tls_trio: SentinelTrio, tmp_path: Path) -> None:
    url = tls_url(tls_trio.url, f"ssl_ca_certs={make_certificates(tmp_path).authority}")
    for connecting in (connect, connect_async):
        with pytest.raises(redis.ConnectionError, match=r"(?i)certificate"):
            await stored(connecting, url)


async def test_every_master_of_a_cluster(connecting: Connect, cluster: RealCluster, tls: Tls) -> None:
    async with client(connecting, tls_url(cluster.url, tls.trusting)) as asked:
        for tag in TAGS:
            await asked.set(f"key:{{{tag}}}", str(tag))
        assert [await asked.get(f"key:{{{tag}}}") for tag in TAGS] == [str(tag).encode() for tag in TAGS]
        assert len(await asked.masters()) == 3
