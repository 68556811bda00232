"""Servers in the forms that are several, whole and empty for each test; and clients of both kinds asked alike."""

import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from tests.redis_forms import RealCluster, SentinelTrio, real_cluster, sentinel_trio


class Asked:
    """A client of either kind, or a pipeline: every method is awaited."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def __getattr__(self, name: str) -> Any:
        async def call(*args: Any, **options: Any) -> Any:
            return await done(getattr(self.client, name)(*args, **options))

        return call


async def done(result: Any) -> Any:
    return await result if inspect.isawaitable(result) else result


@pytest.fixture(scope="module")
def _trio() -> Iterator[SentinelTrio]:
    with sentinel_trio() as servers:
        yield servers


@pytest.fixture
def trio(_trio: SentinelTrio) -> SentinelTrio:
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
