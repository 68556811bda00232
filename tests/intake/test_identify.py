"""`POST /api/v1/identify`: who is on a photo, for those with a key."""

import pytest
from pytest_django import Settings

from cameras.database import in_database_thread
from cameras.tokens import API_KEY, new_token, token_digest
from recognition.intake.models import ApiKey, IdentifyRecord
from recognition.people.models import Person, Template
from recognition.sightings.models import Outcome, Sighting
from tests.faces import at_distance, enrolled
from tests.mall import Answer, Mall, Web, all_working
from tests.photos import photo
from tests.recognizers import SPACE, StubRecognizer, embedding_of
from tests.recognizers import face as seen_face


@pytest.fixture
def key(mall: Mall) -> str:
    token = new_token(API_KEY)
    ApiKey.objects.create(name="till", scope="identify", key_digest=token_digest(token))
    return token


async def identify(
    mall: Mall, web: Web, token: str, picture: bytes, recognizer: StubRecognizer | None = None
) -> Answer:
    with all_working(mall, recognizer):
        return await ask(web, token, picture)


async def ask(web: Web, token: str, picture: bytes) -> Answer:
    return await web.request("POST", "/api/v1/identify", picture, "", token, content_type="image/jpeg")


def enrol(picture: bytes) -> Person:
    person = Person.objects.create(name="Anna")
    embedding = embedding_of(picture).tobytes()
    Template.objects.create(person=person, embedding=embedding, space=SPACE, crop=b"", quality=1.0, digest="0" * 64)
    return person


async def test_someone_enrolled_is_named(mall: Mall, web: Web, key: str) -> None:
    picture = photo()
    person = await in_database_thread(enrol)(picture)
    answer = await identify(mall, web, key, picture)
    assert answer.status == 200
    (face,) = answer.body["faces"]
    assert face["person"] == {"id": person.pk, "name": "Anna"}
    assert face["distance"] < 0.01


async def test_a_stranger_is_nobody(mall: Mall, web: Web, key: str) -> None:
    answer = await identify(mall, web, key, photo())
    (face,) = answer.body["faces"]
    assert (face["verdict"], face["person"], face["distance"]) == ("stranger", None, None)


async def test_the_reasons_are_told(mall: Mall, web: Web, key: str) -> None:
    picture = photo()
    for name, distance in (("Ada", 0.40), ("Bob", 0.42)):
        await in_database_thread(enrolled)(name, at_distance(embedding_of(picture), distance))
    answer = await identify(mall, web, key, picture)
    (face,) = answer.body["faces"]
    assert (face["verdict"], face["person"], face["threshold"]) == ("ambiguous", None, 0.6)
    assert (round(face["distance"], 2), round(face["next_distance"], 2)) == (0.40, 0.42)


async def test_a_face_too_poor_to_identify_is_no_stranger(mall: Mall, web: Web, key: str) -> None:
    poor = StubRecognizer(faces_of=lambda picture: [seen_face(picture, quality=0.0)])
    answer = await identify(mall, web, key, photo(), poor)
    assert [face["verdict"] for face in answer.body["faces"]] == ["poor"]


async def test_it_makes_no_sighting(mall: Mall, web: Web, key: str) -> None:
    picture = photo()
    await in_database_thread(enrol)(picture)
    await identify(mall, web, key, picture)
    assert await Sighting.objects.acount() == 0
    assert (await Outcome.objects.aget()).camera_id is None


async def test_it_stands_in_the_log_without_a_name(mall: Mall, web: Web, key: str) -> None:
    await identify(mall, web, key, photo())
    record = await IdentifyRecord.objects.aget()
    assert (record.key_name, record.faces, record.known, record.client_address) == ("till", 1, 0, "127.0.0.1")


async def test_a_cached_photo_is_identified_with_todays_people(mall: Mall, web: Web, key: str) -> None:
    picture = photo()
    with all_working(mall):
        before = await ask(web, key, picture)
        await in_database_thread(enrol)(picture)
        after = await ask(web, key, picture)
    assert before.body["faces"][0]["person"] is None
    assert after.body["cached"] is True
    assert after.body["faces"][0]["person"]["name"] == "Anna"


async def test_a_cameras_token_learns_no_name(web: Web) -> None:
    assert (await ask(web, web.token, photo())).status == 401


async def test_a_key_sends_no_snapshot(web: Web, key: str) -> None:
    assert (await web.post(photo(), token=key)).status == 401


async def test_a_disabled_key_is_refused(mall: Mall, web: Web, key: str) -> None:
    await ApiKey.objects.aupdate(enabled=False)
    assert (await ask(web, key, photo())).status == 403


async def test_its_rate_is_limited(mall: Mall, web: Web, key: str, settings: Settings) -> None:
    settings.MALLVISION_IDENTIFY_PER_MINUTE = 2
    answers = [await ask(web, key, b"no picture") for _ in range(6)]
    limited = [answer for answer in answers if answer.status == 429]
    assert limited  # six within at most two minutes of the clock
    assert int(limited[0].headers["retry-after"]) > 0


async def test_an_unreadable_photo_is_422(mall: Mall, web: Web, key: str) -> None:
    answer = await identify(mall, web, key, photo(), StubRecognizer(faces_of=lambda _: None))
    assert (answer.status, "cannot be read" in answer.body["detail"]) == (422, True)


async def test_text_is_415(web: Web, key: str) -> None:
    assert (await ask(web, key, b"hello")).status == 415


async def test_ten_megabytes_and_a_byte_are_413(web: Web, key: str) -> None:
    answer = await ask(web, key, b"\xff\xd8\xff" + bytes(10_000_000))
    assert answer.status == 413


async def test_a_question_that_could_not_be_answered_stands_in_the_log_too(mall: Mall, web: Web, key: str) -> None:
    await identify(mall, web, key, photo(), StubRecognizer(faces_of=lambda _: None))
    assert (await IdentifyRecord.objects.aget()).status == 422


class OtherSpaceRecognizer(StubRecognizer):
    space = "other-space"


async def test_an_answer_that_the_gallery_cannot_compare_is_no_stranger(mall: Mall, web: Web, key: str) -> None:
    answer = await identify(mall, web, key, photo(), OtherSpaceRecognizer())
    assert answer.status == 500
    assert "cannot be compared" in answer.body["detail"]
