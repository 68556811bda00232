"""Many photos looked at by nodes at once, so that they work in batches and nobody waits for a single one."""

import asyncio
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from recognition.intake.enrolling import ENROL_WAIT_S, digest_of
from recognition.intake.problems import Problem
from recognition.intake.process import close_web_process
from recognition.intake.submission import Unavailable, recognise
from recognition.node.messages import Answer, Purpose, Unreadable

K = TypeVar("K")

AT_ONCE = 24
MOST_BYTES_AT_ONCE = 32_000_000
PRIORITY = 3  # of 9: cameras go first
PATIENCE_S = 20.0
RETRY_AFTER_S = 0.5


@dataclass(frozen=True, slots=True)
class Looked(Generic[K]):
    """answer: Unavailable when no node has given one in all patience."""

    key: K
    digest: str
    answer: Answer | Unavailable


def recognise_all(photos: Iterator[tuple[K, bytes]]) -> Generator[Looked[K], None, None]:
    """An answer for each photo, in their order. Takes no more of `photos` than it has in work.

    For synchronous code outside of any event loop. Close it if not all is taken.
    """
    with asyncio.Runner() as runner:
        work: deque[tuple[K, str, int, asyncio.Task[Answer | Unavailable]]] = deque()
        try:
            _fill(work, photos, runner.get_loop())
            while work:
                key, digest, _, task = work.popleft()
                yield Looked(key, digest, runner.run(_result(task)))
                _fill(work, photos, runner.get_loop())
        finally:
            runner.run(_cancelled([task for *_, task in work]))


def _fill(
    work: "deque[tuple[K, str, int, asyncio.Task[Answer | Unavailable]]]",
    photos: Iterator[tuple[K, bytes]],
    loop: asyncio.AbstractEventLoop,
) -> None:
    while len(work) < AT_ONCE and sum(size for _, _, size, _ in work) < MOST_BYTES_AT_ONCE:
        following = next(photos, None)
        if following is None:
            return
        key, photo = following
        work.append((key, digest_of(photo), len(photo), loop.create_task(_patiently(photo))))


async def _result(task: "asyncio.Task[Answer | Unavailable]") -> Answer | Unavailable:
    return await task


async def _cancelled(tasks: "list[asyncio.Task[Answer | Unavailable]]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await close_web_process()


async def _patiently(photo: bytes) -> Answer | Unavailable:
    """Queues may be full for a while, and nodes away."""
    loop = asyncio.get_running_loop()
    gives_up_at = loop.time() + PATIENCE_S
    while True:
        try:
            return (await recognise(photo, Purpose.ENROL, ENROL_WAIT_S, PRIORITY)).answer
        except Problem as what:
            if what.status in (415, 422):
                return Unreadable(what.detail)
            if loop.time() > gives_up_at:
                return Unavailable(what.detail)
        await asyncio.sleep(RETRY_AFTER_S)
