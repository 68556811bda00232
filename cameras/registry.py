"""The registry as the web process holds it in memory: whose token it is, and which nodes serve whom."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from django.conf import settings

from cameras import epochs
from cameras.models import Assignment, Camera, CameraGroup, Node
from cameras.placement import Seat
from cameras.recipes import DEFAULT_RECIPE
from recognition.recipe import FAST, Recipe


@dataclass(frozen=True, slots=True)
class KnownGroup:
    id: int
    recipe: str
    seats: tuple[Seat, ...]

    @property
    def for_enrolment(self) -> "KnownGroup":
        """The same nodes, asked for what suits a face that is kept. Raises BadRecipe."""
        return replace(self, recipe=str(Recipe.parse(self.recipe).for_enrolment))


@dataclass(frozen=True, slots=True)
class KnownCamera:
    id: int
    slug: str
    enabled: bool
    skips_unchanged: bool
    priority: int
    expires_after_ms: int
    group: KnownGroup


@dataclass(frozen=True, slots=True)
class KnownNode:
    id: int
    name: str
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Registry:
    """One reading of the registry, at one epoch. Disabled nodes are left out, cordoned ones have no seat."""

    epoch: int
    cameras: dict[int, KnownCamera]
    cameras_by_token: dict[str, KnownCamera]
    nodes: dict[int, KnownNode]
    everyone: KnownGroup  # every node that takes photos: for photos that no camera sent

    def group_of(self, camera_id: int) -> KnownGroup:
        """The camera's group; everyone for a photo that no camera sent, or one that is gone."""
        camera = self.cameras.get(camera_id)
        return camera.group if camera else self.everyone

    @classmethod
    def load(cls) -> "Registry":
        # The epoch is read first: a change in between makes this copy look old, never too new.
        epoch = epochs.current(epochs.REGISTRY)
        nodes = list(Node.objects.filter(enabled=True))
        rows = list(Camera.objects.all())
        taking = [node for node in nodes if not node.cordoned]
        groups = _groups({node.id for node in taking})
        cameras = {
            row.id: _camera(row, groups[row.group_id])
            for row in rows
            if row.group_id in groups  # both may have been deleted meanwhile
        }
        return cls(
            epoch=epoch,
            cameras=cameras,
            cameras_by_token={
                row.token_digest: cameras[row.id] for row in rows if row.token_digest and row.id in cameras
            },
            nodes={node.id: KnownNode(node.id, node.name, node.address) for node in nodes},
            everyone=KnownGroup(
                0, _recipe_of_everyone(groups.values()), tuple(Seat.of(node.id, node.weight) for node in taking)
            ),
        )


def _camera(row: Camera, group: KnownGroup) -> KnownCamera:
    deadline_s = row.deadline_s or settings.MALLVISION_DEADLINE_S
    return KnownCamera(
        row.id, row.slug, row.enabled, row.skips_unchanged, row.priority, round(deadline_s * 1000), group
    )


def _recipe_of_everyone(groups: Iterable[KnownGroup]) -> str:
    """The default, unless no group asks for its engine: the nodes are then unlikely to run it."""
    asked = Counter(group.recipe for group in groups)
    if not asked or any(recipe.startswith(f"{FAST}.") for recipe in asked):
        return DEFAULT_RECIPE
    return asked.most_common(1)[0][0]


def _groups(seated_nodes: set[int]) -> dict[int, KnownGroup]:
    seats: dict[int, list[Seat]] = {}
    for assignment in Assignment.objects.select_related("node").filter(node_id__in=seated_nodes):
        weight = assignment.weight * assignment.node.weight
        seats.setdefault(assignment.group_id, []).append(Seat.of(assignment.node_id, weight))
    return {
        group.id: KnownGroup(group.id, group.recipe, tuple(seats.get(group.id, ())))
        for group in CameraGroup.objects.all()
    }
