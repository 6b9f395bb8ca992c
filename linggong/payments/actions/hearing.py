"""What the custodian says: by callback, by query, in any order, any number of times. One function per thing heard.

A message tells of a fact; the fact is booked once (M6). What contradicts what we know moves nothing: it is
written down as a mismatch of that order for a person, and money that came in with it stands in suspense.
"""

from django.db import IntegrityError, models, transaction

from linggong.core.clock import now
from linggong.core.journal import record
from linggong.ledger import actions as ledger
from linggong.ledger import queries as book
from linggong.payments import addresses
from linggong.payments.actions.funding import secure_waiting, send_back
from linggong.payments.actions.paying_out import pay_out
from linggong.payments.models import Funding, Heard, Payout, Refund, Settlement

FS, PS, RS, S = Funding.State, Payout.State, Refund.State, Settlement.State


def hear(
    *, kind: str, no: str, outcome: str, provider_ref: str, fen: int, message_id: str, url: str = "", failure: str = ""
) -> bool:
    """A signed message of the custodian: `kind` is "order", "payout" or "refund", `no` our number for it.

    Returns False when we know no such number (the custodian may stop telling us all the same).
    """
    if kind == "order":
        funding = Funding.objects.filter(code=no).first()
        if funding is not None and outcome == "paid":
            hear_funding(funding, provider_ref=provider_ref, fen=fen, message_id=message_id)
        return funding is not None
    if kind == "payout":
        payout = Payout.objects.filter(code=no).first()
        if payout is not None:
            hear_payout(
                payout, outcome=outcome, provider_ref=provider_ref, message_id=message_id, fen=fen, failure=failure,
                tap_url=url,
            )  # fmt: skip
        return payout is not None
    refund = Refund.objects.filter(code=no).first() if kind == "refund" else None
    if refund is not None:
        hear_refund(refund, outcome=outcome, provider_ref=provider_ref, message_id=message_id, fen=fen, failure=failure)
    return refund is not None


@transaction.atomic
def hear_funding(funding: Funding, *, provider_ref: str, fen: int, message_id: str) -> None:
    """The custodian received `fen` under its number `provider_ref` for this funding.

    The right sum funds it, once. A second payment, or one after cancelling, is ordered back. A wrong sum goes to
    suspense and changes no state. Idempotent by message and by payment, whatever the order; `message_id` is "" for
    the answer to our own query.
    """
    row = Funding.objects.select_for_update().get(pk=funding.pk)
    if not _new("order.paid", row.code, message_id):
        return
    before = book.by_key(addresses.payment_key(provider_ref))
    if fen <= 0:
        _mismatch(row, "no_sum", provider_ref=provider_ref, fen=fen)
    elif before is not None:
        # This payment is in the book. Told again it is no news; told with another sum or number, it is wrong.
        if row.provider_ref != provider_ref and not _is_extra(row, provider_ref):
            _mismatch(row, "payment_of_another", provider_ref=provider_ref, fen=fen)
        elif fen != _booked(before.pk):
            _mismatch(row, "other_sum", provider_ref=provider_ref, fen=fen)
    elif row.state in (FS.FUNDED, FS.CANCELLED):
        _out_of_suspense(row, provider_ref)
        send_back(row, payment=provider_ref, fen=fen, by=None)
    elif fen != row.wages_fen + row.premium_fen:
        _into_suspense(row, provider_ref, fen)
    else:
        _out_of_suspense(row, provider_ref)
        _funded(row, provider_ref)
    funding.refresh_from_db()


@transaction.atomic
def hear_payout(
    payout: Payout, *, outcome: str, provider_ref: str, message_id: str, fen: int | None = None,
    failure: str = "", tap_url: str = "",
) -> None:  # fmt: skip
    """What became of an order: "accepted", "waiting" (the worker must tap), "succeeded" or "failed".

    Anything else is unknown, and unknown moves nothing (M10). Final is final (M11): a contradiction is a mismatch.
    Idempotent by message and by state, whatever the order.
    """
    settlement = Settlement.objects.select_for_update().get(pk=payout.settlement_id)
    row = Payout.objects.select_for_update().get(pk=payout.pk)
    if not _new(f"payout.{outcome}", row.code, message_id):
        return
    wrong_sum = fen is not None and fen != row.fen
    if wrong_sum or (row.provider_ref and provider_ref and row.provider_ref != provider_ref):
        _mismatch(row, "other_sum" if wrong_sum else "other_number", provider_ref=provider_ref, fen=fen or 0)
    elif outcome == "succeeded":
        _payout_succeeded(row, settlement, provider_ref)
    elif outcome == "failed":
        _payout_failed(row, settlement, provider_ref, failure)
    elif outcome == "waiting" and row.state in (PS.HELD, PS.SENT):
        row.move(PS.WAITING, by=None, provider_ref=provider_ref, tap_url=tap_url)
        if settlement.state == S.RELEASE_REQUESTED:
            settlement.move(S.RELEASED, by=None)
    elif outcome == "accepted" and row.state == PS.HELD:
        row.move(PS.SENT, by=None, provider_ref=provider_ref)
    payout.refresh_from_db()


