"""Whose the faces of camera snapshots are, as it is recorded and told."""

from dataclasses import replace

from cameras.database import in_database_thread
from recognition.alerts.models import Alert, AlertRule
from recognition.people.embeddings import Float32
from recognition.people.models import Person
from recognition.sightings.models import Outcome, Sighting
from tests.faces import at_distance, enrolled, veto
from tests.mall import Mall, Web, collecting, eventually, working
from tests.photos import photo
from tests.recognizers import StubRecognizer, embedding_of, face


async def recorded(mall: Mall, web: Web, picture: bytes, recognizer: StubRecognizer | None = None) -> Outcome:
    """What became of `picture`."""
    answer = await web.post(picture)
    node = next(one for one in mall.nodes if one.name == answer.body["node"])
    with working(node, recognizer), collecting():
        await in_database_thread(eventually)(Outcome.objects.exists)
    return await Outcome.objects.aget()


@in_database_thread
def enrol(name: str, *embeddings: Float32) -> Person:
    return enrolled(name, *embeddings)


async def test_a_known_face_is_recorded_as_such(mall: Mall, web: Web) -> None:
    picture = photo()
    ada = await enrol("Ada", at_distance(embedding_of(picture), 0.5))
    (seen,) = (await recorded(mall, web, picture)).faces
    assert (seen["verdict"], seen["person"]) == ("known", ada.pk)
    sighting = await Sighting.objects.aget()
    assert (sighting.person_id, round(sighting.distance or 0, 2)) == (ada.pk, 0.5)


async def test_the_cameras_threshold_holds_for_its_snapshots(mall: Mall, web: Web) -> None:
    picture = photo()
    await enrol("Ada", at_distance(embedding_of(picture), 0.5))
    mall.camera.threshold = 0.4
    await in_database_thread(mall.camera.save)()
    (seen,) = (await recorded(mall, web, picture)).faces
    assert (seen["verdict"], seen["person"]) == ("stranger", None)


async def test_a_face_too_poor_is_recorded_as_such_and_alerts_nobody(mall: Mall, web: Web) -> None:
    picture = photo()
    await enrol("Ada", embedding_of(picture))
    await AlertRule.objects.acreate(name="anyone")
    blurred = replace(face(picture), quality_parts={"size": 0.9, "sharpness": 0.1})
    (seen,) = (await recorded(mall, web, picture, StubRecognizer(faces_of=lambda _: [blurred]))).faces
    assert (seen["verdict"], seen["person"]) == ("poor", None)
    assert await Alert.objects.acount() == 0


async def test_two_faces_of_a_photo_are_never_the_same_person(mall: Mall, web: Web) -> None:
    picture = photo()
    ada = await enrol("Ada", embedding_of(picture))
    twice = StubRecognizer(faces_of=lambda photo: [face(photo), face(photo, left=40)])
    faces = (await recorded(mall, web, picture, twice)).faces
    assert [seen["person"] for seen in faces] == [ada.pk, None]
    assert [seen["verdict"] for seen in faces] == ["known", "taken"]


async def test_a_face_that_was_vetoed_is_not_the_person(mall: Mall, web: Web) -> None:
    picture = photo()
    ada = await enrol("Ada", at_distance(embedding_of(picture), 0.3))
    await in_database_thread(veto)(ada, embedding_of(picture))
    (seen,) = (await recorded(mall, web, picture)).faces
    assert (seen["verdict"], seen["person"]) == ("stranger", None)
