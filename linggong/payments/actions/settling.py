"""The wage of one worker for one shift: opened, completed, frozen, decided, cancelled."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linggong.accounts.models import User
from linggong.core.clock import now
from linggong.core.journal import record
from linggong.core.refusals import Refused
from linggong.core.states import Moved
from linggong.employers.models import Employer
from linggong.ledger import actions as ledger
from linggong.payments import addresses
from linggong.payments.actions.funding import return_to_posting, secure
from linggong.payments.actions.paying_out import pay_out
from linggong.payments.models import HELD, Settlement
from linggong.workers.models import Worker

S = Settlement.State
WENT_OUT = frozenset({S.RELEASE_REQUESTED, S.RELEASED, S.FAILED, S.PARTLY_RELEASED})
# 工资支付暂行规定 (劳部发〔1994〕489号) art. 15: what may be taken off. Fines, meals, tools and deposits may not.
LAWFUL_DEDUCTIONS = {
    "income_tax": _("代扣个人所得税"),
    "social_insurance": _("代扣个人社会保险费"),
    "court_order": _("法院判决要求代扣的抚养费、赡养费"),
}


class BadDeduction(Refused):
    """The law does not let an employer take this off, or the worker has not signed it."""

    message = _("只能扣个税、个人社保费和法院判的代扣，而且要工友签过字")
    status = 422


class TooMuchDisputed(Refused):
    """The disputed part is more than the whole wage."""

    message = _("有意见的钱比总数还多，请再看一下")
    status = 422


class NeedsTwo(Refused):
    """A disputed wage moves only when two different people have decided it (M13)."""

    message = _("这笔钱要两个人都同意才能定")


@transaction.atomic
def open_settlement(
    *, ref: str, deal: str, worker: Worker, employer: Employer, custody: str, title: str, work_on: date,
    share_fen: int, posting_ref: str, by: User | None = None,
) -> Settlement:  # fmt: skip
    """Open the wage of one shift (`ref` = "attendance:CODE", `deal` = "engagement:CODE").

    Where the posting's wages are held, the share moves to the deal at once and the settlement is FUNDED; if there
    is not enough (yet) it waits as CREATED and the next funding of the posting is promised to it. `share_fen` is
    what the worker is expected to earn. The same `ref` again gives the same settlement.
    """
    if (before := Settlement.objects.filter(ref=ref).first()) is not None:
        return before
    settlement: Settlement = Settlement.begin(
        by=by, ref=ref, deal=deal, worker=worker, employer=employer, custody=custody, title=title[:40],
        work_on=work_on, share_fen=share_fen, posting_ref=posting_ref,
    )  # fmt: skip
    if custody in HELD:
        secure(settlement, by=by)
    return settlement


@transaction.atomic
def complete(
    settlement: Settlement, *, gross_fen: int, work: dict[str, Any], due_at: datetime, disputed_fen: int = 0,
    by: User | None,
) -> None:  # fmt: skip
    """The work is confirmed (`by` a person) or confirmed by rule (`by=None`): `gross_fen` is owed, due at `due_at`.

    Held: the part nobody disputes is ordered out at once, the disputed part stays until `decide`, the rest goes
    back to the posting; what was never held is `short_fen`, paid by hand. Not held: it stays CREATED until the
    employer says it is paid. `work` feeds the wage ledger (see Settlement). A wage of 0 cancels the settlement.
    Raises Moved when it was completed, frozen or cancelled before; TooMuchDisputed.
    """
    if settlement.confirmed_at is not None or settlement.state not in (S.CREATED, S.FUNDED):
        raise Moved
    off = sum(line["fen"] for line in settlement.deductions)
    net = gross_fen - off
    if net < 0:
        raise BadDeduction(_("扣的比挣的还多，请再看一下"))
    if not 0 <= disputed_fen <= net:
        raise TooMuchDisputed
    facts = {
        "gross_fen": gross_fen, "net_fen": net, "disputed_fen": disputed_fen, "work": work, "due_at": due_at,
        "confirmed_at": now(),
    }  # fmt: skip
    if net == 0 and disputed_fen == 0:
        _update(settlement, **facts)
        cancel_settlement(settlement, by=by)
        return
    if settlement.state == S.FUNDED:
        _complete_held(settlement, net=net, facts=facts, by=by)
    else:
        _update(settlement, **facts)
    record("settlement.completed", settlement, by=by, net_fen=net, disputed_fen=disputed_fen)


@transaction.atomic
def deduct(settlement: Settlement, *, fen: int, reason: str, signed_at: datetime, by: User | None) -> None:
    """Take off what the law lets an employer take off and the worker signed for, before the work is confirmed.

    `reason` is a key of LAWFUL_DEDUCTIONS (工资支付暂行规定 art. 15). Raises BadDeduction, Moved.
    """
    if reason not in LAWFUL_DEDUCTIONS or fen <= 0 or signed_at > now():
        raise BadDeduction
    if settlement.state not in (S.CREATED, S.FUNDED):
        raise Moved
    before = Settlement.objects.select_for_update().values_list("deductions", flat=True).get(pk=settlement.pk)
    line = {"fen": fen, "reason": reason, "signed_at": signed_at.isoformat()}
    _update(settlement, deductions=[*before, line])
    record("settlement.deducted", settlement, by=by, fen=fen, reason=reason)


@transaction.atomic
def freeze(settlement: Settlement, *, by: User | None) -> None:
    """There is a dispute about the whole wage: nothing moves until `decide` or `unfreeze` (M13). Raises Moved."""
    settlement.move(S.FROZEN, by=by)


@transaction.atomic
def unfreeze(settlement: Settlement, *, by: User | None) -> None:
    """The dispute is off: the wage stands where it stood before. Raises Moved."""
    settlement.move(S.FUNDED if settlement.held_fen else S.CREATED, by=by)


@transaction.atomic
def decide(settlement: Settlement, *, pay_fen: int, by: User, second: User, due_at: datetime | None = None) -> None:
    """Two people have decided the disputed wage: the worker gets `pay_fen` of it (fen), the rest goes back.

    For a frozen wage `pay_fen` is the whole wage, otherwise it replaces the disputed part. Held money is ordered
    out at once; what was never held, or not enough, is owed by hand, due at `due_at` (default: now). Raises
    NeedsTwo when `by` and `second` are not two people, Moved when there is nothing to decide.
    """
    if by is None or second is None or by.pk == second.pk:
        raise NeedsTwo
    if pay_fen < 0 or (settlement.state != S.FROZEN and settlement.disputed_fen == 0):
        raise Moved
    moment, disputed = now(), settlement.disputed_fen
    first_time = settlement.confirmed_at is None  # frozen before anybody confirmed: the decision is the whole wage
    pay_now = min(pay_fen, settlement.held_fen)
    back = settlement.held_fen - pay_now
    was_held = settlement.held_fen > 0 or settlement.state in WENT_OUT
    facts = {
        "gross_fen": (0 if first_time else settlement.gross_fen - disputed) + pay_fen
        + (sum(line["fen"] for line in settlement.deductions) if first_time else 0),
        "net_fen": (0 if first_time else settlement.net_fen - disputed) + pay_fen,
        "disputed_fen": 0, "held_fen": 0,
        "short_fen": settlement.short_fen + (pay_fen - pay_now if was_held else 0),
        "due_at": due_at or max(moment, settlement.due_at or moment),
        "confirmed_at": settlement.confirmed_at or moment,
    }  # fmt: skip
    _move_decided(settlement, pay_fen=pay_fen, pay_now=pay_now, was_held=was_held, facts=facts, by=by)
    _take_from_deal(settlement, pay_now, why="decided", by=by)
    record("settlement.decided", settlement, by=by, pay_fen=pay_fen, second=second.pk)
    pay_out(settlement, by=by)
    return_to_posting(settlement, back, why="rest-decided", by=by)


@transaction.atomic
def cancel_settlement(settlement: Settlement, *, by: User | None) -> None:
    """There will be no wage: a held share goes back to what the posting holds. Raises Moved, also when frozen (M13)."""
    if settlement.state == S.CREATED:
        settlement.move(S.CANCELLED, by=by)
    elif settlement.state == S.FUNDED:
        held = settlement.held_fen
        settlement.move(S.REFUNDED, by=by, held_fen=0)
        return_to_posting(settlement, held, why="cancelled", by=by)
    else:
        raise Moved


def cancel_settlement_of(ref: str, *, by: User | None) -> None:
    """The same by the `ref` of the deal's floor; no settlement is nothing to cancel."""
    settlement = Settlement.objects.filter(ref=ref).first()
    if settlement is not None:
        cancel_settlement(settlement, by=by)


