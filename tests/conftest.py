"""Real Redis servers, one set for the whole session, emptied for each test that asks for them."""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from channels.layers import channel_layers
from django.db import connections
from django.test import TransactionTestCase
from django.utils import translation
from pytest_django import Settings

from benchmarks.forms.cluster import RealCluster
from benchmarks.forms.member import Member, data_server, running
from benchmarks.forms.trio import SentinelTrio, make_trio
from cameras.database import in_database_thread
from recognition.collector import streams
from recognition.intake.process import close_web_process
from recognition.node import queue, taking
from recognition.node.connections import Redis, connect
from recognition.people.gallery import live_gallery
from tests.certificates import make_certificates
from tests.database import empty_the_tables
from tests.environment import FOLDER, SOCKETS
from tests.mall import Mall, Web, build_mall
from tests.mortal_hub import MortalHub, running_hub
from tests.redis_forms import real_cluster, sentinel_trio
from tests.servers import start_server
from tests.tls import Tls

TESTS = Path(__file__).parent
SLOW = {"faults", "launch", "node", "live", "hub", "people"}
SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: needs Chromium; run by `make test-browser`")
    config.addinivalue_line("markers", "faults: breaks a whole mall, which takes minutes; run by `make test-faults`")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that wait for processes come first: the many short ones then fill what is left of each worker's time."""
    items.sort(key=lambda item: not SLOW.intersection(item.path.relative_to(TESTS).parts))


@pytest.fixture(scope="session", autouse=True)
def _quick_flush() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_the_tables)
        yield


@pytest.fixture(autouse=True)
def _no_language_left_over() -> Iterator[None]:
    """Django's test client leaves that of the last request behind."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session", autouse=True)
def _quick_ends() -> Iterator[None]:
    """Workers and collectors in threads notice sooner that they should stop."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (queue, taking, streams):
            patch.setattr(module, "BLOCK_MS", 40)
        yield


@pytest.fixture(scope="session", autouse=True)
def _folder() -> Iterator[None]:
    yield
    shutil.rmtree(FOLDER, ignore_errors=True)


@pytest.fixture(scope="session")
def redis_servers() -> Iterator[dict[str, str]]:
    """name -> URL of hub, node-1, node-2 and node-3."""
    processes = [
        start_server(socket, "--maxmemory-policy", "noeviction" if name == "hub" else "volatile-lru")
        for name, socket in SOCKETS.items()
    ]
    yield {name: f"unix://{socket}" for name, socket in SOCKETS.items()}
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(10)


@pytest.fixture
def hub_url(redis_servers: dict[str, str]) -> str:
    connect(redis_servers["hub"]).flushall()
    channel_layers.backends.clear()
    live_gallery.cache_clear()
    return redis_servers["hub"]


@pytest.fixture(autouse=True)
def _no_gallery_of_another_test() -> None:
    """Its epoch may be that of this test's own, whose content is another."""
    live_gallery.cache_clear()


@pytest.fixture
def hub(hub_url: str) -> Redis:
    return connect(hub_url)


@pytest.fixture
def mortal_hub(hub_url: str, settings: Settings) -> Iterator[MortalHub]:
    """In place of the session's hub."""
    with running_hub(settings) as hub:
        yield hub


@pytest.fixture
def node_urls(redis_servers: dict[str, str]) -> list[str]:
    urls = [url for name, url in redis_servers.items() if name != "hub"]
    for url in urls:
        connect(url).flushall()
    return urls


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _usual_language() -> Iterator[None]:
    """A request in Chinese leaves its thread speaking it."""
    yield
    translation.deactivate()


@pytest.fixture
def mall(transactional_db: None, hub_url: str, node_urls: list[str]) -> Mall:
    """One camera in one group on three nodes; threads and processes of the test see the same database."""
    return build_mall(node_urls)


@pytest.fixture
async def web(mall: Mall) -> AsyncIterator[Web]:
    yield Web(mall.token)
    await close_web_process()
    await in_database_thread(connections.close_all)()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tls]:
    """What makes servers speak TLS, as the next ones do."""
    found = Tls(make_certificates(tmp_path_factory.mktemp("certificates")))
    yield found
    found.doors.close()


@pytest.fixture(scope="module")
def tls_server(tls: Tls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Member]:
    """One server."""
    member = tls.secure(data_server(tmp_path_factory.mktemp("server"), {}))
    with running([member]):
        yield member


@pytest.fixture
def tls_trio(tls: Tls, tmp_path: Path) -> Iterator[SentinelTrio]:
    """A master, its replica and their Sentinels."""
    made = make_trio(tmp_path)
    for member in made.members:
        tls.secure(member)
    with ExitStack() as stack:
        with tls.doors.for_all():
            stack.enter_context(running(made.members))
            made.heal()
        yield made


@pytest.fixture(scope="module")
def _trio() -> Iterator[SentinelTrio]:
    with sentinel_trio() as servers:
        yield servers


@pytest.fixture
def trio(_trio: SentinelTrio) -> SentinelTrio:
    """Whole and empty, as the Clusters below: each test may kill what it likes."""
    _trio.heal()
    return _trio


@pytest.fixture(scope="module")
def _cluster() -> Iterator[RealCluster]:
    with real_cluster() as servers:
        yield servers


@pytest.fixture
def cluster(_cluster: RealCluster) -> RealCluster:
    """Three masters without replicas."""
    _cluster.heal()
    return _cluster


@pytest.fixture(scope="module")
def _replicated() -> Iterator[RealCluster]:
    with real_cluster(with_replicas=True) as servers:
        yield servers


@pytest.fixture
def replicated(_replicated: RealCluster) -> RealCluster:
    """Three masters with a replica each."""
    _replicated.heal()
    return _replicated
