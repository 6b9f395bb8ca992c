"""What an employer entered, read into the columns of a posting, with one precise sentence per wrong field. Pure."""

import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from linggong.core.clock import local
from linggong.core.refusals import Refused
from linggong.postings import contacts, pay
from linggong.postings.models import Custody, Daypart, Form, WayIn
from linggong.reference.models import COUNTED_UNITS, PayUnit, Trade

QUARTER = timedelta(minutes=15)
SHIFT_LONGEST = timedelta(hours=16)
SHIFTS_MOST = 62
PLACES_MOST = 500
AHEAD_MOST = timedelta(days=183)
HOURLY_MOST_FEN = 500_000
PAY_WITHIN_HOURS_MOST = 31 * 24
QUANTITY_MOST = Decimal(1_000_000)
MEALS = ("NONE", "ONE", "TWO", "ALL")
SUITABLE = ("OLDER", "DIFFICULTY", "DISABLED", "HOMEBOUND")
HAZARDS = (
    "HEIGHT", "ELECTRIC", "HOT_WORK", "CONFINED", "CHEMICAL", "TRAFFIC", "LIFTING", "HEAT", "ANIMAL", "BLADE", "MINORS",
)  # fmt: skip
CONTACT_MODES = ("call", "message", "counter")
LAT_RANGE, LNG_RANGE = (3.0, 54.0), (73.0, 136.0)
# Joiner and variation selector are parts of emoji; every other sign of these kinds is there to deceive.
_HARMLESS = frozenset("\u200d\ufe0f")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co"})


class BadFacts(Refused):
    """Something entered cannot be. `fields` has one sentence per field."""

    message = _("有几处要改一下再交")
    status = 422


@dataclass(frozen=True)
class Slot:
    """One shift as entered, rounded to quarter hours."""

    starts_at: datetime
    ends_at: datetime
    break_minutes: int
    places: int

    @property
    def minutes(self) -> int:
        """Paid minutes."""
        return pay.worked_minutes(self.starts_at, self.ends_at, self.break_minutes)


@dataclass
class _Reading:
    """The facts being read; sentences about what is wrong collect in `wrong`."""

    facts: Mapping[str, Any]
    wrong: dict[str, str] = field(default_factory=dict)

    def refuse(self, name: str, sentence: str) -> None:
        self.wrong.setdefault(name, sentence)

    def text(self, name: str, label: str, longest: int, *, default: str = "", lines: bool = False) -> str:
        raw = self.facts.get(name)
        said = default if raw is None else str(raw)
        said = said.strip() if lines else " ".join(said.split())
        if len(said) > longest:
            sentence = _("{label}最多写 {longest} 个字，现在有 {now} 个字，请删短一点")
            self.refuse(name, sentence.format(label=label, longest=longest, now=len(said)))
            return ""
        if any(_unseen(char) for char in said if not (lines and char in "\n\r\t")):
            self.refuse(name, _("{label}里有看不见的符号，请删掉重新打一遍").format(label=label))
            return ""
        if contacts.spans(said):
            self.refuse(name, _("{label}里别写电话和微信，定下的工友能直接打给你").format(label=label))
            return ""
        return said or default

    def whole(self, name: str, sentence: str, low: int, high: int, *, default: int | None) -> int | None:
        raw = self.facts.get(name)
        if raw is None or raw == "":
            return default
        number = _integer(raw)
        if number is None or not low <= number <= high:
            self.refuse(name, sentence)
            return default if default is not None else low
        return number

    def choice(self, name: str, sentence: str, choices: Iterable[str], *, default: str) -> str:
        said = str(self.facts.get(name) or default)
        if said not in set(choices):
            self.refuse(name, sentence)
            return default
        return said

    def several(self, name: str, sentence: str, choices: Iterable[str]) -> list[str]:
        said = [str(item) for item in _listed(self.facts.get(name))]
        if not set(said) <= set(choices):
            self.refuse(name, sentence)
            return []
        return sorted(set(said))


