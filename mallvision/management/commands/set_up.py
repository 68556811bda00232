"""What `make run` needs of Django before it starts the processes: tables, the admin user, the demo mall."""

import json
import os
import secrets
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import OperationalError
from django.utils.translation import gettext as _

from cameras.models import Node
from mallvision.launch.report import Login, Report

ADMIN = "admin"
PASSWORD_BYTES = 12


class Command(BaseCommand):
    help = "Prepares the database for `make run`."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--report", type=int, metavar="FD", help="file descriptor to write the report to, as JSON")
        parser.add_argument("--demo", action="store_true", help="load the demo mall if the database is empty")
        parser.add_argument(
            "--node", action="append", default=[], metavar="NAME=ADDRESS", help="a node that is started too"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            call_command("migrate", interactive=False, verbosity=0)
            call_command("compile_translations", verbosity=0)
            report = _make_admin(os.environ.get("MALLVISION_ADMIN_PASSWORD", ""))
            if options["demo"]:
                self._load_demo(options["node"])
            _register(options["node"])
        except OperationalError as error:
            raise CommandError(_("The database cannot be used: %s") % str(error).splitlines()[0]) from error
        if options["report"] is not None:
            with os.fdopen(options["report"], "w") as stream:
                json.dump(report.as_json(), stream)

    def _load_demo(self, nodes: list[str]) -> None:
        """It leaves a registry that is not empty alone. Without the demo there is still a product to start."""
        try:
            call_command("load_demo", *(word for node in nodes for word in ("--node", node)), stdout=self.stdout)
        except CommandError as error:
            self.stderr.write(_("The demo mall was not loaded: %s") % error)


def _register(nodes: list[str]) -> None:
    """The nodes that are started too, in a registry without any. Groups made later are served by all of them."""
    if not Node.objects.exists():
        for node in nodes:
            name, _sign, address = node.partition("=")
            Node.objects.create(name=name, address=address)


def _make_admin(given: str) -> Report:
    users = get_user_model()
    admin = users.objects.filter(username=ADMIN).first()
    if admin is None:
        password = given or secrets.token_urlsafe(PASSWORD_BYTES)
        users.objects.create_superuser(username=ADMIN, password=password)
        return Report(Login.GIVEN) if given else Report(Login.MADE, password)
    if not given:
        return Report(Login.KEPT)
    if not admin.check_password(given):  # a new hash of the same password would end every session
        admin.set_password(given)
    admin.is_active = admin.is_staff = admin.is_superuser = True
    admin.save()
    return Report(Login.GIVEN)
