import pytest
from django.db.models import F

from cameras.models import Node
from recognition.monitor.rates import Rates
from recognition.sightings.models import NodeTally


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["hits", "joins", "misses", "unchanged"])
def test_an_image_counts_however_it_was_answered(way: str) -> None:
    node = Node.objects.create(name="node-1", address="redis://localhost:1")
    NodeTally.objects.create(node=node)
    rates = Rates()
    rates.look()
    NodeTally.objects.update(**{way: F(way) + 1})
    assert rates.look()[node.pk] > 0
