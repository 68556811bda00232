"""The demo mall: a small believable registry, made once, in an empty database."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from cameras.models import Assignment, Camera, CameraGroup, Node
from cameras.node_address import check_address
from cameras.tokens import issue_camera_token

GROUPS = {
    "entrance": (
        "Entrances",
        {"entrance-north": "North entrance", "entrance-south": "South entrance", "entrance-tram": "Tram stop"},
    ),
    "food-court": ("Food court", {"food-court-west": "Food court, west", "food-court-east": "Food court, east"}),
    "parking": ("Parking", {"parking-level-1": "Parking, level 1", "parking-exit": "Parking, exit"}),
}
SIMULATED_GROUP = "simulated"
SIMULATED_CAMERAS = 3


@dataclass(frozen=True, slots=True)
class TokenFile:
    """The demo cameras' tokens, slug -> token, for the simulator. That it exists says that the mall was loaded."""

    path: Path

    def exists(self) -> bool:
        return self.path.is_file()

    def read(self) -> dict[str, str]:
        """Empty when there is none."""
        return dict(json.loads(self.path.read_text())) if self.exists() else {}

    def write(self, tokens: Mapping[str, str]) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.path.with_name(f".{self.path.name}")
        draft.unlink(missing_ok=True)
        # Made with its final mode: a file that is narrowed later is open for a moment.
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            json.dump(dict(tokens), stream, indent=1)
        draft.replace(self.path)


def token_file(demo_folder: Path) -> TokenFile:
    return TokenFile(demo_folder / "tokens.json")


def registry_is_empty() -> bool:
    return not (Node.objects.exists() or CameraGroup.objects.exists())


def make_mall(addresses: Mapping[str, str], tokens: TokenFile) -> None:
    """Groups, cameras and the nodes given (name -> address), each serving every group.

    Raises ValidationError for an address or a name that a node cannot have; then nothing was made.
    """
    with transaction.atomic():
        nodes = [_node(name, address) for name, address in addresses.items()]
        issued: dict[str, str] = {}
        for slug, (name, cameras) in GROUPS.items():
            group = _group(slug, name, nodes)
            issued |= {camera: _token(camera, spoken, group) for camera, spoken in cameras.items()}
        tokens.write(issued)


def make_simulated_cameras() -> dict[str, str]:
    """Cameras of their own for a simulator without a demo mall, slug -> token; known ones get a new token."""
    with transaction.atomic():
        group = CameraGroup.objects.filter(slug=SIMULATED_GROUP).first()
        group = group or _group(SIMULATED_GROUP, "Simulated", Node.objects.all())
        numbers = range(1, SIMULATED_CAMERAS + 1)
        return {f"sim-{number}": _token(f"sim-{number}", f"Simulated camera {number}", group) for number in numbers}


def _node(name: str, address: str) -> Node:
    check_address(address)
    node = Node(name=name, address=address)
    node.full_clean()
    node.save()
    return node


def _group(slug: str, name: str, nodes: Iterable[Node]) -> CameraGroup:
    group = CameraGroup.objects.create(slug=slug, name=name)
    for node in nodes:
        Assignment.objects.create(group=group, node=node)
    return group


def _token(slug: str, name: str, group: CameraGroup) -> str:
    camera, _ = Camera.objects.get_or_create(slug=slug, defaults={"name": name, "group": group})
    return issue_camera_token(camera)
