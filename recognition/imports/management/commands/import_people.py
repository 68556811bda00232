from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recognition.imports.direct import FolderImport, Report
from recognition.imports.folders import photos_in
from recognition.imports.jobs import MAY_BE_OVERRULED
from recognition.intake.submission import Unavailable
from recognition.people.objections import Reason

BAR_WIDTH = 30


class Command(BaseCommand):
    help = (
        "Enrols the photos of a folder: NAME/photo.jpg, a folder for each person. May be stopped and run again: what "
        "is enrolled already is not enrolled twice. Nodes and collector must be running. Ends with 1 if any file was "
        "refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="with a folder for each person in it")
        parser.add_argument(
            "--overrule",
            nargs="+",
            default=[],
            choices=sorted(MAY_BE_OVERRULED),
            metavar="LIMIT",
            help=f"limits to pass over, which is recorded: {', '.join(sorted(MAY_BE_OVERRULED))}",
        )

    def handle(self, *_: Any, folder: Path, overrule: list[str], **_options: Any) -> None:
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.")
        paths = photos_in(folder)
        if not paths:
            raise CommandError(f"There is no file in {folder}.")
        reports = self._run(FolderImport(folder, [Reason(limit) for limit in overrule]), paths)
        refused, held = sum(bool(one.refused) for one in reports), sum(one.held for one in reports)
        self.stdout.write(f"Enrolled: {len(reports) - refused - held}; enrolled before: {held}; refused: {refused}.")
        if refused:
            raise CommandError(f"{refused} of {len(paths)} files were refused.")

    def _run(self, work: FolderImport, paths: list[str]) -> list[Report]:
        reports: list[Report] = []
        try:
            for report in work.run(paths):
                reports.append(report)
                self._tell(report, len(reports), len(paths))
        except Unavailable as problem:
            raise CommandError(f"No node answered: {problem} Run it again later; what is enrolled stays.") from None
        finally:
            self._clear_bar()
        return reports

    def _tell(self, report: Report, done: int, total: int) -> None:
        self._clear_bar()
        said = f"refused. {report.refused}" if report.refused else "enrolled before" if report.held else "enrolled"
        self.stdout.write(f"{report.path}: {said}")
        if self.stderr.isatty():
            filled = round(BAR_WIDTH * done / total)
            self.stderr.write(f"[{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {done} of {total}", ending="")
            self.stderr.flush()

    def _clear_bar(self) -> None:
        if self.stderr.isatty():
            self.stderr.write("\r\033[K", ending="")
            self.stderr.flush()
