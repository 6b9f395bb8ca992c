"""What must be true of wages and money in custody, row by row: the same code in tests and in the nightly audit."""

from collections.abc import Iterator

from django.db.models import Count, F, Q, Sum

from linggong.ledger import queries as book
from linggong.ledger.models import Transfer
from linggong.payments import addresses
from linggong.payments.models import Funding, Payout, Refund, Settlement

S, PS, RS, FS = Settlement.State, Payout.State, Refund.State, Funding.State
OPEN = (PS.HELD, PS.SENT, PS.WAITING)
REFUNDS_MAX = 50
LAWFUL = frozenset({"income_tax", "social_insurance", "court_order"})


def audit() -> Iterator[str]:
    """Every row that breaks a rule of money (reliability M6–M19), as a sentence. Empty when all is well."""
    yield from _fundings()
    yield from _postings()
    yield from _deals()
    yield from _payouts()
    yield from _refunds()
    yield from _settlements()


def _fundings() -> Iterator[str]:
    for funding in Funding.objects.order_by("pk").iterator(chunk_size=500):
        booked = funding.provider_ref and book.by_key(addresses.payment_key(funding.provider_ref))
        if funding.state == FS.FUNDED and not booked:
            yield f"M6: funding {funding.code} is funded, but no payment is in the book"
        if funding.state != FS.FUNDED and funding.provider_ref:
            yield f"M6: funding {funding.code} is {funding.state}, but names a payment"
        if funding.owner_kind not in ("employer", "custodian"):
            yield f"decision 1: the account of funding {funding.code} belongs to {funding.owner_kind}"


def _postings() -> Iterator[str]:
    """M7, posting level: what was stored stands in escrow, is out to workers, or went back."""
    stored = Funding.objects.filter(state=FS.FUNDED).values("ref").order_by("ref")
    for row in stored.annotate(fen=Sum(F("wages_fen") + F("premium_fen"))):
        ref = row["ref"]
        mine = Settlement.objects.filter(posting_ref=ref)
        held = mine.aggregate(fen=Sum("held_fen"))["fen"] or 0
        payable = sum(book.balance(addresses.payable(code)) for code in mine.values_list("code", flat=True))
        out = Payout.objects.filter(settlement__posting_ref=ref).exclude(state=PS.FAILED)
        paid = out.aggregate(fen=Sum("fen"))["fen"] or 0
        back = Refund.objects.filter(funding__ref=ref, extra=False).aggregate(fen=Sum("fen"))["fen"] or 0
        free = book.balance(addresses.of_posting(ref)) + book.balance(addresses.of_premium(ref))
        if row["fen"] != free + held + payable + paid + back:
            yield (
                f"M7: {ref} stored {row['fen']} fen; free {free}, promised {held}, payable {payable},"
                f" paid {paid}, back {back}"
            )


def _deals() -> Iterator[str]:
    """M7, deal level: the escrow of a deal is exactly what its wages say is held for them."""
    held = Settlement.objects.values("deal").annotate(fen=Sum("held_fen")).order_by("deal")
    for row in held:
        there = book.balance(addresses.of_deal(row["deal"]))
        if there != row["fen"]:
            yield f"M7: {row['deal']} holds {there} fen, its wages say {row['fen']}"


def _payouts() -> Iterator[str]:
    for payout in Payout.objects.select_related("settlement").order_by("pk").iterator(chunk_size=500):
        there = book.balance(addresses.in_transit(payout.code))
        wanted = payout.fen if payout.state in OPEN else 0
        if there != wanted:
            yield f"M8: payout {payout.code} is {payout.state} with {there} fen in transit, not {wanted}"
        done = Transfer.objects.filter(key=f"payout:{payout.code}:done").exists()
        if done != (payout.state == PS.SUCCEEDED):
            yield f"M11: payout {payout.code} is {payout.state}, the book says done={done}"
    doubled = Settlement.objects.annotate(open=Count("payouts", filter=Q(payouts__state__in=OPEN))).filter(open__gt=1)
    for settlement in doubled:
        yield f"M9: settlement {settlement.code} has {settlement.open} open payouts"


def _refunds() -> Iterator[str]:
    for refund in Refund.objects.order_by("pk").iterator(chunk_size=500):
        there = book.balance(addresses.refundable(refund.code))
        wanted = 0 if refund.state == RS.SUCCEEDED else refund.fen
        if there != wanted:
            yield f"M12: refund {refund.code} is {refund.state} with {there} fen standing, not {wanted}"
    for funding in Funding.objects.annotate(times=Count("refunds")).order_by("pk").iterator(chunk_size=500):
        rest = Refund.objects.filter(funding=funding, extra=False).aggregate(fen=Sum("fen"))["fen"] or 0
        if rest != funding.refunded_fen or rest > funding.wages_fen + funding.premium_fen:
            yield f"M12: funding {funding.code} says {funding.refunded_fen} fen went back, its refunds say {rest}"
        if funding.times > REFUNDS_MAX:
            yield f"M12: funding {funding.code} was refunded {funding.times} times"


def _settlements() -> Iterator[str]:
    paid_out = Sum("payouts__fen", filter=Q(payouts__state=PS.SUCCEEDED))
    for row in Settlement.objects.annotate(paid=paid_out).order_by("pk").iterator(chunk_size=500):
        paid = row.paid or 0
        off = sum(line["fen"] for line in row.deductions)
        if row.confirmed_at and row.net_fen != row.gross_fen - off:
            yield f"M19: settlement {row.code} pays {row.net_fen} of {row.gross_fen} with {off} fen of deductions"
        if any(line["reason"] not in LAWFUL or not line["signed_at"] for line in row.deductions):
            yield f"M19: settlement {row.code} has a deduction that is not lawful or not signed"
        if paid > row.net_fen:
            yield f"M7: settlement {row.code} paid out {paid} of {row.net_fen} fen"
        if row.state == S.ARRIVED and paid != row.net_fen:
            yield f"M17: settlement {row.code} says 到账了 with {paid} of {row.net_fen} fen"
        if row.state in (S.RELEASE_REQUESTED, S.RELEASED, S.ARRIVED, S.PARTLY_RELEASED) and not row.confirmed_at:
            yield f"E5: settlement {row.code} is {row.state}, but nobody and no rule confirmed the work"
        if row.state == S.FUNDED and row.held_fen == 0:
            yield f"decision 1: settlement {row.code} says the wage is stored, but nothing is held"
