"""Integrators' keys, and the log of what was asked with them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ApiKey(models.Model):
    """A key of an integrator; stored as a digest, shown once."""

    class KeyScope(models.TextChoices):
        IDENTIFY = "identify", _("identify a face")
        READ = "read", _("read figures")
        PEOPLE = "people", _("enrol, change and erase people")

    name = models.CharField(max_length=63, unique=True)
    scope = models.CharField(max_length=16, choices=KeyScope.choices)
    key_digest = models.CharField(max_length=64, unique=True, editable=False)
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)
        verbose_name = _("API key")

    def __str__(self) -> str:
        return self.name


class IdentifyRecord(models.Model):
    """That someone asked who is on a photo. Kept for the auditor; holds no face and no name.

    status: the HTTP status of the answer. digest is empty when no photo was sent.
    """

    key = models.ForeignKey(ApiKey, on_delete=models.SET_NULL, null=True, related_name="records")
    key_name = models.CharField(max_length=63)
    at = models.DateTimeField(auto_now_add=True, db_index=True)
    client_address = models.GenericIPAddressField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    status = models.PositiveSmallIntegerField(default=200)
    faces = models.PositiveSmallIntegerField(default=0)
    known = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.key_name} {self.at:%Y-%m-%d %H:%M}"
