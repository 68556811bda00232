"""Which addresses the hub can have."""

from mallvision.environment import BadEnvironment
from recognition.node.address import Address, form_of, parse

NAME = "MALLVISION_HUB_URL"


class BadHubAddress(BadEnvironment):
    """Says what is wrong without the value, which may hold a password."""

    def __init__(self, reason: str) -> None:
        ValueError.__init__(self, f"{NAME} cannot be used. {reason}")


def hub_of_sentinels(url: str) -> Address | None:
    """The address of a hub behind Sentinels; None for one server, which redis-py reads. Raises BadHubAddress."""
    try:
        form = form_of(url)
        address = None if form == "standalone" else parse(url)
    except ValueError as error:
        raise BadHubAddress(str(error)) from None
    if form == "cluster":
        raise BadHubAddress(
            "The hub cannot be a Cluster: its scripts and transactions span all its keys. Take one server, or one "
            "behind Sentinels (redis+sentinel://); nodes may be Clusters."
        )
    return address
