"""What every floor stands on: public codes, the journal, keys that make repeats harmless."""

from django.conf import settings
from django.db import models

from linggong.core.codes import new_code


class Coded(models.Model):
    """A row with a public name: `code` stands in addresses and on paper, the key never does."""

    code = models.CharField(max_length=10, unique=True, default=new_code, editable=False)

    class Meta:
        abstract = True


class Event(models.Model):
    """One thing that happened. Written in the transaction that made it happen; never changed, never erased.

    The same rows are the audit trail, the timeline on every screen and the source of every figure.
    `digest` is set at insert; the sealer later gives the row its place in the chain (`Link`).
    """

    name = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    acting_for = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    data = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "id"], name="event_subject"),
            models.Index(fields=["name", "at"], name="event_name_at"),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.subject_id}"


class Link(models.Model):
    """The place of one event in the hash chain. Gapless `sequence`; `chained` covers every earlier event.

    A separate table, so that an event row is never updated after it was written.
    """

    sequence = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(Event, models.PROTECT, related_name="link")
    chained = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.sequence}"


class Delivery(models.Model):
    """What the house owes a subscriber: run `reaction` for `event`, at least once."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="deliveries")
    reaction = models.CharField(max_length=120)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.TextField(default="", blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="delivery_owed", condition=models.Q(done_at=None, failed_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["event", "reaction"], name="delivery_once"),
        ]

    def __str__(self) -> str:
        return f"{self.reaction} ← {self.event_id}"


class Turn(models.Model):
    """When a periodic job last ran, so that two workers do not both run it."""

    job = models.CharField(max_length=120, primary_key=True)
    due_at = models.DateTimeField()
    ran_at = models.DateTimeField(null=True)
    error = models.TextField(default="", blank=True)

    def __str__(self) -> str:
        return self.job


class Answered(models.Model):
    """A request that was answered once: the same key and the same terms get the same answer again."""

    key = models.CharField(max_length=120, unique=True)
    input_hash = models.CharField(max_length=64)
    outcome = models.JSONField(default=dict)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key
