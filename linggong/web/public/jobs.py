"""W5: one job, everything about it before anybody says yes."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

import linggong.employers.queries as employers
import linggong.engagements.queries as deals
import linggong.insurance.queries as covers
import linggong.postings.queries as postings
import linggong.reference.queries as reference
from linggong.core.asking import first as first_of
from linggong.core.asking import known
from linggong.core.clock import now, today
from linggong.employers.models import Kind, Verification
from linggong.engagements.models import BINDING
from linggong.insurance.models import Product
from linggong.insurance.queries import big_yuan
from linggong.postings import circle
from linggong.postings.models import Custody, Posting, Shift, State, WayIn
from linggong.postings.pay import CYCLES
from linggong.postings.queries import Filters
from linggong.postings.terms import unsaid_certificates
from linggong.reference import groups
from linggong.reference.groups import HAZARDS
from linggong.reference.models import COUNTED_UNITS, PayUnit
from linggong.web import going_rate, leaving
from linggong.web.place import Place, ask_with_operator, operator_of, place_of
from linggong.web.public import cards
from linggong.web.public.jobposting import job_posting
from linggong.web.templatetags.parts import clock, pay_unit, yuan

SHOWN = frozenset(
    {State.PUBLISHED, State.FULL, State.STARTED, State.CLOSED, State.EXPIRED, State.PAUSED, State.TAKEN_DOWN}
)
DAYS_SHOWN = 30
SIMILAR = 3


@require_GET
def job(request: HttpRequest, code: str) -> HttpResponse:
    """`/jobs/<code>/`."""
    row = shown(code)
    moment, place = now(), place_of(request)
    shifts, deal, product, rules, record, papers = ask_with_operator(
        request,
        postings.shifts_to_come_question(row, moment),
        known(None) if request.worker is None else first_of(deals.live(row, request.worker).order_by("pk")),
        covers.product_question(row.division_id, today()),
        reference.rules_question([row.division_id]),
        employers.standings_question([row.employer]),
        reference.certificate_names_question(unsaid_certificates(row)),
    )
    early = deal is None and circle.holds_back(row, moment, *_points(request, place))
    if early or row.state not in (State.PUBLISHED, State.FULL) or not shifts:
        return _over(request, row, moment, place, deal)
    first = next((s for s in shifts if s.taken < s.places), shifts[0])
    by, cover = cards.latest_pay(row, first, shifts, rules=rules), cover_words(row, product)
    told = _facts(row, shifts, first, papers)
    facts = {
        "job": head(row, shifts),
        "first": first,
        "pay_by": by,
        "counted": row.pay_unit in COUNTED_UNITS,
        "trust": _trust(row, cover),
        "facts": told,
        "where": {"text": where_words(row), "far": cards.far_words(place, row), "map_url": map_url(row)},
        "days": [{"starts_at": s.starts_at, "full": s.taken >= s.places} for s in shifts[:DAYS_SHOWN]],
        "record": _record(row, record[row.employer_id]),
        "rules": _rules(row, rules),
        "full": all(s.taken >= s.places for s in shifts),
        "stands": cards.stands(deal),
        "bar": _bar(row, shifts, deal, operator_of(request).get("hotline", "")),
        "share_url": f"{settings.SITE_URL}/jobs/{row.code}/",
        "json_ld": _json_ld(row, shifts),
        "says_more": _says_more(row, shifts, by, cover, told),
    }
    return render(request, "public/job.html", facts)


def shown(code: str) -> Posting:
    """A posting that was once out; 404 for drafts, for work made for one service order, and for nonsense."""
    row = postings.by_code(code)
    if row is None or row.state not in SHOWN or not row.listed or row.published_at is None:
        raise Http404
    return row


def head(row: Posting, shifts: Sequence[Shift]) -> dict[str, Any]:
    """The top of the page: what, who, how many, how much."""
    return {
        "code": row.code, "title": row.title, "employer_name": row.employer.name, "pictogram": row.trade.pictogram,
        "colour": groups.group(row.trade.group).colour, "pay_fen": row.pay_fen, "pay_unit": row.pay_unit,
        "estimate_text": cards.estimate_text(row), "places_left": max((s.places - s.taken for s in shifts), default=0),
    }  # fmt: skip


def pay_words(row: Posting) -> str:
    """一天 180 元，平台不抽成: how the wage is counted."""
    return f"{yuan(row.pay_fen)} {pay_unit(row.pay_unit)}"


def held_words(row: Posting) -> tuple[str, str]:
    """How the wage reaches the worker, in two lines; 工钱已存好 only while it is irrevocably held."""
    if cards.is_held(row):
        return _("工钱已存好"), str(Custody(row.custody).label)
    if row.custody == Custody.MERCHANT:
        return _("老板直接付"), _("干完从他的商户号付给你")
    return _("线下付"), _("干完老板直接给你")


def cover_words(row: Posting, product: Product | None) -> tuple[str, str]:
    """Cover in two lines. 保险已买好 is said only of a policy with a number, so never here."""
    if not row.insured:
        return _("没有保险"), row.uninsured_reason
    if product is None:
        return _("没有保险"), _("这里还没开通")
    sums = [band["fen"] for band in product.sums] or [0]
    least, most = min(sums), max(sums)
    if least < most:
        return _("有意外险"), _("最高赔 %(least)s 到 %(most)s，看年龄") % {
            "least": big_yuan(least),
            "most": big_yuan(most),
        }
    return _("有意外险"), _("最高赔 %(sum)s") % {"sum": big_yuan(most)}


def where_words(row: Posting) -> str:
    """The address and where to meet."""
    return f"{row.address}，{row.meeting_point}" if row.meeting_point else row.address


def map_url(row: Any) -> str:
    """带我去 hands over to the phone's own map; "" where nobody knows the point."""
    return "" if row.lat is None else f"geo:{row.lat:.5f},{row.lng:.5f}?q={row.lat:.5f},{row.lng:.5f}"


