"""Answering, changing one's mind and standing up for oneself: offers, new terms, 去不了, 我到了, 按老板的数算."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

import linggong.accounts.actions as accounts
import linggong.agreements.queries as agreements
import linggong.engagements.actions as living
import linggong.engagements.queries as deals
import linggong.postings.queries as postings
import linggong.venues.queries as venues
import linggong.workers.queries as people
from linggong.core.clock import local, now
from linggong.core.once import once
from linggong.core.refusals import Refused
from linggong.engagements import parties
from linggong.engagements.models import BINDING, Engagement, Stage, State
from linggong.web.templatetags.parts import clock, date_words, pay_unit, span, yuan
from linggong.web.worker import rows
from linggong.web.worker.shifts import deal_facts

CANCEL_WHY = {
    "sick": gettext_lazy("病了"),
    "family": gettext_lazy("家里有事"),
    "far": gettext_lazy("路太远，去不了"),
    "other_job": gettext_lazy("有别的活了"),
    "weather": gettext_lazy("天气不好"),
    "not_as_told": gettext_lazy("和说的不一样"),
}
WHY_ICONS = {
    "sick": "thermometer",
    "family": "home",
    "far": "road",
    "other_job": "briefcase",
    "weather": "cloud-rain",
    "not_as_told": "message-dots",
}
TERM_WORDS = (
    ("title", gettext_lazy("活")),
    ("content", gettext_lazy("干什么")),
    ("shifts", gettext_lazy("哪几天")),
    ("address", gettext_lazy("地方")),
    ("meeting_point", gettext_lazy("碰头")),
    ("pay", gettext_lazy("工钱")),
    ("pay_cycle", gettext_lazy("怎么结")),
    ("pay_within_hours", gettext_lazy("几小时内付")),
    ("quantity", gettext_lazy("一共多少")),
    ("meals", gettext_lazy("管饭")),
    ("lodging", gettext_lazy("管住")),
    ("transport", gettext_lazy("接送")),
    ("tools", gettext_lazy("带什么")),
    ("insured", gettext_lazy("保险")),
    ("wasted_trip_fen", gettext_lazy("白跑补偿")),
)
CYCLES = {
    "DAILY": gettext_lazy("日结"),
    "ON_COMPLETION": gettext_lazy("干完结"),
    "WEEKLY": gettext_lazy("周结"),
    "HALF_MONTH": gettext_lazy("半月结"),
    "MONTHLY": gettext_lazy("月结"),
}
MEALS = {
    "NONE": gettext_lazy("不管"),
    "ONE": gettext_lazy("一顿"),
    "TWO": gettext_lazy("两顿"),
    "ALL": gettext_lazy("全管"),
}


@require_GET
def answer_page(request: HttpRequest, code: str) -> HttpResponse:
    """`/shifts/<code>/answer/`: an offer, or terms that changed, with what changed side by side."""
    deal = rows.own_deal(request, code)
    if deal.state not in (State.OFFERED, State.REACCEPT):
        return redirect(f"/shifts/{deal.code}/")
    return _answer(request, deal)


@require_POST
def answer(request: HttpRequest, code: str) -> HttpResponse:
    """去 or 这次不去. Yes binds to exactly the terms that were shown."""
    deal, said, seen = rows.own_deal(request, code), request.POST.get("said", ""), request.POST.get("seen", "")[:64]
    if said not in ("yes", "no"):
        return _answer(request, deal, refusal=Refused(_("点一个：去，还是不去")), status=422)
    again = deal.state == State.REACCEPT
    if again and said == "no":
        return redirect(f"/shifts/{deal.code}/cancel/")

    def do() -> Any:
        if again:
            return living.reaccept(deal, seen_hash=seen, by=request.user)
        return living.answer_offer(deal, yes=said == "yes", seen_hash=seen, by=request.user)

    done = "no" if said == "no" else "again" if again else "go"
    return _act(
        request,
        deal,
        do,
        done,
        lambda fresh, refusal: (
            _answer(request, fresh, refusal=refusal, status=refusal.status)
            if fresh.state in (State.OFFERED, State.REACCEPT)
            else _deal(request, fresh, refusal)
        ),
        said=said,
        seen=seen,
    )


@require_GET
def cancel_page(request: HttpRequest, code: str) -> HttpResponse:
    """`/shifts/<code>/cancel/`: W11, why, and what it does to the record."""
    deal = rows.own_deal(request, code)
    if deal.state not in BINDING or not deals.expected(deal):
        return redirect(f"/shifts/{deal.code}/")
    because = request.GET.get("because", "")
    return _check_cancel(request, deal, because) if because in CANCEL_WHY else _cancel(request, deal)


@require_POST
def cancel(request: HttpRequest, code: str) -> HttpResponse:
    """不去了, from the check page."""
    deal, because = rows.own_deal(request, code), request.POST.get("because", "")
    if because not in CANCEL_WHY:
        return _cancel(request, deal, refusal=Refused(_("点一个原因，再点下一步")), status=422)
    return _act(
        request,
        deal,
        lambda: living.cancel_by_worker(deal, because=because, by=request.user),
        "cancelled",
        lambda fresh, refusal: _deal(request, fresh, refusal),
        because=because,
    )


@require_POST
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """不等了: an application or a place in the line is taken back."""
    deal = rows.own_deal(request, code)
    return _act(
        request,
        deal,
        lambda: living.withdraw(deal, by=request.user),
        "left",
        lambda fresh, refusal: _deal(request, fresh, refusal),
    )


@require_GET
def contest_page(request: HttpRequest, code: str) -> HttpResponse:
    """`/shifts/at/<code>/contest/`: the worker was there."""
    return _contest(request, code)


@require_POST
def contest(request: HttpRequest, code: str) -> HttpResponse:
    """我到了: the mark does not count while somebody looks."""
    attendance, facts = (
        rows.own_attendance(request, code),
        request.POST.get("facts", "").replace("\x00", "").strip()[:400],
    )

    def do() -> dict[str, Any]:
        living.contest(attendance, facts=facts, by=request.user)
        return {}

    try:
        once(_key(request, "contest"), {"attendance": attendance.code}, do)
    except Refused as refusal:
        return _contest(request, code, refusal=refusal, facts=facts, status=refusal.status)
    return redirect(f"/shifts/at/{attendance.code}/?done=contested")


@require_GET
def agree_page(request: HttpRequest, code: str) -> HttpResponse:
    """`/shifts/at/<code>/agree/`: the employer's figures against one's own; agree, or wait for the mediator."""
    return _agree(request, code)


@require_POST
def agree(request: HttpRequest, code: str) -> HttpResponse:
    """按老板的数算."""
    attendance = rows.own_attendance(request, code)

    def do() -> dict[str, Any]:
        living.agree_figures(attendance, by=request.user)
        return {}

    try:
        once(_key(request, "agree"), {"attendance": attendance.code}, do)
    except Refused as refusal:
        return _agree(request, code, refusal=refusal, status=refusal.status)
    return redirect(f"/shifts/at/{attendance.code}/?done=agreed")


@require_GET
def call_page(request: HttpRequest, code: str) -> HttpResponse:
    """`/shifts/<code>/call/`: whom to ring. The employer's number is opened by a tap, which is written down."""
    return _call(request, rows.own_deal(request, code), number="")