def read(facts: Mapping[str, Any], *, trade: Trade, at: datetime, keep: Sequence[Slot] = ()) -> tuple[dict, list[Slot]]:
    """The columns and the shifts that `facts` say. Raises BadFacts with a sentence per wrong field.

    Needed: `places`, `pay_fen`, `shifts` (a list of mappings with `starts_at`, `ends_at`, maybe `break_minutes` and
    `places`) or `starts_at` and `ends_at`, `address`, `lat`, `lng`. Everything else has an honest default: the content
    is the trade's, insured, no meals, paid within 24 hours, offline, first come first served. `keep` are shifts that
    stand already and are not judged again.
    """
    reading = _Reading(facts)
    places = _places(reading)
    slots = list(keep) or _slots(reading, places, at)
    values = _work(reading, trade) | _site(reading) | _pay(reading, trade, slots, places) | _extras(reading, trade)
    values |= _people(reading) | {"places": places, "valid_until": _valid_until(reading, slots, at)}
    if reading.wrong:
        raise refusal(reading.wrong)
    return values | drawn(slots, values, at), slots


def refusal(wrong: Mapping[str, str]) -> BadFacts:
    """The refusal for these fields: the sentence itself when there is one, the number of them when there are more."""
    first = next(iter(wrong.values()))
    text = first if len(wrong) == 1 else _("有 {n} 处要改：{first}").format(n=len(wrong), first=first)
    return BadFacts(text, fields=dict(wrong))


def spread(days: Iterable[date], start: time, end: time, *, zone: Any, break_minutes: int = 0) -> list[dict]:
    """The same hours on each day, as `shifts`; an end that is not after the start is on the next day."""
    over = timedelta(days=0 if end > start else 1)
    return [
        {
            "starts_at": datetime.combine(day, start, tzinfo=zone),
            "ends_at": datetime.combine(day + over, end, tzinfo=zone),
            "break_minutes": break_minutes,
        }
        for day in days
    ]


def days_between(first: date, last: date, weekdays: Sequence[int] = ()) -> list[date]:
    """Every day from `first` to `last` inclusive, or only those weekdays (Monday 0). At most SHIFTS_MOST + 1."""
    span = min((last - first).days + 1, AHEAD_MOST.days + 1)
    days = [first + timedelta(days=n) for n in range(max(span, 0))]
    return [day for day in days if not weekdays or day.weekday() in weekdays][: SHIFTS_MOST + 1]


def quarter(moment: datetime) -> datetime:
    """The nearest quarter of an hour (decision 12)."""
    over = timedelta(minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond)
    return moment - over + (QUARTER if over >= QUARTER / 2 else timedelta(0))