@transaction.atomic
def hear_refund(
    refund: Refund, *, outcome: str, provider_ref: str, message_id: str, fen: int | None = None, failure: str = ""
) -> None:
    """What became of an order to give money back: "accepted", "succeeded" or "failed" (tried again, same number)."""
    row = Refund.objects.select_for_update().get(pk=refund.pk)
    if not _new(f"refund.{outcome}", row.code, message_id):
        return
    if fen is not None and fen != row.fen:
        _mismatch(row, "other_sum", provider_ref=provider_ref, fen=fen)
    elif outcome == "succeeded" and row.state != RS.SUCCEEDED:
        row.move(RS.SUCCEEDED, by=None, provider_ref=provider_ref, settled_at=now())
        ledger.post(
            "refund.done", key=f"refund:{row.code}:done", by=None,
            entries=[(addresses.refundable(row.code), -row.fen), (addresses.REFUNDED, row.fen)],
        )  # fmt: skip
    elif outcome == "failed" and row.state == RS.SUCCEEDED:
        _mismatch(row, "failed_after_success", provider_ref=provider_ref, fen=row.fen)
    elif outcome == "failed" and row.state in (RS.HELD, RS.SENT):
        row.move(RS.FAILED, by=None, failure=failure[:80])
    elif outcome == "accepted" and row.state in (RS.HELD, RS.FAILED):
        row.move(RS.SENT, by=None, provider_ref=provider_ref)
    refund.refresh_from_db()


def _funded(funding: Funding, provider_ref: str) -> None:
    total = funding.wages_fen + funding.premium_fen
    entries = [(addresses.GATEWAY, -total), (addresses.of_posting(funding.ref), funding.wages_fen)]
    if funding.premium_fen:
        entries.append((addresses.of_premium(funding.ref), funding.premium_fen))
    funding.move(FS.FUNDED, by=None, provider_ref=provider_ref, funded_at=now())
    ledger.post("wages.stored", key=addresses.payment_key(provider_ref), entries=entries, by=None)
    secure_waiting(funding.ref, by=None)


def _payout_succeeded(payout: Payout, settlement: Settlement, provider_ref: str) -> None:
    if payout.state == PS.SUCCEEDED:
        return
    if payout.state == PS.FAILED:
        _mismatch(payout, "success_after_failure", provider_ref=provider_ref, fen=payout.fen)
        return
    moment = now()
    payout.move(PS.SUCCEEDED, by=None, provider_ref=provider_ref, settled_at=moment)
    ledger.post(
        "payout.done", key=f"payout:{payout.code}:done", by=None,
        entries=[(addresses.in_transit(payout.code), -payout.fen), (addresses.PAID_OUT, payout.fen)],
    )  # fmt: skip
    if pay_out(settlement, by=None) is not None:  # a decision came while this order was open
        if settlement.state == S.RELEASED:
            settlement.move(S.RELEASE_REQUESTED, by=None)
    elif settlement.held_fen or settlement.disputed_fen or settlement.short_fen:
        settlement.move(S.PARTLY_RELEASED, by=None)
    else:
        settlement.move(S.ARRIVED, by=None, paid_at=moment, paid_how="account", acknowledged_how="provider")


def _payout_failed(payout: Payout, settlement: Settlement, provider_ref: str, failure: str) -> None:
    if payout.state == PS.FAILED:
        return
    if payout.state == PS.SUCCEEDED:
        _mismatch(payout, "failed_after_success", provider_ref=provider_ref, fen=payout.fen)
        return
    payout.move(PS.FAILED, by=None, provider_ref=provider_ref, failure=failure[:80], settled_at=now())
    ledger.post(
        "payout.failed", key=f"payout:{payout.code}:failed", by=None,
        entries=[(addresses.in_transit(payout.code), -payout.fen), (addresses.payable(settlement.code), payout.fen)],
    )  # fmt: skip
    settlement.move(S.FAILED, by=None)


def _new(kind: str, about: str, message_id: str) -> bool:
    """Write the message down; False when it was heard before. The row and its effect are one transaction.

    An answer to our own question has no message id: it is new each time, and only the states make it harmless.
    """
    if not message_id:
        return True
    try:
        with transaction.atomic():
            Heard.objects.create(
                provider=addresses.CHANNEL, message_id=message_id, kind=kind[:30], about=about, at=now()
            )
    except IntegrityError:
        return False
    return True


def _mismatch(row: models.Model, why: str, *, provider_ref: str, fen: int) -> None:
    """Written down once, however often we are told."""
    if _new("mismatch", str(row.pk), f"mismatch:{row._meta.model_name}:{row.pk}:{why}:{provider_ref}:{fen}"[:80]):
        record(f"{row._meta.model_name}.mismatch", row, by=None, why=why, provider_ref=provider_ref, fen=fen)


def _into_suspense(funding: Funding, provider_ref: str, fen: int) -> None:
    key = f"suspense:{provider_ref}"
    if fen > 0 and book.by_key(key) is None:
        ledger.post(
            "payment.unclear", key=key, by=None,
            entries=[(addresses.GATEWAY, -fen), (addresses.suspense(funding.code), fen)],
        )  # fmt: skip
    _mismatch(funding, "wrong_sum", provider_ref=provider_ref, fen=fen)


def _out_of_suspense(funding: Funding, provider_ref: str) -> None:
    """The custodian now tells this payment rightly: undo what the wrong message made us write."""
    unclear = book.by_key(f"suspense:{provider_ref}")
    if unclear is not None and not book.is_reversed(unclear):
        ledger.reverse(unclear, key=f"suspense:{provider_ref}:cleared", by=None)


def _is_extra(funding: Funding, provider_ref: str) -> bool:
    return Refund.objects.filter(funding=funding, payment=provider_ref, extra=True).exists()


def _booked(transfer_pk: int) -> int:
    """Fen that a booked payment brought in from outside."""
    return -sum(e.fen for e in book.history(addresses.GATEWAY).filter(transfer_id=transfer_pk))