@require_POST
def open_number(request: HttpRequest, code: str) -> HttpResponse:
    """看电话: for a deal that stands, with the look noted for the person looked at."""
    deal = rows.own_deal(request, code)
    if deal.state not in BINDING:
        return _call(request, deal, number="", refusal=Refused(_("定下了才看得到老板电话，先打站里")), status=409)
    owner = deals.owner_of(deal.employer)
    try:
        number = accounts.look_at(owner, "phone", by=request.user, role=_("工友"), reason=_("定下的活要联系"))
    except Refused as refusal:
        return _call(request, deal, number="", refusal=refusal, status=refusal.status)
    return _call(request, deal, number=number)


# --- the inside ----------------------------------------------------------------------------------------------


def _key(request: HttpRequest, verb: str) -> str:
    return f"{request.user.code}:{verb}:{rows.key_of(request)}"


def _act(
    request: HttpRequest,
    deal: Engagement,
    do: Callable[[], Any],
    done: str,
    again: Callable[[Engagement, Refused], HttpResponse],
    **said: str,
) -> HttpResponse:
    def run() -> dict[str, Any]:
        do()
        return {}

    try:
        once(_key(request, done), {"deal": deal.code, **said}, run)
    except Refused as refusal:
        return again(rows.own_deal(request, deal.code), refusal)
    return redirect(f"/shifts/{deal.code}/?done={done}")


