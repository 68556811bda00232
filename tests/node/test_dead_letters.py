"""A node's dead letters: read without their photos, dropped once, put back as they were."""

from dataclasses import replace

import pytest

from benchmarks.forms.cluster import RealCluster
from recognition.node import keys
from recognition.node.connections import Redis, connect
from recognition.node.dead_letters import DeadLetters
from tests.letters import GIVEN_UP_AT_MS, REASON, dead_letter


@pytest.fixture
def node(node_urls: list[str]) -> Redis:
    return connect(node_urls[0])


@pytest.fixture
def letters(node: Redis) -> DeadLetters:
    return DeadLetters(node)


def test_they_are_listed_newest_first_with_the_size_of_their_photos(node: Redis, letters: DeadLetters) -> None:
    first, second = dead_letter(node, b"x" * 10), dead_letter(node, b"y" * 2000, ("b", "c"))
    found = letters.all()
    assert [(letter.id, letter.photo_bytes) for letter in found] == [(second, 2000), (first, 10)]
    assert found[0].snapshots == ("b", "c")
    assert (found[0].reason, found[0].deliveries, found[0].at_ms) == (REASON, 3, GIVEN_UP_AT_MS)


def test_one_is_found_by_its_id_and_its_photo_is_whole(node: Redis, letters: DeadLetters) -> None:
    dead_letter(node, b"other")
    wanted = dead_letter(node, b"photo")
    found = letters.find(wanted)
    assert found is not None
    assert found.id == wanted
    assert letters.photo(wanted) == b"photo"


@pytest.mark.parametrize("name", ["1-1", "no-such", "-", "+", "", "9" * 30 + "-0"])
def test_what_is_not_there_is_not_found(node: Redis, letters: DeadLetters, name: str) -> None:
    dead_letter(node, b"photo")
    assert (letters.find(name), letters.photo(name), letters.drop(name)) == (None, None, False)


def test_of_two_who_drop_one_only_the_first_is_told_so(node: Redis, letters: DeadLetters) -> None:
    gone = dead_letter(node, b"photo")
    assert [letters.drop(gone), letters.drop(gone)] == [True, False]


def test_one_that_is_narrowed_differs_in_its_id_and_its_snapshots_alone(node: Redis, letters: DeadLetters) -> None:
    before = letters.find(dead_letter(node, b"photo", ("a", "b", "c")))
    assert before is not None
    assert letters.narrow(before.id, ["b", "c"])
    (after,) = letters.all()
    assert after == replace(before, id=after.id, snapshots=("b", "c"))
    assert letters.photo(after.id) == b"photo"


def test_one_that_is_gone_is_not_narrowed(node: Redis, letters: DeadLetters) -> None:
    gone = dead_letter(node, b"photo")
    letters.drop(gone)
    assert not letters.narrow(gone, ["a"])
    assert letters.all() == []


def test_narrowing_one_makes_it_no_younger(node: Redis, letters: DeadLetters) -> None:
    dead_letter(node, b"photo", ("a", "b"))
    ((_, fields),) = node.xrange(keys.ONLY.dead)
    node.delete(keys.ONLY.dead)
    as_a_worker_leaves_it = {name: value for name, value in fields.items() if name != b"at"}
    node.xadd(keys.ONLY.dead, as_a_worker_leaves_it, id="1000-0")
    for left in (["b"], ["a"]):
        assert letters.narrow(letters.all()[0].id, left)
    assert letters.all()[0].at_ms == 1000
    assert letters.drop_older(1001) == 1
    assert letters.all() == []


def test_garbage_is_left_out_and_hides_nothing(node: Redis, letters: DeadLetters) -> None:
    node.xadd(keys.ONLY.dead, {"reason": "none"})
    node.xadd(
        keys.ONLY.dead, {"reason": "x", "deliveries": "x", "worker": "", "snapshots": "", "job": "x", "photo": ""}
    )
    kept = dead_letter(node, b"photo")
    assert [letter.id for letter in letters.all()] == [kept]


def test_those_that_have_lain_there_for_too_long_go(node: Redis, letters: DeadLetters) -> None:
    node.xadd(keys.ONLY.dead, {"photo": "x"}, id="1000-0")
    young = dead_letter(node, b"photo")
    assert letters.drop_older(1001) == 1
    assert [letter.id for letter in letters.all()] == [young]


class TestOfACluster:
    """Photos of several shards."""

    @pytest.fixture
    def node(self, cluster: RealCluster) -> Redis:
        return connect(cluster.url)

    def test_those_of_all_shards_are_listed_and_each_is_found_by_its_id(
        self, node: Redis, letters: DeadLetters
    ) -> None:
        pictures = {dead_letter(node, b"%d" % number): b"%d" % number for number in range(20)}
        assert {letter.id for letter in letters.all()} == set(pictures)
        assert {name: letters.photo(name) for name in pictures} == pictures

    def test_each_is_dropped_narrowed_and_grows_old_where_it_stands(self, node: Redis, letters: DeadLetters) -> None:
        one, other, third = (dead_letter(node, b"%d" % number, ("a", "b")) for number in range(3))
        assert letters.drop(one)
        assert letters.narrow(other, ["b"])
        assert {letter.snapshots for letter in letters.all()} == {("b",), ("a", "b")}
        assert letters.drop_older(GIVEN_UP_AT_MS + 1) == 2
        assert letters.find(third) is None

    def test_those_of_a_dead_master_hide_no_others(
        self, node: Redis, letters: DeadLetters, cluster: RealCluster
    ) -> None:
        names = [dead_letter(node, b"%d" % number) for number in range(20)]
        cluster.masters[0].kill()
        assert 0 < len(letters.all()) < len(names)

    def test_an_id_of_a_shard_that_is_none_is_not_found(self, node: Redis, letters: DeadLetters) -> None:
        assert letters.find("1-1-16") is None
