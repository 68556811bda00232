import socket

import pytest

from mallvision.environment import BadEnvironment
from mallvision.launch.errors import StartError
from mallvision.launch.options import read_options
from mallvision.launch.port import refuse_taken_port


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MALLVISION_PORT", "web"),
        ("MALLVISION_PORT", "0"),
        ("MALLVISION_PORT", "65536"),
        ("MALLVISION_EMBEDDED_NODES", "-1"),
        ("MALLVISION_NODE_MEMORY_MB", "much"),
        ("MALLVISION_DEMO", "perhaps"),
    ],
)
def test_a_bad_value_is_named_with_its_variable(name: str, value: str) -> None:
    with pytest.raises(BadEnvironment, match=f"^{name}='{value}'"):
        read_options({name: value})


def test_an_empty_variable_counts_as_unset() -> None:
    assert read_options({"MALLVISION_PORT": ""}).port == 8000


def test_a_hub_elsewhere_means_no_embedded_nodes_unless_asked_for() -> None:
    elsewhere = {"MALLVISION_HUB_URL": "redis://hub"}
    assert read_options(elsewhere).nodes == 0
    assert read_options(elsewhere | {"MALLVISION_EMBEDDED_NODES": "2"}).node_names == ["node-1", "node-2"]


def test_embedded_nodes_can_be_switched_off() -> None:
    assert read_options({"MALLVISION_EMBEDDED_NODES": "0"}).nodes == 0


def test_all_addresses_are_reached_over_loopback() -> None:
    assert read_options({"MALLVISION_HOST": "0.0.0.0"}).url == "http://127.0.0.1:8000"
    assert read_options({"MALLVISION_HOST": "::"}).url == "http://[::1]:8000"


def test_the_address_listened_on_is_allowed_as_host() -> None:
    assert "10.0.0.7" in read_options({"MALLVISION_HOST": "10.0.0.7"}).allowed_hosts


def test_a_taken_port_is_refused_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(StartError, match=rf"^port {port} is already in use; choose another one: make run PORT=.*$"):
            refuse_taken_port("127.0.0.1", port)


def test_connections_of_the_last_run_are_no_obstacle(free_port: int) -> None:
    with socket.create_server(("127.0.0.1", free_port)) as server:
        client = socket.create_connection(("127.0.0.1", free_port))
        accepted, _address = server.accept()
        accepted.close()  # the server's side closes first and lingers
        client.close()
    refuse_taken_port("127.0.0.1", free_port)


def test_a_host_that_is_no_address_is_named() -> None:
    with pytest.raises(StartError, match="HOST='no such host'"):
        refuse_taken_port("no such host", 8000)
