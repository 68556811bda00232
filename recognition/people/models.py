"""Who is enrolled."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from cameras.encrypted import EncryptedBytesField


class Person(models.Model):
    """Someone enrolled. Erasing one goes through `recognition.people.erasure`."""

    name = models.CharField(_("name"), max_length=120)
    note = models.TextField(_("note"), blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.name


class Template(models.Model):
    """One enrolled face of a person."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="templates")
    embedding = EncryptedBytesField()  # 128 float32, little-endian
    space = models.CharField(max_length=40)
    crop = EncryptedBytesField()  # JPEG
    quality = models.FloatField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)

    def __str__(self) -> str:
        return _("template %(number)s") % {"number": self.pk}  # without a name: this ends up in the admin's log
