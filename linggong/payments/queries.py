"""Questions about wages: whose, how much, where each one is, what is late."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from linggong.core.asking import Question, ask
from linggong.core.clock import at, local
from linggong.core.models import Event
from linggong.core.money import yuan
from linggong.employers.models import Employer
from linggong.ledger import queries as book
from linggong.payments import addresses, limits
from linggong.payments.models import HELD, Funding, PayAccount, Payout, Refund, Settlement
from linggong.payments.wage_audit import audit
from linggong.payments.wage_ledger import COLUMNS, WageRow, wage_ledger
from linggong.workers.models import Worker

S = Settlement.State
SILENCE = timedelta(hours=24)
PAID = frozenset({S.ARRIVED, S.WORKER_ACKNOWLEDGED})
OVER = PAID | {S.CANCELLED, S.REFUNDED}

__all__ = ["COLUMNS", "WageRow", "audit", "wage_ledger"]


class Where(NamedTuple):
    """Where a wage is: words for the screen, the tone of the tag, the one tap the worker can do, the date."""

    words: str
    tone: str  # "ok", "warn", "danger", "info" or ""
    action: str | None
    deadline: str


def of_worker(worker: Worker) -> QuerySet[Settlement]:
    """The worker's wages, newest work first."""
    return Settlement.objects.filter(worker=worker).select_related("employer").order_by("-work_on", "-pk")


def of_employer(employer: Employer) -> QuerySet[Settlement]:
    """Wages this employer owes or paid, newest work first."""
    return Settlement.objects.filter(employer=employer).select_related("worker__user").order_by("-work_on", "-pk")


def by_code(code: str) -> Settlement | None:
    """The wage of this public code."""
    return Settlement.objects.filter(code=code).select_related("worker__user", "employer").first()


def by_ref(ref: str) -> Settlement | None:
    """The wage of one lived shift ("attendance:CODE")."""
    return Settlement.objects.filter(ref=ref).select_related("worker__user", "employer").first()


def of_deal(deal: str) -> QuerySet[Settlement]:
    """The wages of one deal ("engagement:CODE"), by day."""
    return Settlement.objects.filter(deal=deal).order_by("work_on", "pk")


def unfinished(worker: Worker | None, firms: Sequence[Employer]) -> QuerySet[Settlement]:
    """Wages of a worker, or of these employers, that have neither arrived nor been called off."""
    mine = Q(worker=worker) if worker is not None else Q(pk__in=[])
    return Settlement.objects.filter(mine | Q(employer__in=list(firms))).exclude(state__in=OVER)


def fundings_of(employer: Employer) -> QuerySet[Funding]:
    """What the employer put in, newest first."""
    return Funding.objects.filter(employer=employer).order_by("-pk")


def funding_by_code(code: str) -> Funding | None:
    """The funding of this public code."""
    return Funding.objects.filter(code=code).select_related("employer").first()


def row_of(event: Event) -> tuple[Funding | Payout | Refund | None, str]:
    """The order an event of money is about, and what it was for: "posting:CODE" or "attendance:CODE"."""
    if event.subject_type == "payments.funding":
        funding = Funding.objects.select_related("employer").filter(pk=event.subject_id).first()
        return funding, funding.ref if funding else ""
    if event.subject_type == "payments.payout":
        payout = Payout.objects.select_related("settlement__employer").filter(pk=event.subject_id).first()
        return payout, payout.settlement.ref if payout else ""
    if event.subject_type == "payments.refund":
        refund = Refund.objects.select_related("funding__employer").filter(pk=event.subject_id).first()
        return refund, refund.funding.ref if refund else ""
    return None, ""


def thaws_at(funding: Funding) -> datetime | None:
    """When the holder would give this money back by itself; None: never, or it is not in."""
    return limits.thaws_at(funding.custody, funding.funded_at) if funding.funded_at else None


def refunds_of(employer: Employer) -> QuerySet[Refund]:
    """What goes or went back to the employer, newest first."""
    return Refund.objects.filter(funding__employer=employer).select_related("funding").order_by("-pk")


def payouts_of(settlement: Settlement) -> QuerySet[Payout]:
    """Every order for this wage, oldest first."""
    return Payout.objects.filter(settlement=settlement).order_by("pk")


def stored_for(posting_ref: str) -> int:
    """Fen irrevocably held for the posting and promised to nobody yet."""
    return ask(stored_question(posting_ref))


def stored_question(posting_ref: str) -> Question[int]:
    """`stored_for`, to be asked together with other things."""
    return book.balance_question(addresses.of_posting(posting_ref))


def pay_account(worker: Worker, moment: datetime) -> PayAccount | None:
    """Where the worker's wage goes at `moment`; None: never said."""
    in_force = PayAccount.objects.filter(worker=worker, since__lte=moment)
    return in_force.filter(Q(ended_at=None) | Q(ended_at__gt=moment)).order_by("-since", "-pk").first()


def month_total(worker: Worker, month: date) -> int:
    """Fen that reached the worker in the calendar month of `month` (market time)."""
    return ask(month_total_question(worker, month))


