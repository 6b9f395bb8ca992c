"""Nouns: money put in, money owed per shift, money on its way. A deal is known only as an opaque `ref`."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linggong.core.models import Coded
from linggong.core.states import Stateful
from linggong.employers.models import Employer
from linggong.workers.models import Worker


class Custody(models.TextChoices):
    """Who holds the wage until it is paid. The same words as on a posting; the platform is not among them."""

    OFFLINE = "offline", _("线下付")
    MERCHANT = "merchant", _("老板的商户号付")
    SUPERVISED = "supervised", _("银行工资专户")
    LICENSED = "licensed", _("持牌机构托管")


HELD = frozenset({Custody.SUPERVISED, Custody.LICENSED})


class Funding(Stateful, Coded):
    """Wages an employer puts into an account held by a licensed custodian, for one posting (`ref` = "posting:CODE").

    `owner_kind` and `owner_name` say whose account receives the money; never the platform's.
    """

    class State(models.TextChoices):
        CREATED = "created", _("等付款")
        FUNDED = "funded", _("存好了")
        CANCELLED = "cancelled", _("没存")
        FAILED = "failed", _("没成")

    MOVES = {
        State.CREATED: {State.FUNDED, State.CANCELLED, State.FAILED},
        State.FUNDED: set(),
        State.CANCELLED: {State.FUNDED},
        State.FAILED: {State.FUNDED},
    }

    state = models.CharField(max_length=10, choices=State, default=State.CREATED)
    ref = models.CharField(max_length=40, db_index=True)
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    custody = models.CharField(max_length=12, choices=Custody)
    wages_fen = models.PositiveBigIntegerField()
    premium_fen = models.PositiveBigIntegerField(default=0)
    owner_kind = models.CharField(max_length=10, choices=[("employer", _("雇主")), ("custodian", _("持牌机构"))])
    owner_name = models.CharField(max_length=80)
    provider_ref = models.CharField(max_length=64, blank=True)
    pay_url = models.CharField(max_length=300, blank=True)
    failure = models.CharField(max_length=80, blank=True)
    refunded_fen = models.PositiveBigIntegerField(default=0, help_text="on the way back or back, of this payment")
    rest_wanted_at = models.DateTimeField(null=True, help_text="what is not needed goes back to the employer")
    created_at = models.DateTimeField()
    funded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # Never more back than was paid (M12).
            models.CheckConstraint(
                name="funding_refunded",
                condition=Q(refunded_fen__lte=models.F("wages_fen") + models.F("premium_fen")),
            ),
            models.CheckConstraint(
                name="funding_state", condition=Q(state__in=["created", "funded", "cancelled", "failed"])
            ),
            models.CheckConstraint(
                name="funding_owner_not_platform", condition=Q(owner_kind__in=["employer", "custodian"])
            ),
            models.CheckConstraint(name="funding_amount", condition=Q(wages_fen__gt=0)),
        ]

    def __str__(self) -> str:
        return f"funding {self.code}"


class Settlement(Stateful, Coded):
    """The wage of one worker for one shift (`ref` = "attendance:CODE", `deal` = "engagement:CODE").

    Held modes walk CREATED → FUNDED → RELEASE_REQUESTED → RELEASED → ARRIVED; offline pay walks CREATED →
    EMPLOYER_DECLARED_PAID → WORKER_ACKNOWLEDGED or WORKER_DENIED (domain §2.3.6). `held_fen` is what escrow holds for
    it; `net_fen` = `gross_fen` − lawful, signed `deductions`; `disputed_fen` of it waits for a decision, and
    `short_fen` of it was never held and is paid by hand. `work` holds the columns of the wage ledger
    (保障农民工工资支付条例 art. 15): `minutes`, `unit`, `rate_fen`, `quantity`, `pay_cycle`, `items`.
    """

    class State(models.TextChoices):
        CREATED = "created", _("等干完")
        FUNDED = "funded", _("已存好")
        RELEASE_REQUESTED = "release_requested", _("钱在路上")
        RELEASED = "released", _("点一下收钱")
        ARRIVED = "arrived", _("到账了")
        FROZEN = "frozen", _("有意见，在调解")
        PARTLY_RELEASED = "partly_released", _("先付没争议的")
        REFUNDED = "refunded", _("退回老板")
        EMPLOYER_DECLARED_PAID = "declared_paid", _("老板说付了")
        WORKER_ACKNOWLEDGED = "acknowledged", _("到账了")
        WORKER_DENIED = "denied", _("没收到")
        CANCELLED = "cancelled", _("取消了")
        FAILED = "failed", _("没付成，正在重试")

    MOVES = {
        State.CREATED: {
            State.FUNDED, State.EMPLOYER_DECLARED_PAID, State.WORKER_ACKNOWLEDGED, State.CANCELLED, State.FROZEN,
        },
        State.FUNDED: {State.RELEASE_REQUESTED, State.FROZEN, State.REFUNDED},
        State.RELEASE_REQUESTED: {State.RELEASED, State.ARRIVED, State.FAILED, State.PARTLY_RELEASED},
        State.RELEASED: {State.ARRIVED, State.FAILED, State.PARTLY_RELEASED, State.RELEASE_REQUESTED},
        State.ARRIVED: set(),
        State.FROZEN: {
            State.FUNDED, State.RELEASE_REQUESTED, State.PARTLY_RELEASED, State.REFUNDED, State.CREATED,
            State.CANCELLED,
        },
        State.PARTLY_RELEASED: {
            State.RELEASE_REQUESTED, State.ARRIVED, State.REFUNDED, State.EMPLOYER_DECLARED_PAID,
            State.WORKER_ACKNOWLEDGED,
        },
        State.REFUNDED: set(),
        State.EMPLOYER_DECLARED_PAID: {State.WORKER_ACKNOWLEDGED, State.WORKER_DENIED},
        State.WORKER_ACKNOWLEDGED: set(),
        State.WORKER_DENIED: {State.WORKER_ACKNOWLEDGED, State.EMPLOYER_DECLARED_PAID},
        State.CANCELLED: set(),
        State.FAILED: {State.RELEASE_REQUESTED, State.FUNDED},
    }  # fmt: skip

    state = models.CharField(max_length=18, choices=State, default=State.CREATED)
    ref = models.CharField(max_length=40, unique=True)
    deal = models.CharField(max_length=40, db_index=True)
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    custody = models.CharField(max_length=12, choices=Custody, default=Custody.OFFLINE)
    title = models.CharField(max_length=40, help_text="what the work was, as on the posting")
    posting_ref = models.CharField(max_length=40, blank=True, db_index=True)
    share_fen = models.PositiveBigIntegerField(default=0, help_text="what the worker is expected to earn")
    held_fen = models.PositiveBigIntegerField(default=0)
    gross_fen = models.PositiveBigIntegerField(default=0)
    deductions = models.JSONField(default=list, help_text='[{"fen", "reason", "signed_at"}]')
    net_fen = models.PositiveBigIntegerField(default=0)
    disputed_fen = models.PositiveBigIntegerField(default=0)
    short_fen = models.PositiveBigIntegerField(default=0, help_text="owed beyond what was held: paid by hand")
    work = models.JSONField(default=dict)
    work_on = models.DateField()
    due_at = models.DateTimeField(null=True, help_text="the computed latest moment, from the confirmed end")
    confirmed_at = models.DateTimeField(null=True)
    declared_at = models.DateTimeField(null=True)
    paid_how = models.CharField(
        max_length=8, blank=True,
        choices=[("wechat", _("微信")), ("cash", _("现金")), ("bank", _("银行卡")), ("account", _("工资专户"))],
    )  # fmt: skip
    paid_at = models.DateTimeField(null=True)
    acknowledged_how = models.CharField(
        max_length=8, blank=True,
        choices=[
            ("tap", _("自己点的")), ("stub", _("窗口交回条")), ("call", _("电话问过")), ("provider", _("银行回单")),
        ],
    )  # fmt: skip
    overdue_at = models.DateTimeField(null=True, help_text="the sweep saw that the due moment had passed")
    call_task_at = models.DateTimeField(null=True, help_text="silence made a task for a person to call")

    class Meta:
        indexes = [
            models.Index(fields=["worker", "-work_on"], name="settlement_worker"),
            models.Index(fields=["employer", "-work_on"], name="settlement_employer"),
            models.Index(fields=["state", "due_at"], name="settlement_due"),
        ]
        constraints = [
            models.CheckConstraint(name="settlement_net", condition=Q(net_fen__lte=models.F("gross_fen"))),
            models.CheckConstraint(name="settlement_disputed", condition=Q(disputed_fen__lte=models.F("gross_fen"))),
            models.CheckConstraint(
                name="settlement_state",
                condition=Q(state__in=[
                    "created", "funded", "release_requested", "released", "arrived", "frozen", "partly_released",
                    "refunded", "declared_paid", "acknowledged", "denied", "cancelled", "failed",
                ]),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"settlement {self.code}"


class Payout(Stateful, Coded):
    """One order to the custodian to pay one worker. The hold is in the book before the request goes out (M8)."""

    class State(models.TextChoices):
        HELD = "held", _("等发出")
        SENT = "sent", _("已发出，等回话")
        WAITING = "waiting", _("等工友点一下")
        SUCCEEDED = "succeeded", _("到账了")
        FAILED = "failed", _("没成")

    MOVES = {
        State.HELD: {State.SENT, State.WAITING, State.SUCCEEDED, State.FAILED},
        State.SENT: {State.WAITING, State.SUCCEEDED, State.FAILED},
        State.WAITING: {State.SUCCEEDED, State.FAILED},
        State.SUCCEEDED: set(),
        State.FAILED: set(),
    }

    state = models.CharField(max_length=10, choices=State, default=State.HELD)
    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="payouts")
    fen = models.PositiveBigIntegerField()
    provider_ref = models.CharField(max_length=64, blank=True)
    tap_url = models.CharField(max_length=300, blank=True, help_text="where the worker takes the money with a tap")
    failure = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # At most one open payout per settlement (M9): a second bill number only after the first has failed.
            models.UniqueConstraint(
                fields=["settlement"], condition=Q(state__in=["held", "sent", "waiting"]), name="payout_open_once"
            ),
            models.CheckConstraint(
                name="payout_state", condition=Q(state__in=["held", "sent", "waiting", "succeeded", "failed"])
            ),
            models.CheckConstraint(name="payout_amount", condition=Q(fen__gt=0)),
        ]

    def __str__(self) -> str:
        return f"payout {self.code}"


class Refund(Stateful, Coded):
    """One order to the custodian to give an employer's payment back, whole or in part. Its number never changes.

    `payment` is the custodian's number of what was paid. `extra`: it was paid twice or too late and never
    became wages; else it is the part of a funding that no worker needed.
    """

    class State(models.TextChoices):
        HELD = "held", _("等发出")
        SENT = "sent", _("已发出，等回话")
        SUCCEEDED = "succeeded", _("退好了")
        FAILED = "failed", _("没退成，正在重试")

    MOVES = {
        State.HELD: {State.SENT, State.SUCCEEDED, State.FAILED},
        State.SENT: {State.SUCCEEDED, State.FAILED},
        State.SUCCEEDED: set(),
        State.FAILED: {State.SENT, State.SUCCEEDED},
    }

    state = models.CharField(max_length=10, choices=State, default=State.HELD)
    funding = models.ForeignKey(Funding, models.PROTECT, related_name="refunds")
    fen = models.PositiveBigIntegerField()
    payment = models.CharField(max_length=64)
    extra = models.BooleanField(default=False)
    provider_ref = models.CharField(max_length=64, blank=True)
    failure = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="refund_state", condition=Q(state__in=["held", "sent", "succeeded", "failed"])),
            models.CheckConstraint(name="refund_amount", condition=Q(fen__gt=0)),
        ]

    def __str__(self) -> str:
        return f"refund {self.code}"


class Heard(models.Model):
    """A message from a provider, once per provider and message id, whatever its number of deliveries (M6)."""

    provider = models.CharField(max_length=20)
    message_id = models.CharField(max_length=80)
    kind = models.CharField(max_length=30)
    about = models.CharField(max_length=64)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "message_id"], name="heard_once")]

    def __str__(self) -> str:
        return f"{self.provider} {self.message_id}"


class PayAccount(Coded):
    """Where a worker's wage goes: WeChat, bank card, or cash at the counter. The number is sealed."""

    worker = models.ForeignKey(Worker, models.PROTECT, related_name="+")
    kind = models.CharField(
        max_length=8, choices=[("wechat", _("微信")), ("bank", _("银行卡")), ("counter", _("窗口领现金"))]
    )
    number_sealed = models.TextField(blank=True)
    tail4 = models.CharField(max_length=4, blank=True)
    bank = models.CharField(max_length=40, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["worker"], condition=Q(ended_at=None), name="pay_account_one")]

    def __str__(self) -> str:
        return f"{self.kind} {self.tail4}"
