"""Where the channel layer finds the hub."""

import pytest

from mallvision.channel_hosts import channel_hosts
from mallvision.environment import BadEnvironment
from mallvision.launch.options import read_options

SECRET = "hunter2"


def test_a_single_server_is_named_by_its_address() -> None:
    (host,) = channel_hosts("redis://:pass@hub:6379/2")
    assert host["address"] == "redis://:pass@hub:6379/2"


def test_a_hub_behind_sentinels_is_named_by_them() -> None:
    (host,) = channel_hosts("rediss+sentinel://bob:pass@a,b:5/mall/3?sentinel_password=other&ssl_ca_certs=/ca.pem")
    assert (host["username"], host["password"], host["db"], host["ssl_ca_certs"]) == ("bob", "pass", 3, "/ca.pem")
    assert (host["sentinels"].servers, host["sentinels"].name) == ((("a", 26379), ("b", 5)), "mall")
    assert host["sentinels"].settings["password"] == "other"


@pytest.mark.parametrize("url", ["redis://hub", "redis+sentinel://hub/mall"])
def test_a_quiet_subscription_never_times_out(url: str) -> None:
    (host,) = channel_hosts(url)
    assert host["socket_timeout"] is None


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (f"redis+cluster://:{SECRET}@a,b", "The hub cannot be a Cluster"),
        (f"redis+sentinel://:{SECRET}@a", "the name by which they know the master"),
        (f"http://:{SECRET}@a", "begins with redis://"),
    ],
)
def test_a_hub_that_cannot_be_used_is_refused_without_repeating_its_address(url: str, says: str) -> None:
    with pytest.raises(BadEnvironment, match=says) as refused:
        channel_hosts(url)
    assert SECRET not in str(refused.value)


def test_make_run_refuses_it_too() -> None:
    with pytest.raises(BadEnvironment, match="cannot be a Cluster"):
        read_options({"MALLVISION_HUB_URL": "redis+cluster://a"})
