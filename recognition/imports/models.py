"""Imports of many people at once: what was sent, whom it names, and what became of each file."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cameras.encrypted import EncryptedBytesField, EncryptedTextField
from recognition.people.authors import By
from recognition.people.models import Person
from recognition.people.objections import Reason


class PeopleImport(models.Model):
    """Worked off in the background by whoever holds the claim; see `recognition.imports.importer`.

    overrule: the limits of enrolment that are passed over. detail: why it was stopped or has failed, if by itself.
    """

    class State(models.TextChoices):
        RECEIVING = "receiving", _("being sent")
        WAITING = "waiting", _("waits")
        RUNNING = "running", _("runs")
        STOPPED = "stopped", _("stopped")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    title = models.CharField(max_length=200)
    state = models.CharField(max_length=9, choices=State.choices, default=State.RECEIVING)
    detail = models.CharField(max_length=300, blank=True)
    people_list = EncryptedTextField(null=True)  # the text of a CSV file
    overrule = models.JSONField(default=list)
    is_listed = models.BooleanField(default=False)  # its files stand in ImportFile
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    key_name = models.CharField(max_length=63, blank=True)
    stop_asked = models.BooleanField(default=False)
    claimed_by = models.CharField(max_length=64, blank=True)
    claimed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return _("import %(number)s") % {"number": self.pk}

    @property
    def is_open(self) -> bool:
        """Whether something will still happen by itself."""
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def by(self) -> By:
        return By(self.created_by, self.key_name)

    @property
    def overruled(self) -> frozenset[Reason]:
        return frozenset(map(Reason, self.overrule))


class ImportPiece(models.Model):
    """A part of the zip file that was sent, so that neither sending nor reading it takes it all at once."""

    source = models.ForeignKey(PeopleImport, on_delete=models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    size_bytes = models.PositiveIntegerField()
    content = EncryptedBytesField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("source", "number"), name="one_piece_of_each_number"),)

    def __str__(self) -> str:
        return f"{self.source_id}: {self.number}"


class ImportedPerson(models.Model):
    """Somebody that an import names. Erasing the person erases this, and the files that were to be theirs.

    lists: watchlists by name, with the reason for each.
    """

    source = models.ForeignKey(PeopleImport, on_delete=models.CASCADE, related_name="persons")
    name = models.CharField(max_length=300)
    reference = models.CharField(max_length=64, blank=True)
    lists = models.JSONField(default=dict)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("source", "name", "reference"), name="once_in_each_import"),)

    def __str__(self) -> str:
        return f"{self.source_id}: {self.pk}"


class ImportFile(models.Model):
    """One photo of an import. photo: its bytes until it has been looked at, where no zip file holds them."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waits")
        ENROLLED = "enrolled", _("enrolled")
        REFUSED = "refused", _("refused")

    source = models.ForeignKey(PeopleImport, on_delete=models.CASCADE, related_name="files")
    path = models.CharField(max_length=1000)
    owner = models.ForeignKey(ImportedPerson, on_delete=models.CASCADE, null=True, related_name="files")
    entry = models.PositiveIntegerField(null=True)  # its place in the zip file's directory
    photo = EncryptedBytesField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    objections = models.JSONField(default=list)  # `Objection.kept` or `refusals.kept` of each

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("source", "state", "id"), name="import_file_by_state"),)

    def __str__(self) -> str:
        return f"{self.source_id}: {self.pk}"

    def refuse(self, objections: list[dict[str, Any]]) -> None:
        self.state, self.objections, self.photo = self.State.REFUSED, objections, None
