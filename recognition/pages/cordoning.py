"""Cordoning a node from the console, with the same trace in its history as from the admin."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db import transaction

from cameras.changes import set_nodes_cordoned
from cameras.models import Node


def set_cordoned(node: Node, cordoned: bool, by: User) -> None:
    rows = Node.objects.filter(pk=node.pk)
    with transaction.atomic():
        if set_nodes_cordoned(rows, cordoned):
            message = "Cordoned." if cordoned else "Uncordoned."
            LogEntry.objects.log_actions(by.pk, rows, CHANGE, message, single_object=True)
