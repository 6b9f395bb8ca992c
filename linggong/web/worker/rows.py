"""How deals and lived shifts read on the worker's pages: pictures, states in words, the last tap, ten at a time."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import linggong.engagements.queries as deals
import linggong.payments.queries as wages
import linggong.reference.queries as reference
from linggong.engagements.models import BINDING, GONE, Attendance, Engagement, Stage, State
from linggong.payments.models import Settlement
from linggong.postings.models import Posting
from linggong.reference import groups
from linggong.reference.models import COUNTED_UNITS, Trade
from linggong.web.templatetags.parts import date_words, day, pay_unit, span

TEN = 10
MOST_SHOWN = 500
SET_OUT = timedelta(hours=2)
AT_WORK = (Stage.CHECKED_IN, Stage.IN_PROGRESS)
AHEAD = (Stage.EXPECTED, *AT_WORK)

T, S = Stage, State
STAGE_TAGS = {  # words of DESIGN §9, tone of the tag, icon
    T.EXPECTED: (gettext_lazy("定下了"), "ok", "calendar-check"),
    T.CHECKED_IN: (gettext_lazy("已打卡"), "ok", "map-pin"),
    T.IN_PROGRESS: (gettext_lazy("干活中"), "ok", "clock"),
    T.WORK_DONE: (gettext_lazy("等老板确认"), "warn", "hourglass"),
    T.ENDED_EARLY: (gettext_lazy("等老板确认"), "warn", "hourglass"),
    T.COMPLETION_CONFIRMED: (gettext_lazy("老板确认了"), "info", "check"),
    T.AUTO_CONFIRMED: (gettext_lazy("到时间自动确认了"), "info", "check"),
    T.QUANTITY_DISPUTED: (gettext_lazy("有意见，在调解"), "warn", "scale"),
    T.PAY_DUE: (gettext_lazy("等付工钱"), "info", "cash"),
    T.PAID: (gettext_lazy("到账了"), "ok", "circle-check"),
    T.ARREARS: (gettext_lazy("工钱拖了，我们在要"), "danger", "alert-triangle"),
    T.ACCIDENT: (gettext_lazy("受伤了"), "danger", "urgent"),
    T.NO_SHOW_WORKER: (gettext_lazy("没到"), "danger", "user-x"),
    T.WASTED_TRIP: (gettext_lazy("白跑一趟"), "warn", "route"),
    T.CALLED_OFF: (gettext_lazy("今天不干了"), "", "cloud-rain"),
    T.CANCELLED: (gettext_lazy("取消了"), "", "x"),
    T.RELEASED: (gettext_lazy("没联系上，位子让了"), "warn", "phone"),
    T.CLOSED: (gettext_lazy("办完了"), "", "check"),
}
DEAL_TAGS = {
    S.APPLIED: (gettext_lazy("等老板定"), "warn", "hourglass"),
    S.OFFERED: (gettext_lazy("叫你去，等你回话"), "info", "message-dots"),
    S.WAITLISTED: (gettext_lazy("排上队了"), "warn", "list-numbers"),
    S.REACCEPT: (gettext_lazy("条件变了，再看一下"), "warn", "refresh"),
    S.WITHDRAWN: (gettext_lazy("不去了"), "", "x"),
    S.DECLINED: (gettext_lazy("没选上"), "", "x"),
    S.CANCELLED_BY_WORKER: (gettext_lazy("取消了"), "", "x"),
    S.CANCELLED_BY_EMPLOYER: (gettext_lazy("老板取消了"), "", "x"),
    S.CLOSED: (gettext_lazy("办完了"), "", "check"),
}
SAID = {  # what the last tap did, and what comes next; named in the address, so a reload says it again and does nothing
    "in": ("ok", gettext_lazy("打上卡了。"), gettext_lazy("到点开工，干完点一下收工。")),
    "in_other": (
        "warn",
        gettext_lazy("打上卡了，“不一样”也记下了。"),
        gettext_lazy("老板和站里都知道了，一天内有人打给你。先跟老板说清楚再干，没活就点“没活干，白跑了”。"),
    ),
    "out": ("ok", gettext_lazy("收工了。"), gettext_lazy("老板确认后算工钱。他不说话，到时间按你报的算。")),
    "early": ("ok", gettext_lazy("提前收工记下了。"), gettext_lazy("干了的那部分照付，等老板确认。")),
    "wasted": ("ok", gettext_lazy("白跑一趟记下了。"), gettext_lazy("说好的补偿会付给你，到“工钱”里看。")),
    "uncovered": ("info", gettext_lazy("知道今天没保险，还去。"), gettext_lazy("想法变了，开工前都能点“去不了”。")),
    "go": ("ok", gettext_lazy("定下了。"), gettext_lazy("到点去就行，开工前 1 小时能打卡。")),
    "no": ("info", gettext_lazy("回了，这次不去。"), gettext_lazy("不算你的错，附近还有别的活。")),
    "again": ("ok", gettext_lazy("按新的条件定下了。"), gettext_lazy("新的用工约定也生效了。")),
    "left": ("info", gettext_lazy("不等了。"), gettext_lazy("不算你的错，附近还有别的活。")),
    "cancelled": ("info", gettext_lazy("取消了，老板知道了。"), gettext_lazy("位子空出来了，附近还有别的活。")),
    "undone": ("ok", gettext_lazy("又定下了。"), gettext_lazy("刚才取消的那次不算。")),
    "still": ("ok", gettext_lazy("知道了，你还去。"), gettext_lazy("到点去就行，开工前 1 小时能打卡。")),
    "asked_no": ("info", gettext_lazy("知道了，这次不去。"), gettext_lazy("问你时说的，不记口碑。")),
    "turned_up": ("ok", gettext_lazy("记下了，你到了。"), gettext_lazy("有位子就去打卡，没位子钱在“工钱”里。")),
    "contested": ("ok", gettext_lazy("记下了，没到这件事先不算。"), gettext_lazy("站里的人会去问，一天内回你话。")),
    "agreed": ("ok", gettext_lazy("按老板的数算。"), gettext_lazy("工钱和最晚哪天付，在“工钱”里看。")),
    "got": ("ok", gettext_lazy("收到就好。"), gettext_lazy("这笔算到账了，能给老板打个分。")),
    "got_before": ("info", gettext_lazy("你点过“我收到了”。"), gettext_lazy("其实没收到，点下面的“有意见”。")),
    "denied": ("warn", gettext_lazy("知道了，我们帮你要。"), gettext_lazy("调解员一天内打电话给你。")),
    "rated": ("ok", gettext_lazy("评好了。"), gettext_lazy("两边都评了，或过 7 天，才互相看得到。")),
    "wished": ("ok", gettext_lazy("记下了。"), gettext_lazy("有了就叫你，一个活只说一回。")),
    "unwished": ("info", gettext_lazy("不叫了。"), gettext_lazy("想法变了，找活时再点一下。")),
    "allowed": ("ok", gettext_lazy("允许了一条。"), gettext_lazy("下次叫你，就发到微信。")),
    "unbound": ("info", gettext_lazy("解绑了。"), gettext_lazy("提醒照旧发短信和站内消息。")),
    "saved": ("ok", gettext_lazy("改好了。"), gettext_lazy("找活时就按新的来。")),
    "filed": ("ok", gettext_lazy("交给调解员了。"), gettext_lazy("一天内有人打电话给你。")),
    "hurt": ("warn", gettext_lazy("站里知道了，马上有人打给你。"), gettext_lazy("先看伤要紧，单据都留着。")),
}


@dataclass(frozen=True)
class Ten:
    """The rows of a list to show now, and where ten more are."""

    rows: list[Any]
    more_url: str
    fresh: list[Any]


def said(request: HttpRequest) -> dict[str, Any] | None:
    """The note about the last tap, for parts/note.html."""
    found = SAID.get(request.GET.get("done", ""))
    return {"tone": found[0], "lead": found[1], "text": found[2]} if found else None


def ten(request: HttpRequest, rows: QuerySet, **keep: str) -> Ten:
    """Ten rows, or as many as the pages asked for so far: without JavaScript 再看 10 个 shows them all together.

    `fresh` are the last ten alone, for the fragment. One query: one row more than shown says whether there is more.
    """
    upto = asked_upto(request)
    return ten_of(list(rows[: upto + 1]), upto, **keep)


def asked_upto(request: HttpRequest) -> int:
    """How many rows the address asks for: whole tens."""
    asked = request.GET.get("upto", "")
    upto = min(int(asked), MOST_SHOWN) if asked.isascii() and asked.isdigit() and len(asked) < 5 else TEN
    return max(upto - upto % TEN, TEN)


def ten_of(found: list[Any], upto: int, **keep: str) -> Ten:
    """The same of rows that were fetched already, one more than `upto` where there are more."""
    more = f"?{urlencode({**keep, 'upto': upto + TEN})}" if len(found) > upto and upto < MOST_SHOWN else ""
    shown = found[:upto]
    return Ten(shown, more, shown[upto - TEN :])


def picture(posting: Posting) -> dict[str, str]:
    """The picture of a posting's trade and its colour."""
    return picture_of_trade(posting.trade)