def drawn(slots: Sequence[Slot], values: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """The columns drawn from shifts and pay for lists to order by."""
    first = slots[0]
    to_come = [slot.starts_at for slot in slots if slot.starts_at > at] or [slots[-1].starts_at]
    each = pay.estimate(
        values["pay_fen"], values["pay_unit"], minutes=first.minutes, quantity=values["quantity"],
        places=values["places"], shifts=len(slots),
    )  # fmt: skip
    return {
        "first_starts_at": first.starts_at,
        "last_ends_at": max(slot.ends_at for slot in slots),
        "next_starts_at": to_come[0],
        "last_starts_at": slots[-1].starts_at,
        "shift_fen": each,
        "shift_minutes": first.minutes,
        "daypart": daypart(first.starts_at),
    }


def daypart(starts_at: datetime) -> str:
    """Dawn from 4, day from 7, evening from 17, night from 21 o'clock, in China."""
    hour = starts_at.astimezone(pay.CHINA).hour
    if 4 <= hour < 7:
        return Daypart.DAWN
    if 7 <= hour < 17:
        return Daypart.DAY
    return Daypart.EVENING if 17 <= hour < 21 else Daypart.NIGHT


def _places(reading: _Reading) -> int:
    sentence = _("要几个人？写 1 到 {most} 之间的整数").format(most=PLACES_MOST)
    if reading.facts.get("places") in (None, ""):
        reading.refuse("places", sentence)
        return 1
    return reading.whole("places", sentence, 1, PLACES_MOST, default=1)


def _slots(reading: _Reading, places: int, at: datetime) -> list[Slot]:
    rows = reading.facts.get("shifts")
    rows = [reading.facts] if rows is None else [row for row in _listed(rows) if isinstance(row, Mapping)]
    if not rows:
        reading.refuse("shifts", _("哪天干？至少写一天"))
    if len(rows) > SHIFTS_MOST:
        reading.refuse("shifts", _("一次最多发 {most} 班，后面的到时候点“再发一次”").format(most=SHIFTS_MOST))
        rows = rows[:1]
    slots = [slot for row in rows if (slot := _slot(reading, row, places, at)) is not None]
    slots.sort(key=lambda slot: slot.starts_at)
    for before, after in pairwise(slots):
        if after.starts_at < before.ends_at:
            reading.refuse("shifts", _("有两班的时间叠在一起了，请错开"))
    return slots


def _slot(reading: _Reading, row: Mapping[str, Any], places: int, at: datetime) -> Slot | None:
    starts_at, ends_at = row.get("starts_at"), row.get("ends_at")
    for name, moment, sentence in (
        ("starts_at", starts_at, _("几点开始？请写日期和时间")), ("ends_at", ends_at, _("干到几点？请写结束时间")),
    ):  # fmt: skip
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            reading.refuse(name, sentence)
    if "starts_at" in reading.wrong or "ends_at" in reading.wrong:
        return None
    starts_at, ends_at = quarter(starts_at), quarter(ends_at)
    pause = _integer(row.get("break_minutes") or 0)
    if starts_at <= at:
        reading.refuse("starts_at", _("开工时间已经过了，请改成现在以后的时间"))
    elif starts_at > at + AHEAD_MOST:
        reading.refuse("starts_at", _("开工时间太远了，最多提前半年发"))
    elif ends_at <= starts_at:
        reading.refuse("ends_at", _("结束时间要在开工以后，夜里干到第二天的请选第二天"))
    elif ends_at - starts_at > SHIFT_LONGEST:
        reading.refuse("ends_at", _too_long(starts_at, ends_at))
    elif pause is None or not 0 <= pause < (ends_at - starts_at).total_seconds() / 60:
        reading.refuse("break_minutes", _("中间休息的时间不对，写分钟数，要比这一班短"))
    else:
        return Slot(starts_at, ends_at, pause, places)
    return None


def _too_long(starts_at: datetime, ends_at: datetime) -> str:
    """An end typed before the start counts to the next day: then the hour is wrong, not the shift."""
    start, end = local(starts_at), local(ends_at)
    if end.date() > start.date() and end.time() <= start.time():
        words = _("{start} 开工，干到 {end} 就是第二天了，一班最长 16 小时。结束的钟点对吗？下午 7 点写 19:00")
        return words.format(start=f"{start:%H:%M}", end=f"{end:%H:%M}")
    return _("一班最长 16 小时，更长的请分成几班，让人轮着干")


def stock_content(trade: Trade) -> str:
    """What stands where an employer said nothing about the work."""
    return _("{trade}的活，具体做什么到现场当面交代").format(trade=trade.name)


def _work(reading: _Reading, trade: Trade) -> dict[str, Any]:
    content = stock_content(trade)
    requirements = []
    for row in _listed(reading.facts.get("requirements")):
        said = _Reading(row if isinstance(row, Mapping) else {"text": row}, reading.wrong)
        if words := said.text("text", _("要求"), 60):
            hard = bool(said.facts.get("hard"))
            requirements.append({"text": words, "hard": hard, "certificate": str(said.facts.get("certificate") or "")})
    if "text" in reading.wrong:
        reading.refuse("requirements", reading.wrong.pop("text"))
    if len(requirements) > 10:
        reading.refuse("requirements", _("要求最多写 10 条，请合并一下"))
    hazards = reading.several("hazards", _("危险的种类不对，请从列表里选"), HAZARDS)
    outdoor = reading.facts.get("outdoor")
    return {
        "title": reading.text("title", _("标题"), 40, default=trade.name),
        "content": reading.text("content", _("干什么"), 600, default=content, lines=True),
        "requirements": requirements,
        "hazards": sorted({*trade.hazards, *hazards}),
        "outdoor": trade.outdoor if outdoor is None else bool(outdoor),
    }


def _site(reading: _Reading) -> dict[str, Any]:
    address = reading.text("address", _("地点"), 120)
    if not address:
        reading.refuse("address", _("在哪里干？写到街道和门牌，或说清楚在哪碰头"))
    lat, lng = _degree(reading.facts.get("lat"), LAT_RANGE), _degree(reading.facts.get("lng"), LNG_RANGE)
    if lat is None or lng is None:
        reading.refuse("address", _("地点在地图上找不到，请在地图上点一下或选街道"))
    return {
        "address": address,
        "meeting_point": reading.text("meeting_point", _("碰头的地方"), 80),
        "lat": lat or 0.0,
        "lng": lng or 0.0,
    }


def _pay(reading: _Reading, trade: Trade, slots: Sequence[Slot], places: int) -> dict[str, Any]:
    ask = _("工钱怎么算？请选一天、一小时、一件或整活")
    unit = reading.choice("pay_unit", ask, PayUnit.values, default=trade.pay_unit)
    fen = _integer(reading.facts.get("pay_fen"))
    if fen is None:
        reading.refuse("pay_fen", _("给多少钱？写一个数，不能只写面议"))
    elif fen <= 0:
        reading.refuse("pay_fen", _("工钱要大于 0，请写实际给的钱数"))
    elif _absurd(fen, unit, slots):
        reading.refuse("pay_fen", _("工钱折合每小时超过 5000 元，是不是多打了几个 0？请核对"))
    if unit == PayUnit.FIXED and len(slots) > 1:
        reading.refuse("pay_unit", _("整活一口价只能是一班；几天的活请按天算，或分开发"))
    return {
        "pay_fen": max(fen or 1, 1),
        "pay_unit": unit,
        "quantity": _quantity(reading, unit),
        "pay_cycle": reading.choice("pay_cycle", _("工钱多久结一次？请从列表里选"), pay.CYCLES, default="DAILY"),
        "pay_within_hours": reading.whole(
            "pay_within_hours", _("最晚多少小时内付？写 1 到 {most}").format(most=PAY_WITHIN_HOURS_MOST),
            1, PAY_WITHIN_HOURS_MOST, default=24,
        ),
        "pay_note": reading.text("pay_note", _("工钱说明"), 80),
        "custody": reading.choice("custody", _("工钱怎么付？请从列表里选"), Custody.values, default=Custody.OFFLINE),
        "wasted_trip_fen": reading.whole(
            "wasted_trip_fen", _("白跑一趟补多少？写 0 到 1000 元"), 0, 100_000, default=0
        ),
        "circle_m": reading.whole("circle_m", _("先给多远的街坊看？写 0 到 3000 米"), 0, 3000, default=0),
        "call_off_minutes": reading.whole(
            "call_off_minutes", _("提前多久说不干了？写 0 到 48 小时"), 0, 2880, default=120
        ),
    }  # fmt: skip


def _absurd(fen: int, unit: str, slots: Sequence[Slot]) -> bool:
    if unit in COUNTED_UNITS or not slots:
        return fen > HOURLY_MOST_FEN * (1 if unit in COUNTED_UNITS else 16 * 31)
    shortest = min(slot.minutes for slot in slots)
    return (pay.hourly_fen(fen, unit, minutes=shortest) or 0) > HOURLY_MOST_FEN


def _quantity(reading: _Reading, unit: str) -> Decimal | None:
    raw = reading.facts.get("quantity")
    if raw in (None, "") or unit not in COUNTED_UNITS:
        return None
    try:
        quantity = Decimal(str(raw))
    except InvalidOperation:
        quantity = Decimal(0)
    if not quantity.is_finite() or not 0 < quantity <= QUANTITY_MOST or quantity != round(quantity, 2):
        reading.refuse("quantity", _("一共多少活？写大于 0 的数，最多两位小数"))
        return None
    return quantity


def _extras(reading: _Reading, trade: Trade) -> dict[str, Any]:
    insured = reading.facts.get("insured")
    insured = True if insured is None else bool(insured)
    reason = "" if insured else reading.text("uninsured_reason", _("不买保险的原因"), 80)
    if not insured and not reason:
        reading.refuse("uninsured_reason", _("不买保险要写明原因，工友报名前会看到"))
        insured = True
    return {
        "meals": reading.choice("meals", _("管几顿饭？请从列表里选"), MEALS, default="NONE"),
        "lodging": bool(reading.facts.get("lodging")),
        "transport": reading.text("transport", _("接送"), 60),
        "tools": reading.text("tools", _("工具"), 60),
        "form": reading.choice("form", _("用工方式请从列表里选"), Form.values, default=_form(trade)),
        "way_in": reading.choice("way_in", _("怎么招人？请从列表里选"), WayIn.values, default=WayIn.GRAB),
        "insured": insured,
        "uninsured_reason": reason,
        "insurance_product": reading.text("insurance_product", _("保险"), 40),
    }


def _form(trade: Trade) -> str:
    return Form.TASK if trade.pay_unit in COUNTED_UNITS or trade.pay_unit == PayUnit.FIXED else Form.TEMPORARY


def _people(reading: _Reading) -> dict[str, Any]:
    sentence = _("年龄写 16 到 99 之间的数，不限就空着")
    low = reading.whole("age_low", sentence, 16, 99, default=None)
    high = reading.whole("age_high", sentence, 16, 99, default=None)
    if low is not None and high is not None and high < low:
        reading.refuse("age_high", _("年龄上限比下限还小，请改一下；不限就空着"))
    return {
        "age_low": low,
        "age_high": high,
        "age_reason": reading.text("age_reason", _("年龄要求的依据"), 80),
        "suitable_for": reading.several("suitable_for", _("适合谁来干请从列表里选"), SUITABLE),
        "contact_mode": reading.choice("contact_mode", _("怎么联系请从列表里选"), CONTACT_MODES, default="call"),
        "contact_name": reading.text("contact_name", _("联系人"), 20),
    }


def _valid_until(reading: _Reading, slots: Sequence[Slot], at: datetime) -> datetime:
    last = slots[-1].starts_at if slots else at
    said = reading.facts.get("valid_until")
    if said is None:
        return last
    if not isinstance(said, datetime) or said.tzinfo is None or said <= at:
        reading.refuse("valid_until", _("报名截止要在现在以后"))
        return last
    return min(said, last)


def _listed(raw: Any) -> list[Any]:
    """A list as it is, one thing as a list of it, nothing as an empty list."""
    if isinstance(raw, list | tuple | set | frozenset):
        return list(raw)
    return [raw] if raw else []


def _degree(raw: Any, allowed: tuple[float, float]) -> float | None:
    try:
        degree = float(raw)
    except (TypeError, ValueError):
        return None
    return degree if math.isfinite(degree) and allowed[0] <= degree <= allowed[1] else None


def _integer(raw: Any) -> int | None:
    if isinstance(raw, bool):
        return None
    if isinstance(raw, int):
        return raw
    text = str(raw).strip()
    return int(text) if len(text) <= 12 and text.removeprefix("-").isdecimal() else None


def _unseen(char: str) -> bool:
    return unicodedata.category(char) in _UNSEEN and char not in _HARMLESS
