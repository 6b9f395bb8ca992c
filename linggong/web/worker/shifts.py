"""W9 and W10: my deals in three piles, and one deal with everything that hangs on it."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

import linggong.agreements.queries as agreements
import linggong.cases.queries as cases
import linggong.engagements.actions as living
import linggong.engagements.queries as deals
import linggong.insurance.queries as covers
import linggong.payments.queries as wages
import linggong.workers.queries as people
from linggong.core.clock import now
from linggong.core.models import Event
from linggong.core.queries import timeline
from linggong.engagements import invited
from linggong.engagements.actions.falling_out import CONTEST_WITHIN
from linggong.engagements.models import BINDING, Attendance, Engagement, Stage, State
from linggong.matching import score
from linggong.reference.geo import distance_m
from linggong.web.templatetags.parts import date_words, deadline, span, yuan
from linggong.web.worker import rows

ASKED = (State.OFFERED, State.APPLIED, State.WAITLISTED)
TABS = (("coming", gettext_lazy("要去的")), ("waiting", gettext_lazy("等回话")), ("done", gettext_lazy("干完的")))
NOTHING = {
    "coming": (gettext_lazy("还没有要去的活"), gettext_lazy("看看附近有什么，点“我要去”就定下。")),
    "waiting": (gettext_lazy("没有等回话的"), gettext_lazy("报了名、排了队、老板叫你的，都在这里。")),
    "done": (gettext_lazy("还没有干完的"), gettext_lazy("第一回，大家都有。干完的活都记在这里。")),
}
STEP_WORDS = {  # events of the journal in the worker's words; what is not named here is nobody's step
    "engagement.applied": gettext_lazy("你说想去"),
    "engagement.offered": gettext_lazy("老板叫你去"),
    "engagement.waitlisted": gettext_lazy("你排上队"),
    "engagement.confirmed": gettext_lazy("定下了"),
    "engagement.reaccept": gettext_lazy("老板改了条件"),
    "engagement.withdrawn": gettext_lazy("你说不去了"),
    "engagement.declined": gettext_lazy("老板选了别人"),
    "engagement.cancelled_by_worker": gettext_lazy("你取消了"),
    "engagement.cancelled_by_employer": gettext_lazy("老板取消了"),
    "engagement.closed": gettext_lazy("办完了"),
    "attendance.checked_in": gettext_lazy("到岗打卡"),
    "attendance.in_progress": gettext_lazy("开工"),
    "attendance.sent_later": gettext_lazy("没网，后来补上的"),
    "attendance.not_as_told": gettext_lazy("你说和说的不一样"),
    "attendance.work_done": gettext_lazy("收工"),
    "attendance.ended_early": gettext_lazy("提前收工"),
    "attendance.completion_confirmed": gettext_lazy("老板确认了"),
    "attendance.auto_confirmed": gettext_lazy("到时间自动确认"),
    "attendance.quantity_disputed": gettext_lazy("数对不上，有人来问"),
    "attendance.pay_due": gettext_lazy("等付工钱"),
    "attendance.paid": gettext_lazy("到账了"),
    "attendance.arrears": gettext_lazy("到时间没付，我们在要"),
    "attendance.no_show_worker": gettext_lazy("老板说你没到"),
    "attendance.contested": gettext_lazy("你说你到了"),
    "attendance.wasted_trip": gettext_lazy("白跑一趟"),
    "attendance.called_off": gettext_lazy("老板说今天不干了"),
    "attendance.uncovered": gettext_lazy("老板说今天没保险"),
    "attendance.uncovered_accepted": gettext_lazy("你说没保险也去"),
    "attendance.accident": gettext_lazy("有人受伤"),
    "attendance.cancelled": gettext_lazy("这一天取消了"),
    "policy.bound": gettext_lazy("保险买好了"),
    "agreement.effective": gettext_lazy("用工约定生效"),
    "rating.submitted": gettext_lazy("评过了"),
}


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """`/shifts/`: 要去的, 等回话, 干完的."""
    tab = request.GET.get("tab", "coming")
    tab = tab if tab in NOTHING else "coming"
    moment = now()
    shown = rows.ten(request, pile(request.worker, tab, moment), tab=tab)
    part = request.htmx and "upto" in request.GET
    title, text = NOTHING[tab]
    facts = {
        "title": _("我的活"),
        "tab": tab,
        "said": rows.said(request),
        "views": [{"label": words, "url": f"?tab={name}", "on": name == tab} for name, words in TABS],
        "rows": [rows.deal_row(deal, moment) for deal in (shown.fresh if part else shown.rows)],
        "more_url": shown.more_url,
        "empty": {"title": title, "text": text},
    }
    return render(request, "worker/shifts.html#list" if part else "worker/shifts.html", facts)


def pile(worker: Any, tab: str, moment: datetime) -> QuerySet[Engagement]:
    """The deals of one tab, newest first."""
    lived = Attendance.objects.filter(engagement=OuterRef("pk"))
    ahead = Exists(lived.filter(state=Stage.EXPECTED, shift__ends_at__gt=moment)) | Exists(
        lived.filter(state__in=rows.AT_WORK)
    )
    mine = deals.of_worker(worker)
    if tab == "waiting":
        return mine.filter(state__in=ASKED)
    if tab == "coming":
        return mine.filter(ahead, state__in=BINDING)
    return mine.exclude(state__in=ASKED).exclude(ahead, state__in=BINDING)


@require_GET
def one(request: HttpRequest, code: str) -> HttpResponse:
    """`/shifts/<code>/`: one deal: post, why it suits, agreement, cover, pay, every step with its time."""
    deal = rows.own_deal(request, code)
    return render(request, "worker/shift.html", deal_facts(request, deal))


def deal_facts(request: HttpRequest, deal: Engagement) -> dict[str, Any]:
    """Everything the page of one deal shows."""
    moment, posting = now(), deal.posting
    lived = [a for a in deal.attendances.all() if a.state != Stage.CANCELLED]
    for attendance in lived:
        attendance.engagement = deal
    paid = list(wages.of_deal(deals.ref(deal)))
    ratings = {r.side: r for r in deal.ratings.all()}
    return {
        "title": _("一个活"),
        "back": "/shifts/",
        "deal": deal,
        "posting": posting,
        **rows.picture(posting),
        "tag": rows.deal_tag(deal, moment),
        "said": rows.said(request),
        "facts": _facts(deal, moment),
        "lived": [rows.attendance_row(a, moment) for a in lived],
        "reasons": why_it_suits(deal),
        "agreement": agreements.latest(deals.ref(deal)),
        "cover": _cover(deal, lived),
        "wages": [wage_row(s, moment) for s in paid if s.state != "cancelled"],
        "events": events(deal, lived),
        "cases": cases.of_deal(deals.ref(deal)).filter(filed_by=request.user),
        "ratings": _ratings(ratings, moment),
        "can_rate": "worker" not in ratings and deals.ratable(deal),
        "todo": _todo(deal, lived, moment),
        "can_undo": deals.can_undo(deal, moment),
        "released": (released := invited.released_of(lived, moment)),
        "released_words": _trip_words(deal, moment) if released is not None else "",
        "can_cancel": deal.state in BINDING and any(a.state == Stage.EXPECTED for a in lived),
        "can_leave": deal.state in (State.APPLIED, State.WAITLISTED),
        "bound": deal.state in BINDING,
        "today": any(a.state in rows.AHEAD and a.shift.ends_at > moment for a in lived),
    }


@require_GET
def at(request: HttpRequest, code: str) -> HttpResponse:
    """`/shifts/at/<code>/`: one lived shift: times, figures, its cover, its wage, its steps."""
    attendance = rows.own_attendance(request, code)
    moment, ref = now(), deals.ref(attendance)
    settlement, policy = wages.by_ref(ref), covers.cover_of(ref)
    posting = attendance.engagement.posting
    return render(
        request,
        "worker/at.html",
        {
            "title": _("这一天"),
            "back": f"/shifts/{attendance.engagement.code}/",
            "one": attendance,
            "posting": posting,
            **rows.picture(posting),
            "tag": rows.stage_tag(attendance, moment),
            "said": rows.said(request),
            "facts": _day_facts(attendance),
            "wage": wage_row(settlement, moment) if settlement else None,
            "lines": covers.four_lines(policy.product, policy.sum_fen) if policy else [],
            "policy": policy,
            "events": events(attendance),
            "todo": _todo(attendance.engagement, [attendance], moment),
            "today": attendance.state in rows.AHEAD,
            "says_fen": (attendance.pay_fen or 0) - attendance.disputed_fen,
        },
    )


# --- parts of a deal -----------------------------------------------------------------------------------------


def why_it_suits(deal: Engagement) -> list[dict[str, str]]:
    """Why this work suits this worker, in the words of the list they chose it from (FJ-02)."""
    kinds = {"✓": "for", "—": "miss", "✕": "against"}
    reasons = deal.reasons or score.reasons_for_worker(_pair(deal), trade=deal.posting.trade.name)
    return [{"kind": kinds[r["mark"]], "subject": f"{r['word']}：", "text": r["text"]} for r in reasons]


def _pair(deal: Engagement) -> score.Pair:
    worker, posting = deal.worker, deal.posting
    mine = {row.trade_id: row for row in people.trades_of(worker)}.get(posting.trade_id)
    away = None if worker.lat is None else distance_m(worker.lat, worker.lng, posting.lat, posting.lng)
    return score.Pair(
        distance_m=away,
        reach_m=worker.reach_m,
        has_trade=mine is not None,
        skilled=bool(mine and mine.skilled),
        years=mine.years if mine else 0,
        times=mine.times if mine else 0,
    )


def wage_row(settlement: Any, moment: datetime) -> dict[str, Any]:
    """One wage as parts/ledger.html takes it: who, what, 最晚, the sum, where it is."""
    where = rows.where(settlement, moment)
    pictogram, colour = rows.picture_of(settlement.title)
    due = settlement.due_at if where.deadline and settlement.due_at and settlement.state not in wages.PAID else None
    return {
        "url": f"/wages/{settlement.code}/",
        "title": settlement.employer.name,
        "detail": f"{date_words(settlement.work_on)}，{settlement.title}",
        "by": due,
        "fen": settlement.net_fen or settlement.share_fen,
        "pictogram": pictogram,
        "colour": colour,
        "state": {"text": where.words, "tone": where.tone, "icon": WAGE_ICONS.get(where.tone, "hourglass")},
    }


WAGE_ICONS = {"ok": "circle-check", "info": "hand-click", "warn": "hourglass", "danger": "alert-triangle"}


def events(*subjects: Any) -> list[dict[str, Any]]:
    """Every step with its time and who did it, from the journal."""
    flat = [row for subject in subjects for row in (subject if isinstance(subject, list) else [subject])]
    return [
        {"icon": "point", "value": STEP_WORDS[event.name], "detail": f"，{_who(event)}"}
        for event in timeline(*flat)
        if event.name in STEP_WORDS
    ]


def _who(event: Event) -> str:
    clock = deadline(event.at)
    if event.acting_for is not None and event.by is not None:
        return _("{at}，站里的人代办").format(at=clock)
    return _("{at}，到时间自动").format(at=clock) if event.by is None else clock


def _facts(deal: Engagement, moment: datetime) -> list[dict[str, Any]]:
    posting = deal.posting
    return [
        {"icon": "clock", "value": rows.when(deal, moment)},
        {
            "icon": "map-pin",
            "value": posting.address,
            "detail": f"，{posting.meeting_point}" if posting.meeting_point else "",
        },
        {"icon": "building-store", "value": posting.employer.name},
        {"icon": "user", "value": posting.contact_name or _("老板"), "detail": _("，到了找他")},
    ]


def _day_facts(attendance: Attendance) -> list[dict[str, Any]]:
    shift = attendance.shift
    found = [
        {
            "icon": "clock",
            "label": _("说好"),
            "value": f"{date_words(shift.starts_at)} {span(shift.starts_at, shift.ends_at)}",
            "detail": _("中间歇 {n} 分钟").format(n=shift.break_minutes) if shift.break_minutes else "",
        }
    ]
    if attendance.checked_in_at:
        found.append(
            {
                "icon": "login",
                "label": _("打卡"),
                "value": deadline(attendance.checked_in_at),
                "detail": attendance.get_checked_in_how_display(),
            }
        )
    if attendance.checked_out_at:
        found.append(
            {
                "icon": "logout",
                "label": _("收工"),
                "value": deadline(attendance.checked_out_at),
                "detail": rows.worked_words(attendance),
            }
        )
    if attendance.confirm_due_at and not attendance.confirmed_at:
        found.append(
            {
                "icon": "hourglass",
                "label": _("确认"),
                "value": _("最晚 {when}").format(when=deadline(attendance.confirm_due_at)),
                "detail": _("到时间老板没说话，就按你报的算"),
            }
        )
    if attendance.confirmed_at:
        found.append({"icon": "check", "label": _("确认"), "value": deadline(attendance.confirmed_at)})
    if attendance.uncovered_reason:
        found.append(
            {"icon": "shield-off", "label": _("保险"), "value": _("这一天没有"), "detail": attendance.uncovered_reason}
        )
    return found


def _cover(deal: Engagement, lived: list[Attendance]) -> dict[str, Any] | None:
    policies = [p for p in covers.of_deal(deals.ref(deal)) if p.state != "cancelled"]
    if policies:
        policy = policies[0]
        return {
            "words": policy.get_state_display(),
            "number": policy.policy_number,
            "lines": covers.four_lines(policy.product, policy.sum_fen),
        }
    bare = next((a.uncovered_reason for a in lived if a.uncovered_reason), "")
    return {"words": _("没有保险"), "number": "", "lines": [], "reason": bare} if bare else None


def _ratings(found: dict[str, Any], moment: datetime) -> list[dict[str, Any]]:
    """What both sides said, the other side's only once it may be seen (FJ-21)."""
    said = []
    for side, label in (("worker", _("你说")), ("employer", _("老板说"))):
        rating = found.get(side)
        if rating is None:
            continue
        if rating.hidden_at is not None:
            said.append({"label": label, "value": _("收起来了"), "detail": rating.hidden_reason})
        elif side == "worker" or rating.visible_at is not None:
            said.append({"label": label, "value": _("{n} 星").format(n=rating.stars), "detail": _tags(rating)})
        else:
            said.append({"label": label, "value": _("评过了"), "detail": _("你也评了，或过 7 天，才看得到")})
    return said


