"""Publishes results, one for each byte on standard input. Processes of their own, as the collector is one."""

import os
import sys
from collections.abc import Iterator
from itertools import count

from benchmarks.drivers.ready import READY
from benchmarks.floors.push import CHANNEL
from recognition.live.messages import ResultMessage, as_text
from recognition.live.publisher import Publisher
from recognition.node.connections import connect


def publish(group: int) -> None:
    """By the product's own publisher. Called with Django set up."""
    publisher = Publisher()
    for text in _asked_for():
        publisher.publish({"type": "live.batch", "parts": [(group, text)], "ended": []})


def publish_plainly() -> None:
    """The same texts on a plain channel, for the floor."""
    hub = connect(os.environ["MALLVISION_HUB_URL"])
    for text in _asked_for():
        hub.publish(CHANNEL, text)


def _asked_for() -> Iterator[str]:
    numbers = count(1)
    print(READY, flush=True)
    while sys.stdin.buffer.read(1):
        yield as_text("results", results=[_result(next(numbers))])


def _result(number: int) -> ResultMessage:
    return {
        "number": number,
        "id": f"{number:032x}",
        "camera": "gate-1",
        "group": "benchmark",
        "captured_at": "2026-01-31T09:30:00.000000+00:00",
        "state": "done",
        "reason": "",
        "way": "miss",
        "node": "node-1",
        "took_ms": 41.5,
        "width": 640,
        "height": 480,
        "faces": [
            {
                "box": [200, 120, 160, 160],
                "score": 0.98,
                "quality": 0.8,
                "poor": False,
                "person": {"id": 7, "name": "A. Person"},
            }
        ],
        "newest": True,
    }
