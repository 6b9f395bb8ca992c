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


class Spread(models.Model):
    """How work was spread among the active people of a county on a day: no person, only three figures."""

    division_code = models.CharField(max_length=12)
    day = models.DateField()
    at = models.DateTimeField()
    people = models.PositiveIntegerField()
    without = models.PositiveIntegerField(help_text="of them, without any shift in thirty days")
    uneven_percent = models.PositiveSmallIntegerField(help_text="Gini of shifts, in whole percent")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["division_code", "day"], name="spread_once")]

    def __str__(self) -> str:
        return f"{self.division_code} {self.day}"
