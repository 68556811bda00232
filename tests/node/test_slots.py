"""Which server of a Cluster a command belongs to."""

from typing import Any

import pytest
from redis.exceptions import ClusterDownError

from recognition.node.slots import Topology, read_slot_map, slot_of, slot_of_key

A, B, C = ("a", 1), ("b", 2), ("c", 3)
TWO_RANGES = [
    [8192, 16383, [b"b", 2, b"id-b"], [b"c", 3, b"id-c"]],
    [0, 100, [b"a", 1, b"id-a"]],
]


@pytest.mark.parametrize(
    "command",
    [
        ("GET", "k:{7}"),
        ("SET", b"k:{7}", "value"),
        ("MGET", "k:{7}", "other:{7}"),
        ("EVALSHA", "sha", 2, "k:{7}", "other:{7}", "argument"),
        ("EVAL", "script", "1", "k:{7}"),
        ("XREADGROUP", "GROUP", "g", "c", "COUNT", 8, "BLOCK", 100, b"STREAMS", "k:{7}", ">"),
        ("XREAD", b"STREAMS", "k:{7}", "0"),
        ("XGROUP CREATE", "k:{7}", "g", "0"),
        ("XGROUP", "CREATE", "k:{7}", "g", "0"),
        ("XINFO STREAM", "k:{7}"),
        ("XACK", "k:{7}", "g", "1-0"),
        ("ZADD", "k:{7}", 1, "member"),
    ],
)
def test_a_command_belongs_to_the_slot_of_its_key(command: tuple[Any, ...]) -> None:
    assert slot_of(command) == slot_of_key("{7}")


@pytest.mark.parametrize("command", [("PING",), ("SCRIPT LOAD", "x"), ("CLUSTER SLOTS",), ("EVAL", "x", 0), ("TIME",)])
def test_a_command_without_a_key_belongs_to_none(command: tuple[Any, ...]) -> None:
    assert slot_of(command) is None


def test_a_slot_map_says_who_serves_each_slot_and_which_none_does() -> None:
    slot_map = read_slot_map(TWO_RANGES, asked=A)
    assert [slot_map.master_of(slot) for slot in (0, 100, 101, 8191, 8192, 16383)] == [A, A, None, None, B, B]
    assert slot_map.servers == {A, B, C}
    assert slot_map.covered == 101 + 8192


def test_a_server_that_does_not_know_its_own_host_is_where_it_was_asked() -> None:
    assert read_slot_map([[0, 1, [b"", 7, b"id"]], [2, 3, [None, 8, b"id"]]], asked=A).masters == (("a", 7), ("a", 8))


def test_a_master_that_failed_is_not_used_before_the_map_is_read_anew() -> None:
    topology = Topology([A])
    topology.learn(read_slot_map(TWO_RANGES, A))
    topology.note_failure(B)
    assert topology.usable_master(9000) is None
    assert topology.usable_master(0) == A
    topology.learn(read_slot_map(TWO_RANGES, A))
    assert topology.usable_master(9000) == B


def test_a_server_that_failed_is_asked_last_until_it_answers() -> None:
    topology = Topology([A, B, C])
    topology.note_failure(B)
    topology.learn(read_slot_map(TWO_RANGES, A))
    assert topology.to_ask([B])[-1] == B
    topology.note_result(B, b"OK")
    assert topology.to_ask([B])[0] == B


def test_a_pipeline_that_hears_that_the_cluster_is_down_has_failed() -> None:
    topology = Topology([A])
    topology.learn(read_slot_map(TWO_RANGES, A))
    topology.note_result(B, [b"OK", ClusterDownError("the cluster is down")])
    assert topology.usable_master(9000) is None