def _deal(request: HttpRequest, deal: Engagement, refusal: Refused) -> HttpResponse:
    return render(request, "worker/shift.html", deal_facts(request, deal) | {"refusal": refusal}, status=refusal.status)


def _answer(
    request: HttpRequest, deal: Engagement, *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    version = postings.current_version(deal.posting)
    if version is None:
        raise Http404
    wanted = set(deal.wanted_shifts)
    terms = deals.terms_now(deal.posting, version.terms)
    offered = {**terms, "shifts": [s for s in terms["shifts"] if not wanted or s["code"] in wanted]}
    age = people.age_on(request.worker, local(now()).date())
    kind = agreements.template_kind(version.terms, age, deal.employer.kind)
    return render(
        request,
        "worker/answer.html",
        {
            "title": _("去不去"),
            "back": f"/shifts/{deal.code}/",
            "deal": deal,
            "posting": deal.posting,
            **rows.picture(deal.posting),
            "refusal": refusal,
            "seen": version.terms_hash,
            "changes": changes(deal.terms, offered) if deal.state == State.REACCEPT else [],
            "lines": agreements.preview(kind, offered, local(now()).date()),
            "again": deal.state == State.REACCEPT,
        },
        status=status,
    )


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, str]]:
    """What differs between two terms, side by side in words."""
    found = []
    for name, label in TERM_WORDS:
        was, is_now = _term(before, name), _term(after, name)
        if was != is_now:
            found.append({"label": label, "was": was or _("没写"), "now": is_now or _("没写")})
    return found


def _term(terms: dict[str, Any], name: str) -> str:
    value = terms.get(name)
    if name == "pay":
        return f"{yuan(terms['pay_fen'])} {pay_unit(terms['pay_unit'])}" if terms.get("pay_fen") else ""
    if name == "shifts":
        return "，".join(_shift(s) for s in (value or [])[:10])
    if name == "wasted_trip_fen":
        return _("{n} 元").format(n=yuan(value or 0))
    if isinstance(value, bool):
        return _("有") if value else _("没有")
    return str({"pay_cycle": CYCLES, "meals": MEALS}.get(name, {}).get(value, "" if value is None else value))


def _shift(shift: dict[str, Any]) -> str:
    start, end = datetime.fromisoformat(shift["starts_at"]), datetime.fromisoformat(shift["ends_at"])
    return f"{date_words(start)} {span(start, end)}"


def _costs(deal: Engagement) -> tuple[str, str, str]:
    """What cancelling now costs, before the tap: tone, first sentence, the rest; from the published schedule."""
    moment, division = now(), deal.posting.division_id
    band = deals.band([a.shift for a in deals.expected(deal)], moment, division_code=division)
    if (until := parties.free_until(deal, moment)) is not None:
        free = _("{t} 前取消不记口碑，5 分钟内还能反悔。").format(t=f"{date_words(until)} {clock(until)}")
        return "ok", _("一起去的有一位去不了了。"), free
    points = deals.cancel_points(band, moment, division_code=division)
    lead = {"early": _("现在说正好。"), "middle": _("老板要赶紧找人。"), "late": _("快开工了。")}[band]
    if not points:
        if band == "early":
            return "ok", lead, _("现在取消不记口碑，5 分钟内还能反悔。")
        return "info", lead, _("现在取消不记口碑。能早说就早说，5 分钟内还能反悔。")
    said = _("现在取消，口碑记 {n} 分，算一年，能申诉，5 分钟内还能反悔。让熟人顶上更好，打电话跟站里说。")
    return "warn", lead, said.format(n=points)


