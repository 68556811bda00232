"""A fault in which nodes say everything twice."""

import asyncio
from typing import Any

from benchmarks.faults.fault import Fault
from benchmarks.faults.mall import Mall
from benchmarks.processes import BenchmarkFailed
from recognition.node import keys
from recognition.node.connections import Redis, connect_async

BLOCK_MS = 100
AGAIN_AFTER_S = 0.5
TRIES_S = 3.0


class DeliveredTwice(Fault):
    name = "results-twice"
    breaks = "each result of all nodes appended to its stream twice more: at once, and half a second later"

    async def strike(self, mall: Mall) -> None:
        copied = await asyncio.gather(*(self._copy(url, TRIES_S) for url in mall.site.node_urls))
        if not all(copied):
            raise BenchmarkFailed("a node had no result to be copied")

    async def _copy(self, url: str, lasts_s: float) -> int:
        """How many entries were copied. Copies are not copied again."""
        node = connect_async(url)
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + lasts_s
        after, copies = b"$", {b""}
        again: list[asyncio.Task[None]] = []
        while loop.time() < ends_at:
            for _, entries in await node.xread({keys.ONLY.results: after}, block=BLOCK_MS):
                for entry_id, fields in entries:
                    after = entry_id
                    if entry_id in copies:
                        continue
                    copies.add(await node.xadd(keys.ONLY.results, fields))
                    again.append(asyncio.create_task(self._later(node, fields)))
        await asyncio.gather(*again)
        await node.aclose()
        return len(again)

    async def _later(self, node: Redis, fields: Any) -> None:
        await asyncio.sleep(AGAIN_AFTER_S)
        await node.xadd(keys.ONLY.results, fields)
