"""The registry: which cameras there are, which nodes serve them, and who may see them."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from cameras.encrypted import EncryptedTextField
from cameras.recipes import DEFAULT_RECIPE, RECIPE_CHOICES
from recognition.node.address import is_list, shown

SLUG = RegexValidator(r"^[a-z0-9][a-z0-9-]{0,62}\Z", _("Small letters, digits and hyphens, at most 63."))
MOST_PRIORITY = 9
DEFAULT_PRIORITY = 5
# Embeddings of strangers lie about 0.9 apart, hardly any more than 1.2.
THRESHOLD = [MinValueValidator(0.05), MaxValueValidator(1.2)]
LEAST_WEIGHT, MOST_WEIGHT = 0.01, 1000.0
WEIGHT = [MinValueValidator(LEAST_WEIGHT), MaxValueValidator(MOST_WEIGHT)]


class Epoch(models.Model):
    """A number that every change of something moves on, so that each process can tell that its copy is old."""

    name = models.CharField(max_length=32, primary_key=True)
    number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class Registered(models.Model):
    """A row whose changes move the registry's epoch on (`cameras.changes`)."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Django sends post_save after its own transaction: this one holds the row and the epoch together.
        with transaction.atomic():
            super().save(*args, **kwargs)


class Node(Registered):
    """A Redis address and the workers beside it."""

    name = models.CharField(max_length=63, unique=True, validators=[SLUG])
    address = EncryptedTextField(help_text=_("redis://, rediss:// or unix://; may hold a password."))
    enabled = models.BooleanField(default=True)
    cordoned = models.BooleanField(default=False, help_text=_("Takes no new photos, and finishes those that it has."))
    weight = models.FloatField(default=1.0, validators=WEIGHT)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def shown_address(self) -> str:
        """The address without its password, fit for a page or a log."""
        return shown_address(self.address)


class CameraGroup(Registered):
    """Cameras that share nodes, rules and rights."""

    slug = models.CharField(max_length=63, unique=True, validators=[SLUG])
    name = models.CharField(max_length=120)
    recipe = models.CharField(max_length=40, choices=RECIPE_CHOICES, default=DEFAULT_RECIPE)
    nodes = models.ManyToManyField(Node, through="Assignment", related_name="groups")
    staff = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="camera_groups",
        help_text=_("Who may see these cameras. Administrators and auditors see every group."),
    )

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Assignment(Registered):
    """A node serves a group, with a weight that multiplies the node's own."""

    group = models.ForeignKey(CameraGroup, on_delete=models.CASCADE, related_name="assignments")
    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="assignments")
    weight = models.FloatField(default=1.0, validators=WEIGHT)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("group", "node"), name="one_assignment_per_group_and_node"),)

    def __str__(self) -> str:
        return f"{self.group} → {self.node}"


class Camera(Registered):
    """A device that sends snapshots."""

    slug = models.CharField(max_length=63, unique=True, validators=[SLUG])
    name = models.CharField(max_length=120)
    group = models.ForeignKey(CameraGroup, on_delete=models.PROTECT, related_name="cameras")
    enabled = models.BooleanField(default=True)
    skips_unchanged = models.BooleanField(
        _("skips unchanged scenes"),
        default=True,
        help_text=_("A snapshot of the same scene as a few seconds before repeats that answer, at almost no cost."),
    )
    priority = models.PositiveSmallIntegerField(
        default=DEFAULT_PRIORITY,
        validators=[MaxValueValidator(MOST_PRIORITY)],
        help_text=_("0 to 9. Where nodes are overloaded, snapshots of a low priority are refused first."),
    )
    deadline_s = models.FloatField(
        _("deadline"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1.0), MaxValueValidator(3600.0)],
        help_text=_("Seconds after which a snapshot without an answer has expired; empty for the usual 60."),
    )
    threshold = models.FloatField(
        _("threshold"),
        null=True,
        blank=True,
        validators=THRESHOLD,
        help_text=_("Largest distance at which a face is taken for an enrolled person; empty for the usual one."),
    )
    token_digest = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001 (null: revoked)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


def shown_address(address: str) -> str:
    """`address` with its password replaced by ***."""
    if is_list(address):
        return shown(address)
    parts = urlsplit(address)
    if parts.password is None:
        return address
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{host}"))
