"""E3: a posting as workers will see it, row by row, with what screening says and what it will cost."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

import linggong.insurance.queries as covers
import linggong.postings.actions as postings
import linggong.postings.queries as posted
from linggong.core.clock import local, now, today
from linggong.core.money import yuan
from linggong.core.once import terms_hash
from linggong.payments.queries import latest
from linggong.postings import pay, screening
from linggong.postings.models import Posting, Shift
from linggong.postings.terms import terms, unsaid_certificates
from linggong.reference import groups
from linggong.reference.models import COUNTED_UNITS, PayUnit
from linggong.reference.queries import certificate_names
from linggong.web import going_rate
from linggong.web.employer import fields
from linggong.web.latest_pay import latest_pay
from linggong.web.posting_sheet import hear, hourly_words, notices, pieces, rounded, text_of
from linggong.web.templatetags.parts import date_words, day, span, weekday

ADULT = 40  # an age to quote cover for before anybody is known
ICONS = {
    "work": "briefcase", "people": "users", "when": "clock", "where": "map-pin", "pay": "cash", "board": "bowl-chopsticks",
    "wants": "list-check", "cover": "umbrella", "rain": "cloud-rain",
}  # fmt: skip


def facts(posting: Posting, *, form: fields.Row | None = None, editing: str = "") -> dict[str, Any]:
    """Everything the page shows of one posting."""
    shifts = posted.shifts_to_come(posting, now()) or posted.shifts_of(posting)
    found = posted.hints_for(posting, on=today())
    told = [notice | {"row": fields.ROW_OF.get(notice["field"], "work")} for notice in notices(posting, found)]
    row_facts = postings.facts_of(posting)
    if form is None and editing in fields.ROWS:
        form = fields.ROWS[editing](row_facts, posting.employer)
    return {
        "posting": posting,
        "pictogram": groups.group(posting.trade.group),
        "said": said(posting),
        "estimate": estimate_words(posting, shifts),
        "days": [{"starts_at": shift.starts_at} for shift in shifts[:30]] if len(shifts) > 1 else [],
        "rows": rows(posting, shifts),
        "editing": editing if form is not None else "",
        "seen": seen(posting),
        "form": form,
        "notices": [
            notice for notice in told if notice["severity"] != screening.HINT or notice["offer"] or notice["erase"]
        ],
        "hints": [
            notice
            for notice in told
            if notice["severity"] == screening.HINT and not (notice["offer"] or notice["erase"])
        ],
        "fine": not screening.needs_review(found),
        "cost": cost(posting, shifts),
        "going": going_rate.words(posting),
    }


def seen(posting: Posting) -> str:
    """Which state of a draft a form was opened on; a draft has no version yet that would tell."""
    return terms_hash(postings.facts_of(posting))[:12]


def said(posting: Posting) -> list[dict[str, str]]:
    """The employer's own words with what was understood, as on the day they were typed."""
    if not posting.source_text:
        return []
    return pieces(hear(posting.source_text, posting.employer, posting.created_at))


def rows(posting: Posting, shifts: Sequence[Shift]) -> list[dict[str, Any]]:
    """One row per thing an employer decides: icon, label, value, detail."""
    told = {
        "work": (_("干什么"), posting.title, posting.content),
        "people": (
            _("要几人"),
            _("{n} 人").format(n=posting.places),
            _who_sees(posting),
        ),
        "when": (_("时间"), when_words(shifts), _when_more(posting, shifts)),
        "where": (_("地点"), posting.address, _where_detail(posting)),
        "pay": (_("算钱"), pay_words(posting), _pay_detail(posting, shifts)),
        "board": (_("管什么"), *_board(posting)),
        "wants": (_("要求"), *_wants(posting)),
        "cover": (_("保险"), *_cover(posting, shifts)),
        "rain": (_("停工"), _("开工 {n}前说，不用补").format(n=_hours(posting.call_off_minutes)), _wasted(posting)),
    }
    return [
        {"key": key, "icon": ICONS[key], "label": label, "value": value, "detail": detail}
        for key, (label, value, detail) in told.items()
    ]


def _when_more(posting: Posting, shifts: Sequence[Shift]) -> str:
    heard = hear(posting.source_text, posting.employer, posting.created_at) if posting.source_text else None
    return "，".join(part for part in (when_detail(shifts), rounded(heard) if heard else "") if part)