def _trust(row: Posting, cover: tuple[str, str]) -> list[dict[str, str]]:
    held = held_words(row)
    icon = "shield-check" if cards.is_held(row) else "cash"
    verified = row.employer.state in (Verification.VERIFIED, Verification.DUE_RECHECK)
    who = (_("老板已核实"), _("证件看过，人对得上")) if verified else (_("刚登记"), _("窗口看过证件，材料还在补"))
    return [
        {"icon": icon, "value": held[0], "detail": held[1]},
        {"icon": "umbrella", "value": cover[0], "detail": cover[1]},
        {"icon": "building-store", "value": who[0], "detail": who[1]},
    ]


def _facts(row: Posting, shifts: Sequence[Shift], first: Shift, papers: Sequence[str]) -> list[dict[str, str]]:
    """Label and value, in the order in which people ask."""
    hazards = "、".join(str(HAZARDS[code]) for code in row.hazards if code in HAZARDS)
    many = cards.shifts_text(shifts[0], len(shifts))
    rows = [
        ("clock", _("时间"), many or cards.when_words(first), cards.break_words(first)),
        ("package", _("做什么"), row.content, row.trade.name),
        ("soup", _("管什么"), "，".join(cards.given(row)), ""),
        ("user-check", _("要求"), "、".join(cards.asked(row, papers)) or _("没有特别要求"), ""),
        ("cash", _("算钱"), pay_words(row), _counting(row)),
        ("chart-bar", _("行情"), *_going_rate(row)),
        ("users", _("怎么进"), _way_in(row), ""),
    ]
    if hazards:
        rows.append(("alert-triangle", _("当心"), hazards, _("开工前老板要讲清楚、给防护用品")))
    if row.wasted_trip_fen:
        sorry = _("白跑一趟，补 %(yuan)s 元") % {"yuan": yuan(row.wasted_trip_fen)}
        rows.append(("ban", _("不干了"), sorry, _call_off(row)))
    return [{"icon": icon, "label": label, "value": value, "detail": detail} for icon, label, value, detail in rows]


def _going_rate(row: Posting) -> tuple[str, str]:
    said = going_rate.words(row)
    return said.value, said.detail


def _counting(row: Posting) -> str:
    said = [_("平台不抽成")]
    if row.pay_unit in COUNTED_UNITS and row.quantity:
        whole = f"{row.quantity:f}".rstrip("0").rstrip(".")
        said.append(_("一共约 %(n)s %(unit)s，按两边都认的数算") % {"n": whole, "unit": PayUnit(row.pay_unit).label})
    if row.pay_note:
        said.append(row.pay_note)
    return "，".join(said)


def _way_in(row: Posting) -> str:
    return {
        WayIn.GRAB: _("先到先得，点了就定下"),
        WayIn.APPLY: _("你报名，老板挑人"),
        WayIn.DISPATCH: _("由站里派工，打电话报名"),
    }[WayIn(row.way_in)]


def _call_off(row: Posting) -> str:
    hours, rest = divmod(row.call_off_minutes, 60)
    before = _("%(n)s 小时") % {"n": hours} if not rest else _("%(n)s 分钟") % {"n": row.call_off_minutes}
    return _("开工前 %(before)s以内才说不干，就要补") % {"before": before}


def _record(row: Posting, standing: dict[str, Any]) -> dict[str, Any]:
    """The employer's record in words. Never a sum."""
    return {"label": standing["label"], "kind": Kind(row.employer.kind).label, "reasons": standing["reasons"]}