def _cancel(
    request: HttpRequest, deal: Engagement, *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    if not deals.expected(deal):
        return redirect(f"/shifts/{deal.code}/")
    tone, lead, text = _costs(deal)
    return render(
        request,
        "worker/reasons.html",
        {
            "title": _("去不了"),
            "back": f"/shifts/{deal.code}/",
            "refusal": refusal,
            "legend": _("为什么去不了"),
            "get": True,
            "options": [{"value": key, "title": words, "icon": WHY_ICONS[key]} for key, words in CANCEL_WHY.items()],
            "name": "because",
            "note": {"lead": lead, "text": text, "tone": tone},
            "action": f"/shifts/{deal.code}/cancel/",
            "label": _("下一步"),
        },
        status=status,
    )


def _check_cancel(request: HttpRequest, deal: Engagement, because: str) -> HttpResponse:
    tone, lead, text = _costs(deal)
    return render(
        request,
        "worker/check.html",
        {
            "key": rows.fresh_key(),
            "title": _("再看一下"),
            "back": f"/shifts/{deal.code}/cancel/",
            "heading": _("不去这个活了"),
            "rows": [
                {"label": _("活"), "text": deal.posting.title},
                {"label": _("时间"), "text": rows.when(deal, now())},
                {"label": _("原因"), "text": CANCEL_WHY[because]},
            ],
            "note": {"lead": lead, "text": text, "tone": tone},
            "action": f"/shifts/{deal.code}/cancel/go/",
            "label": _("不去了"),
            "extra": {"because": because},
            "cancel_url": f"/shifts/{deal.code}/",
        },
    )


def _contest(
    request: HttpRequest, code: str, *, refusal: Refused | None = None, facts: str = "", status: int = 200
) -> HttpResponse:
    attendance = rows.own_attendance(request, code)
    if attendance.state != Stage.NO_SHOW_WORKER and refusal is None:
        return redirect(f"/shifts/at/{attendance.code}/")
    return render(
        request,
        "worker/contest.html",
        {
            "title": _("我到了"),
            "back": f"/shifts/at/{attendance.code}/",
            "one": attendance,
            "refusal": refusal,
            "facts_said": facts,
        },
        status=status,
    )


def _agree(request: HttpRequest, code: str, *, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    attendance = rows.own_attendance(request, code)
    if attendance.state != Stage.QUANTITY_DISPUTED and refusal is None:
        return redirect(f"/shifts/at/{attendance.code}/")
    whole, apart = attendance.pay_fen or 0, attendance.disputed_fen
    return render(
        request,
        "worker/check.html",
        {
            "key": rows.fresh_key(),
            "title": _("数对不上"),
            "back": f"/shifts/at/{attendance.code}/",
            "refusal": refusal,
            "heading": _("按老板的数算吗"),
            "rows": [{"label": _("按你报的"), "fen": whole}, {"label": _("差"), "fen": apart}],
            "total": {"label": _("老板算的"), "fen": whole - apart},
            "note": {"lead": _("不同意不用点。"), "text": _("没争议的照付，差的那部分调解员在问。"), "tone": "info"},
            "action": f"/shifts/at/{attendance.code}/agree/go/",
            "label": _("按老板的算"),
            "extra": {},
            "cancel_url": f"/shifts/at/{attendance.code}/",
        },
        status=status,
    )


def _call(
    request: HttpRequest, deal: Engagement, *, number: str, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    posting = deal.posting
    return render(
        request,
        "worker/call.html",
        {
            "title": _("打电话"),
            "back": f"/shifts/{deal.code}/",
            "deal": deal,
            "posting": posting,
            "number": number,
            "refusal": refusal,
            "bound": deal.state in BINDING,
            "stations": list(venues.nearest(posting.lat, posting.lng, 1)),
        },
        status=status,
    )
