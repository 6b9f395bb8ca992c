"""Nouns: the worker, their trades and papers, their hours, their card, their record."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linggong.core.models import Coded
from linggong.core.states import Stateful
from linggong.reference.models import Certificate, Division, Trade


class Verification(models.TextChoices):
    """How sure we are who the worker is (domain §2.3.1)."""

    LIGHT = "light", _("刚登记")
    PRELIM_CHECKED = "prelim_checked", _("初审过")
    VERIFIED = "verified", _("实名")
    SUSPENDED = "suspended", _("停用")


class Worker(Stateful, Coded):
    """A person as a worker. Country-wide: a worker registered in one county applies in another (SX-14).

    `lng`/`lat` is the chosen home area rounded to about 500 m, never a live position.
    `free_parts` is a list of dayparts (dawn, day, evening, night) the person can work.
    """

    MOVES = {
        Verification.LIGHT: {Verification.PRELIM_CHECKED, Verification.VERIFIED, Verification.SUSPENDED},
        Verification.PRELIM_CHECKED: {Verification.VERIFIED, Verification.SUSPENDED},
        Verification.VERIFIED: {Verification.SUSPENDED},
        Verification.SUSPENDED: {Verification.LIGHT, Verification.PRELIM_CHECKED, Verification.VERIFIED},
    }

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, choices=Verification, default=Verification.LIGHT)
    division = models.ForeignKey(Division, models.PROTECT, related_name="+")
    lng = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    reach_m = models.PositiveIntegerField(default=10_000)
    free_parts = models.JSONField(default=list)
    pay_floor_fen = models.PositiveBigIntegerField(null=True, help_text="per day, the worker's own wish")
    contact_via = models.CharField(
        max_length=10, default="self",
        choices=[("self", _("自己")), ("relative", _("家里人")), ("officer", _("零工专员"))],
    )  # fmt: skip
    contact_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    literacy_help = models.BooleanField(default=False, help_text="reads little: speak, show pictures")
    dialect = models.CharField(max_length=20, blank=True)
    tools = models.CharField(max_length=80, blank=True)
    taking_work = models.BooleanField(default=True)
    call_from = models.TimeField(null=True, help_text="早上几点能叫: no call and no push before it")
    invites = models.CharField(
        max_length=4, default="day", choices=[("day", _("白天叫我")), ("any", _("半夜也叫我")), ("off", _("别叫我"))]
    )
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    source = models.CharField(max_length=10, default="self")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="worker_state",
                condition=Q(state__in=["light", "prelim_checked", "verified", "suspended"]),
            ),
            models.CheckConstraint(name="worker_invites", condition=Q(invites__in=["day", "any", "off"])),
        ]
        indexes = [models.Index(fields=["division"], name="worker_division")]

    def __str__(self) -> str:
        return f"worker {self.code}"


class WorkerTrade(models.Model):
    """A trade the worker does. `times` and `days` grow with confirmed work."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="trades")
    trade = models.ForeignKey(Trade, models.PROTECT, related_name="+")
    skilled = models.BooleanField(default=False)
    years = models.PositiveSmallIntegerField(default=0)
    times = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["worker", "trade"], name="worker_trade_once")]

    def __str__(self) -> str:
        return f"{self.worker_id} {self.trade_id}"


class Holding(Stateful, Coded):
    """A certificate that a worker holds (FJ-16). EXPIRED follows from `valid_to`; a sweep writes it."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("等核对")
        CHECKED = "checked", _("核对过")
        REJECTED = "rejected", _("没通过")
        EXPIRED = "expired", _("过期了")

    MOVES = {
        State.UPLOADED: {State.CHECKED, State.REJECTED},
        State.CHECKED: {State.EXPIRED, State.REJECTED},
        State.REJECTED: set(),
        State.EXPIRED: set(),
    }

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="holdings")
    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    number_sealed = models.TextField(blank=True)
    number_tail4 = models.CharField(max_length=4, blank=True)
    issuer = models.CharField(max_length=80, blank=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    photo = models.CharField(max_length=120, blank=True)
    uploaded_at = models.DateTimeField()
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=120, blank=True)
    reminded_at = models.DateTimeField(null=True, help_text="told that it expires soon")

    class Meta:
        indexes = [models.Index(fields=["state", "valid_to"], name="holding_validity")]
        constraints = [
            models.CheckConstraint(
                name="holding_state", condition=Q(state__in=["uploaded", "checked", "rejected", "expired"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.worker_id} {self.certificate_id}"


class Quarter(models.Model):
    """A quarter of an hour that a worker promised. Unique: nobody is booked twice, under any race (E3)."""

    worker = models.ForeignKey(Worker, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ref = models.CharField(max_length=40, db_index=True, help_text="who holds it, e.g. engagement:AB34")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["worker", "starts_at"], name="quarter_once")]

    def __str__(self) -> str:
        return f"{self.worker_id} {self.starts_at}"


class Card(Stateful, Coded):
    """The worker's own advert, 找活卡 (FJ-15): reviewed, hidden in one tap, never with name, phone or age."""

    class State(models.TextChoices):
        DRAFT = "draft", _("没发")
        REVIEWING = "reviewing", _("在审")
        VISIBLE = "visible", _("看得到")
        HIDDEN = "hidden", _("收起来了")
        RETURNED = "returned", _("要改一下")

    MOVES = {
        State.DRAFT: {State.REVIEWING, State.HIDDEN},
        State.REVIEWING: {State.VISIBLE, State.RETURNED, State.HIDDEN},
        State.VISIBLE: {State.HIDDEN, State.REVIEWING},
        State.HIDDEN: {State.REVIEWING},
        State.RETURNED: {State.REVIEWING, State.HIDDEN},
    }

    worker = models.OneToOneField(Worker, models.PROTECT, related_name="card")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    trades = models.ManyToManyField(Trade, related_name="+")
    pay_fen = models.PositiveBigIntegerField()
    pay_unit = models.CharField(max_length=8)
    times = models.CharField(max_length=60, blank=True)
    area = models.ForeignKey(Division, models.PROTECT, related_name="+")
    text = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=120, blank=True)
    changed_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="card_state",
                condition=Q(state__in=["draft", "reviewing", "visible", "hidden", "returned"]),
            )
        ]

    def __str__(self) -> str:
        return f"card {self.code}"


class Point(models.Model):
    """One event of a worker's record: published rule, cause, day it stops counting (domain §3.18)."""

    worker = models.ForeignKey(Worker, models.PROTECT, related_name="points")
    kind = models.CharField(max_length=24)
    points = models.SmallIntegerField()
    cause = models.CharField(max_length=40, help_text="e.g. attendance:AB34")
    at = models.DateTimeField()
    counts_until = models.DateTimeField()
    corrected_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["worker", "kind", "cause"], name="worker_point_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.points}"


class Recognition(models.Model):
    """优秀零工: when it was given or lost, and why. The latest row is the state."""

    worker = models.ForeignKey(Worker, models.PROTECT, related_name="recognitions")
    state = models.CharField(
        max_length=12,
        choices=[
            ("normal", _("普通")), ("candidate", _("候选")),
            ("recognised", _("优秀零工")), ("suspended", _("暂停")),
        ],
    )  # fmt: skip
    cause = models.CharField(max_length=120)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return self.state