def _who_sees(posting: Posting) -> str:
    way = str(dict(fields.WAYS).get(posting.way_in, posting.get_way_in_display()))
    return f"{way}，{dict(fields.CIRCLES).get(posting.circle_m, '')}" if posting.circle_m else way


def when_words(shifts: Sequence[Shift]) -> str:
    """明天 7:30–17:00, or 每天 7:00–11:00 for many days."""
    first = shifts[0]
    hours = span(first.starts_at, first.ends_at)
    if len(shifts) == 1:
        return f"{day(first.starts_at)} {hours}"
    same = len({(local(s.starts_at).time(), local(s.ends_at).time()) for s in shifts}) == 1
    return (
        _("每天 {hours}").format(hours=hours)
        if same
        else _("头一班 {day} {hours}").format(day=day(first.starts_at), hours=hours)
    )


def when_detail(shifts: Sequence[Shift]) -> str:
    """How many days, and the break."""
    told = []
    if len(shifts) > 1:
        first, last = shifts[0].starts_at, shifts[-1].starts_at
        told.append(
            _("{first}（周{weekday}）到 {last}，{n} 班，工友能挑几天干").format(
                first=date_words(first), weekday=weekday(first), last=date_words(last), n=len(shifts)
            )
        )
    if shifts[0].break_minutes:
        told.append(_("中间歇 {n} 分钟").format(n=shifts[0].break_minutes))
    return "，".join(told)


def pay_words(posting: Posting) -> str:
    """220 元一天."""
    unit = PayUnit(posting.pay_unit)
    sum_words = yuan(posting.pay_fen)
    return (
        _("整活 {sum} 元").format(sum=sum_words)
        if unit == PayUnit.FIXED
        else _("{sum} 元一{unit}").format(sum=sum_words, unit=unit.label)
    )


def estimate_words(posting: Posting, shifts: Sequence[Shift]) -> str:
    """估 90 元/人, for counted work whose amount somebody said."""
    each = each_fen(posting, shifts)
    return _("估 {sum} 元/人").format(sum=yuan(each)) if posting.pay_unit in COUNTED_UNITS and each else ""


def each_fen(posting: Posting, shifts: Sequence[Shift]) -> int:
    """What one person may expect for one shift."""
    first = shifts[0]
    minutes = pay.worked_minutes(first.starts_at, first.ends_at, first.break_minutes)
    return pay.estimate(
        posting.pay_fen,
        posting.pay_unit,
        minutes=minutes,
        quantity=posting.quantity,
        places=posting.places,
        shifts=len(shifts),
    )


def first_due(posting: Posting, shifts: Sequence[Shift]) -> datetime:
    """The latest moment to pay the first shift, as the worker reads it."""
    said = {
        "pay_cycle": posting.pay_cycle, "pay_within_hours": posting.pay_within_hours,
        "shifts": [{"ends_at": shift.ends_at.isoformat()} for shift in shifts],
    }  # fmt: skip
    return latest_pay(said, shifts[0].ends_at, posting.division_id)


def rewritten(posting: Posting, name: str) -> dict[str, Any]:
    """The facts with the lawful wording of one field; empty when there is nothing to rewrite."""
    text = text_of(posting, name)
    lawful = screening.rewrite(text, screening.of_field(posted.hints_for(posting, on=today()), name))
    if not text or lawful == text:
        return {}
    if name == "requirements":
        lines = [line.strip() for line in lawful.split("；")]
        return {"requirements": fields.wishes(lines, posting.requirements)}
    return {name: lawful}


def cost(posting: Posting, shifts: Sequence[Shift]) -> dict[str, Any]:
    """What it will cost: wages, cover, and the platform's nothing."""
    wages = pay.whole_fen(terms(posting, shifts), places=posting.places)
    times = posting.places * len(shifts)
    told = [{"label": _wages_label(posting, shifts), "fen": wages}]
    premium = premium_fen(posting, shifts) if posting.insured else None
    if premium is not None:
        told.append(
            {"label": _("意外险 {sum} 元 × {n} 人次").format(sum=yuan(premium), n=times), "fen": premium * times}
        )
    told.append({"label": _("平台收费"), "fen": 0})
    about = posting.pay_unit in COUNTED_UNITS
    total = wages + (premium or 0) * times
    return {
        "rows": told,
        "total": {"label": _("一共约") if about else _("一共"), "fen": total},
        "wages_fen": wages,
        "about": about,
    }


