"""What a shift pays, what a posting costs, and by when a wage is due. Pure: no tables, no clock."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from linggong.core.money import multiply, share_out
from linggong.reference.models import COUNTED_UNITS, PayUnit

CHINA = ZoneInfo("Asia/Shanghai")
WHOLE_UNITS = frozenset({PayUnit.DAY, PayUnit.SHIFT, PayUnit.FIXED})
MONTH_DAYS = Decimal("21.75")
"""Paid days in a month (人社部发〔2025〕2号)."""
ADVANCE_PERCENT = 120
"""Counted work is only estimated: no more than this share of the estimate is taken in advance."""
WASTED_TRIP_MOST_FEN = 100_000
CYCLES = {"DAILY": "日结", "ON_COMPLETION": "干完结", "WEEKLY": "周结", "HALF_MONTH": "半月结", "MONTHLY": "月结"}
_PAY_HOUR = time(18)  # a pay day ends when offices do


def estimate(
    pay_fen: int, pay_unit: str, *, minutes: int, quantity: Decimal | float | str | None = None, places: int = 1,
    shifts: int = 1,
) -> int:  # fmt: skip
    """What one person may expect for one shift, in fen. `minutes` is the shift less its break.

    `quantity` is the whole amount of counted work for all `places` people over all `shifts`; 30 tonnes at 12 yuan for
    four people in one shift are 9000 fen each. Counted work is rounded down, so that the shares never exceed the
    whole; 0 when nobody said how much there is.
    """
    if pay_unit in COUNTED_UNITS:
        if quantity is None:
            return 0
        each = Decimal(pay_fen) * _decimal(quantity) / (places * shifts)
        return int(each.quantize(Decimal(1), rounding=ROUND_FLOOR))
    return _timed(pay_fen, pay_unit, minutes)


def pay_for(
    terms: Mapping[str, Any], *, minutes: int, quantity: Decimal | float | str | None = None, shift: str = "",
    ended_early: bool = False,
) -> int:  # fmt: skip
    """The wage of one person for one shift of the agreed `terms`, in fen.

    Counted units: the counted `quantity` × the rate. HOUR: the `minutes` worked. DAY, SHIFT, FIXED and MONTH: whole,
    unless the shift `ended_early`: then in proportion to its planned minutes (`shift` names which; else the first).
    """
    rate, unit = int(terms["pay_fen"]), terms["pay_unit"]
    if unit in COUNTED_UNITS:
        return multiply(rate, _decimal(quantity or 0))
    whole = _timed(rate, unit, minutes)
    if unit == PayUnit.HOUR or not ended_early:
        return whole
    planned = planned_minutes(terms, shift)
    return min(whole, multiply(whole, Decimal(minutes) / planned))


def planned_minutes(terms: Mapping[str, Any], shift: str = "") -> int:
    """The paid minutes of one shift of the terms: its length less its break, at least one."""
    rows = [s for s in terms["shifts"] if s["code"] == shift] or terms["shifts"]
    starts_at, ends_at = (datetime.fromisoformat(rows[0][name]) for name in ("starts_at", "ends_at"))
    return worked_minutes(starts_at, ends_at, rows[0]["break_minutes"])


def worked_minutes(starts_at: datetime, ends_at: datetime, break_minutes: int) -> int:
    """Whole minutes between two moments less the break, at least one."""
    return max(int((ends_at - starts_at).total_seconds()) // 60 - break_minutes, 1)


def whole_fen(terms: Mapping[str, Any], *, places: int) -> int:
    """What all people of a posting may expect for all its shifts together, in fen."""
    rate, unit = int(terms["pay_fen"]), terms["pay_unit"]
    if unit in COUNTED_UNITS:
        return multiply(rate, _decimal(terms["quantity"] or 0))
    return places * sum(_timed(rate, unit, planned_minutes(terms, s["code"])) for s in terms["shifts"])


def shares(terms: Mapping[str, Any], *, places: int) -> list[int]:
    """The whole split evenly among the places; the parts sum exactly to it."""
    return share_out(whole_fen(terms, places=places), [1] * places)


def advance_cap_fen(terms: Mapping[str, Any], *, places: int) -> int:
    """The most that may be put in in advance: the whole, and for counted work a fifth more, since it is an estimate."""
    whole = whole_fen(terms, places=places)
    if terms["pay_unit"] not in COUNTED_UNITS:
        return whole
    capped = Decimal(whole) * ADVANCE_PERCENT / 100
    return int(capped.quantize(Decimal(1), rounding=ROUND_CEILING))


def wasted_trip_fen(shift_fen: int, *, percent: int) -> int:
    """What to suggest for a trip made for nothing: a share of one shift's pay, in whole yuan, at least five.

    No law fixes it; the share is the region's setting `wasted_trip_percent`, and the employer may write another sum.
    """
    whole = (shift_fen * percent // 100 + 50) // 100 * 100
    return min(max(whole, 500), WASTED_TRIP_MOST_FEN) if percent and shift_fen else 0


def hourly_fen(pay_fen: int, pay_unit: str, *, minutes: int) -> int | None:
    """The pay as pay for one hour; None where the unit does not tell."""
    if pay_unit in COUNTED_UNITS:
        return None
    return _timed(pay_fen, pay_unit, minutes) * 60 // max(minutes, 1)


def due_at(
    terms: Mapping[str, Any], confirmed_at: datetime, previous_workday: Callable[[date], date] | None = None
) -> datetime:
    """The latest moment at which a wage confirmed at `confirmed_at` must be paid.

    DAILY counts `pay_within_hours` from the confirmation, ON_COMPLETION from the end of the last shift if later.
    WEEKLY, HALF_MONTH and MONTHLY end on the Sunday, on the 15th or last day, on the last day of the month, at 18:00;
    such a pay day that is no workday moves earlier (保障农民工工资支付条例 art. 14), but a wage confirmed after the
    moved day has its `pay_within_hours`. `previous_workday(day)` gives the latest workday on or before `day`.
    """
    within = timedelta(hours=int(terms["pay_within_hours"]))
    cycle = terms["pay_cycle"]
    if cycle not in ("WEEKLY", "HALF_MONTH", "MONTHLY"):
        ends = [datetime.fromisoformat(s["ends_at"]) for s in terms["shifts"]]
        base = max([confirmed_at, *ends]) if cycle == "ON_COMPLETION" else confirmed_at
        return base + within
    day = _pay_day(cycle, confirmed_at.astimezone(CHINA).date())
    if previous_workday is not None:
        day = previous_workday(day)
    due = datetime.combine(day, _PAY_HOUR, tzinfo=CHINA)
    return due if due > confirmed_at else confirmed_at + within


def _timed(pay_fen: int, pay_unit: str, minutes: int) -> int:
    if pay_unit == PayUnit.HOUR:
        return multiply(pay_fen, Decimal(minutes) / 60)
    if pay_unit == PayUnit.MONTH:
        return multiply(pay_fen, 1 / MONTH_DAYS)
    return pay_fen


def _pay_day(cycle: str, day: date) -> date:
    if cycle == "WEEKLY":
        return day + timedelta(days=6 - day.weekday())
    if cycle == "HALF_MONTH" and day.day <= 15:
        return day.replace(day=15)
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _decimal(quantity: Decimal | float | str) -> Decimal:
    return Decimal(str(quantity))
