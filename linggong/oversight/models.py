"""Oversight reads what others wrote; its own table is the daily head of the hash chain."""

from django.db import models


class Head(models.Model):
    """The state of the hash chain at the end of a day, to be kept outside the database as well."""

    day = models.DateField(primary_key=True)
    sequence = models.BigIntegerField()
    chained = models.CharField(max_length=64)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.day} {self.sequence}"
