"""Where the channel layer finds the hub, in the words of channels_redis.

Behind Sentinels it is given connections that ask for the master themselves. With its own `sentinels` and `master_name`
channels_redis never closes what it has opened to the Sentinels, and asks a dead one ten times before the next.
"""

from typing import Any

from mallvision.hub_address import hub_of_sentinels
from recognition.node.connections import master_settings

CONNECT_TIMEOUT_S = 2.0

# redis-py 8 would time a quiet subscription out after 5 s.
_TIMEOUTS = {"socket_timeout": None, "socket_connect_timeout": CONNECT_TIMEOUT_S}


def channel_hosts(hub_url: str) -> list[dict[str, Any]]:
    """The `hosts` of the channel layer's CONFIG. Raises BadHubAddress for an address that a hub cannot have."""
    address = hub_of_sentinels(hub_url)
    where = {"address": hub_url} if address is None else master_settings(address, CONNECT_TIMEOUT_S)
    return [{**where, **_TIMEOUTS}]