def _rules(row: Posting, rules: reference.Rules) -> list[str]:
    with reference.rules_held(rules):
        leave = leaving.rule(row.division_id, now())
    return [
        leave,
        _("和说的不一样，可以不干，打电话给站里。"),
        CYCLES.get(row.pay_cycle, "") and _("%(cycle)s：确认后 %(n)s 小时内付清。") % {
            "cycle": CYCLES[row.pay_cycle], "n": row.pay_within_hours
        },
    ]  # fmt: skip


def _bar(row: Posting, shifts: Sequence[Shift], deal: Any, hotline: str) -> dict[str, Any]:
    """One primary: go, stand in line, or see how it stands."""
    ask = {"label": _("问一问"), "href": f"tel:{hotline}" if hotline else "/stations/", "icon": "phone"}
    if deal is not None:
        return {"primary": {"label": _("看我的活"), "href": f"/shifts/{deal.code}/", "tint": True}, "second": ask}
    if row.way_in == WayIn.DISPATCH:
        label = _("打电话报名") if hotline else _("到站里报名")
        return {
            "primary": {"label": label, "href": ask["href"], "icon": "phone" if hotline else "building-community"},
            "second": None,
        }
    full = all(s.taken >= s.places for s in shifts)
    label = _("排队") if full else _("我要去")
    return {"primary": {"label": label, "href": f"/jobs/{row.code}/apply/"}, "second": ask}


def _says_more(
    row: Posting, shifts: Sequence[Shift], by: datetime, cover: tuple[str, str], facts: list[dict[str, str]]
) -> str:
    """What is read aloud: every fact of the page, in the order of the page (decision 30)."""
    held = held_words(row)
    left = max((s.places - s.taken for s in shifts), default=0)
    said = [
        f"{row.title}，{row.employer.name}",
        _("还要 %(n)s 人") % {"n": left} if left else _("人满了，能排队"),
        pay_words(row), cards.estimate_text(row),
        _("最晚 %(by)s 付") % {"by": cards.moment_words(by)},
        "，".join(held), "，".join(part for part in cover if part),
        *(f"{fact['label']}：{fact['value']}，{fact['detail']}".rstrip("，") for fact in facts),
        _("地方：%(where)s") % {"where": where_words(row)},
        _("找活不花钱，谁让你先交钱都别给"),
    ]  # fmt: skip
    return "。".join(part.strip("。") for part in said if part) + "。"


def _json_ld(row: Posting, shifts: list[Shift]) -> SafeString:
    """A data block: no script runs from it, so the content security policy lets it be."""
    region = _region(row.division_id)
    data = job_posting(
        row, shifts, url=f"{settings.SITE_URL}/jobs/{row.code}/", region=region, pay_words=pay_words(row)
    )
    text = json.dumps(data, ensure_ascii=False)
    for raw, safe in (("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026")):
        text = text.replace(raw, safe)
    return mark_safe(text)


@lru_cache(maxsize=4096)
def _region(code: str) -> str:
    """The province; what lies where does not change while we run."""
    return reference.ancestors(code)[0].name


def _over(request: HttpRequest, row: Posting, moment: datetime, place: Place, deal: Any) -> HttpResponse:
    """Ended, begun, paused or taken down: what it was, and three like it."""
    facts = {
        "job": head(row, []),
        "what": over_words(row),
        "similar": cards.cards(similar(row, moment, place), place=place),
        "all_url": f"/?trade={row.trade_id}",
        "deal": deal if deal is not None and deal.state in BINDING else None,
    }
    return render(request, "public/job_over.html", facts)


def _points(request: HttpRequest, place: Place) -> list[tuple[float | None, float | None]]:
    """Where somebody looks from, and where they live."""
    home = [] if request.worker is None else [(request.worker.lat, request.worker.lng)]
    return home if place.is_area else [(place.lat, place.lng), *home]


def over_words(row: Posting) -> str:
    """Why nobody can take it any more, or not yet."""
    if row.state == State.PUBLISHED and row.circle_until is not None and row.circle_until > now():
        said = {"m": row.circle_m, "clock": clock(row.circle_until)}
        return _("这个活先给 %(m)s 米内的街坊看，%(clock)s 以后大家都能看") % said
    said = {
        State.PAUSED: _("老板先停一停，现在不招人"),
        State.TAKEN_DOWN: _("这个活被撤下来了"),
        State.CLOSED: _("这个活已经干完了") if row.last_ends_at <= now() else _("老板不招了"),
        State.STARTED: _("这个活已经开工了"),
    }
    return said.get(State(row.state), _("这个活已经过期了"))


def similar(row: Posting, moment: datetime, place: Place) -> list[Posting]:
    """Three others of the trade near its place, else of its group."""
    around = (row.lat, row.lng, 20_000, moment)
    for filters in (Filters(trades=(row.trade_id,)), Filters(group=row.trade.group), Filters()):
        found = [one for one in postings.near(*around, filters, limit=SIMILAR + 1) if one.pk != row.pk]
        if found:
            return found[:SIMILAR]
    return []
