"""Completion: what was done is agreed, and becomes a wage that is due on a computed day."""

from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

import linggong.accounts.actions as accounts
import linggong.employers.actions as employers
import linggong.matching.actions as matching
import linggong.payments.actions as payments
import linggong.payments.queries as paid
import linggong.workers.actions as workers
from linggong.accounts.models import User
from linggong.core.clock import local, now
from linggong.core.journal import record
from linggong.core.money import yuan
from linggong.engagements import queries
from linggong.engagements.models import Attendance, Engagement, Stage, State
from linggong.engagements.refusals import BadFigures
from linggong.postings import pay
from linggong.reference.queries import previous_workday

RATING_DAYS = 7
OVER = [Stage.CLOSED, Stage.CANCELLED]


@transaction.atomic
def confirm(
    attendance: Attendance, *, by: User, minutes: int | None = None, quantity: Decimal | None = None,
    extra_fen: int = 0, acting_for: User | None = None,
) -> None:  # fmt: skip
    """The employer says what was done. The same or more than the worker's figures settles it at once.

    Less than the worker's figures disputes only the difference: the rest becomes due now, a case looks at the
    difference, and the worker may simply agree. `extra_fen` is a bonus on top. Raises BadFigures, Moved.
    """
    counted = quantity if quantity is not None else attendance.quantity
    worked = minutes if minutes is not None else attendance.minutes
    if worked is None or not 0 <= worked <= 24 * 60 or extra_fen < 0 or (counted is not None and counted <= 0):
        raise BadFigures
    claimed = wage_of(attendance, minutes=attendance.minutes, quantity=attendance.quantity or counted)
    says = wage_of(attendance, minutes=worked, quantity=counted) + extra_fen
    if says < claimed:
        _dispute(attendance, whole_fen=claimed, disputed_fen=claimed - says, by=by, facts=_(
            "老板算的是 {says} 元，工友报的是 {claimed} 元").format(says=yuan(says), claimed=yuan(claimed)))  # fmt: skip
        return
    attendance.move(
        Stage.COMPLETION_CONFIRMED, by=by, acting_for=acting_for, confirmed_at=now(), minutes=worked,
        quantity=counted, pay_fen=says,
    )  # fmt: skip
    _make_due(attendance, by=by)
    quick = attendance.confirm_due_at and now() < attendance.confirm_due_at
    if quick:
        employers.give_points(attendance.engagement.employer, "confirmed_quickly", cause=queries.ref(attendance), by=by)


@transaction.atomic
def auto_confirm(attendance: Attendance) -> None:
    """The employer was silent past the stored deadline: the worker's figures stand (E6)."""
    assert attendance.confirm_due_at is not None and attendance.confirm_due_at <= now()
    due = wage_of(attendance, minutes=attendance.minutes, quantity=attendance.quantity)
    attendance.move(Stage.AUTO_CONFIRMED, by=None, confirmed_at=now(), pay_fen=due)
    _make_due(attendance, by=None)


@transaction.atomic
def dispute(attendance: Attendance, *, claimed_fen: int, facts: str, by: User, acting_for: User | None = None) -> None:
    """A worker holds that more is due than the employer says; only the difference is frozen, the rest is paid."""
    says = wage_of(attendance, minutes=attendance.minutes, quantity=attendance.quantity)
    if claimed_fen <= says or not facts.strip():
        raise BadFigures(_("写清楚哪里不对、差多少，我们才好帮你问"))
    _dispute(attendance, whole_fen=claimed_fen, disputed_fen=claimed_fen - says, by=by, facts=facts.strip())


@transaction.atomic
def agree_figures(attendance: Attendance, *, by: User, acting_for: User | None = None) -> None:
    """The worker agrees with the employer's figures after all: the difference falls away."""
    undisputed = (attendance.pay_fen or 0) - attendance.disputed_fen
    # Two people have decided: the employer when stating the figures, the worker now.
    _end_dispute(attendance, pay_fen=undisputed, by=by, second=queries.owner_of(attendance.engagement.employer))


@transaction.atomic
def resolve(attendance: Attendance, *, pay_fen: int, by: User, second: User) -> None:
    """The mediator's decision on the disputed part, approved by a second person (M13).

    `pay_fen` is the whole wage of the shift as decided: at least the undisputed part, at most the claim.
    """
    undisputed = (attendance.pay_fen or 0) - attendance.disputed_fen
    if not undisputed <= pay_fen <= (attendance.pay_fen or 0):
        raise BadFigures(_("裁定的钱数要在没争议的和工友要的之间"))
    _end_dispute(attendance, pay_fen=pay_fen, by=by, second=second)


def wage_of(attendance: Attendance, *, minutes: int | None, quantity: Decimal | None) -> int:
    """The wage of one shift under the agreed terms, in fen."""
    worked = pay.planned_minutes(attendance.engagement.terms, attendance.shift.code) if minutes is None else minutes
    return pay.pay_for(
        attendance.engagement.terms, minutes=worked, quantity=quantity, shift=attendance.shift.code,
        ended_early=attendance.checked_out_early,
    )  # fmt: skip


