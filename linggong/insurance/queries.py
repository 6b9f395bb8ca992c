"""Questions about cover: which product, what it costs, who is covered."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from linggong.accounts.ids import age_on
from linggong.core.asking import Question, ask, joined
from linggong.core.clock import local, now, today
from linggong.core.money import yuan
from linggong.insurance import premium
from linggong.insurance.models import Policy, Product
from linggong.reference import queries as reference
from linggong.reference.models import Trade
from linggong.workers.models import Worker

S = Policy.State
COVERING = (S.BOUND, S.IN_FORCE)


class NoProduct(Exception):
    """Asked for a price without a product: ask `quote_for`, which says so with None."""


class Line(NamedTuple):
    """One line of the four: 保什么, 保多少, 免赔, 电话."""

    label: str
    words: str


@dataclass(frozen=True)
class Quote:
    """What this cover costs for this worker and this time, or why it cannot be had.

    `premium_fen` is what the payer pays, `subsidy_fen` what the state adds; both 0 when not insurable.
    """

    product: Product
    risk_class: int | None
    premium_fen: int
    sum_fen: int
    insurable: bool
    reason: str
    age: int | None
    starts_at: datetime
    ends_at: datetime
    subsidy_fen: int = 0


def quote(
    *, trade: Trade, worker_age: int | None, starts_at: datetime, ends_at: datetime, division_code: str,
    product: Product | None = None, on: date | None = None,
) -> Quote:  # fmt: skip
    """Price cover for one worker and one shift; `worker_age` in whole years on the day the work starts.

    `product` None takes the division's own; `on` is the day of asking, today unless told.
    Raises NoProduct when the division has none.
    """
    on = on or today()
    product = product or product_for(division_code, on)
    if product is None:
        raise NoProduct(division_code)
    price = premium.price(
        product, trade_code=trade.code, trade_class=trade.risk_class, age=worker_age,
        starts_at=starts_at, ends_at=ends_at, on=on,
    )  # fmt: skip
    return Quote(
        product=product, risk_class=price.risk_class, premium_fen=price.premium_fen, sum_fen=price.sum_fen,
        insurable=price.insurable, reason=price.reason, age=worker_age, starts_at=starts_at, ends_at=ends_at,
        subsidy_fen=price.subsidy_fen,
    )  # fmt: skip


def quote_for(
    trade: Trade, age: int | None, starts_at: datetime, ends_at: datetime, division_code: str
) -> Quote | None:
    """The quote to show before 我要去; None: the division has no approved product, and the page says so."""
    product = product_for(division_code, today())
    if product is None:
        return None
    return quote(
        trade=trade, worker_age=age, starts_at=starts_at, ends_at=ends_at, division_code=division_code, product=product
    )


def product_for(division_code: str, on: date) -> Product | None:
    """The approved product of a division: the one its rule `insurance_product` names, else the most local one."""
    return ask(product_question(division_code, on))


def product_question(division_code: str, on: date) -> Question[Product | None]:
    """`product_for`, to be asked together with other things."""

    def named(active: list[Product], rules: reference.Rules) -> Product | None:
        code = rules.rule("insurance_product", division_code=division_code, on=on)
        return next((product for product in active if product.code == code), active[0] if active else None)

    return joined(named, _active_question(division_code, on), reference.rules_question([division_code]))


def active_products(division_code: str, on: date) -> list[Product]:
    """The newest approved version of each product in force on the day, the most local first."""
    return ask(_active_question(division_code, on))


def _active_question(division_code: str, on: date) -> Question[list[Product]]:
    here = reference.path_of(division_code)

    def newest(rows: list[Product]) -> list[Product]:
        found = {row.code: row for row in rows if here.startswith(_path(row))}
        return sorted(found.values(), key=lambda row: (-len(_path(row)), row.code))

    rows = Product.objects.filter(Q(valid_to=None) | Q(valid_to__gte=on), approved=True, valid_from__lte=on)
    return Question([rows.order_by("code", "version")], newest)


def _path(product: Product) -> str:
    return reference.path_of(product.division_code) if product.division_code else ""


def four_lines(product: Product, sum_fen: int | None = None) -> list[Line]:
    """保什么, 保多少, 免赔, 电话, for the page. With `sum_fen` the second line says this worker's own sum."""
    what, how_much, deductible = product.cover[:3]
    if sum_fen:
        how_much = _("最高 {sum}").format(sum=big_yuan(sum_fen))
    phone = product.claim_phone or _("还没登记，出事先打站里电话")
    return [
        Line(_("保什么"), what), Line(_("保多少"), how_much), Line(_("免赔"), deductible), Line(_("电话"), phone),
    ]  # fmt: skip


