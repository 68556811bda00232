"""Answers in a node's cache that cannot be read, or are of an older form, are made anew."""

import hashlib

import pytest

from recognition.node import keys
from tests.mall import Mall, Web, all_working
from tests.photos import photo
from tests.recognizers import EXACT


async def test_an_answer_that_cannot_be_read_is_made_anew(mall: Mall, web: Web) -> None:
    picture = photo()
    key = keys.ONLY.image(EXACT, hashlib.sha256(picture).hexdigest())
    for node in mall.nodes:
        mall.redis_of(node).set(key, b"garbage")
    with all_working(mall):
        first = await web.post(picture, "wait=10")
        second = await web.post(picture)
    assert (first.status, first.body["cached"]) == (200, False)
    assert (second.status, second.body["cached"]) == (200, True)


async def test_an_answer_of_an_older_form_is_not_found(mall: Mall, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = photo()
    with all_working(mall):
        await web.post(picture, "wait=10")
    monkeypatch.setattr(keys, "ANSWER_VERSION", keys.ANSWER_VERSION + 1)
    assert (await web.post(picture)).status == 202