def _dispute(attendance: Attendance, *, whole_fen: int, disputed_fen: int, by: User, facts: str) -> None:
    attendance.move(Stage.QUANTITY_DISPUTED, by=by, pay_fen=whole_fen, disputed_fen=disputed_fen, confirmed_at=now())
    settlement = paid.by_ref(queries.ref(attendance))
    payments.complete(
        settlement, gross_fen=whole_fen, disputed_fen=disputed_fen, work=_work(attendance),
        due_at=_due_at(attendance), by=by,
    )  # fmt: skip
    record("attendance.disputed", attendance, by=by, disputed_fen=disputed_fen, facts=facts)
    text = _("有 {fen} 元说法不一样，有人来问。没争议的 {rest} 元照付").format(
        fen=yuan(disputed_fen), rest=yuan(whole_fen - disputed_fen)
    )
    for user in [attendance.engagement.worker.user, *queries.employer_people(attendance.engagement.employer)]:
        accounts.tell(user, text, kind="disputed", about=attendance)


def _end_dispute(attendance: Attendance, *, pay_fen: int, by: User, second: User) -> None:
    undisputed = (attendance.pay_fen or 0) - attendance.disputed_fen
    attendance.move(Stage.COMPLETION_CONFIRMED, by=by, pay_fen=pay_fen, disputed_fen=0)
    settlement = paid.by_ref(queries.ref(attendance))
    payments.decide(settlement, pay_fen=pay_fen - undisputed, by=by, second=second, due_at=_due_at(attendance))
    _after_confirmation(attendance, by=by)


def _make_due(attendance: Attendance, *, by: User | None) -> None:
    settlement = paid.by_ref(queries.ref(attendance))
    payments.complete(
        settlement, gross_fen=attendance.pay_fen, work=_work(attendance), due_at=_due_at(attendance), by=by
    )
    _after_confirmation(attendance, by=by)


def _after_confirmation(attendance: Attendance, *, by: User | None) -> None:
    deal = attendance.engagement
    attendance.move(Stage.PAY_DUE if attendance.pay_fen else Stage.CLOSED, by=by)
    workers.worked(deal.worker, deal.posting.trade, by=by)
    workers.give_points(deal.worker, "worked", cause=queries.ref(attendance), by=by)
    matching.worked_together(deal.worker, deal.employer, by=by)
    due = local(_due_at(attendance))
    text = _("{what}的 {fen} 元确认了，最晚 {when} 付").format(
        what=deal.posting.title,
        fen=yuan(attendance.pay_fen or 0),
        when=f"{due.month}月{due.day}日 {due:%-H:%M}",
    )
    accounts.tell(deal.worker.user, text, kind="pay_due", about=attendance)


def _due_at(attendance: Attendance):
    return pay.due_at(attendance.engagement.terms, attendance.confirmed_at or now(), previous_workday=previous_workday)


def _work(attendance: Attendance) -> dict:
    """The columns of the wage ledger (保障农民工工资支付条例 art. 15) that only the deal knows."""
    terms, shift = attendance.engagement.terms, attendance.shift
    return {
        "starts_at": (attendance.checked_in_at or shift.starts_at).isoformat(),
        "ends_at": (attendance.checked_out_at or shift.ends_at).isoformat(),
        "minutes": attendance.minutes,
        "quantity": str(attendance.quantity or ""),
        "rate_fen": terms["pay_fen"],
        "unit": terms["pay_unit"],
        "pay_cycle": terms["pay_cycle"],
        "items": [{"name": str(_("工钱")), "fen": attendance.pay_fen or 0}],
    }


@transaction.atomic
def mark_paid(attendance: Attendance) -> None:
    """The money arrived, or the worker said it did. On time counts for the employer."""
    late = attendance.state == Stage.ARREARS
    attendance.move(Stage.PAID, by=None)
    kind = "late_pay" if late else "paid_on_time"
    employers.give_points(attendance.engagement.employer, kind, cause=queries.ref(attendance), by=None)


@transaction.atomic
def mark_overdue(attendance: Attendance) -> None:
    """The due time passed and nothing was paid: arrears, which opens a case by itself."""
    attendance.move(Stage.ARREARS, by=None)
    text = _("{what}的工钱到时间没付，我们在帮你要").format(what=attendance.engagement.posting.title)
    accounts.tell(attendance.engagement.worker.user, text, kind="arrears", about=attendance, sms="arrears")


@transaction.atomic
def close(deal: Engagement) -> bool:
    """Close a deal whose shifts are all settled and whose rating window is over. Returns whether it closed."""
    moment = now()
    for attendance in deal.attendances.exclude(state__in=OVER):
        ended = attendance.confirmed_at or attendance.claimed_at or attendance.shift.ends_at
        settled = (Stage.PAID, Stage.NO_SHOW_WORKER, Stage.WASTED_TRIP, Stage.CALLED_OFF)
        if attendance.state not in settled or moment < ended + timedelta(days=RATING_DAYS):
            return False
        attendance.move(Stage.CLOSED, by=None)
    deal.move(State.CLOSED, by=None, ended_at=moment)
    return True