def _wages_label(posting: Posting, shifts: Sequence[Shift]) -> str:
    if posting.pay_unit in COUNTED_UNITS:
        return _("工钱，按估的数量")
    each = yuan(each_fen(posting, shifts))
    if len(shifts) == 1:
        return _("工钱 {each} 元 × {n} 人").format(each=each, n=posting.places)
    return _("工钱 {each} 元 × {n} 人 × {days} 班").format(each=each, n=posting.places, days=len(shifts))


def premium_fen(posting: Posting, shifts: Sequence[Shift]) -> int | None:
    """What cover of one person for one shift costs; None where no product is approved."""
    first = shifts[0]
    quote = covers.quote_for(posting.trade, ADULT, first.starts_at, first.ends_at, posting.division_id)
    return quote.premium_fen if quote is not None and quote.insurable else None


def _where_detail(posting: Posting) -> str:
    town = posting.division.name
    return "，".join(part for part in (town if town not in posting.address else "", posting.meeting_point) if part)


def _pay_detail(posting: Posting, shifts: Sequence[Shift]) -> str:
    told = [hourly_words(posting, shifts), str(dict(fields.CYCLES).get(posting.pay_cycle, ""))]
    if posting.pay_unit in COUNTED_UNITS and posting.quantity:
        told.append(_("估一共 {n} {unit}，你记数，工友点头才算").format(
            n=f"{posting.quantity.normalize():f}" if hasattr(posting.quantity, "normalize") else posting.quantity,
            unit=PayUnit(posting.pay_unit).label))  # fmt: skip
    elif posting.pay_unit in COUNTED_UNITS:
        told.append(_("没写一共多少，工友看不到估多少钱"))
    first = _("第一笔") if len(shifts) > 1 else ""
    told.append(_("{first}{when} 付").format(first=first, when=latest(first_due(posting, shifts))))
    if posting.pay_note:
        told.append(posting.pay_note)
    return "，".join(part for part in told if part)


def _board(posting: Posting) -> tuple[str, str]:
    meals = str(dict(fields.MEALS).get(posting.meals, ""))
    more = [_("管住") if posting.lodging else "", posting.transport, posting.tools]
    return meals, "，".join(part for part in more if part)


def _wants(posting: Posting) -> tuple[str, str]:
    papers = [_("要有{paper}").format(paper=name) for name in certificate_names(unsaid_certificates(posting))]
    wishes = "；".join([*(row["text"] for row in posting.requirements), *papers])
    low, high = posting.age_low, posting.age_high
    ages = _("{low} 到 {high} 岁").format(low=low, high=high) if low and high else (
        _("{low} 岁以上").format(low=low) if low else _("{high} 岁以下").format(high=high) if high else "")  # fmt: skip
    return wishes or (ages and _("只限年龄")) or _("谁都行"), ages


def _cover(posting: Posting, shifts: Sequence[Shift]) -> tuple[str, str]:
    if not posting.insured:
        return _("这次不买意外险"), _("原因：{why}").format(why=posting.uninsured_reason)
    premium = premium_fen(posting, shifts)
    if premium is None:
        return _("要买意外险"), _("这里还没有开通保险，工友报名前会看到")
    return _("给工友买意外险"), _("每人每班 {sum} 元，你出，直接付给保险公司").format(sum=yuan(premium))


def _hours(minutes: int) -> str:
    return _("{n} 小时").format(n=minutes // 60) if minutes % 60 == 0 and minutes else _("{n} 分钟").format(n=minutes)


def _wasted(posting: Posting) -> str:
    if not posting.wasted_trip_fen:
        offer = posted.suggested_wasted_fen(posting, on=today())
        return _("说晚了，没写补多少。建议补 {sum} 元").format(sum=yuan(offer)) if offer else _("说晚了也没写补多少")
    return _("说晚了，每人补 {sum} 元").format(sum=yuan(posting.wasted_trip_fen))