def month_total_question(worker: Worker, month: date) -> Question[int]:
    """`month_total`, to be asked together with other things."""
    first = month.replace(day=1)
    start, end = at(first, 0), at((first + timedelta(days=32)).replace(day=1), 0)
    paid = Settlement.objects.filter(worker=worker, state__in=PAID, paid_at__gte=start, paid_at__lt=end)
    parts = Payout.objects.filter(
        settlement__worker=worker, state=Payout.State.SUCCEEDED, settled_at__gte=start, settled_at__lt=end
    ).exclude(settlement__state__in=PAID)
    whole = paid.order_by().values("worker").annotate(all=Sum("net_fen")).values_list("all", flat=True)
    partly = parts.order_by().values("settlement__worker").annotate(all=Sum("fen")).values_list("all", flat=True)
    return Question([whole, partly], lambda whole, partly: sum(whole) + sum(partly))


def unpaid(moment: datetime) -> QuerySet[Settlement]:
    """Wages whose due moment has passed and that nobody says are paid. Mediation is not lateness."""
    owed = Q(state=S.CREATED) | Q(state=S.FAILED) | Q(state=S.PARTLY_RELEASED, short_fen__gt=0)
    return Settlement.objects.filter(owed, due_at__lte=moment, confirmed_at__isnull=False)


def unanswered(moment: datetime) -> QuerySet[Settlement]:
    """老板说付了, and no answer of the worker a day past the due moment (decision 4)."""
    return Settlement.objects.filter(state=S.EMPLOYER_DECLARED_PAID, due_at__lte=moment - SILENCE)


def overdue(moment: datetime) -> QuerySet[Settlement]:
    """Every late wage: not paid, or denied by the worker. Oldest due first."""
    denied = Settlement.objects.filter(state=S.WORKER_DENIED, due_at__lte=moment)
    return (unpaid(moment) | denied).select_related("worker__user", "employer").order_by("due_at", "pk")


def need_a_tap(worker: Worker) -> QuerySet[Settlement]:
    """Wages where the worker must tap: 收钱 or 我收到了. Oldest first."""
    waiting = Settlement.objects.filter(worker=worker, state__in=[S.RELEASED, S.EMPLOYER_DECLARED_PAID])
    return waiting.select_related("employer").order_by("work_on", "pk")


def where(settlement: Settlement, moment: datetime, *, finished: bool | None = None) -> Where:
    """Where this wage is, in the words of the wage page.

    `finished`: the work of the shift is over (default: its day is). 已存好 is said only while the money is
    irrevocably held; a date is always computed; 当天到账 only where mode and deadline make it certain.
    """
    state, late = settlement.state, settlement.due_at is not None and settlement.due_at <= moment
    over = finished if finished is not None else local(moment).date() > settlement.work_on
    deadline = _deadline(settlement, moment)
    if state in PAID:
        return Where(_("到账了"), "ok", None, _day(settlement.paid_at) if settlement.paid_at else "")
    if state in (S.CANCELLED, S.REFUNDED):
        return Where(_("取消了"), "", None, "")
    if state == S.FUNDED:
        stored = is_stored(settlement) and not over
        return Where(_("已存好"), "ok", None, "") if stored else Where(_("等老板确认"), "", None, deadline)
    if state == S.RELEASE_REQUESTED:
        return Where(_("在路上"), "info", None, deadline)
    if state == S.RELEASED:
        return Where(_("点一下收钱"), "info", _("收钱"), deadline)
    if state == S.EMPLOYER_DECLARED_PAID:
        return Where(_("老板说付了"), "info", _("我收到了"), deadline)
    if state == S.FROZEN or (state == S.PARTLY_RELEASED and settlement.disputed_fen):
        return Where(_("有意见，在调解"), "warn", None, "")
    if state == S.WORKER_DENIED:
        return Where(_("没收到"), "danger", _("帮我要"), deadline)
    if state == S.PARTLY_RELEASED:
        words = _("到了一部分，还差 {sum} 元").format(sum=yuan(settlement.short_fen))
        return Where(words, "warn", _("帮我要") if late else None, deadline)
    if state == S.FAILED:
        return Where(_("没付成，正在重试"), "warn", _("帮我要") if late else None, deadline)
    if settlement.confirmed_at is None and not over:
        return Where(_("等干完"), "", None, "")
    if settlement.confirmed_at is not None:
        return Where(_("老板认了，等他付"), "warn" if late else "", _("帮我要") if late else None, deadline)
    return Where(_("等老板确认"), "warn" if late else "", _("帮我要") if late else None, deadline)


def is_stored(settlement: Settlement) -> bool:
    """Whether 工钱已存好 is true of it: a licensed holder has the whole share, out of the employer's reach."""
    return (
        settlement.custody in HELD
        and settlement.state == S.FUNDED
        and settlement.held_fen >= max(settlement.share_fen, 1)
    )


def latest(due_at: datetime) -> str:
    """ "最晚 11月24日 18:00"."""
    return _("最晚 {when}").format(when=_moment(due_at))


def _deadline(settlement: Settlement, moment: datetime) -> str:
    if settlement.due_at is None:
        return ""
    certain = (
        settlement.state == S.RELEASE_REQUESTED
        and settlement.custody in HELD
        and settlement.short_fen == settlement.disputed_fen == 0
        and moment < settlement.due_at
        and local(settlement.due_at).date() == local(moment).date() == settlement.work_on
    )
    return f"{_('当天到账')}，{latest(settlement.due_at)}" if certain else latest(settlement.due_at)


def _moment(moment: datetime) -> str:
    there = local(moment)
    return f"{there.month}月{there.day}日 {there:%H:%M}"


def _day(moment: datetime) -> str:
    there = local(moment)
    return f"{there.month}月{there.day}日"
