"""A posting as cards and pages say it: pay and when it comes, tags, what is given, how to get there."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import linggong.employers.queries as employers
import linggong.postings.queries as postings
import linggong.reference.queries as reference
from linggong.engagements.models import Engagement
from linggong.postings import circle
from linggong.postings.models import Custody, Posting, Shift
from linggong.reference import geo, groups
from linggong.reference.models import COUNTED_UNITS
from linggong.web.latest_pay import latest_pay as latest
from linggong.web.place import Place
from linggong.web.templatetags.parts import clock, date_words, day, distance, span, way, yuan

MEALS = {"ONE": gettext_lazy("管一顿饭"), "TWO": gettext_lazy("管两顿饭"), "ALL": gettext_lazy("管吃")}
HOUR = timedelta(hours=1)


def cards(rows: Sequence[Posting], *, place: Place, reasons: dict[int, list] | None = None, first: int = 1,
          numbered: bool = False) -> list[dict[str, Any]]:  # fmt: skip
    """The rows as parts/job_card.html takes them. One query for the hours, whatever the length."""
    shifts = postings.next_shifts(rows)
    found = []
    for number, row in enumerate(rows, start=first):
        found.append(_card(row, shifts.get(row.pk), place, number if numbered else None))
        found[-1]["reasons"] = why(reasons.get(row.pk, [])) if reasons else []
    return found


def _card(row: Posting, shift: Shift | None, place: Place, number: int | None) -> dict[str, Any]:
    group = groups.group(row.trade.group)
    away = None if place.is_area else geo.distance_m(place.lat, place.lng, row.lat, row.lng)
    return {
        "code": row.code,
        "url": f"/jobs/{row.code}/",
        "apply_url": f"/jobs/{row.code}/apply/",
        "title": row.title,
        "employer_name": row.employer.name,
        "places_left": getattr(row, "places_left", None) or 0,
        "pay_fen": row.pay_fen,
        "pay_unit": row.pay_unit,
        "estimate_text": estimate_text(row),
        "starts_at": shift.starts_at if shift else row.next_starts_at,
        "ends_at": shift.ends_at if shift else None,
        "shifts_text": shifts_text(shift, getattr(row, "shifts_left", None) or 1),
        "distance_m": away,
        "way_text": toward(place, row, away)
        if number and away is not None
        else (row.division.short_name if away is None else ""),
        "tags": tags(row),
        "pictogram": row.trade.pictogram,
        "colour": group.colour,
        "number": number,
        "bearing": geo.bearing(place.lat, place.lng, row.lat, row.lng),
        "lat": row.lat,
        "lng": row.lng,
    }


def why(reasons: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """Reasons of `matching` as parts/why.html takes them."""
    kinds = {"✓": "for", "—": "miss", "✕": "against"}
    return [{"kind": kinds[r["mark"]], "subject": f"{r['word']}：", "text": r["text"]} for r in reasons]


def toward(place: Place, row: Posting, away: int) -> str:
    """The direction and the way: 往东，骑车 8 分钟."""
    angle = geo.bearing(place.lat, place.lng, row.lat, row.lng)
    return _("往%(point)s，%(way)s") % {"point": geo.compass_word(angle), "way": way(away)}


def estimate_text(row: Posting) -> str:
    """What counted work comes to for one person and shift; nothing for paid time."""
    if row.pay_unit not in COUNTED_UNITS or not row.shift_fen:
        return ""
    return _("估 %(yuan)s 元/人") % {"yuan": yuan(row.shift_fen // 100 * 100 or row.shift_fen)}


def shifts_text(shift: Shift | None, number: int) -> str:
    """Several days in one line: 明天起 10 天 7:30–17:00."""
    if shift is None or number < 2:
        return ""
    return _("%(day)s起 %(n)s 天，%(hours)s") % {
        "day": day(shift.starts_at), "n": number, "hours": span(shift.starts_at, shift.ends_at)
    }  # fmt: skip


def tags(row: Posting) -> list[dict[str, str]]:
    """Two facts at most: how the wage is held first, then what a hurried reader asks for next."""
    found = []
    if circle.is_neighbour(row):
        found.append({"text": _("街坊，核实过"), "tone": "ok", "icon": "home"})
    elif row.circle_m:
        found.append({"text": _("街坊的活"), "icon": "home"})
    if is_held(row):
        found.append({"text": _("工钱已存好"), "tone": "ok"})
    elif row.custody != Custody.MERCHANT:
        found.append({"text": _("线下付"), "icon": "cash"})
    if row.certificates:
        found.append({"text": _("要证"), "tone": "warn"})
    if row.meals in MEALS:
        found.append({"text": str(MEALS[row.meals])})
    if employers.is_new(row.employer):
        found.append({"text": _("刚登记"), "tone": "info"})
    return found[:2]


def is_held(row: Posting) -> bool:
    """工钱已存好 only while the money is irrevocably held by a custodian (decision 1)."""
    return row.funded_at is not None and row.custody in (Custody.SUPERVISED, Custody.LICENSED)


def latest_pay(
    row: Posting, shift: Shift, shifts: Sequence[Shift], *, rules: reference.Rules | None = None
) -> datetime:
    """By when the wage of this shift is paid at the latest (see web.latest_pay)."""
    terms = {
        "pay_cycle": row.pay_cycle,
        "pay_within_hours": row.pay_within_hours,
        "shifts": [{"ends_at": s.ends_at.isoformat()} for s in shifts],
    }
    return latest(terms, shift.ends_at, row.division_id, rules=rules)


def given(row: Posting) -> list[str]:
    """管什么: meals, lodging, the way there, tools."""
    said = [str(MEALS[row.meals])] if row.meals in MEALS else [_("不管饭")]
    if row.lodging:
        said.append(_("管住"))
    if row.transport:
        said.append(row.transport)
    if row.tools:
        said.append(row.tools)
    return said


def asked(row: Posting, papers: Sequence[str]) -> list[str]:
    """要求, as the employer wrote them, and the `papers` (names) without which the trade may not be worked."""
    said = [one["text"] if isinstance(one, dict) else str(one) for one in row.requirements]
    return [*(text for text in said if text), *(_("要有%(paper)s") % {"paper": name} for name in papers)]


def ticket(deal_shift: Any, place: Place) -> dict[str, Any]:
    """The next shift, as parts/ticket.html takes it."""
    row = deal_shift.engagement.posting
    return {
        "url": "/today/",
        "starts_at": deal_shift.shift.starts_at,
        "title": row.title,
        "place_text": row.employer.name,
        "distance_m": None if place.is_area else geo.distance_m(place.lat, place.lng, row.lat, row.lng),
    }


def when_words(shift: Shift) -> str:
    """明天 7:30 到 17:00, with the date."""
    return f"{day(shift.starts_at)} {span(shift.starts_at, shift.ends_at)}"


def break_words(shift: Shift) -> str:
    """中间歇 1 小时; nothing without a break."""
    minutes = shift.break_minutes
    if not minutes:
        return ""
    if minutes % 60 == 0:
        return _("中间歇 %(n)s 小时") % {"n": minutes // 60}
    return _("中间歇 %(n)s 分钟") % {"n": minutes}


def far_words(place: Place, row: Posting) -> str:
    """往东 1.2 公里，骑车 8 分钟; in a whole county only where it lies."""
    if place.is_area:
        return row.division.name
    away = geo.distance_m(place.lat, place.lng, row.lat, row.lng)
    point = geo.compass_word(geo.bearing(place.lat, place.lng, row.lat, row.lng))
    return _("往%(point)s %(far)s，%(way)s") % {"point": point, "far": distance(away), "way": way(away)}


def moment_words(moment: datetime) -> str:
    """11月24日 18:00."""
    return f"{date_words(moment)} {clock(moment)}"


def stands(deal: Engagement | None) -> str:
    """Where the worker stands in this posting, in one word; "" when nowhere."""
    return str(deal.get_state_display()) if deal is not None else ""
