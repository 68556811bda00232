"""What can be wrong with a file of an import, beside what `recognition.people.objections` says of its face."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recognition.people.objections import EnrolmentRefused, Objection


class FileReason(StrEnum):
    UNSAFE_PATH = "unsafe_path"
    LINK = "link"
    ENCRYPTED = "encrypted"
    ARCHIVE = "archive"
    TOO_LARGE = "too_large"
    DAMAGED = "damaged"
    NO_FOLDER = "no_folder"
    BAD_NAME = "bad_name"
    SAME_NAME = "same_name"
    BAD_LIST = "bad_list"
    NOT_LISTED = "not_listed"
    MISSING = "missing"
    ERASED = "erased"


_SENTENCES: Mapping[FileReason, Promise] = {
    FileReason.UNSAFE_PATH: _("Its path leads out of the archive."),
    FileReason.LINK: _("It is a link, not a photo."),
    FileReason.ENCRYPTED: _("It is encrypted with a password."),
    FileReason.ARCHIVE: _("It is an archive within the archive; pack photos themselves."),
    FileReason.TOO_LARGE: _("It is larger than %(detail)s MB."),
    FileReason.DAMAGED: _("It cannot be read from the archive: %(detail)s"),
    FileReason.NO_FOLDER: _("It stands in no folder that names a person."),
    FileReason.BAD_NAME: _("The person cannot be called so: %(detail)s"),
    FileReason.SAME_NAME: _("Several people who are enrolled are called so; give reference numbers."),
    FileReason.BAD_LIST: _("The person cannot be put on a watchlist: %(detail)s"),
    FileReason.NOT_LISTED: _("The list of people does not name this file."),
    FileReason.MISSING: _("The list of people names this file, but it was not sent."),
    FileReason.ERASED: _("The person was erased during the import."),
}


_FILE_REASONS = frozenset(FileReason)


class FileRefused(Exception):
    """A file is not enrolled, for a reason that is not its face's."""

    def __init__(self, reason: FileReason, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail

    def __str__(self) -> str:
        return str(_SENTENCES[self.reason]) % {"detail": self.detail}

    def kept(self) -> dict[str, Any]:
        """As `Objection.kept`."""
        return {"reason": self.reason.value, "numbers": {}, "person": None, "detail": self.detail}


def kept_of(why: EnrolmentRefused | FileRefused) -> list[dict[str, Any]]:
    return [why.kept()] if isinstance(why, FileRefused) else [one.kept() for one in why.objections]


def sentence_of(kept: Mapping[str, Any]) -> str:
    """Of what either kind of `kept` returned, in the reader's language."""
    if kept["reason"] in _FILE_REASONS:
        return str(FileRefused(FileReason(kept["reason"]), kept["detail"]))
    return Objection.read(kept).sentence
