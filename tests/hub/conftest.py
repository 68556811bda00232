from collections.abc import AsyncIterator

import pytest

from recognition.hub.ledger import Ledger
from recognition.node.connections import connect_async


@pytest.fixture
async def ledger(hub_url: str) -> AsyncIterator[Ledger]:
    client = connect_async(hub_url)
    yield Ledger(client, scene_refresh_s=10.0)
    await client.aclose()
    await client.connection_pool.disconnect()
