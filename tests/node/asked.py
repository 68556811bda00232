"""Clients of both kinds, blocking and async, asked alike."""

import inspect
from typing import Any


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
