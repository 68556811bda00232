from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from recognition.demo.mall import GROUPS, make_mall, registry_is_empty, token_file
from recognition.samples.package_index import IndexUnavailable, pips_index
from recognition.samples.photos import PhotoFolder, PhotosUnavailable, fetch_missing, is_complete


class Command(BaseCommand):
    help = "Makes the demo mall in an empty registry, and fetches its photos as long as some are missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--node", action="append", default=[], metavar="NAME=ADDRESS", help="a node of the mall")

    def handle(self, *_args: Any, node: Sequence[str], **_options: Any) -> None:
        folder = settings.MALLVISION_DATA.demo
        tokens = token_file(folder)
        if registry_is_empty():
            addresses = _addresses(node)
            try:
                make_mall(addresses, tokens)
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from None
            cameras = sum(len(group_cameras) for _name, group_cameras in GROUPS.values())
            self.stdout.write(
                _("Made the demo mall: %(cameras)d cameras in %(groups)d groups, %(nodes)d nodes.")
                % {"cameras": cameras, "groups": len(GROUPS), "nodes": len(addresses)}
            )
        if tokens.exists():
            self._fetch_photos(PhotoFolder(folder))

    def _fetch_photos(self, folder: PhotoFolder) -> None:
        if is_complete(folder):
            return
        try:
            fetch_missing(folder, pips_index())
        except (IndexUnavailable, PhotosUnavailable) as error:
            self.stderr.write(
                _("Not all of the demo's photos could be had, the next start tries again: %(reason)s.")
                % {"reason": error}
            )
        else:
            self.stdout.write(_("Fetched the demo's photos; their credits are on the page /credits."))


def _addresses(nodes: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in nodes]
    if not all(name and sign and address for name, sign, address in pairs):
        # Not repeated here: an address may hold a password.
        raise CommandError(_("--node takes NAME=ADDRESS, such as node-1=redis://10.0.0.5:6379"))
    return {name: address for name, _sign, address in pairs}
