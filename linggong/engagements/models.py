"""Nouns: the deal between one worker and one posting, each shift of it lived, and what both said after."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linggong.core.models import Coded
from linggong.core.states import Stateful
from linggong.employers.models import Employer
from linggong.postings.models import Posting, Shift, Version, WayIn
from linggong.workers.models import Worker


class State(models.TextChoices):
    """The bargain (first half of domain §2.3.4). How each shift went stands on its Attendance."""

    APPLIED = "applied", _("等老板定")
    OFFERED = "offered", _("老板叫你去")
    WAITLISTED = "waitlisted", _("排上队了")
    WITHDRAWN = "withdrawn", _("不去了")
    DECLINED = "declined", _("没选上")
    CONFIRMED = "confirmed", _("定下了")
    REACCEPT = "reaccept", _("条件变了，要再看一下")
    CANCELLED_BY_WORKER = "cancelled_by_worker", _("取消了")
    CANCELLED_BY_EMPLOYER = "cancelled_by_employer", _("老板取消了")
    CLOSED = "closed", _("办完了")


S = State
BINDING = frozenset({S.CONFIRMED, S.REACCEPT})
LIVE = frozenset({S.APPLIED, S.OFFERED, S.WAITLISTED, S.CONFIRMED, S.REACCEPT})


class Engagement(Stateful, Coded):
    """A deal between one worker and one posting, for some or all of its shifts.

    `terms` is the frozen copy agreed to (its hash is in the agreement); a later version of the posting changes no
    deal until the worker accepts it again. `acted_by` is set when somebody acted for the worker, with `channel`.
    """

    MOVES = {
        S.APPLIED: {S.WITHDRAWN, S.DECLINED, S.CONFIRMED, S.WAITLISTED},
        S.OFFERED: {S.CONFIRMED, S.WITHDRAWN, S.DECLINED},
        S.WAITLISTED: {S.CONFIRMED, S.OFFERED, S.WITHDRAWN, S.DECLINED},
        S.WITHDRAWN: set(),
        S.DECLINED: set(),
        S.CONFIRMED: {S.REACCEPT, S.CANCELLED_BY_WORKER, S.CANCELLED_BY_EMPLOYER, S.CLOSED},
        S.REACCEPT: {S.CONFIRMED, S.CANCELLED_BY_WORKER, S.CANCELLED_BY_EMPLOYER},
        S.CANCELLED_BY_WORKER: {S.CONFIRMED},  # 还是去: within minutes, while nobody else has the place
        S.CANCELLED_BY_EMPLOYER: set(),
        S.CLOSED: set(),
    }

    posting = models.ForeignKey(Posting, models.PROTECT, related_name="+")
    version = models.ForeignKey(Version, models.PROTECT, related_name="+")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="+")
    state = models.CharField(max_length=22, choices=State, default=State.APPLIED)
    way_in = models.CharField(max_length=10, choices=WayIn)
    channel = models.CharField(max_length=8, default="self", help_text="self, staff, phone, kiosk, group")
    acted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    wanted_shifts = models.JSONField(default=list, help_text="codes of the shifts asked for")
    terms = models.JSONField(default=dict)
    terms_hash = models.CharField(max_length=64, blank=True)
    reasons = models.JSONField(default=list, help_text="why they suit, as shown")
    fit = models.JSONField(default=dict, help_text='{"version", "total", "parts"}: the published rule as it counted')
    asked_at = models.DateTimeField()
    answer_by = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=80, blank=True)
    end_band = models.CharField(
        max_length=8, blank=True, help_text="early >12 h, middle 2–12 h, late <2 h before start"
    )

    class Meta:
        indexes = [
            models.Index(fields=["worker", "state"], name="engagement_worker"),
            models.Index(fields=["posting", "state"], name="engagement_posting"),
            models.Index(fields=["employer", "-id"], name="engagement_employer"),
        ]
        constraints = [
            models.CheckConstraint(name="engagement_state", condition=Q(state__in=State.values)),
            models.UniqueConstraint(
                name="engagement_live_once", fields=["posting", "worker"],
                condition=Q(state__in=["applied", "offered", "waitlisted", "confirmed", "reaccept"]),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"engagement {self.code}"


class Stage(models.TextChoices):
    """One shift lived (second half of domain §2.3.4)."""

    EXPECTED = "expected", _("定下了")
    CHECKED_IN = "checked_in", _("已打卡")
    IN_PROGRESS = "in_progress", _("干活中")
    WORK_DONE = "work_done", _("等老板确认")
    COMPLETION_CONFIRMED = "completion_confirmed", _("老板确认了")
    AUTO_CONFIRMED = "auto_confirmed", _("到时间自动确认了")
    QUANTITY_DISPUTED = "quantity_disputed", _("有意见，在调解")
    PAY_DUE = "pay_due", _("等付工钱")
    PAID = "paid", _("到账了")
    ARREARS = "arrears", _("工钱拖了")
    ENDED_EARLY = "ended_early", _("提前收工")
    ACCIDENT = "accident", _("受伤了")
    NO_SHOW_WORKER = "no_show_worker", _("没到")
    WASTED_TRIP = "wasted_trip", _("白跑一趟")
    CALLED_OFF = "called_off", _("今天不干了")
    CANCELLED = "cancelled", _("取消了")
    RELEASED = "released", _("没联系上，位子放掉了")
    CLOSED = "closed", _("办完了")


T = Stage
GONE = frozenset({T.CANCELLED, T.RELEASED})
"""The person holds no place of the shift any more."""
WORKED = frozenset(
    {T.WORK_DONE, T.COMPLETION_CONFIRMED, T.AUTO_CONFIRMED, T.QUANTITY_DISPUTED, T.PAY_DUE, T.PAID, T.ARREARS,
     T.ENDED_EARLY}
)  # fmt: skip


class Attendance(Stateful, Coded):
    """One worker at one shift: there or not, how long, how much, what for.

    `minutes` is worked time less breaks. `quantity` is what was counted, by `quantity_by`, confirmed by the other side.
    `pay_fen` is computed once at confirmation. `confirm_due_at` is computed once at `work_done` and stored (E6).
    `uncovered_reason` is the employer's 今天没保险, shown to and accepted by the worker before starting.
    """

    MOVES = {
        T.EXPECTED: {
            T.CHECKED_IN,
            T.NO_SHOW_WORKER,
            T.WASTED_TRIP,
            T.CALLED_OFF,
            T.CANCELLED,
            T.WORK_DONE,
            T.RELEASED,
        },
        T.CHECKED_IN: {T.IN_PROGRESS, T.WORK_DONE, T.ENDED_EARLY, T.ACCIDENT, T.CALLED_OFF, T.WASTED_TRIP},
        T.IN_PROGRESS: {T.WORK_DONE, T.ENDED_EARLY, T.ACCIDENT},
        T.ENDED_EARLY: {T.COMPLETION_CONFIRMED, T.AUTO_CONFIRMED, T.QUANTITY_DISPUTED},
        T.ACCIDENT: {T.COMPLETION_CONFIRMED, T.AUTO_CONFIRMED, T.QUANTITY_DISPUTED},
        T.WORK_DONE: {T.COMPLETION_CONFIRMED, T.AUTO_CONFIRMED, T.QUANTITY_DISPUTED},
        T.QUANTITY_DISPUTED: {T.COMPLETION_CONFIRMED},
        T.COMPLETION_CONFIRMED: {T.PAY_DUE, T.CLOSED},
        T.AUTO_CONFIRMED: {T.PAY_DUE, T.CLOSED},
        T.NO_SHOW_WORKER: {T.WORK_DONE, T.WASTED_TRIP, T.CLOSED},
        T.WASTED_TRIP: {T.PAY_DUE, T.CLOSED, T.NO_SHOW_WORKER},
        T.CALLED_OFF: {T.PAY_DUE, T.CLOSED},
        T.PAY_DUE: {T.PAID, T.ARREARS},
        T.ARREARS: {T.PAID},
        T.PAID: {T.CLOSED},
        T.CANCELLED: set(),
        T.RELEASED: set(),
        T.CLOSED: set(),
    }

    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="attendances")
    shift = models.ForeignKey(Shift, models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=Stage, default=Stage.EXPECTED)
    checked_in_at = models.DateTimeField(null=True)
    checked_in_how = models.CharField(
        max_length=8, blank=True,
        choices=[("gps", _("定位")), ("qr", _("扫码")), ("code", _("数字码")), ("staff", _("代打卡")), ("boss", _("老板点的"))],
    )  # fmt: skip
    checked_out_at = models.DateTimeField(null=True)
    minutes = models.PositiveIntegerField(null=True)
    quantity = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    quantity_by = models.CharField(max_length=8, blank=True)
    as_told = models.BooleanField(null=True, help_text="the worker's answer to 和说的一样吗")
    confirm_due_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    pay_fen = models.PositiveBigIntegerField(null=True)
    disputed_fen = models.PositiveBigIntegerField(default=0)
    checked_out_early = models.BooleanField(default=False, help_text="stopped before the end: pay in proportion")
    uncovered_reason = models.CharField(max_length=80, blank=True)
    uncovered_accepted_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True, help_text="no-show or wasted trip: when it was claimed")
    claimed_by = models.CharField(max_length=8, blank=True)
    contested_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "confirm_due_at"], name="attendance_confirm_due"),
            models.Index(fields=["shift", "state"], name="attendance_shift"),
        ]
        constraints = [
            models.CheckConstraint(name="attendance_state", condition=Q(state__in=Stage.values)),
            models.UniqueConstraint(
                name="attendance_once",
                fields=["engagement", "shift"],
                condition=~Q(state__in=["cancelled", "released"]),
            ),
            models.CheckConstraint(
                name="attendance_pay_when_confirmed",
                condition=~Q(state__in=["pay_due", "paid", "arrears"]) | Q(pay_fen__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"attendance {self.code}"


class Rating(models.Model):
    """What one side says about the other, hidden until both spoke or seven days passed (domain §2.3.8)."""

    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="ratings")
    side = models.CharField(max_length=8, choices=[("worker", _("工友说")), ("employer", _("老板说"))])
    stars = models.PositiveSmallIntegerField()
    tags = models.JSONField(default=list)
    text = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    visible_at = models.DateTimeField(null=True)
    hidden_at = models.DateTimeField(null=True)
    hidden_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    hidden_reason = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engagement", "side"], name="rating_once"),
            models.CheckConstraint(name="rating_stars", condition=Q(stars__range=(1, 5))),
            models.CheckConstraint(
                name="rating_hidden_with_reason", condition=Q(hidden_at=None) | ~Q(hidden_reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.stars}"


class Filling(Stateful, Coded):
    """One posting being filled by invitations: which wave is out, and when the next one goes.

    `wave` counts up by one compare-and-set in the transaction that writes the invitations of that wave, so a wave is
    out wholly and once, or not at all.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("正在叫人")
        FILLED = "filled", _("补满了")
        STOPPED = "stopped", _("不叫了")
        OVER = "over", _("过了")

    MOVES = {
        State.RUNNING: {State.FILLED, State.STOPPED, State.OVER},
        State.FILLED: {State.RUNNING, State.OVER},
        State.STOPPED: {State.RUNNING, State.OVER},
        State.OVER: set(),
    }

    posting = models.OneToOneField(Posting, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    why = models.CharField(max_length=8, choices=[("soon", _("快开工了")), ("asked", _("老板要的"))])
    wave = models.PositiveSmallIntegerField(default=0)
    begun_at = models.DateTimeField()
    next_at = models.DateTimeField()
    nobody_left = models.BooleanField(default=False, help_text="the last look found nobody to ask")
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="filling_due", condition=Q(state="running"))]
        constraints = [
            models.CheckConstraint(
                name="filling_state", condition=Q(state__in=["running", "filled", "stopped", "over"])
            )
        ]

    def __str__(self) -> str:
        return f"filling {self.code}"