def _complete_held(settlement: Settlement, *, net: int, facts: dict[str, Any], by: User | None) -> None:
    held, disputed = settlement.held_fen, facts["disputed_fen"]
    pay_now = min(net - disputed, held)
    kept = min(disputed, held - pay_now)
    short = net - disputed - pay_now
    to = S.RELEASE_REQUESTED if pay_now else S.FROZEN
    settlement.move(to, by=by, held_fen=kept, short_fen=short, **facts)
    _take_from_deal(settlement, pay_now, why="completed", by=by)
    pay_out(settlement, by=by)
    return_to_posting(settlement, held - pay_now - kept, why="rest-completed", by=by)


def _move_decided(
    settlement: Settlement, *, pay_fen: int, pay_now: int, was_held: bool, facts: dict[str, Any], by: User | None
) -> None:
    """The state after a decision. One compare-and-set, so that a wage is decided once."""
    state = settlement.state
    if state == S.FROZEN and not was_held:
        settlement.move(S.CREATED, by=by, **facts)
        if pay_fen == 0:
            settlement.move(S.CANCELLED, by=by)
    elif state == S.FROZEN:
        settlement.move(S.RELEASE_REQUESTED if pay_now else S.REFUNDED, by=by, **facts)
    elif state == S.PARTLY_RELEASED and pay_now:
        settlement.move(S.RELEASE_REQUESTED, by=by, **facts)
    elif state == S.PARTLY_RELEASED and facts["short_fen"] == 0:
        settlement.move(S.ARRIVED, by=by, paid_at=now(), **facts)
    else:
        _update(settlement, **facts)


def _take_from_deal(settlement: Settlement, fen: int, *, why: str, by: User | None) -> None:
    if fen == 0:
        return
    ledger.post(
        f"wage.{why}", key=f"settlement:{settlement.code}:{why}", by=by,
        entries=[(addresses.of_deal(settlement.deal), -fen), (addresses.payable(settlement.code), fen)],
    )  # fmt: skip


def _update(settlement: Settlement, **fields: Any) -> None:
    """Set facts without a change of state, unless somebody confirmed, decided or moved it first. Raises Moved."""
    rows = Settlement.objects.filter(
        pk=settlement.pk, state=settlement.state, confirmed_at=settlement.confirmed_at,
        disputed_fen=settlement.disputed_fen,
    )  # fmt: skip
    if rows.update(**fields) != 1:
        raise Moved
    for name, value in fields.items():
        setattr(settlement, name, value)