def _tags(rating: Any) -> str:
    from linggong.engagements.actions.rating import EMPLOYER_TAGS, WORKER_TAGS

    known = WORKER_TAGS if rating.side == "worker" else EMPLOYER_TAGS
    return "，".join([str(known[t]) for t in rating.tags if t in known] + ([rating.text] if rating.text else []))


def _trip_words(deal: Engagement, moment: datetime) -> str:
    """What somebody gets who comes although the place was given away."""
    fen = living.released_trip_fen(deal, moment)
    return _("没联系上你，位子让给了别人，不记口碑。人到了点这里：有位子照干，没位子付你 {yuan} 元。").format(
        yuan=yuan(fen)
    )


def _todo(deal: Engagement, lived: list[Attendance], moment: datetime) -> dict[str, Any] | None:
    """The one thing that waits for the worker, first things first."""
    if deal.state == State.OFFERED:
        return {
            "lead": _("老板叫你去，去不去？"),
            "text": _("最晚 {when} 回话。").format(when=deadline(deal.answer_by)),
            "href": f"/shifts/{deal.code}/answer/",
            "tone": "info",
        }
    if deal.state == State.REACCEPT:
        return {
            "lead": _("老板改了条件。"),
            "text": _("看看哪里变了，还去不去。不点就按原来说好的。"),
            "href": f"/shifts/{deal.code}/answer/",
            "tone": "warn",
        }
    for one in lived:
        if one.state == Stage.EXPECTED and (asked := invited.question_of(one)) is not None:
            return {
                "lead": _("开工前再问一遍，还去吗？"),
                "text": _("去不了现在说，不记口碑。"),
                "href": f"/shifts/still/{asked.code}/",
                "tone": "info",
            }
        if one.state == Stage.QUANTITY_DISPUTED:
            text = _("差 {fen} 元有人在问，没争议的照付。").format(fen=yuan(one.disputed_fen))
            return {
                "lead": _("老板算的和你不一样。"),
                "text": text,
                "href": f"/shifts/at/{one.code}/agree/",
                "tone": "warn",
            }
        if (
            one.state == Stage.NO_SHOW_WORKER
            and one.contested_at is None
            and one.claimed_at
            and moment <= one.claimed_at + CONTEST_WITHIN
        ):
            return {
                "lead": _("老板说你没到。"),
                "text": _("不是这样，就点这里说“我到了”。"),
                "href": f"/shifts/at/{one.code}/contest/",
                "tone": "danger",
            }
    return None
