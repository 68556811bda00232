"""The lease that makes one collector the active one."""

from django.db import models


class Lease(models.Model):
    """Who may act as `name` until when. `fence` grows with each new holder."""

    name = models.CharField(max_length=32, primary_key=True)
    holder = models.CharField(max_length=64, blank=True)
    fence = models.BigIntegerField(default=0)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}: {self.holder}"
