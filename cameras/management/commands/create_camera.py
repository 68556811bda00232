from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from cameras.models import Assignment, Camera, CameraGroup, Node
from cameras.tokens import issue_camera_token


class Command(BaseCommand):
    help = "Makes a camera, and its group where needed (served by every node), and prints the camera's token once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="the camera's slug: small letters, digits and hyphens")
        parser.add_argument("--group", required=True, help="slug of the camera's group; made if there is none")
        parser.add_argument("--name", help="the name that people see (default: made from the slug)")
        parser.add_argument(
            "--new-token", action="store_true", help="the camera may exist: give it a new token, the old one stops"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        with transaction.atomic():
            camera = self._camera(options["slug"], options["group"], options["name"], may_exist=options["new_token"])
            token = issue_camera_token(camera)
        self.stderr.write(f"Token of camera {camera.slug}, shown this once:", self.style.NOTICE)
        self.stdout.write(token)

    def _camera(self, slug: str, group_slug: str, name: str | None, *, may_exist: bool) -> Camera:
        camera = Camera.objects.select_related("group").filter(slug=slug).first()
        if camera is None:
            camera = Camera(slug=slug, name=name or _spoken(slug), group=self._group(group_slug))
            _save_checked(camera)
            return camera
        if not may_exist:
            raise CommandError(f"There is a camera {slug} already. With --new-token it gets a new token.")
        if camera.group.slug != group_slug:
            raise CommandError(f"Camera {slug} is in group {camera.group.slug}, not in {group_slug}.")
        if name:
            camera.name = name
            _save_checked(camera)
        return camera

    def _group(self, slug: str) -> CameraGroup:
        group = CameraGroup.objects.filter(slug=slug).first()
        if group is not None:
            return group
        group = CameraGroup(slug=slug, name=_spoken(slug))
        _save_checked(group)
        nodes = list(Node.objects.all())
        for node in nodes:
            Assignment.objects.create(group=group, node=node)
        self.stderr.write(f"Group {slug} is new; nodes that serve it: {len(nodes)}.", self.style.NOTICE)
        return group


def _spoken(slug: str) -> str:
    return slug.replace("-", " ").capitalize()


def _save_checked(row: Camera | CameraGroup) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        raise CommandError(f"{row._meta.verbose_name} {row.slug}: {' '.join(error.messages)}") from None
    row.save()
