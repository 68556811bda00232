"""How snapshots ended, and who was seen."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cameras.encrypted import EncryptedBytesField
from cameras.models import Camera, Node
from recognition.people.models import Person


class Outcome(models.Model):
    """How a snapshot ended. The primary key is its event number: browsers catch up by it."""

    class State(models.TextChoices):
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        EXPIRED = "expired", _("expired")

    class Way(models.TextChoices):
        HIT = "hit", _("from the cache")
        JOIN = "join", _("joined an equal photo in work")
        MISS = "miss", _("recognised")
        UNCHANGED = "unchanged", _("unchanged scene")

    snapshot = models.CharField(max_length=32, unique=True)
    purpose = models.CharField(max_length=8)
    camera = models.ForeignKey(Camera, on_delete=models.CASCADE, null=True, related_name="outcomes")
    node = models.ForeignKey(Node, on_delete=models.SET_NULL, null=True)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=7, choices=State.choices)
    way = models.CharField(max_length=9, choices=Way.choices, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    unreadable = models.BooleanField(default=False)  # failed because the photo is no picture that can be read
    captured_at = models.DateTimeField()
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    width_px = models.PositiveIntegerField(default=0)
    height_px = models.PositiveIntegerField(default=0)
    # [{"box", "score", "quality", "verdict": people.decision.Verdict or null, "person", "sighting": id or null}]
    faces = models.JSONField(default=list)

    class Meta:
        indexes = (
            models.Index(fields=("camera", "-id"), name="outcome_by_camera"),
            models.Index(fields=("recorded_at",), name="outcome_by_age"),
        )

    def __str__(self) -> str:
        return f"{self.snapshot} {self.state}"

    @property
    def took_ms(self) -> float:
        """From receipt to record, both by the hub's clock."""
        return max(0.0, round((self.recorded_at - self.received_at).total_seconds() * 1000, 1))


class Sighting(models.Model):
    """One person or stranger at one camera from first_seen to last_seen, with its best face."""

    camera = models.ForeignKey(Camera, on_delete=models.CASCADE, related_name="sightings")
    # Erasing someone erases where they were seen.
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, blank=True, related_name="sightings")
    distance = models.FloatField(null=True)  # to the person's nearest template; none for a stranger
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    frames = models.PositiveIntegerField(default=1)
    quality = models.FloatField()  # of the best face
    embedding = EncryptedBytesField()  # of the best face: 128 float32, little-endian
    space = models.CharField(max_length=40)
    thumbnail = EncryptedBytesField()  # of the best face: JPEG

    class Meta:
        ordering = ("-last_seen",)
        indexes = (
            models.Index(fields=("camera", "-last_seen"), name="sighting_by_camera"),
            models.Index(fields=("-last_seen",), name="sighting_by_age"),
        )

    def __str__(self) -> str:
        return f"{self.person or _('stranger')} @ {self.camera}"


class CameraTally(models.Model):
    """How many snapshots of a camera ended which way; the row without a camera counts the rest."""

    camera = models.OneToOneField(Camera, on_delete=models.CASCADE, null=True, related_name="tally")
    done = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    expired = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.camera or "-")


class NodeTally(models.Model):
    """How often a node answered from its cache, joined, had to recognise, or found the scene unchanged."""

    node = models.OneToOneField(Node, on_delete=models.CASCADE, related_name="tally")
    hits = models.BigIntegerField(default=0)
    joins = models.BigIntegerField(default=0)
    misses = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.node)
