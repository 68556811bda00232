"""Photos that no camera sent go to every node that takes photos."""

from cameras.changes import set_nodes_cordoned
from cameras.database import in_database_thread
from cameras.models import Node
from cameras.registry import Registry
from tests.mall import Mall


async def test_a_cordoned_node_has_no_seat_and_is_still_known(mall: Mall) -> None:
    cordoned, *others = mall.nodes
    rows = Node.objects.filter(pk=cordoned.pk)
    await in_database_thread(set_nodes_cordoned)(rows, cordoned=True)
    registry = await in_database_thread(Registry.load)()
    seated = [node.pk for node in others]
    assert [seat.node_id for seat in registry.everyone.seats] == seated
    assert sorted(seat.node_id for seat in registry.group_of(mall.camera.pk).seats) == seated
    assert registry.nodes[cordoned.pk].name == cordoned.name
