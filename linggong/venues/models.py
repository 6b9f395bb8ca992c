"""Nouns: the places, and the people who work there."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from linggong.core.models import Coded
from linggong.reference.models import Division


class Kind(models.TextChoices):
    """The levels of the network (domain §2.1)."""

    MARKET = "MARKET", _("零工市场")
    STATION = "STATION", _("零工驿站")
    SERVICE_POINT = "SERVICE_POINT", _("服务网点")
    DOORSTEP_STATION = "DOORSTEP_STATION", _("家门口服务站")


class Venue(Coded):
    """A market, station or point. `hours` is a list of seven [opens, closes] pairs, Monday first, or null when shut."""

    kind = models.CharField(max_length=18, choices=Kind)
    name = models.CharField(max_length=60)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    division = models.ForeignKey(Division, models.PROTECT, related_name="+")
    address = models.CharField(max_length=120, blank=True)
    lng = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    about = models.BooleanField(default=False, help_text="the coordinate is approximate")
    hours = models.JSONField(default=list)
    phone = models.CharField(max_length=20, blank=True)
    supervision_phone = models.CharField(max_length=20, blank=True)
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    circle_minutes = models.PositiveSmallIntegerField(
        default=0, help_text="how long a neighbours' posting is shown inside its circle first; 0: at once to all"
    )

    by_turn = models.BooleanField(default=False, help_text="轮流派: the window orders people by days without work")
    by_draw = models.BooleanField(
        default=False, help_text="摇号: a public draw in the morning orders who took a ticket"
    )

    class Meta:
        indexes = [models.Index(fields=["division", "kind"], name="venue_division")]

    def __str__(self) -> str:
        return self.name


class Duty(models.TextChoices):
    """What a member of staff does at a venue."""

    HEAD = "head", _("站长")
    CLERK = "clerk", _("窗口")
    REVIEWER = "reviewer", _("审活")
    MEDIATOR = "mediator", _("调解")


class Staff(models.Model):
    """A person working at a venue. One row per duty; `ended_at` closes it, nothing is deleted."""

    venue = models.ForeignKey(Venue, models.PROTECT, related_name="staff")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    duty = models.CharField(max_length=10, choices=Duty)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["venue", "user", "duty"], condition=Q(ended_at=None), name="staff_once")
        ]

    def __str__(self) -> str:
        return f"{self.venue_id} {self.duty}"


class OnCall(models.Model):
    """A reviewer on duty with a phone: rung for a posting that starts in under three hours (decision 10)."""

    venue = models.ForeignKey(Venue, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    rank = models.PositiveSmallIntegerField(default=1, help_text="1 is rung first, then 2 after five minutes")

    class Meta:
        indexes = [models.Index(fields=["starts_at", "ends_at"], name="on_call_time")]
        constraints = [models.CheckConstraint(name="on_call_hours", condition=Q(ends_at__gt=F("starts_at")))]

    def __str__(self) -> str:
        return f"{self.venue_id} {self.starts_at}"


class Grid(models.Model):
    """A registered residential grid (网格): a point where people live, counted when asking what lies in walking reach."""

    division = models.ForeignKey(Division, models.PROTECT, related_name="+")
    number = models.CharField(max_length=30, unique=True, help_text="as the district numbers it")
    name = models.CharField(max_length=60)
    lng = models.FloatField()
    lat = models.FloatField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    added_on = models.DateField()
    ended_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["division"], name="grid_division")]

    def __str__(self) -> str:
        return self.name
