"""Verbs of cover: load and release products, ask for a policy, hear the insurer, cancel, begin, end."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linggong.core.clock import now
from linggong.core.journal import record
from linggong.core.refusals import Refused
from linggong.core.states import Moved
from linggong.insurance import premium
from linggong.insurance.models import Policy, Product
from linggong.insurance.queries import Quote, cover_of, quote
from linggong.workers.models import Worker

__all__ = [
    "approve_product", "approve_samples", "ask", "begin_and_end", "cancel", "enter_by_hand", "enter_product",
    "hear_bound", "hear_refused",
    "load_products", "quote", "ring_late",
]  # fmt: skip

S = Policy.State
PRODUCTS_FILE = Path(__file__).parent / "data" / "products.json"
LATE = timedelta(minutes=30)  # not bound this long before the start: somebody must look


class NotInsurable(Refused):
    """This worker, trade or time cannot be had under the product; the sentence says which."""

    message = _("这份保险保不了。可以问老板换一份保险，或者看看别的活")


class VersionChanged(Refused):
    """A product version that is on file came again with other figures: that needs a new version number."""

    message = _("这个版本的保险产品已经登记过，内容不一样。改内容要用新的版本号")


class NeedsTwo(Refused):
    """One person alone may not enter a policy number."""

    message = _("手工录保单要两个人：一个录，另一个核对")


class BadNumber(Refused):
    """No policy number, or one that is too long to be one."""

    message = _("保单号没看懂，照着保单再写一遍")
    status = 422


@transaction.atomic
def load_products(*, by: Any = None) -> int:
    """Load the shipped sample products, unapproved. Idempotent; returns how many are new. Raises VersionChanged."""
    rows = json.loads(PRODUCTS_FILE.read_text(encoding="utf-8"))
    return sum(enter_product(row, sample=True, by=by) is not None for row in rows)


@transaction.atomic
def enter_product(facts: dict[str, Any], *, sample: bool = False, by: Any) -> Product | None:
    """Put one version of a product on file, unapproved: the new row, or None when it is there already.

    Raises VersionChanged when the same version comes with other figures, premium.BadTariff for wrong tables.
    """
    dates = {key: facts[key] and date.fromisoformat(facts[key]) for key in ("valid_from", "valid_to")}
    product = Product(**{**facts, **dates, "sample": sample, "approved": False})
    premium.check(product)
    before = Product.objects.filter(code=product.code, version=product.version).first()
    if before is not None:
        names = [*facts, "sample"]
        if any(getattr(before, name) != getattr(product, name) for name in names):
            raise VersionChanged
        return None
    product.save(force_insert=True)
    record("product.entered", product, by=by, version=product.version)
    return product


@transaction.atomic
def approve_product(product: Product, *, by: Any) -> None:
    """A person releases a product version for quoting. Idempotent. Never the clock."""
    if by is None:
        raise NeedsTwo
    if Product.objects.filter(pk=product.pk, approved=False).update(approved=True):
        record("product.approved", product, by=by, version=product.version)
    product.approved = True


@transaction.atomic
def approve_samples(*, by: Any) -> int:
    """Load the shipped samples and release every one: for the demo city and for tests. Returns how many."""
    load_products(by=by)
    samples = list(Product.objects.filter(sample=True).order_by("pk"))
    for product in samples:
        approve_product(product, by=by)
    return len(samples)


@transaction.atomic
def ask(*, ref: str, deal: str, worker: Worker, quote: Quote, by: Any) -> Policy:
    """Order the quoted cover for one shift of one worker; the insurer is asked in the background.

    Idempotent per `ref`: a live policy for it is returned as it is. Raises NotInsurable.
    """
    if not quote.insurable:
        raise NotInsurable(quote.reason)
    if (live := _live(ref)) is not None:
        return live
    try:
        with transaction.atomic():
            return Policy.begin(
                ref=ref, deal=deal, worker=worker, product=quote.product, state=S.PENDING_PAYMENT,
                risk_class=quote.risk_class, age=quote.age, starts_at=quote.starts_at, ends_at=quote.ends_at,
                premium_fen=quote.premium_fen, subsidy_fen=quote.subsidy_fen, sum_fen=quote.sum_fen,
                asked_at=now(), by=by,
            )  # fmt: skip
    except IntegrityError:
        if (live := _live(ref)) is None:
            raise
        return live  # two requests asked at once; one order stands


@transaction.atomic
def hear_bound(policy: Policy, *, policy_number: str, cover_from: datetime | None = None, by: Any = None) -> None:
    """The insurer's yes. Harmless when it comes twice; recorded and nothing more when the order was cancelled.

    Cover never begins before the start of the work, and never before `cover_from` when the insurer names one.
    """
    _check_number(policy_number)
    policy.refresh_from_db()
    if policy.state != S.PENDING_PAYMENT:
        if policy.policy_number != policy_number:
            record("policy.heard_again", policy, by=by, state=policy.state)
        return
    policy.move(
        S.BOUND, by=by, policy_number=policy_number, bound_at=now(),
        cover_from=max(policy.starts_at, cover_from or policy.starts_at),
    )  # fmt: skip


@transaction.atomic
def hear_refused(policy: Policy, *, reason: str, by: Any = None) -> None:
    """The insurer's no, with its reason. Harmless when it comes twice or too late."""
    policy.refresh_from_db()
    if policy.state == S.PENDING_PAYMENT:
        policy.move(S.NOT_INSURABLE, by=by, because=reason[:80], reason=reason[:80])


