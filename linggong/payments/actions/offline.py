"""Wages paid by hand: the employer's word, the worker's answer, and somebody who calls when there is none."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linggong.accounts.models import User
from linggong.core.clock import now
from linggong.core.journal import record
from linggong.core.refusals import Refused
from linggong.payments.models import Settlement
from linggong.payments.queries import unanswered, unpaid

S = Settlement.State
# 保障农民工工资支付条例 (2020) art. 11: in money, to the worker, by bank transfer or in cash; never in kind.
WAYS = frozenset({"wechat", "cash", "bank"})


class NotDueYet(Refused):
    """There is no sum to pay yet: nobody has confirmed the work."""

    message = _("先确认干了多少，再说付没付")


class NotInMoney(Refused):
    """Wages are money, paid by transfer or in cash."""

    message = _("工钱只能给钱：微信、现金或银行卡")
    status = 422


@transaction.atomic
def declare_paid(settlement: Settlement, *, how: str, by: User, acting_for: User | None = None) -> None:
    """The employer says it is paid: "wechat", "cash" or "bank". Shows as 老板说付了, never as 到账了.

    Raises NotDueYet before the work is confirmed, NotInMoney, Moved.
    """
    if how not in WAYS:
        raise NotInMoney
    _must_be_owed(settlement)
    settlement.move(S.EMPLOYER_DECLARED_PAID, by=by, acting_for=acting_for, declared_at=now(), paid_how=how)


@transaction.atomic
def acknowledge(settlement: Settlement, *, how: str, by: User, acting_for: User | None = None) -> None:
    """The worker has the money: "tap", "stub" (slip handed in at a counter) or "call" (asked by phone).

    For a worker without a phone the counter acts for them: `acting_for`. Raises NotDueYet, Moved.
    """
    if how not in ("tap", "stub", "call"):
        raise ValueError(how)
    _must_be_owed(settlement)
    settlement.move(S.WORKER_ACKNOWLEDGED, by=by, acting_for=acting_for, acknowledged_how=how, paid_at=now())


@transaction.atomic
def deny(settlement: Settlement, *, by: User, acting_for: User | None = None) -> None:
    """The worker has not got it. A case is opened by who hears settlement.denied. Raises Moved."""
    settlement.move(S.WORKER_DENIED, by=by, acting_for=acting_for)


@transaction.atomic
def note_overdue(settlement: Settlement, *, moment: datetime) -> bool:
    """Write down, once, that the due moment passed and nobody has paid; who hears it reminds and offers help."""
    late = unpaid(moment).filter(pk=settlement.pk, overdue_at=None)
    if late.update(overdue_at=moment) != 1:
        return False
    record("settlement.overdue", settlement, by=None)
    return True


@transaction.atomic
def note_silent(settlement: Settlement, *, moment: datetime) -> bool:
    """Write down, once, that a worker has not answered 老板说付了 a day past the due moment: somebody calls."""
    silent = unanswered(moment).filter(pk=settlement.pk, call_task_at=None)
    if silent.update(call_task_at=moment) != 1:
        return False
    record("settlement.silent", settlement, by=None)
    return True


def _must_be_owed(settlement: Settlement) -> None:
    if settlement.confirmed_at is None or settlement.net_fen == 0:
        raise NotDueYet
    if settlement.state == S.PARTLY_RELEASED and settlement.short_fen == 0:
        raise NotDueYet(_("剩下的钱还在调解，定了才付"))
