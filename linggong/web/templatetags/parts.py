"""How the pages say money, distance, days and hours, and how they draw icons and pictograms.

Filters take stored values (fen, metres, aware moments) and give the words of the screens;
`None` gives nothing.
"""

import json
import math
import uuid
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from django import forms, template
from django.forms import BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from linggong.core import clock as core_clock
from linggong.reference.groups import GROUPS
from linggong.reference.models import PayUnit

register = template.Library()

WEB = Path(__file__).resolve().parent.parent
ICONS = WEB / "static" / "vendor" / "icons.json"
PICTOGRAMS = WEB / "templates" / "icons" / "pictograms"

# Drawings that are not a group of the menu stand in a neighbour's tile; 全部 keeps the brand's own.
TILE_COLOURS = {group.pictogram: group.colour for group in GROUPS if group.pictogram != "all"} | {
    "pack": "factory",
    "sew": "factory",
}

WALK_UNDER_M = 1_000
RIDE_UNDER_M = 10_000
WALK_M_PER_MIN = 70
RIDE_M_PER_MIN = 150
BUS_M_PER_MIN = 400
BUS_WAIT_MIN = 8


@register.filter
def yuan(fen: int | None) -> str:
    """Fen as yuan: 22000 → 220, 1250 → 12.50, 308000 → 3,080."""
    if fen is None or fen == "":
        return ""
    whole, rest = divmod(abs(int(fen)), 100)
    sign = "-" if int(fen) < 0 else ""
    return f"{sign}{whole:,}.{rest:02d}" if rest else f"{sign}{whole:,}"


@register.filter
def yuan_exact(fen: int | None) -> str:
    """Fen as yuan with both decimals, for columns of sums: 22000 → 220.00."""
    if fen is None or fen == "":
        return ""
    whole, rest = divmod(abs(int(fen)), 100)
    return f"{'-' if int(fen) < 0 else ''}{whole:,}.{rest:02d}"


@register.filter
def pay_unit(code: str | None) -> str:
    """The unit of a wage in words: DAY → 元/天. An unknown code is an error in the data, said aloud."""
    return _("元/%(unit)s") % {"unit": PayUnit(str(code).upper()).label} if code else ""


@register.filter
def distance(metres: float | None) -> str:
    """Metres under one kilometre, then one decimal: 800 米, 1.2 公里."""
    if metres is None or metres == "":
        return ""
    near = round(metres) if metres < 100 else round(metres / 10) * 10
    if near < 1_000:
        return _("%(n)d 米") % {"n": near}
    far = f"{metres / 1_000:.1f}".removesuffix(".0")
    return _("%(n)s 公里") % {"n": far}


@register.filter
def way(metres: float | None) -> str:
    """How one gets there and how long it takes: 走路 9 分钟, 骑车 8 分钟, 坐车 40 分钟."""
    if metres is None or metres == "":
        return ""
    if metres < WALK_UNDER_M:
        return _("走路 %(n)d 分钟") % {"n": max(1, math.ceil(metres / WALK_M_PER_MIN))}
    if metres < RIDE_UNDER_M:
        return _("骑车 %(n)d 分钟") % {"n": math.ceil(metres / RIDE_M_PER_MIN)}
    return _("坐车 %(n)d 分钟") % {"n": BUS_WAIT_MIN + math.ceil(metres / BUS_M_PER_MIN)}


@register.filter
def day(moment: datetime | date | None) -> str:
    """The day as people say it: 昨天, 今天, 明天, 后天, else 11月23日 (another year is named)."""
    if not moment:
        return ""
    on, today = _day_of(moment), core_clock.today()
    near = {-1: _("昨天"), 0: _("今天"), 1: _("明天"), 2: _("后天")}
    return near.get((on - today).days) or _calendar_day(on, today)


@register.filter
def date_words(moment: datetime | date | None) -> str:
    """The calendar day, never a relative one: 11月23日."""
    return _calendar_day(_day_of(moment), core_clock.today()) if moment else ""


@register.filter
def weekday(moment: datetime | date | None) -> str:
    """The day of the week in one character: 一 … 日."""
    return "一二三四五六日"[_day_of(moment).weekday()] if moment else ""


@register.filter
def clock(moment: datetime | None) -> str:
    """The hour as it is spoken: 7:30."""
    if not moment:
        return ""
    local = core_clock.local(moment)
    return f"{local.hour}:{local.minute:02d}"


