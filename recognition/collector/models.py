"""The lease that makes one collector the active one, and signs of life."""

from django.db import models


class Lease(models.Model):
    """Who acts as `name`, if only one may. `fence` grows with each new holder, `renewals` with each sign of life."""

    name = models.CharField(max_length=32, primary_key=True)
    holder = models.CharField(max_length=64, blank=True)
    fence = models.BigIntegerField(default=0)
    renewals = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}: {self.holder}"
