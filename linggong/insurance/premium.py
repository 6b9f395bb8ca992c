"""What cover costs and whether it can be had: trade class, hours, age and product in, a price out.

No database and no clock: a product is anything with the columns of `models.Product`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, Protocol

from django.utils.translation import gettext as _

from linggong.core.clock import local


class Tariff(Protocol):
    """The part of a product that a price depends on."""

    unit: str
    premiums: Sequence[Mapping[str, Any]]
    sums: Sequence[Mapping[str, Any]]
    trade_classes: Mapping[str, int | None]
    premium_low_fen: int
    premium_high_fen: int
    subsidy_fen: int
    effective: str


class BadTariff(ValueError):
    """The product's tables are wrong: a mistake of whoever entered them, found before anybody is quoted."""


@dataclass(frozen=True)
class Price:
    """`premium_fen` is what the payer pays for the whole time, `subsidy_fen` what the state adds to it.

    Not insurable: `reason` says why, amounts are 0.
    """

    risk_class: int | None
    premium_fen: int = 0
    subsidy_fen: int = 0
    sum_fen: int = 0
    reason: str = ""

    @property
    def insurable(self) -> bool:
        """Can this cover be had?"""
        return not self.reason


def price(
    tariff: Tariff, *, trade_code: str, trade_class: int | None, age: int | None,
    starts_at: datetime, ends_at: datetime, on: date,
) -> Price:  # fmt: skip
    """Price the work `[starts_at, ends_at)` asked for on the day `on`; `age` is at the day the work starts."""
    risk_class = class_of(tariff, trade_code, trade_class)
    reason = _no_class(risk_class) or _no_age(tariff, age) or _no_time(tariff, starts_at, ends_at, on)
    if reason:
        return Price(risk_class, reason=reason)
    minutes = int((ends_at - starts_at) / timedelta(minutes=1))
    band = _band(tariff, risk_class, minutes)
    if band is None:
        return Price(risk_class, reason=_no_band(tariff, risk_class))
    units = len(days_of(starts_at, ends_at)) if tariff.unit == "DAY" else 1
    if not tariff.premium_low_fen <= band["fen"] <= tariff.premium_high_fen:
        raise BadTariff(f"{band['fen']} fen is outside the product's own range")
    subsidy_fen = min(tariff.subsidy_fen, band["fen"]) * units
    return Price(risk_class, band["fen"] * units - subsidy_fen, subsidy_fen, sum_of(tariff, age))


def class_of(tariff: Tariff, trade_code: str, trade_class: int | None) -> int | None:
    """The insurer's own class of a trade where it has one, else the trade's; None: cannot be insured."""
    return tariff.trade_classes.get(trade_code, trade_class)


def sum_of(tariff: Tariff, age: int | None) -> int:
    """The sum insured at this age, in fen; 0 outside every age band. Ages are whole years, both ends included."""
    for row in tariff.sums:
        if age is not None and row["age_from"] <= age <= row["age_to"]:
            return row["fen"]
    return 0


def days_of(starts_at: datetime, ends_at: datetime) -> list[date]:
    """The calendar days that `[starts_at, ends_at)` touches in the market's time zone."""
    first, last = local(starts_at).date(), local(ends_at - timedelta(microseconds=1)).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def check(tariff: Tariff) -> None:
    """Refuse tables nobody could be quoted from. Raises BadTariff."""
    if not tariff.premiums or not tariff.sums:
        raise BadTariff("a product needs premiums and sums")
    for band in tariff.premiums:
        if not tariff.premium_low_fen <= band["fen"] <= tariff.premium_high_fen:
            raise BadTariff(f"premium {band['fen']} fen is outside {tariff.premium_low_fen}–{tariff.premium_high_fen}")
        if band["class"] is not None and not 1 <= band["class"] <= 6:
            raise BadTariff(f"class {band['class']} is not 1–6")
        if band["hours_up_to"] is not None and band["hours_up_to"] <= 0:
            raise BadTariff("hours must be above zero")
    ages = sorted((row["age_from"], row["age_to"]) for row in tariff.sums)
    if any(first > last for first, last in ages):
        raise BadTariff("an age band ends before it begins")
    if any(before[1] >= after[0] for before, after in pairwise(ages)):
        raise BadTariff("two age bands overlap")
    if tariff.subsidy_fen > tariff.premium_low_fen:
        raise BadTariff("the subsidy is more than the premium")


def _band(tariff: Tariff, risk_class: int | None, minutes: int) -> Mapping[str, Any] | None:
    """The shortest band that holds the work: exactly four hours is still "up to four"."""
    fits = [
        band
        for band in tariff.premiums
        if band["class"] in (None, risk_class) and (band["hours_up_to"] is None or minutes <= band["hours_up_to"] * 60)
    ]
    return min(fits, key=lambda band: band["hours_up_to"] or float("inf"), default=None)


def _no_class(risk_class: int | None) -> str:
    return "" if risk_class is not None else _("这个工种，这份保险保不了")


def _no_age(tariff: Tariff, age: int | None) -> str:
    if age is None:
        return _("还不知道年龄，先核对身份证，再买保险")
    if sum_of(tariff, age):
        return ""
    oldest = max(row["age_to"] for row in tariff.sums)
    youngest = min(row["age_from"] for row in tariff.sums)
    if age > oldest:
        return _("{age} 岁以上这份保险保不了").format(age=oldest + 1)
    if age < youngest:
        return _("{age} 岁以下这份保险保不了").format(age=youngest - 1)
    return _("{age} 岁这份保险保不了").format(age=age)


def _no_time(tariff: Tariff, starts_at: datetime, ends_at: datetime, on: date) -> str:
    if ends_at <= starts_at:
        return _("收工时间要晚于开工时间")
    if tariff.effective == "NEXT_DAY" and local(starts_at).date() <= on:
        return _("这份保险第二天零点才生效，今天开工的活保不了")
    return ""


def _no_band(tariff: Tariff, risk_class: int | None) -> str:
    hours = [band["hours_up_to"] for band in tariff.premiums if band["class"] in (None, risk_class)]
    if not hours:
        return _("第 {risk} 类工种，这份保险保不了").format(risk=risk_class)
    return _("一次干超过 {hours} 小时，这份保险保不了").format(hours=max(hours))
