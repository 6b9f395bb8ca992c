"""Oversight reads what others wrote; its own table is the daily head of the hash chain."""

from django.db import models


class ChainCheck(models.Model):
    """One walk over the whole hash chain, by the clock: how far it went and where it did not hold."""

    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    sequence = models.BigIntegerField(help_text="the last link walked")
    faults = models.PositiveIntegerField(default=0)
    words = models.JSONField(default=list, help_text="the first fifty, as sentences")

    def __str__(self) -> str:
        return f"chain walked to {self.sequence}"


class Head(models.Model):
    """The state of the hash chain at the end of a day, to be kept outside the database as well."""

    day = models.DateField(primary_key=True)
    sequence = models.BigIntegerField()
    chained = models.CharField(max_length=64)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.day} {self.sequence}"