class Invitation(Stateful, Coded):
    """Somebody was asked to come. Binds nobody; accepting is the ordinary 我要去.

    `of_day` is the how-many-eth push to this person that day: unique, so that no two postings together pass the cap.
    `channel` "desk": no phone of their own, somebody at a desk calls or tells them.
    """

    class State(models.TextChoices):
        SENT = "sent", _("叫了，等回话")
        TAKEN = "taken", _("来")
        REFUSED = "refused", _("这次不去")
        MISSED = "missed", _("没赶上")

    MOVES = {
        State.SENT: {State.TAKEN, State.REFUSED, State.MISSED},
        State.TAKEN: set(),
        State.REFUSED: {State.TAKEN},
        State.MISSED: {State.TAKEN, State.SENT},  # asked once more: somebody did not come, the shift runs already
    }

    filling = models.ForeignKey(Filling, models.PROTECT, related_name="invitations")
    posting = models.ForeignKey(Posting, models.PROTECT, related_name="+")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.SENT)
    wave = models.PositiveSmallIntegerField()
    tier = models.CharField(
        max_length=8,
        choices=[
            ("again", _("上次那几个人")), ("liked", _("你说好的")), ("near", _("就近最合适的")), ("wider", _("远一点的")),
            ("everyone", _("能干的都叫")),
        ],
    )  # fmt: skip
    channel = models.CharField(max_length=5, choices=[("phone", _("手机")), ("desk", _("站里去叫"))])
    sent_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    day = models.DateField()
    of_day = models.PositiveSmallIntegerField()
    late_shift = models.ForeignKey(
        Shift, models.PROTECT, null=True, related_name="+", help_text="begun already: take over from now on"
    )
    noted = models.CharField(max_length=40, blank=True, help_text="what the desk wrote down: 没打通")

    class Meta:
        indexes = [models.Index(fields=["worker", "-sent_at"], name="invitation_worker")]
        constraints = [
            models.CheckConstraint(
                name="invitation_state", condition=Q(state__in=["sent", "taken", "refused", "missed"])
            ),
            models.UniqueConstraint(name="invitation_once", fields=["filling", "worker"]),
            models.UniqueConstraint(name="invitation_of_day", fields=["worker", "day", "of_day"]),
        ]

    def __str__(self) -> str:
        return f"invitation {self.code}"


