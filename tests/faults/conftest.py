import pytest

from cameras.models import Assignment, Node
from tests.mall import Mall


@pytest.fixture
def lone_node(mall: Mall) -> Node:
    """The one node that the camera's photos go to."""
    Assignment.objects.exclude(node=mall.nodes[0]).delete()
    return mall.nodes[0]
