import pytest
from pytest_django import DjangoAssertNumQueries

from cameras.models import Camera
from recognition.alerts.models import Alert, AlertRule
from recognition.alerts.raising import raise_alerts
from recognition.people.models import Person
from tests.faces import camera, enrolled, sighting

pytestmark = pytest.mark.django_db


@pytest.fixture
def gate() -> Camera:
    return camera()


@pytest.fixture
def ada() -> Person:
    return enrolled("Ada")


def rule(name: str = "barred", persons: tuple[Person, ...] = (), cameras: tuple[Camera, ...] = ()) -> AlertRule:
    made = AlertRule.objects.create(name=name)
    made.persons.set(persons)
    made.groups.set([camera.group for camera in cameras])
    return made


def test_a_sighting_that_a_rule_names_raises_an_alert(gate: Camera, ada: Person) -> None:
    made, seen = rule(persons=(ada,), cameras=(gate,)), sighting(gate, ada)
    (alert,) = raise_alerts([seen])
    assert (alert.rule, alert.sighting, alert.state) == (made, seen, Alert.State.RAISED)
    assert Alert.objects.get() == alert


def test_a_sighting_raises_one_alert_per_rule_however_often_it_is_touched(gate: Camera, ada: Person) -> None:
    rule("one")
    rule("two")
    seen = sighting(gate, ada)
    assert len(raise_alerts([seen])) == 2
    assert raise_alerts([seen]) == []
    assert Alert.objects.count() == 2


def test_a_rule_without_people_means_everyone_enrolled_and_no_strangers(gate: Camera, ada: Person) -> None:
    rule()
    raise_alerts([sighting(gate, ada), sighting(gate)])
    assert [alert.sighting.person for alert in Alert.objects.all()] == [ada]


def test_a_rule_for_someone_else_raises_nothing(gate: Camera, ada: Person) -> None:
    rule(persons=(enrolled("Bob"),))
    assert raise_alerts([sighting(gate, ada)]) == []


def test_a_rule_for_another_group_raises_nothing(gate: Camera, ada: Person) -> None:
    rule(cameras=(camera("vault-1", "vault"),))
    assert raise_alerts([sighting(gate, ada)]) == []


def test_a_disabled_rule_raises_nothing(gate: Camera, ada: Person) -> None:
    AlertRule.objects.filter(pk=rule().pk).update(enabled=False)
    assert raise_alerts([sighting(gate, ada)]) == []


def test_strangers_alone_ask_nothing_of_the_database(
    gate: Camera, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    strangers = [sighting(gate)]
    with django_assert_num_queries(0):
        raise_alerts(strangers)


def test_a_batch_takes_few_queries(
    gate: Camera, ada: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(5):
        rule(str(number), (ada,), (gate,))
    seen = [sighting(gate, ada, after_s) for after_s in range(10)]
    with django_assert_num_queries(6):
        raise_alerts(seen)


def test_a_rule_for_erased_people_alone_does_not_come_to_mean_everyone(gate: Camera, ada: Person) -> None:
    bob, eve = enrolled("Bob"), enrolled("Eve")
    both, eve_too = rule("both", (ada, bob)), rule("eve too", (ada, eve))
    Person.objects.filter(pk__in=[ada.pk, bob.pk]).delete()
    both.refresh_from_db()
    eve_too.refresh_from_db()
    assert (both.enabled, eve_too.enabled) == (False, True)
    assert [alert.rule for alert in raise_alerts([sighting(gate, eve)])] == [eve_too]


def test_a_rule_for_a_deleted_group_alone_is_disabled(gate: Camera) -> None:
    made = rule(cameras=(gate,))
    group = gate.group
    gate.delete()
    group.delete()
    made.refresh_from_db()
    assert not made.enabled


def test_alerts_go_with_an_erased_person(gate: Camera, ada: Person) -> None:
    rule()
    raise_alerts([sighting(gate, ada)])
    ada.delete()
    assert not Alert.objects.exists()