def picture_of_trade(trade: Trade) -> dict[str, str]:
    """The picture of a trade and its colour."""
    return {"pictogram": trade.pictogram, "colour": groups.group(trade.group).colour}


@lru_cache(maxsize=1024)
def picture_of(title: str) -> tuple[str, str]:
    """The picture for a wage, which knows its title alone."""
    found = reference.find_trades(title)
    return (found[0].pictogram, groups.group(found[0].group).colour) if found else ("all", "")


def stage_tag(attendance: Attendance, moment: datetime) -> dict[str, Any]:
    """Where a lived shift stands, for parts/tag.html. Shortly before the start it says 该出发了."""
    text, tone, icon = STAGE_TAGS[Stage(attendance.state)]
    if attendance.state == Stage.EXPECTED:
        if moment >= attendance.shift.ends_at:
            return {"text": _("没打卡"), "tone": "warn", "icon": "alert-triangle"}
        if moment >= attendance.shift.starts_at - SET_OUT:
            return {"text": _("该出发了"), "tone": "info", "icon": "walk"}
    return {"text": text, "tone": tone, "icon": icon}


def deal_tag(deal: Engagement, moment: datetime) -> dict[str, Any]:
    """Where a deal stands: the bargain's own word, else the word of the shift that matters now."""
    tag = DEAL_TAGS.get(State(deal.state))
    if tag is None or deal.state == State.CLOSED:
        one = current(deal, moment)
        if one is not None and (deal.state in BINDING or one.state != Stage.CLOSED):
            return stage_tag(one, moment)
    text, tone, icon = tag or (_("定下了"), "ok", "calendar-check")
    return {"text": text, "tone": tone, "icon": icon}


