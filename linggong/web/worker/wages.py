"""W12 and W14: the worker's wages: what has arrived, what needs a tap, where each of the others is."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, IntegerField, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

import linggong.engagements.queries as deals
import linggong.payments.actions as paying
import linggong.payments.queries as wages
from linggong.core.asking import first as first_of
from linggong.core.clock import at, now, today
from linggong.core.money import multiply
from linggong.core.once import once
from linggong.core.queries import timeline
from linggong.core.refusals import Refused
from linggong.payments.actions.settling import LAWFUL_DEDUCTIONS
from linggong.payments.models import HELD, Payout, Settlement
from linggong.payments.prices import PRICE_FEN
from linggong.reference.models import COUNTED_UNITS, PayUnit
from linggong.web.place import ask_with_operator, operator_of
from linggong.web.templatetags.parts import date_words, deadline, span, yuan, yuan_exact
from linggong.web.worker import rows
from linggong.web.worker.shifts import wage_row

S = Settlement.State
NEED_TAP = (S.RELEASED, S.EMPLOYER_DECLARED_PAID)
STEPS = {
    "held": (
        gettext_lazy("干完"),
        gettext_lazy("确认"),
        gettext_lazy("发出"),
        gettext_lazy("收钱"),
        gettext_lazy("到账"),
    ),
    "hand": (gettext_lazy("干完"), gettext_lazy("确认"), gettext_lazy("付钱"), gettext_lazy("到账")),
}
STEP_WORDS = {
    "settlement.funded": ("shield-check", gettext_lazy("工钱存好了")),
    "settlement.completed": ("check", gettext_lazy("确认了")),
    "settlement.release_requested": ("send", gettext_lazy("发出")),
    "settlement.released": ("hand-click", gettext_lazy("等你点一下")),
    "settlement.arrived": ("circle-check", gettext_lazy("到账了")),
    "settlement.declared_paid": ("message-dots", gettext_lazy("老板说付了")),
    "settlement.acknowledged": ("circle-check", gettext_lazy("你说收到了")),
    "settlement.denied": ("alert-triangle", gettext_lazy("你说没收到")),
    "settlement.overdue": ("hourglass", gettext_lazy("到时间没付")),
    "settlement.failed": ("refresh", gettext_lazy("没付成，在重试")),
    "settlement.frozen": ("scale", gettext_lazy("在调解，先不动")),
    "settlement.partly_released": ("send", gettext_lazy("先付没争议的")),
    "settlement.cancelled": ("x", gettext_lazy("取消了")),
    "settlement.refunded": ("x", gettext_lazy("退回老板")),
    "settlement.deducted": ("minus", gettext_lazy("扣了一笔")),
    "attendance.checked_in": ("login", gettext_lazy("打卡")),
    "attendance.work_done": ("logout", gettext_lazy("收工")),
    "attendance.ended_early": ("logout", gettext_lazy("提前收工")),
    "attendance.completion_confirmed": ("user-check", gettext_lazy("老板确认了")),
    "attendance.auto_confirmed": ("user-check", gettext_lazy("到时间自动确认")),
    "attendance.disputed": ("scale", gettext_lazy("有意见")),
}
OPEN_MOST = 100
CLOSE = 20  # minutes that counting in steps may lie apart from the clock


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """`/wages/`: the month, what needs a tap, what is on its way, what has come."""
    facts = _list(request)
    part = request.htmx and "upto" in request.GET
    return render(request, "worker/wages.html#come" if part else "worker/wages.html", facts)


@require_GET
def one(request: HttpRequest, code: str) -> HttpResponse:
    """`/wages/<code>/`: how it was worked out, every step with its time, the one tap it needs."""
    return _one(request, own(request, code))


@require_GET
def slip(request: HttpRequest, code: str) -> HttpResponse:
    """`/wages/<code>/slip/`: the wage slip for an 80 mm printer."""
    settlement = own(request, code)
    sums, total = _sums(settlement, _lived(settlement))
    where = rows.where(settlement, now())
    lines = [
        {"label": _("老板"), "value": settlement.employer.name},
        {"label": _("日子"), "value": date_words(settlement.work_on)},
        *({"label": r["label"], "value": r.get("text") or f"{yuan_exact(r['fen'])}"} for r in sums),
        {"label": _("现在"), "value": f"{where.words} {where.deadline}".strip()},
    ]
    return render(
        request,
        "worker/slip.html",
        {
            "back": f"/wages/{settlement.code}/",
            "who": request.user.name,
            "lines": lines,
            "slip_title": _("工钱小票"),
            "total": {"label": total["label"], "value": _("{n} 元").format(n=yuan_exact(total["fen"]))},
            "hotline": operator_of(request).get("hotline", ""),
            "number": _("单号 {code}").format(code=settlement.code),
        },
    )


@require_POST
def acknowledge(request: HttpRequest, code: str) -> HttpResponse:
    """我收到了."""
    settlement = own(request, code)
    return _tap(request, settlement, "got", lambda: paying.acknowledge(settlement, how="tap", by=request.user))


@require_POST
def deny(request: HttpRequest, code: str) -> HttpResponse:
    """没收到: a mediator takes it up at once."""
    settlement = own(request, code)
    return _tap(request, settlement, "denied", lambda: paying.deny(settlement, by=request.user))


# --- the inside ----------------------------------------------------------------------------------------------


def own(request: HttpRequest, code: str) -> Settlement:
    """The worker's own wage; another's does not exist here."""
    settlement = wages.by_code(code)
    if settlement is None or settlement.worker_id != request.worker.pk:
        raise Http404
    return settlement


def _tap(request: HttpRequest, settlement: Settlement, done: str, act: Any) -> HttpResponse:
    def do() -> dict[str, Any]:
        act()
        return {}

    try:
        once(f"{request.user.code}:{done}:{rows.key_of(request)}", {"wage": settlement.code}, do)
    except Refused as refusal:
        return _one(request, own(request, settlement.code), refusal=refusal, status=refusal.status)
    return redirect(f"/wages/{settlement.code}/?done={done}")


def _list(request: HttpRequest) -> dict[str, Any]:
    moment = now()
    order = Case(
        When(state__in=NEED_TAP, then=Value(0)),
        When(state__in=wages.OVER, then=Value(2)),
        default=Value(1),
        output_field=IntegerField(),
    )
    mine = wages.of_worker(request.worker).annotate(pile=order).exclude(state__in=[S.CANCELLED, S.REFUNDED])
    upto = rows.asked_upto(request)
    found = list(mine.order_by("pile", "-work_on", "-pk")[: OPEN_MOST + upto + 1])  # open ones first, one query for all
    still = sorted((s for s in found if s.pile < 2), key=lambda s: (s.pile, s.work_on, s.pk))
    come = rows.ten_of([s for s in found if s.pile == 2], upto)
    part = request.htmx and "upto" in request.GET
    return {
        "title": _("我的工钱"),
        "said": rows.said(request),
        "month": {} if part else _month(request, moment),
        "taps": [tap_card(s, moment) for s in still if s.pile == 0],
        "open": [wage_row(s, moment) for s in still if s.pile == 1],
        "come": [wage_row(s, moment) for s in (come.fresh if part else come.rows)],
        "more_url": come.more_url,
        "nothing": not still and not come.rows,
    }


def _month(request: HttpRequest, moment: datetime) -> dict[str, Any]:
    first = today().replace(day=1)
    paid = wages.of_worker(request.worker).filter(state__in=wages.PAID, paid_at__gte=at(first, 0)).order_by()
    counted = paid.values("worker").annotate(times=Count("pk"), days=Count("work_on", distinct=True))
    counts, fen = ask_with_operator(
        request,
        first_of(counted.values("times", "days").order_by("times")),
        wages.month_total_question(request.worker, first),
    )
    text = _("干了 {days} 天，到账 {times} 笔。\n钱不经过平台").format(**counts) if counts else _("到账的工钱记在这里")
    return {"fen": fen, "text": text}


def tap_card(settlement: Settlement, moment: datetime) -> dict[str, Any]:
    """A wage that waits for the worker's tap, for parts/wage_card.html."""
    pictogram, colour = rows.picture_of(settlement.title)
    where = rows.where(settlement, moment)
    if settlement.state == S.RELEASED:
        lead, text, icon = _("点一下收钱"), _("，钱发出来了"), "hand-click"
        actions = [{"label": _("收钱"), "href": f"/wages/{settlement.code}/", "primary": True}]
    else:
        lead, text, icon = _("老板说付了"), _paid_words(settlement), "message-dots"
        actions = [
            {"label": _("没收到"), "href": f"/wages/{settlement.code}/not-received/"},
            {
                "label": _("我收到了"),
                "action": f"/wages/{settlement.code}/acknowledge/",
                "key": f"got-{settlement.code}",
                "primary": True,
            },
        ]
    return {
        "wage": {
            "title": settlement.title,
            "subtitle": f"{settlement.employer.name}，{date_words(settlement.work_on)}",
            "fen": settlement.net_fen,
            "pictogram": pictogram,
            "colour": colour,
            "where_lead": lead,
            "where_text": text,
            "icon": icon,
            "hint": where.deadline,
        },
        "actions": actions,
    }


