"""`python -m benchmarks.faults.observer` looks at the database while things break, and says what it has seen.

It answers each line on its standard input with one line of JSON: `seen` with the outcomes that have come since, each
as [snapshot, state, moment]; `account` with an `observing.Account`; `active` with the active collector's process id or
null; `free` with whether nobody is writing to the lease's row, or on SQLite to anything.
Moments are seconds of CLOCK_MONOTONIC, which all processes of a machine share: whose clock jumps does not matter.
"""

import json
import select
import sys
import time
from typing import Any

import django
from django.conf import settings
from django.db import DatabaseError, OperationalError, close_old_connections, connection, transaction

django.setup()

from benchmarks.faults.account import take_account  # noqa: E402 (needs the models)
from recognition.collector.models import Lease  # noqa: E402
from recognition.sightings.models import Outcome  # noqa: E402

LOOK_EVERY_S = 0.02


class Observer:
    def __init__(self) -> None:
        self._newest = 0
        self._seen: list[tuple[str, str, float]] = []

    def look(self) -> None:
        try:
            rows = list(
                Outcome.objects.filter(pk__gt=self._newest).order_by("pk").values_list("pk", "snapshot", "state")
            )
        except DatabaseError as error:
            print(f"the database does not answer: {type(error).__name__}", file=sys.stderr)
            close_old_connections()
            return
        now_s = time.monotonic()
        self._seen += [(snapshot, state, now_s) for _, snapshot, state in rows]
        if rows:
            self._newest = rows[-1][0]

    def answer(self, question: str) -> Any:
        if question == "seen":
            seen, self._seen = self._seen, []
            return seen
        if question == "account":
            return take_account()
        if question == "active":
            holder = Lease.objects.filter(name="collector").values_list("holder", flat=True).first()
            return int(holder.split(":")[-2]) if holder else None
        if question == "free":
            return is_free()
        raise ValueError(question)


def is_free() -> bool:
    try:
        with transaction.atomic():  # on SQLite this alone takes the lock
            Lease.objects.select_for_update(nowait=connection.features.has_select_for_update_nowait).first()
    except OperationalError:
        return False
    return True


def main() -> None:
    if connection.vendor == "sqlite":
        settings.DATABASES["default"]["OPTIONS"]["timeout"] = 0.0  # reading waits for nobody
    observer = Observer()
    while True:
        ready, _, _ = select.select([sys.stdin], [], [], LOOK_EVERY_S)
        if ready:
            line = sys.stdin.readline()
            if not line:
                return
            observer.look()
            print(json.dumps(observer.answer(line.strip())), flush=True)
        observer.look()


if __name__ == "__main__":
    main()