def current(deal: Engagement, moment: datetime) -> Attendance | None:
    """The shift of a deal that matters now: the one at work, else the next, else the last that was lived."""
    lived = [a for a in deal.attendances.all() if a.state != Stage.CANCELLED]
    for wanted in (AT_WORK, (Stage.EXPECTED,)):
        for one in lived:
            if one.state in wanted and (wanted == AT_WORK or one.shift.ends_at > moment):
                return one
    return lived[-1] if lived else None


def deal_row(deal: Engagement, moment: datetime) -> dict[str, Any]:
    """One deal as parts/ledger.html takes it."""
    posting = deal.posting
    return {
        "url": f"/shifts/{deal.code}/",
        "title": posting.title,
        "detail": f"{posting.employer.name}，{when(deal, moment)}",
        **_money(deal),
        "state": deal_tag(deal, moment),
        **picture(posting),
    }


def _money(deal: Engagement) -> dict[str, Any]:
    """What the days came to once each has its sum; before that the price with its unit, never one for the other."""
    sums = [a.pay_fen for a in deal.attendances.all() if a.state not in GONE]
    if sums and None not in sums:
        return {"fen": sum(sums), "unit": _("元")}
    return {"fen": deal.posting.pay_fen, "unit": pay_unit(deal.posting.pay_unit)}