def _paid_words(settlement: Settlement) -> str:
    how = settlement.get_paid_how_display() if settlement.paid_how else ""
    if not settlement.declared_at:
        return ""
    return _("，{when}给的{how}").format(when=date_words(settlement.declared_at), how=how)


def _lived(settlement: Settlement) -> Any:
    return deals.attendance_by_code(settlement.ref.removeprefix("attendance:"))


def _one(
    request: HttpRequest, settlement: Settlement, *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    moment, attendance = now(), _lived(settlement)
    where = rows.where(settlement, moment)
    sums, total = _sums(settlement, attendance)
    pictogram, colour = rows.picture_of(settlement.title)
    waiting = (
        wages.payouts_of(settlement).filter(state=Payout.State.WAITING).last()
        if settlement.state == S.RELEASED
        else None
    )
    return render(
        request,
        "worker/wage.html",
        {
            "back": "/wages/",
            "wage": settlement,
            "attendance": attendance,
            "where": where,
            "pictogram": pictogram,
            "colour": colour,
            "steps": _steps(settlement),
            "sums": sums,
            "total": total,
            "refusal": refusal,
            "said": rows.said(request),
            "events": _events(settlement, attendance),
            "collect_url": waiting.tap_url if waiting else "",
            "can_acknowledge": settlement.state == S.EMPLOYER_DECLARED_PAID,
            "tag_icon": "hand-click" if where.action else "",
            "late": where.action == _("帮我要"),
            "came": settlement.state in wages.PAID,
            "can_object": settlement.state not in (S.CANCELLED, S.REFUNDED, S.FROZEN) and not settlement.disputed_fen,
            "key": f"got-{settlement.code}",
        },
        status=status,
    )


@require_GET
def deny_page(request: HttpRequest, code: str) -> HttpResponse:
    """`/wages/<code>/not-received/`: what 没收到 starts, before it starts."""
    settlement = own(request, code)
    if settlement.state != S.EMPLOYER_DECLARED_PAID:
        return redirect(f"/wages/{settlement.code}/?done={'got_before' if settlement.state in wages.PAID else ''}")
    return render(
        request,
        "worker/check.html",
        {
            "key": rows.fresh_key(),
            "title": _("没收到"),
            "back": f"/wages/{settlement.code}/",
            "heading": _("钱没收到"),
            "rows": [
                {"label": _("老板"), "text": settlement.employer.name},
                {"label": _("哪天干的"), "text": date_words(settlement.work_on)},
            ],
            "total": {"label": _("该给你"), "fen": settlement.net_fen},
            "note": {
                "lead": _("先看一眼微信和银行卡。"),
                "text": _("点了以后，调解员一天内打电话给你和老板。"),
                "tone": "info",
            },
            "action": f"/wages/{settlement.code}/deny/",
            "label": _("没收到"),
            "extra": {},
            "cancel_url": f"/wages/{settlement.code}/",
        },
    )


def _steps(settlement: Settlement) -> list[dict[str, Any]]:
    held = settlement.custody in HELD or settlement.state in (S.RELEASE_REQUESTED, S.RELEASED, S.ARRIVED)
    done = 1 if settlement.confirmed_at else 0
    if settlement.state in wages.PAID:
        return rows.steps(STEPS["held" if held else "hand"], 9)
    if held:
        return rows.steps(
            STEPS["held"], {S.RELEASE_REQUESTED: 2, S.FAILED: 2, S.RELEASED: 3}.get(S(settlement.state), done)
        )
    return rows.steps(STEPS["hand"], 3 if settlement.state == S.EMPLOYER_DECLARED_PAID else 2 if done else 0)


def _sums(settlement: Settlement, attendance: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """怎么算的: hours × rate or quantity × rate, what was added, what was taken off, what the platform takes: nothing.

    The sums of the rows are the total, but for the last one, which says what of it is still being talked about.
    """
    if not settlement.work or settlement.confirmed_at is None:
        return [{"label": _("说好的"), "fen": settlement.share_fen}], {"label": _("大约"), "fen": settlement.share_fen}
    found, base = _worked(settlement, attendance)
    if settlement.gross_fen > base:
        found.append({"label": _("另外加的") if base else _("白跑一趟补的"), "fen": settlement.gross_fen - base})
    elif settlement.gross_fen < base:
        found.append({"label": _("提前收工，没干的"), "fen": settlement.gross_fen - base})
    for line in settlement.deductions:
        found.append({"label": str(LAWFUL_DEDUCTIONS.get(line["reason"], _("扣的"))), "fen": -line["fen"]})
    if not settlement.deductions:
        found.append({"label": _("扣钱"), "fen": 0})
    found.append({"label": _("平台收费"), "fen": PRICE_FEN["payment"]})
    if settlement.disputed_fen:
        found.append({"label": _("其中还在调解的"), "text": yuan_exact(settlement.disputed_fen)})
    return found, {"label": _("到手"), "fen": settlement.net_fen}


def _worked(settlement: Settlement, attendance: Any) -> tuple[list[dict[str, Any]], int]:
    """The rows of what was done, and what they come to in fen."""
    work, found = settlement.work, []
    rate, unit, minutes = int(work.get("rate_fen") or 0), work.get("unit", ""), work.get("minutes")
    if minutes is None:
        return found, 0  # a sum without work
    if attendance is not None:
        found.append({"label": _hours_words(attendance, minutes), "text": rows.hours(minutes)})
    if unit in COUNTED_UNITS:
        quantity = work.get("quantity") or "0"
        amount = multiply(rate, Decimal(quantity))
        counted = f"{rows.plain_text(quantity)} {PayUnit(unit).label} × {yuan(rate)} {_('元')}"
        found.append({"label": f"{counted}，{_who_counted(attendance)}", "fen": amount})
    elif unit == PayUnit.HOUR:
        amount = multiply(rate, Decimal(minutes) / 60)
        found.append({"label": f"{rows.hours(minutes)} × {yuan(rate)} {_('元')}", "fen": amount})
    elif unit == PayUnit.MONTH:
        amount = settlement.gross_fen
        found.append({"label": _("一个月 {n} 元，合一天").format(n=yuan(rate)), "fen": amount})
    else:
        amount = rate
        found.append(
            {"label": _("说好一{unit}").format(unit=PayUnit(unit).label) if unit else _("说好的"), "fen": rate}
        )
    return found, amount


def _hours_words(attendance: Any, minutes: int) -> str:
    """From when to when it counts, nobody losing the minutes before the start; or that the two agreed otherwise."""
    shift = attendance.shift
    start = max(attendance.checked_in_at or shift.starts_at, shift.starts_at)
    end = min(attendance.checked_out_at or shift.ends_at, shift.ends_at)
    seen = max(end - start, timedelta()).total_seconds() / 60 - shift.break_minutes
    if abs(seen - minutes) > CLOSE:
        return _("两边说好的时间")
    words = span(start, end) if end > start else span(shift.starts_at, shift.ends_at)
    return words + (_("，歇 {n}").format(n=rows.hours(shift.break_minutes)) if shift.break_minutes else "")


def _who_counted(attendance: Any) -> str:
    return _("你点的数，老板认了") if attendance is None or attendance.quantity_by == "worker" else _("老板点的数")


def _events(settlement: Settlement, attendance: Any) -> list[dict[str, Any]]:
    subjects = [settlement] + ([attendance] if attendance is not None else [])
    found = [
        {"icon": STEP_WORDS[e.name][0], "value": STEP_WORDS[e.name][1], "detail": f"，{deadline(e.at)}"}
        for e in timeline(*subjects)
        if e.name in STEP_WORDS
    ]
    if settlement.due_at and settlement.state not in wages.OVER:
        due = _("最晚 {when}").format(when=deadline(settlement.due_at))
        found.append({"icon": "hourglass", "value": due, "detail": _("，到时间没付，我们帮你要")})
    return found
