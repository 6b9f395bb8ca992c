"""Talking to the custodian, and the sweeps: what was said is asked again, what is late is written down."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.db.models import QuerySet

from linggong.core.clock import now
from linggong.core.journal import every, on
from linggong.core.models import Event
from linggong.core.outside import NotReached
from linggong.payments import actions, queries
from linggong.payments.gateways import wage_account
from linggong.payments.gateways.wage_account import Declined, Said
from linggong.payments.models import Funding, Payout, Refund, Settlement

logger = logging.getLogger(__name__)

LIMIT = 200  # rows per kind and sweep: the next one comes in a minute
ORDER_OPEN = timedelta(days=2)  # the pay page is dead after that
RETRY = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))


@on("funding.created")
def ask_for_pay_page(event: Event) -> None:
    """The employer wants to store wages: get the page where they pay."""
    funding = Funding.objects.select_related("employer").get(pk=event.subject_id)
    if funding.state != Funding.State.CREATED or funding.pay_url:
        return
    try:
        said = wage_account.order(funding)
    except Declined as declined:
        actions.fail_funding(funding, failure=declined.code)
        return
    actions.got_pay_page(funding, pay_url=said.url)


@on("payout.held")
def send_payout(event: Event) -> None:
    """The hold is in the book: now the order may go out. Sent twice it is still one order (same number)."""
    payout = Payout.objects.select_related("settlement__worker__user").get(pk=event.subject_id)
    if payout.state == Payout.State.HELD:
        _send(payout)


@on("refund.held")
def send_refund(event: Event) -> None:
    """Money goes back to the employer."""
    refund = Refund.objects.select_related("funding").get(pk=event.subject_id)
    if refund.state == Refund.State.HELD:
        _send_back(refund)


@every(minutes=1)
def ask_about_open() -> None:
    """Callbacks are hints and may be lost: ask about what has no final answer (M10), the newest first."""
    since = now() - ORDER_OPEN
    orders = Funding.objects.filter(state=Funding.State.CREATED, created_at__gte=since).exclude(pay_url="")
    _ask_all("order", orders.order_by("-pk")[:LIMIT])
    _ask_all("payout", Payout.objects.filter(state__in=["sent", "waiting"]).order_by("-pk")[:LIMIT])
    _ask_all("refund", Refund.objects.filter(state=Refund.State.SENT).order_by("-pk")[:LIMIT])


@every(hours=1)
def ask_about_all() -> None:
    """What the minute sweep leaves out: everything still open, and orders that may have been paid a second time."""
    since = now() - ORDER_OPEN
    _ask_all("order", Funding.objects.filter(created_at__gte=since).exclude(pay_url="").order_by("pk"))
    _ask_all("payout", Payout.objects.filter(state__in=["sent", "waiting"]).order_by("pk"))
    _ask_all("refund", Refund.objects.filter(state=Refund.State.SENT).order_by("pk"))


@every(minutes=5)
def send_again() -> None:
    """Orders that never reached the bank go out again, with the number they have."""
    before = now() - timedelta(minutes=5)
    lying = Payout.objects.filter(state=Payout.State.HELD, created_at__lt=before)
    for payout in lying.select_related("settlement__worker__user").order_by("pk")[:LIMIT]:
        _quietly(partial(_send, payout))
    back = Refund.objects.filter(state__in=["held", "failed"], created_at__lt=before)
    for refund in back.select_related("funding").order_by("pk")[:LIMIT]:
        _quietly(partial(_send_back, refund))


@every(minutes=5)
def pay_again() -> None:
    """A payout that failed for good is tried with a new number: after ten minutes, an hour, six hours; then by hand."""
    moment = now()
    for settlement in Settlement.objects.filter(state=Settlement.State.FAILED).order_by("pk")[:LIMIT]:
        failed = [p for p in queries.payouts_of(settlement) if p.state == Payout.State.FAILED]
        last = failed[-1].settled_at if 0 < len(failed) <= len(RETRY) else None
        if last is not None and last + RETRY[len(failed) - 1] <= moment:
            actions.pay_again(settlement, by=None)


@every(minutes=5)
def note_late() -> None:
    """Due and not paid; said to be paid and a day of silence."""
    moment = now()
    for settlement in queries.unpaid(moment).filter(overdue_at=None).order_by("pk")[:LIMIT]:
        actions.note_overdue(settlement, moment=moment)
    for settlement in queries.unanswered(moment).filter(call_task_at=None).order_by("pk")[:LIMIT]:
        actions.note_silent(settlement, moment=moment)


def hear(said: Said) -> bool:
    """Take in what the bank said. False when the number is not ours."""
    if said.kind == "order" and said.outcome != "paid":
        return True
    return actions.hear(
        kind=said.kind, no=said.no, outcome=said.outcome, provider_ref=said.provider_ref, fen=said.fen,
        message_id=said.message_id, url=said.url, failure=said.failure,
    )  # fmt: skip


def _ask_all(kind: str, rows: QuerySet[Any]) -> None:
    for no in list(rows.values_list("code", flat=True)):
        _asked(kind, no)


def _asked(kind: str, no: str) -> None:
    try:
        for said in wage_account.ask(kind, no):
            hear(said)
    except (NotReached, Declined) as unknown:
        logger.warning("%s %s: %s", kind, no, unknown)


def _send(payout: Payout) -> None:
    account = queries.pay_account(payout.settlement.worker, now())
    try:
        hear(wage_account.pay(payout, account))
    except Declined as declined:
        actions.hear_payout(payout, outcome="failed", provider_ref="", message_id="", failure=declined.code)


def _send_back(refund: Refund) -> None:
    try:
        hear(wage_account.refund(refund))
    except Declined as declined:
        actions.hear_refund(refund, outcome="failed", provider_ref="", message_id="", failure=declined.code)


def _quietly(send: Callable[[], None]) -> None:
    try:
        send()
    except NotReached as unknown:
        logger.warning("not sent: %s", unknown)
