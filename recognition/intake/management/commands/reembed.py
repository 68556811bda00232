from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recognition.intake.reembedding import (
    Attempt,
    Left,
    Rebuilt,
    all_templates,
    outdated_templates,
    rebuild,
    templates_of,
)
from recognition.intake.submission import recognise_now
from recognition.node.messages import Answer, Purpose

TIMEOUT_S = 20.0


class Command(BaseCommand):
    help = (
        "Makes templates anew from their stored crops, by way of a node: those that the gallery cannot compare, or "
        "those asked for. May be stopped and run again at any time; nodes and collector must be running."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--space", metavar="SPACE", help="the templates of this embedding space")
        which.add_argument("--all", action="store_true", dest="everything", help="every template")
        parser.add_argument("--dry-run", action="store_true", help="ask the nodes, but change nothing")

    def handle(self, *_: Any, space: str | None, everything: bool, dry_run: bool, **_options: Any) -> None:
        templates = _chosen(space, everything=everything)
        done: list[Attempt] = []
        for template, attempt in zip(templates, rebuild(templates, _recognise, dry=dry_run), strict=True):
            done.append(attempt)
            said = _said(attempt, dry=dry_run)
            self.stdout.write(f"template {template} ({len(done)} of {len(templates)}): {said}")
        self._sum_up(done, dry=dry_run)

    def _sum_up(self, done: list[Attempt], *, dry: bool) -> None:
        rebuilt = sum(isinstance(attempt, Rebuilt) for attempt in done)
        reasons = Counter(attempt.reason for attempt in done if isinstance(attempt, Left))
        self.stdout.write(f"{_said(Rebuilt(), dry=dry).capitalize()}: {rebuilt} of {len(done)} templates.")
        for reason, count in reasons.most_common():
            self.stdout.write(f"Left as they were: {count}. {reason}")
        if reasons:
            raise CommandError(f"Templates that could not be rebuilt: {reasons.total()}.")


def _chosen(space: str | None, *, everything: bool) -> list[int]:
    if everything:
        return all_templates()
    return outdated_templates() if space is None else templates_of(space)


def _recognise(crop: bytes) -> Answer:
    return recognise_now(crop, Purpose.ENROL, TIMEOUT_S)


def _said(attempt: Attempt, *, dry: bool) -> str:
    if isinstance(attempt, Left):
        return f"left as it was. {attempt.reason}"
    if isinstance(attempt, Rebuilt):
        return "would be rebuilt" if dry else "rebuilt"
    return "removed meanwhile"
