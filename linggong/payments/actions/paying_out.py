"""Orders to the custodian to pay a worker: one open at a time, held in the book before it goes out."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linggong.accounts.models import User
from linggong.core.clock import now
from linggong.core.refusals import Refused
from linggong.core.sealed import seal
from linggong.core.states import Moved
from linggong.ledger import actions as ledger
from linggong.ledger import queries as book
from linggong.payments import addresses
from linggong.payments.cards import is_card
from linggong.payments.models import PayAccount, Payout, Settlement
from linggong.workers.models import Worker

S = Settlement.State
OPEN = (Payout.State.HELD, Payout.State.SENT, Payout.State.WAITING)
# A new account is used only after a day, so that a thief of accounts cannot take tomorrow's wage (threat 13).
ACCOUNT_WAITS = timedelta(hours=24)


class BadNumber(Refused):
    """The card number cannot be one."""

    message = _("卡号没对上，再看一眼卡面")
    status = 422


def pay_out(settlement: Settlement, *, by: User | None) -> Payout | None:
    """Make the order for what is payable now; None when nothing is, or when an order is still open (M9).

    For the other chapters of payments, inside their transaction; the settlement's row is theirs. The hold is
    committed with the order, and only then does background work send it (M8).
    """
    fen = book.balance(addresses.payable(settlement.code))
    if fen == 0 or Payout.objects.filter(settlement=settlement, state__in=OPEN).exists():
        return None
    payout: Payout = Payout.begin(by=by, settlement=settlement, fen=fen, created_at=now())
    ledger.post(
        "payout.held", key=f"payout:{payout.code}:held", by=by,
        entries=[(addresses.payable(settlement.code), -fen), (addresses.in_transit(payout.code), fen)],
    )  # fmt: skip
    return payout


@transaction.atomic
def pay_again(settlement: Settlement, *, by: User | None) -> Payout:
    """After an order has failed for good: a new one, with a new number (M9). Raises Moved."""
    if settlement.state != S.FAILED:
        raise Moved
    settlement.move(S.RELEASE_REQUESTED, by=by)
    payout = pay_out(settlement, by=by)
    if payout is None:
        raise Moved
    return payout


@transaction.atomic
def choose_account(
    worker: Worker, *, kind: str, number: str = "", bank: str = "", by: User, acting_for: User | None = None
) -> PayAccount:
    """Where this worker's wages go: "wechat", "bank" with a card number, or "counter" (cash at the window).

    The first one counts at once; a change counts after 24 hours, until then the old one. `acting_for` is the
    worker when somebody else enters it; the number is sealed and only its last four digits stay readable.
    Raises BadNumber.
    """
    digits = "".join(number.split())
    if kind == "bank" and not is_card(digits):
        raise BadNumber(fields={"number": str(BadNumber.message)})
    moment = now()
    current = PayAccount.objects.select_for_update().filter(worker=worker, ended_at=None).first()
    since = moment
    if current is not None:
        since = max(moment + ACCOUNT_WAITS, current.since)
        PayAccount.objects.filter(pk=current.pk).update(ended_at=since)
    account = PayAccount(
        worker=worker, kind=kind, tail4=digits[-4:], bank=bank[:40], set_by=by, since=since,
    )  # fmt: skip
    account.number_sealed = seal(account, "number_sealed", digits)
    account.save(force_insert=True)
    return account