def when(deal: Engagement, moment: datetime) -> str:
    """The day that matters, and how many there are: 明天 8:00–16:00，共 3 天."""
    one = current(deal, moment)
    if one is not None:
        days = sum(a.state != Stage.CANCELLED for a in deal.attendances.all())
        first = f"{day(one.shift.starts_at)} {span(one.shift.starts_at, one.shift.ends_at)}"
        return _("{first}，共 {n} 天").format(first=first, n=days) if days > 1 else first
    if deal.terms.get("shifts"):
        return date_words(datetime.fromisoformat(deal.terms["shifts"][0]["starts_at"]))
    return day(deal.posting.first_starts_at)


def attendance_row(attendance: Attendance, moment: datetime) -> dict[str, Any]:
    """One lived shift as parts/ledger.html takes it."""
    shift = attendance.shift
    return {
        "url": f"/shifts/at/{attendance.code}/",
        "title": f"{date_words(shift.starts_at)} {span(shift.starts_at, shift.ends_at)}",
        "detail": worked_words(attendance),
        "fen": attendance.pay_fen,
        "state": stage_tag(attendance, moment),
    }


def where(settlement: Settlement, moment: datetime) -> wages.Where:
    """Where a wage is. Once the employer confirmed and pays by hand, it is the payment that one waits for."""
    found = wages.where(settlement, moment)
    if settlement.confirmed_at is not None and settlement.state == Settlement.State.CREATED:
        return found._replace(words=_("等老板付"))
    return found


def worked_words(attendance: Attendance) -> str:
    """How much was done: 8 小时, 20 件; nothing before it is known."""
    posting = attendance.engagement.posting
    if posting.pay_unit in COUNTED_UNITS and attendance.quantity:
        return f"{plain(attendance.quantity)} {posting.get_pay_unit_display()}"
    return hours(attendance.minutes) if attendance.minutes else ""


def hours(minutes: int) -> str:
    """510 → 8.5 小时, 50 → 50 分钟."""
    if minutes < 60:
        return _("{n} 分钟").format(n=minutes)
    return _("{n} 小时").format(n=f"{minutes / 60:.2f}".rstrip("0").rstrip("."))


def plain(number: Any) -> str:
    """A quantity without idle zeros: 20.00 → 20."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain_text(number: str) -> str:
    """The same for a quantity that is kept as text."""
    return number.rstrip("0").rstrip(".") if "." in number else number


def own_deal(request: HttpRequest, code: str) -> Engagement:
    """The worker's own deal; another's does not exist here."""
    deal = deals.by_code(code)
    if deal is None or deal.worker_id != request.worker.pk:
        raise Http404
    return deal


def own_attendance(request: HttpRequest, code: str) -> Attendance:
    """The worker's own lived shift; another's does not exist here."""
    attendance = deals.attendance_by_code(code)
    if attendance is None or attendance.engagement.worker_id != request.worker.pk:
        raise Http404
    return attendance


def fresh_key() -> str:
    """A key for parts that take one: one per page, so that sending its form twice is harmless."""
    return uuid.uuid4().hex


def key_of(request: HttpRequest) -> str:
    """The key a form came with, as far as it is one."""
    return "".join(c for c in request.POST.get("key", "")[:40] if c.isascii() and (c.isalnum() or c == "-"))


def steps(labels: Sequence[Any], now_at: int) -> list[dict[str, Any]]:
    """Steps for parts/steps.html: those before `now_at` are done, it is now; past the end all are done."""
    states = ["done" if n < now_at else "now" if n == now_at else "" for n in range(len(labels))]
    return [{"label": label, "state": state} for label, state in zip(labels, states, strict=True)]
