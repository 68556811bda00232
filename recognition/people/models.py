"""Who is enrolled, and why they matter."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cameras.encrypted import EncryptedBytesField
from cameras.epochs import GALLERY, hold
from cameras.models import THRESHOLD
from recognition.people.naming import NameField


class EditedMeanwhile(Exception):
    """Somebody else has changed or erased the person since they were read; nothing was saved."""

    def __init__(self) -> None:
        super().__init__(_("Somebody else has changed this person since you opened it. Nothing was saved; look again."))


class InGallery(models.Model):
    """A row whose changes move the gallery's epoch on (`recognition.people.receivers`)."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Django sends post_save after its own transaction: this one holds the row and the epoch together.
        with transaction.atomic():
            hold(GALLERY)
            super().save(*args, **kwargs)


class Watchlist(InGallery):
    """People who matter in the same way. An expired one gives neither threshold nor colour."""

    class Kind(models.TextChoices):
        STAFF = "staff", _("staff")
        VIP = "vip", _("VIP")
        BARRED = "barred", _("barred")
        MISSING = "missing", _("missing")
        CUSTOM = "custom", _("custom")

    class Colour(models.TextChoices):
        """Names of tokens, since a colour must be told from others in light and dark."""

        GREY = "grey", _("grey")
        BLUE = "blue", _("blue")
        GREEN = "green", _("green")
        AMBER = "amber", _("amber")
        RED = "red", _("red")
        VIOLET = "violet", _("violet")

    name = NameField(_("name"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices, default=Kind.CUSTOM)
    colour = models.CharField(_("colour"), max_length=6, choices=Colour.choices, default=Colour.GREY)
    threshold = models.FloatField(
        _("threshold"),
        null=True,
        blank=True,
        validators=THRESHOLD,
        help_text=_("Largest distance at which a face is one of its people; empty for the camera's or the usual one."),
    )
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)

    class Meta:
        ordering = ("name",)
        verbose_name = _("watchlist")
        verbose_name_plural = _("watchlists")

    def __str__(self) -> str:
        return str(self.name)

    def clean(self) -> None:
        if self.kind == self.Kind.BARRED and self.pk and (count := self.memberships.filter(reason="").count()):
            text = ngettext(
                "%(count)d person is on this list without a reason, which being barred needs.",
                "%(count)d people are on this list without a reason, which being barred needs.",
                count,
            )
            raise ValidationError({"kind": text % {"count": count}})

    @property
    def is_in_force(self) -> bool:
        return self.expires_at is None or self.expires_at > timezone.now()


class Person(InGallery):
    """Someone enrolled. Erasing one goes through `recognition.people.erasure`."""

    name = NameField(_("name"), max_length=300)
    reference = NameField(
        _("reference number"), max_length=64, blank=True, help_text=_("Yours, such as a staff number; one person's.")
    )
    note = models.TextField(_("note"), blank=True)
    valid_until = models.DateTimeField(
        _("valid until"), null=True, blank=True, help_text=_("From then on this person is not recognised any more.")
    )
    watchlists = models.ManyToManyField(
        Watchlist, through="Membership", related_name="people", verbose_name=_("watchlists")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("name",)
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = (
            models.UniqueConstraint(
                fields=("reference",),
                condition=~Q(reference=""),
                name="one_person_per_reference_number",
                violation_error_message=_("Another person has this reference number."),
            ),
        )

    def __str__(self) -> str:
        return str(self.name)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises EditedMeanwhile unless `version` is still that of the row, which it moves on."""
        with transaction.atomic():
            if not self._state.adding:
                hold(GALLERY)
                self._claim()
            super().save(*args, **kwargs)

    def _claim(self) -> None:
        mine = Person.objects.filter(pk=self.pk, version=self.version)
        if not mine.update(version=F("version") + 1):
            raise EditedMeanwhile
        self.version += 1

    @property
    def is_valid(self) -> bool:
        return self.valid_until is None or self.valid_until > timezone.now()


class Membership(InGallery):
    """A person is on a watchlist."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    watchlist = models.ForeignKey(
        Watchlist, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("watchlist")
    )
    reason = models.CharField(
        _("reason"), max_length=300, blank=True, help_text=_("Why this person is on it; required for being barred.")
    )
    since = models.DateTimeField(_("since"), default=timezone.now)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, editable=False
    )

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = (models.UniqueConstraint(fields=("person", "watchlist"), name="once_on_each_watchlist"),)

    def __str__(self) -> str:
        return _("membership %(number)s") % {"number": self.pk}  # without a name, as templates

    def clean(self) -> None:
        self.reason = self.reason.strip()
        barred = self.watchlist_id is not None and self.watchlist.kind == Watchlist.Kind.BARRED
        if barred and not self.reason:
            raise ValidationError({"reason": _("Say why this person is barred.")})


class Template(InGallery):
    """One enrolled face of a person, or one that was mistaken for theirs."""

    class Source(models.TextChoices):
        UPLOAD = "upload", _("photo")
        WEBCAM = "webcam", _("webcam")
        SIGHTING = "sighting", _("sighting")

    class Says(models.TextChoices):
        IS = "is", _("is this person")
        IS_NOT = "is_not", _("is not this person")

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="templates")
    says = models.CharField(_("says"), max_length=6, choices=Says.choices, default=Says.IS)
    source = models.CharField(_("from"), max_length=8, choices=Source.choices, default=Source.UPLOAD)
    embedding = EncryptedBytesField()  # 128 float32, little-endian
    space = models.CharField(max_length=40)
    crop = EncryptedBytesField()  # JPEG
    quality = models.FloatField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    key_name = models.CharField(max_length=63, blank=True)  # of the API key that enrolled it
    overruled = models.JSONField(default=list, blank=True)  # `Objection.kept` of each limit it was enrolled in spite of

    class Meta:
        indexes = (models.Index(fields=("digest",), name="template_by_photo"),)

    def __str__(self) -> str:
        return _("template %(number)s") % {"number": self.pk}  # without a name: this ends up in the admin's log


class GalleryChange(models.Model):
    """At this epoch something that the gallery holds of a person changed; without one, of the watchlists.

    Only a number, which outlives the person: other processes have to learn that they are gone.
    """

    epoch = models.BigIntegerField(db_index=True)
    person_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"{self.epoch}: {self.person_id or '-'}"