@register.filter
def span(starts: datetime | None, ends: datetime | None) -> str:
    """From when to when: 7:30–17:00, 20:00–次日 4:00, 16:00–24:00."""
    if not starts or not ends:
        return clock(starts)
    first, last = _day_of(starts), _day_of(ends)
    if last == first:
        return f"{clock(starts)}–{clock(ends)}"
    if clock(ends) == "0:00" and last == first + timedelta(days=1):
        return f"{clock(starts)}–24:00"
    ahead = _("次日") if last == first + timedelta(days=1) else _calendar_day(last, first)
    return f"{clock(starts)}–{ahead} {clock(ends)}"


@register.filter
def deadline(moment: datetime | None) -> str:
    """A computed date in full: 11月24日 18:00. The words 最晚 stand before it in the template."""
    return f"{date_words(moment)} {clock(moment)}" if moment else ""


@register.filter
def phone_tail(number: str | None) -> str:
    """The last four digits of a phone or paper number, which is all that most people may see."""
    return str(number)[-4:] if number else ""


@register.filter
def times(count: int | None) -> range:
    """`count` turns of a loop, for seats and steps; never more than 60."""
    return range(min(int(count or 0), 60))


@register.filter
def seconds_to_say(text: str) -> int:
    """How long the words take to read aloud, at four characters a second."""
    return max(2, round(len(str(text)) / 4))


@register.filter
def minus(whole: int, part: int) -> int:
    """What is left of `whole`, never below zero."""
    return max(0, int(whole) - int(part))


@register.filter
def is_check(field: BoundField) -> bool:
    """A single tick box, whose label stands beside it."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def is_group(field: BoundField) -> bool:
    """Radios or tick boxes under one legend."""
    return isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)


@register.filter
def drawn(field: BoundField, hint: str = "") -> SafeString:
    """The field's control, with class `input` unless the form chose one, tied to its hint and its error."""
    widget = field.field.widget
    attrs: dict[str, str] = {}
    if not is_check(field):
        attrs["class"] = widget.attrs.get("class", "input")
    described = [f"{field.id_for_label}_helptext"] if (hint or field.help_text) and not is_check(field) else []
    if field.errors:
        attrs["aria-invalid"] = "true"
        described.append(f"{field.id_for_label}_error")
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs=attrs)


@register.simple_tag
def once_key() -> SafeString:
    """The hidden key that makes sending a form twice harmless: one per form, made when the page is."""
    return format_html('<input type="hidden" name="key" value="{}">', uuid.uuid4().hex)


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """An interface icon, drawn inline and hidden from readers: {% icon "clock" %}. Words stand beside it."""
    kind = "i i--fill" if name.endswith("-filled") else "i"
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>',
        f"{kind} {extra}".strip(),
        mark_safe(_interface_icon(name)),
    )


@register.simple_tag
def pictogram(name: str, colour: str = "") -> SafeString:
    """A trade's picture in its coloured tile: {% pictogram "food" %}. Unknown: the four squares."""
    bare = (name or "all").removeprefix("p-")
    tone = (colour or TILE_COLOURS.get(bare, "")).removeprefix("t-")
    tile = f"tile t-{tone}" if tone else "tile"
    return format_html(
        '<span class="{}"><svg viewBox="0 0 32 32" aria-hidden="true">{}</svg></span>',
        tile,
        mark_safe(_pictogram(bare)),
    )


@register.simple_tag
def logo() -> SafeString:
    """Our mark: 工 with an amber dot."""
    return format_html(
        '<svg class="logo" viewBox="0 0 32 32" aria-hidden="true">{}</svg>',
        mark_safe(_pictogram("logo")),
    )


def _day_of(moment: datetime | date) -> date:
    return core_clock.local(moment).date() if isinstance(moment, datetime) else moment


def _calendar_day(on: date, beside: date) -> str:
    words = _("%(m)d月%(d)d日") % {"m": on.month, "d": on.day}
    return words if on.year == beside.year else _("%(y)d年") % {"y": on.year} + words


@cache
def _icons() -> dict[str, str]:
    if not ICONS.exists():
        raise LookupError("The icons are not built: run scripts/assets.py")
    return json.loads(ICONS.read_text(encoding="utf-8"))


def _interface_icon(name: str) -> str:
    try:
        return _icons()[name]
    except KeyError:
        raise LookupError(f"No icon {name!r}: check its Tabler name, then run scripts/assets.py") from None


@cache
def _pictogram(name: str) -> str:
    path = PICTOGRAMS / f"{name}.svg"
    if not path.exists():
        path = PICTOGRAMS / "all.svg"
    svg = path.read_text(encoding="utf-8")
    return svg[svg.index(">") + 1 : svg.rindex("</svg>")].strip()
