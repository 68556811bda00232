"""Asking the database from asynchronous code."""

from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar, cast

from channels.db import database_sync_to_async

P = ParamSpec("P")
T = TypeVar("T")


def in_database_thread(function: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """`function` as a coroutine function: runs in Django's thread and gives back connections that have gone bad."""
    return cast(Callable[P, Awaitable[T]], database_sync_to_async(function))
