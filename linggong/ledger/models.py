"""Nouns: accounts, transfers and their entries. The book knows no bank and no trade."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class Account(models.Model):
    """A place where fen stand. Addresses are readable: `escrow:posting:AB34…`, `gateway:wage_account`.

    An account with a floor keeps its sum here, guarded by a CHECK: it can never go below zero at any commit
    (M3). Accounts without a floor (the mirror of a provider) keep no sum, so that they are no hot row.
    """

    address = models.CharField(max_length=80, unique=True)
    floor = models.BooleanField(default=True)
    sum_fen = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="account_never_below_zero",
                condition=Q(floor=False, sum_fen=None) | Q(floor=True, sum_fen__gte=0),
            )
        ]

    def __str__(self) -> str:
        return self.address


class Transfer(models.Model):
    """One movement of money: at least two entries that sum to zero, once per key, never changed or erased."""

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120, unique=True)
    input_hash = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")

    def __str__(self) -> str:
        return self.key


class Entry(models.Model):
    """One line of a transfer. Positive puts fen in, negative takes them out."""

    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="entries")
    account = models.ForeignKey(Account, models.PROTECT, related_name="entries")
    fen = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(name="entry_moves_something", condition=~Q(fen=0))]

    def __str__(self) -> str:
        return f"{self.account_id} {self.fen:+d}"