class Confirmation(Stateful, Coded):
    """Somebody bound to come was asked once more, and what came back. Silence changes nothing by itself.

    `by_slip`: a person without a phone, or arranged at a counter: their slip is their word, nothing releases them.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("问了，还没回")
        COMING = "coming", _("说来")
        NOT_COMING = "not_coming", _("说不来")
        RELEASED = "released", _("没联系上，放掉了")

    MOVES = {
        State.ASKED: {State.COMING, State.NOT_COMING, State.RELEASED},
        State.COMING: {State.NOT_COMING},
        State.NOT_COMING: set(),
        State.RELEASED: set(),
    }

    attendance = models.OneToOneField(Attendance, models.PROTECT, related_name="confirmation")
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    by_slip = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_how = models.CharField(max_length=6, blank=True, help_text="tap, sms, call, boss")
    called_at = models.DateTimeField(null=True, help_text="somebody called and nobody answered")
    called_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="confirmation_state", condition=Q(state__in=["asked", "coming", "not_coming", "released"])
            ),
            models.CheckConstraint(
                name="confirmation_slip_stays",
                condition=~Q(state="released") | Q(by_slip=False, called_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"confirmation {self.code}"


class Message(Coded):
    """A short text from one side of a deal to the other. Kept with the deal; what is reported is read by a person."""

    engagement = models.ForeignKey(Engagement, models.PROTECT, related_name="messages")
    side = models.CharField(max_length=8, choices=[("worker", _("工友")), ("employer", _("老板"))])
    text = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reported_at = models.DateTimeField(null=True)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["engagement", "id"], name="message_deal")]

    def __str__(self) -> str:
        return f"{self.engagement_id} {self.side}"


class Party(Stateful, Coded):
    """同去的人: several workers ask for the same work together, all of them or none (U29).

    Nobody stands for the others: each says yes to the same terms for themselves (`Companion`), and each gets a deal,
    an agreement, cover and a wage of their own. `said_yes` is counted up in the UPDATE that locks this row, so that of
    two last answers exactly one finds everybody there.
    """

    class State(models.TextChoices):
        ASKING = "asking", _("等大家回话")
        APPLIED = "applied", _("都要去，等老板定")
        BOUND = "bound", _("都定下了")
        OFF = "off", _("这次没成")

    MOVES = {
        State.ASKING: {State.APPLIED, State.BOUND, State.OFF},
        State.APPLIED: {State.BOUND, State.OFF},
        State.BOUND: set(),
        State.OFF: set(),
    }

    posting = models.ForeignKey(Posting, models.PROTECT, related_name="+")
    asker = models.ForeignKey(Worker, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.ASKING)
    wanted_shifts = models.JSONField(default=list, help_text="codes of the shifts everybody goes to")
    terms_hash = models.CharField(max_length=64, help_text="the terms everybody says yes to")
    people = models.PositiveSmallIntegerField()
    said_yes = models.PositiveSmallIntegerField(default=1)
    asked_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["answer_by"], name="party_due", condition=Q(state="asking"))]
        constraints = [
            models.CheckConstraint(name="party_state", condition=Q(state__in=["asking", "applied", "bound", "off"])),
            models.CheckConstraint(name="party_of_two", condition=Q(people__gte=2)),
            models.CheckConstraint(name="party_said_yes", condition=Q(said_yes__lte=models.F("people"))),
            models.UniqueConstraint(
                name="party_live_once", fields=["posting", "asker"], condition=Q(state__in=["asking", "applied"])
            ),
        ]

    def __str__(self) -> str:
        return f"party {self.code}"


class Companion(Stateful, Coded):
    """One of a party, and what they said. `worker` is empty for a number nobody here has, and for a seat to scan.

    `tail4` is what the asker typed: it is shown until the person says yes, so that a number that is known here and one
    that is not look the same. `why` is shown to this person alone. Until `free_until` leaving costs nothing: another
    of the party fell out.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("还没回话")
        YES = "yes", _("说去")
        NO = "no", _("说不去")

    MOVES = {State.ASKED: {State.YES, State.NO}, State.YES: {State.NO}, State.NO: set()}

    party = models.ForeignKey(Party, models.PROTECT, related_name="companions")
    worker = models.ForeignKey(Worker, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=5, choices=State, default=State.ASKED)
    how = models.CharField(
        max_length=5,
        choices=[("asker", _("叫人的")), ("known", _("一起干过")), ("phone", _("电话")), ("scan", _("当面扫码"))],
    )
    tail4 = models.CharField(max_length=4, blank=True)
    answered_at = models.DateTimeField(null=True)
    acted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    deal = models.OneToOneField(Engagement, models.PROTECT, null=True, related_name="companion")
    why = models.CharField(max_length=300, blank=True)
    free_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["worker", "state"], name="companion_worker")]
        constraints = [
            models.CheckConstraint(name="companion_state", condition=Q(state__in=["asked", "yes", "no"])),
            models.CheckConstraint(
                name="companion_yes_is_somebody", condition=~Q(state="yes") | Q(worker__isnull=False)
            ),
            models.UniqueConstraint(
                name="companion_once", fields=["party", "worker"], condition=Q(worker__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"companion {self.code}"
