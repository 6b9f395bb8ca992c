"""Nouns: versioned products and one policy per worker and shift. A deal is an opaque `ref`."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from linggong.core.models import Coded
from linggong.core.states import Stateful
from linggong.workers.models import Worker


class Product(models.Model):
    """One version of a product, all of it data (domain §3.11).

    `unit` ORDER, DAY or PROJECT. `premiums` is a list of {"class", "hours_up_to", "fen"}; `sums` of {"age_from",
    "age_to", "fen"} (ages inclusive, at the day the work starts). `effective` IMMEDIATE or NEXT_DAY.
    `cover` is three lines for the page: what, how much, deductible; the fourth is `claim_phone`. A band whose class is
    null is for every class, one whose `hours_up_to` is null for any length. `subsidy_fen` is what the state pays of
    each premium. `division_code` "" is the whole country.
    """

    code = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    insurer = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    unit = models.CharField(max_length=8, choices=[("ORDER", _("按单")), ("DAY", _("按天")), ("PROJECT", _("项目"))])
    premiums = models.JSONField()
    sums = models.JSONField()
    trade_classes = models.JSONField(default=dict, help_text="trade code → class, where the insurer differs")
    premium_low_fen = models.PositiveBigIntegerField()
    premium_high_fen = models.PositiveBigIntegerField()
    subsidy_fen = models.PositiveBigIntegerField(default=0)
    effective = models.CharField(max_length=10, choices=[("IMMEDIATE", _("马上生效")), ("NEXT_DAY", _("次日零时生效"))])
    cover = models.JSONField(default=list)
    exclusions = models.JSONField(default=list)
    claim_phone = models.CharField(max_length=20)
    sample = models.BooleanField(default=True)
    approved = models.BooleanField(default=False, help_text="a second person released it for use")
    division_code = models.CharField(max_length=12, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="product_once"),
            models.CheckConstraint(name="product_band", condition=Q(premium_high_fen__gte=F("premium_low_fen"))),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class Policy(Stateful, Coded):
    """Cover of one worker for one shift (`ref` = "attendance:CODE", `deal` = "engagement:CODE").

    `premium_fen` is what the payer pays, after `subsidy_fen`. `cover_from` is the moment the insurer says the cover
    begins: the start of the work, or the moment of binding when that was later. `code` is the order number.
    """

    class State(models.TextChoices):
        QUOTED = "quoted", _("算好了")
        PENDING_PAYMENT = "pending_payment", _("在办")
        BOUND = "bound", _("保险已买好")
        IN_FORCE = "in_force", _("保着")
        ENDED = "ended", _("到期")
        CANCELLED = "cancelled", _("退了")
        NOT_INSURABLE = "not_insurable", _("保不了")

    MOVES = {
        State.QUOTED: {State.PENDING_PAYMENT, State.CANCELLED},
        State.PENDING_PAYMENT: {State.BOUND, State.CANCELLED, State.NOT_INSURABLE},
        State.BOUND: {State.IN_FORCE, State.CANCELLED, State.ENDED},
        State.IN_FORCE: {State.ENDED},
        State.ENDED: set(),
        State.CANCELLED: set(),
        State.NOT_INSURABLE: set(),
    }

    ref = models.CharField(max_length=40, db_index=True)
    deal = models.CharField(max_length=40, db_index=True)
    state = models.CharField(max_length=16, choices=State, default=State.QUOTED)
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="+")
    risk_class = models.PositiveSmallIntegerField()
    age = models.PositiveSmallIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    premium_fen = models.PositiveBigIntegerField()
    subsidy_fen = models.PositiveBigIntegerField(default=0)
    sum_fen = models.PositiveBigIntegerField()
    policy_number = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=80, blank=True)
    asked_at = models.DateTimeField()
    bound_at = models.DateTimeField(null=True)
    cover_from = models.DateTimeField(null=True)
    late_at = models.DateTimeField(null=True, help_text="when the alarm rang: not bound shortly before the start")

    class Meta:
        indexes = [models.Index(fields=["state", "starts_at"], name="policy_due")]
        constraints = [
            models.CheckConstraint(
                name="policy_state",
                condition=Q(
                    state__in=["quoted", "pending_payment", "bound", "in_force", "ended", "cancelled", "not_insurable"]
                ),
            ),
            models.UniqueConstraint(
                fields=["ref"], condition=~Q(state__in=["cancelled", "not_insurable"]), name="policy_live_once"
            ),
            models.CheckConstraint(name="policy_hours", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="policy_bound_has_number",
                condition=~Q(state__in=["bound", "in_force"]) | ~Q(policy_number=""),
            ),
        ]

    def __str__(self) -> str:
        return f"policy {self.code}"
