"""Putting wages in, and giving back what nobody needed."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from linggong.accounts.models import User
from linggong.core.clock import now
from linggong.core.money import FEN_MAX, BadAmount, yuan
from linggong.core.once import once
from linggong.core.refusals import Refused
from linggong.employers.models import Employer
from linggong.ledger import actions as ledger
from linggong.ledger import queries as book
from linggong.payments import addresses
from linggong.payments.limits import can_hold_wages
from linggong.payments.models import HELD, Funding, Refund, Settlement

FS = Funding.State
REFUNDS_MAX = 50  # per payment, as the licensed channels allow (M12)


class NoCustodian(Refused):
    """Nobody licensed can hold wages here, or the chosen way of paying holds none."""

    message = _("这里还不能先存工钱，选「线下付」就可以发活")


class StoredEnough(Refused):
    """All payments for one posting together never pass its whole wage."""

    message = _("这个活的工钱已经存够了，不用再存")


class AlreadyFunded(Refused):
    """The money is in: it can only go to workers, or back as a refund."""

    message = _("工钱已经存好了，不能取消。用不完的会退回给你")


@transaction.atomic
def fund(
    *, ref: str, employer: Employer, custody: str, wages_fen: int, premium_fen: int = 0, most_fen: int | None = None,
    key: str, by: User | None,
) -> Funding:  # fmt: skip
    """Ask the custodian for a pay page, for wages of one posting (`ref` = "posting:CODE"); fen.

    The funding stands as CREATED; background work asks the custodian and the page polls for `pay_url`. Nothing
    is stored until the custodian says so. The same `key` gives the same funding; with other sums, KeyReused.
    `most_fen` is what all payments for this posting together may come to. Raises StoredEnough
    beyond it, NoCustodian when the mode cannot hold whole wages (limits.py) or none is configured, BadAmount.
    """
    if not can_hold_wages(custody) or settings.WAGE_ACCOUNT_PROVIDER == "off":
        raise NoCustodian
    if not (0 < wages_fen <= FEN_MAX and 0 <= premium_fen <= FEN_MAX):
        raise BadAmount
    terms = [ref, employer.pk, custody, wages_fen, premium_fen]

    def begin() -> dict[str, Any]:
        _within(ref, wages_fen, most_fen)
        funding: Funding = Funding.begin(
            by=by, ref=ref, employer=employer, custody=custody, wages_fen=wages_fen, premium_fen=premium_fen,
            owner_kind=settings.WAGE_ACCOUNT_OWNER, owner_name=settings.WAGE_ACCOUNT_OWNER_NAME[:80],
            created_at=now(),
        )  # fmt: skip
        return {"funding": funding.pk}

    return Funding.objects.get(pk=once(f"fund:{key}"[:120], terms, begin)["funding"])


def _within(ref: str, wages_fen: int, most_fen: int | None) -> None:
    """More than the whole wage is a deposit by another name (domain V-07). What went back does not count."""
    if most_fen is None:
        return
    rows = Funding.objects.filter(ref=ref, state=FS.FUNDED).values_list("wages_fen", "refunded_fen")
    stored = sum(max(wages - back, 0) for wages, back in rows)
    if stored + wages_fen > most_fen:
        words = _("存的钱不能超过全部工钱 {most} 元，已经存了 {stored} 元")
        raise StoredEnough(words.format(most=yuan(most_fen), stored=yuan(stored)))


@transaction.atomic
def got_pay_page(funding: Funding, *, pay_url: str) -> None:
    """The custodian gave the page where the employer pays. Again is harmless."""
    Funding.objects.filter(pk=funding.pk).update(pay_url=pay_url)
    funding.pay_url = pay_url


@transaction.atomic
def fail_funding(funding: Funding, *, failure: str) -> None:
    """The custodian refused the order. The posting goes on as 线下付. Raises Moved."""
    funding.move(FS.FAILED, by=None, failure=failure[:80])


@transaction.atomic
def cancel_funding(funding: Funding, *, by: User | None) -> None:
    """The employer will not pay after all; money that still arrives is sent back. Raises AlreadyFunded, Moved."""
    if funding.state == FS.FUNDED:
        raise AlreadyFunded
    funding.move(FS.CANCELLED, by=by)


@transaction.atomic
def refund_rest(posting_ref: str, *, by: User | None) -> list[Refund]:
    """The posting is over: what was stored and is promised to nobody goes back to the employer.

    Orders to the custodian go out afterwards. What comes free later (a wage smaller than its share) follows by
    itself. Fundings not paid yet are cancelled. Nothing to give back: an empty list; again is harmless.
    """
    fundings = Funding.objects.select_for_update().filter(ref=posting_ref).order_by("pk")
    for funding in fundings:
        if funding.state == FS.CREATED:
            funding.move(FS.CANCELLED, by=by)
    Funding.objects.filter(ref=posting_ref, rest_wanted_at=None).update(rest_wanted_at=now())
    return _give_back_rest(posting_ref, by=by)


def return_to_posting(settlement: Settlement, fen: int, *, why: str, by: User | None) -> None:
    """Move `fen` of a deal's share back to what the posting holds; on to the employer if the posting is over.

    For the other chapters of payments; inside their transaction.
    """
    if fen == 0:
        return
    ledger.post(
        "share.returned", key=f"settlement:{settlement.code}:{why}", by=by,
        entries=[(addresses.of_deal(settlement.deal), -fen), (addresses.of_posting(settlement.posting_ref), fen)],
    )  # fmt: skip
    over = Funding.objects.filter(ref=settlement.posting_ref, rest_wanted_at__isnull=False)
    if over.exists():
        list(Funding.objects.select_for_update().filter(ref=settlement.posting_ref).order_by("pk"))
        _give_back_rest(settlement.posting_ref, by=by)


def secure(settlement: Settlement, *, by: User | None) -> bool:
    """Promise the settlement its share out of what its posting holds, if there is enough. For payments only."""
    share, held = settlement.share_fen, addresses.of_posting(settlement.posting_ref)
    if share == 0 or book.balance(held) < share:
        return False
    try:
        with transaction.atomic():
            ledger.post(
                "share.promised", key=f"settlement:{settlement.code}:promised", by=by,
                entries=[(held, -share), (addresses.of_deal(settlement.deal), share)],
            )  # fmt: skip
    except ledger.Overdrawn:  # another worker's share was promised between our look and our transfer
        return False
    settlement.move(Settlement.State.FUNDED, by=by, held_fen=share)
    return True


def secure_waiting(posting_ref: str, *, by: User | None) -> None:
    """Wages have come in: promise them to those who took the work before, first come first. For payments only."""
    waiting = Settlement.objects.filter(
        posting_ref=posting_ref, state=Settlement.State.CREATED, custody__in=HELD, confirmed_at=None
    )
    for settlement in waiting.order_by("pk"):
        secure(settlement, by=by)


def send_back(funding: Funding, *, payment: str, fen: int, by: User | None) -> None:
    """A payment that became no wage (paid twice, or after cancelling): book it, and order it back. Payments only."""
    refund = _refund(funding, fen=fen, payment=payment, extra=True, moment=now(), by=by)
    ledger.post(
        "payment.unwanted", key=addresses.payment_key(payment), by=by,
        entries=[(addresses.GATEWAY, -fen), (addresses.refundable(refund.code), fen)],
    )  # fmt: skip


def _give_back_rest(posting_ref: str, *, by: User | None) -> list[Refund]:
    """The fundings of the posting are locked. Newest payment first, none beyond what it brought in."""
    moment, refunds = now(), []
    paid = Funding.objects.filter(ref=posting_ref, state=FS.FUNDED).order_by("-pk")
    sources = {a: book.balance(a) for a in (addresses.of_posting(posting_ref), addresses.of_premium(posting_ref))}
    for funding in paid:
        room = funding.wages_fen + funding.premium_fen - funding.refunded_fen
        taken = []
        for address, there in sources.items():
            if part := min(room, there):
                taken.append((address, -part))
                sources[address] -= part
                room -= part
        fen = -sum(part for _address, part in taken)
        if not fen or Refund.objects.filter(funding=funding).count() >= REFUNDS_MAX:
            continue
        refund = _refund(funding, fen=fen, payment=funding.provider_ref, extra=False, moment=moment, by=by)
        Funding.objects.filter(pk=funding.pk).update(refunded_fen=F("refunded_fen") + fen)
        ledger.post(
            "rest.returned", key=f"refund:{refund.code}:held", by=by,
            entries=[*taken, (addresses.refundable(refund.code), fen)],
        )  # fmt: skip
        refunds.append(refund)
    return refunds


def _refund(funding: Funding, *, fen: int, payment: str, extra: bool, moment: datetime, by: User | None) -> Refund:
    refund: Refund = Refund.begin(by=by, funding=funding, fen=fen, payment=payment, extra=extra, created_at=moment)
    return refund
