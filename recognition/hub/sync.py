"""The hub, for code that blocks: one client per process."""

from functools import lru_cache

from django.conf import settings

from recognition.node.connections import Redis, connect

HUB_TIMEOUT_S = 2.0


@lru_cache(maxsize=4)
def _hub(url: str) -> Redis:
    return connect(url, reply_timeout_s=HUB_TIMEOUT_S)


def hub() -> Redis:
    return _hub(settings.MALLVISION_HUB_URL)