def big_yuan(fen: int) -> str:
    """`100_000_000` → "100 万元"; sums that are no whole number of 万 in yuan."""
    return _("{n} 万元").format(n=fen // 1_000_000) if fen % 1_000_000 == 0 else _("{n} 元").format(n=yuan(fen))


def age_at_start(worker: Worker, starts_at: datetime) -> int | None:
    """Whole years on the local day the work starts; None while the ID number is not known."""
    birth_on = worker.user.birth_on
    return age_on(birth_on, local(starts_at).date()) if birth_on else None


def cover_of(ref: str) -> Policy | None:
    """The policy of one shift of one worker: the newest that was not cancelled. NOT_INSURABLE counts, with `reason`."""
    return Policy.objects.filter(ref=ref).exclude(state=S.CANCELLED).select_related("product").order_by("-pk").first()


def covers_of(refs: Iterable[str]) -> dict[str, Policy]:
    """`cover_of` for a whole page in one query."""
    rows = Policy.objects.filter(ref__in=list(refs)).exclude(state=S.CANCELLED).select_related("product")
    return {row.ref: row for row in rows.order_by("pk")}


def of_deal(deal: str) -> list[Policy]:
    """Every policy of a deal, by the start of the work."""
    return list(Policy.objects.filter(deal=deal).select_related("product").order_by("starts_at", "pk"))


def of_worker(worker: Worker) -> QuerySet[Policy]:
    """Every policy the worker has or had, newest work first; cancelled ones left out."""
    rows = Policy.objects.filter(worker=worker).exclude(state=S.CANCELLED).select_related("product")
    return rows.order_by("-starts_at", "-pk")


def is_covered(ref: str, starts_at: datetime, ends_at: datetime) -> bool:
    """Is what is still to come of `[starts_at, ends_at)` wholly under a bound policy (E4)?

    Cover is never backdated, so the part that is past is not asked for: who takes work in the last minute is covered
    from the moment of binding, and nobody begins before that.
    """
    begins_at = max(starts_at, now())
    return Policy.objects.filter(ref=ref, state__in=COVERING, cover_from__lte=begins_at, ends_at__gte=ends_at).exists()


def pending(asked_before: datetime) -> list[Policy]:
    """Policies whose insurer has not been heard since before that moment, oldest first."""
    rows = Policy.objects.filter(state=S.PENDING_PAYMENT, asked_at__lte=asked_before)
    return list(rows.select_related("product", "worker__user").order_by("pk")[:200])


def awaiting(moment: datetime) -> list[Policy]:
    """Policies still not bound, the soonest work first: for the page that chases them by hand."""
    rows = Policy.objects.filter(state=S.PENDING_PAYMENT, ends_at__gt=moment)
    return list(rows.select_related("product", "worker__user").order_by("starts_at", "pk")[:200])


def broken(moment: datetime) -> Iterator[str]:
    """Every policy that breaks a rule of the house, as a sentence. Empty when all is well."""
    for row in Policy.objects.filter(state__in=(*COVERING, S.ENDED)).select_related("product").iterator():
        if not row.policy_number or row.cover_from is None:
            yield f"policy {row.code} is {row.state} without a number or a beginning"
        if row.product.unit == "ORDER" and not (
            row.product.premium_low_fen <= row.premium_fen + row.subsidy_fen <= row.product.premium_high_fen
        ):
            yield f"policy {row.code} costs {row.premium_fen} fen, outside its product's range"
        if row.sum_fen != premium.sum_of(row.product, row.age):
            yield f"policy {row.code} insures a sum its product does not give at {row.age}"
    for row in Policy.objects.filter(cover_from__lt=F("starts_at")).order_by("pk"):
        yield f"policy {row.code} covers more than was asked for"
    overdue = Policy.objects.filter(state__in=(*COVERING, S.PENDING_PAYMENT), ends_at__lt=moment)
    for row in overdue.order_by("pk"):
        if (moment - row.ends_at).total_seconds() > 3600:
            yield f"policy {row.code} should have ended at {row.ends_at}"