@transaction.atomic
def enter_by_hand(policy: Policy, *, policy_number: str, by: Any, second: Any) -> None:
    """The insurer was phoned: one person enters the number, another checked it. Cover begins now at the earliest.

    Raises NeedsTwo, BadNumber, Moved when the policy is not waiting.
    """
    if by is None or second is None or by.pk == second.pk:
        raise NeedsTwo
    _check_number(policy_number)
    moment = now()
    policy.move(S.BOUND, by=by, policy_number=policy_number, bound_at=moment, cover_from=max(policy.starts_at, moment))
    record("policy.entered_by_hand", policy, by=by, second=second.pk)


@transaction.atomic
def cancel(ref: str, *, by: Any, because: str = "") -> Policy | None:
    """Give the cover of one shift back before the work starts; the insurer is told in the background.

    Bound cover whose work has started is not cancelled: it runs out by itself. Idempotent. Returns the policy.
    """
    policy = cover_of(ref)
    if policy is None:
        return None
    if policy.state in (S.QUOTED, S.PENDING_PAYMENT) or (policy.state == S.BOUND and policy.starts_at > now()):
        policy.move(S.CANCELLED, by=by, because=because)
    return policy


def begin_and_end(moment: datetime) -> int:
    """Let the clock move policies: bound ones come into force, past ones end, unanswered ones are given up.

    Each row is its own transaction, so one odd row holds up nobody. Returns how many moved.
    """
    due = [
        (S.PENDING_PAYMENT, {"ends_at__lte": moment}, S.CANCELLED, _NEVER_BOUND),
        (S.BOUND, {"ends_at__lte": moment}, S.ENDED, ""),
        (S.BOUND, {"cover_from__lte": moment, "ends_at__gt": moment}, S.IN_FORCE, ""),
        (S.IN_FORCE, {"ends_at__lte": moment}, S.ENDED, ""),
    ]
    return sum(
        _moved(policy, to, because)
        for state, when, to, because in due
        for policy in Policy.objects.filter(state=state, **when).order_by("pk")[:500]
    )


def ring_late(moment: datetime) -> int:
    """Ring once for each policy that is not bound half an hour before its work: event policy.late (E15)."""
    waiting = Policy.objects.filter(
        state=S.PENDING_PAYMENT, late_at=None, starts_at__lte=moment + LATE, ends_at__gt=moment
    )
    return sum(_ring(policy, moment) for policy in waiting.order_by("pk")[:500])


_NEVER_BOUND = "never_bound"


@transaction.atomic
def _moved(policy: Policy, to: str, because: str) -> bool:
    try:
        policy.move(to, by=None, because=because)
    except Moved:
        return False  # somebody was quicker
    return True


@transaction.atomic
def _ring(policy: Policy, moment: datetime) -> bool:
    mine = Policy.objects.filter(pk=policy.pk, late_at=None, state=S.PENDING_PAYMENT)
    if mine.update(late_at=moment) != 1:
        return False
    record("policy.late", policy, by=None, ref=policy.ref, starts_at=policy.starts_at.isoformat())
    return True


def _live(ref: str) -> Policy | None:
    return Policy.objects.filter(ref=ref).exclude(state__in=[S.CANCELLED, S.NOT_INSURABLE]).first()


def _check_number(policy_number: str) -> None:
    if not policy_number.strip() or len(policy_number) > 40:
        raise BadNumber
