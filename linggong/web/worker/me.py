"""W17: one page from which everything a worker owns is at most two taps away; record, insurance, messages, cases."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

import linggong.accounts.actions as accounts
import linggong.accounts.queries as people
import linggong.cases.actions as casing
import linggong.cases.queries as cases
import linggong.employers.queries as employers
import linggong.engagements.queries as deals
import linggong.insurance.queries as covers
import linggong.venues.queries as venues
import linggong.workers.queries as workers
from linggong.core.asking import Count, Question
from linggong.core.once import once
from linggong.engagements.models import Engagement
from linggong.matching import wishing
from linggong.web.links import page_for
from linggong.web.place import ask_with_operator
from linggong.web.qr import qr_svg
from linggong.web.templatetags.parts import date_words, deadline, span
from linggong.web.worker import rows
from linggong.workers.record import BENEFITS, RULES_IN_WORDS


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """`/me/`."""
    worker = request.worker
    standings, unread, wished, hires, identity = ask_with_operator(
        request,
        workers.standings_question([worker]),
        people.unread_question(request.user),
        Question([Count(wishing.open_of(worker))], int),
        Question([Count(employers.acted_for(request.user))], bool),
        people.identity_question(request.user),
    )
    standing = standings[worker.pk]
    lists = [
        (
            _("我的活"),
            [
                ("calendar-event", _("要去的"), "/shifts/", ""),
                ("bell", _("谁在叫我"), "/invited/", ""),
                ("hourglass", _("报的名，等回话"), "/shifts/?tab=waiting", ""),
                ("check", _("干完的"), "/shifts/?tab=done", ""),
                ("cash", _("工钱"), "/wages/", ""),
                ("bell", _("有了叫我"), "/me/wishes/", _("在等 {n} 样").format(n=wished) if wished else ""),
            ],
        ),
        (
            _("保障"),
            [
                ("shield-check", _("保险"), "/me/insurance/", ""),
                ("file-text", _("用工约定"), "/me/agreements/", ""),
                ("scale", _("我说过的事"), "/me/cases/", ""),
                ("message-dots", _("消息"), "/messages/", _("{n} 条没看").format(n=unread) if unread else ""),
            ],
        ),
        (
            _("本事"),
            [
                ("star", _("口碑"), "/me/record/", standing["label"]),
                ("certificate", _("会干的活和证件"), "/me/skills/", ""),
                ("id", _("找活卡"), "/me/card/", ""),
                ("school", _("学本事"), "/me/training/", ""),
            ],
        ),
        (
            _("资料"),
            [
                ("user", _("在哪干、多远、多少钱"), "/me/profile/", ""),
                ("database", _("我的资料、同意过的"), "/me/data/", ""),
                ("eye", _("谁看过我的"), "/me/data/looks/", ""),
                *([("message-dots", _("微信提醒"), "/me/wechat/", "")] if settings.WECHAT_PROVIDER != "off" else []),
            ],
        ),
    ]
    return render(
        request,
        "worker/me.html",
        {
            "title": _("我"),
            "worker": worker,
            "person": request.user,
            "standing": standing,
            "said": rows.said(request),
            "lists": [
                (name, [dict(zip(("icon", "label", "url", "note"), entry, strict=True)) for entry in entries])
                for name, entries in lists
            ],
            "qr": qr_svg(f"{settings.SITE_URL}/desk/people/{worker.code}/"),
            "hires": hires,
            "identity": identity,
        },
    )


@require_GET
def record(request: HttpRequest) -> HttpResponse:
    """`/me/record/`: what my 口碑 is made of, how to raise it, how to appeal."""
    found = workers.record_of(request.worker)
    said = [
        {"label": _("{n} 星").format(n=r.stars), "icon": "star", "value": date_words(r.at), "detail": r.text}
        for r in deals.visible_ratings(about_worker=request.worker)[:10]
    ]
    return render(
        request,
        "worker/record.html",
        {
            "title": _("我的口碑"),
            "back": "/me/",
            "standing": workers.standing(request.worker),
            "record": found[:30],
            "ratings": said,
            "benefits": BENEFITS,
            "rules": RULES_IN_WORDS,
            "total": sum(row.points for row in found if row.counts),
            "said": rows.said(request),
        },
    )


@require_POST
def appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """记错了: a person looks at one event of the record within five working days (published rule)."""
    row = next((r for r in workers.record_of(request.worker) if r.pk == pk and r.points < 0), None)
    if row is None:
        raise Http404
    deal = _deal_of(request, row.cause)

    def do() -> dict[str, Any]:
        facts = _("口碑记错了：{words}，{day}").format(words=row.words, day=date_words(row.at))
        case = casing.file(
            "report",
            about=deal,
            facts=facts,
            by=request.user,
            deal=deals.ref(deal),
            division_code=deal.posting.division_id,
        )
        return {"case": case.code}

    case = once(f"{request.user.code}:appeal:{rows.key_of(request)}", {"point": pk}, do)["case"]
    return redirect(f"/me/cases/{case}/?done=filed")


@require_GET
def insurance(request: HttpRequest) -> HttpResponse:
    """`/me/insurance/`: every policy, who pays, what it covers, how to report an injury."""
    shown = rows.ten(request, covers.of_worker(request.worker))
    part = request.htmx and "upto" in request.GET
    found = [
        {
            "title": f"{date_words(p.starts_at)} {span(p.starts_at, p.ends_at)}",
            "detail": f"{p.product.insurer}，{p.product.name}",
            "state": {
                "text": p.get_state_display(),
                "tone": "ok" if p.state in covers.COVERING else "",
                "icon": "shield-check",
            },
            "lines": covers.four_lines(p.product, p.sum_fen),
            "number": p.policy_number,
            "reason": p.reason,
            "url": page_for("engagements.engagement", p.deal.removeprefix("engagement:"), "worker"),
        }
        for p in (shown.fresh if part else shown.rows)
    ]
    return render(
        request,
        "worker/insurance.html#list" if part else "worker/insurance.html",
        {
            "title": _("我的保险"),
            "back": "/me/",
            "rows": found,
            "more_url": shown.more_url,
        },
    )


@require_GET
def messages(request: HttpRequest) -> HttpResponse:
    """`/messages/`: newest first; opening one reads it."""
    shown = rows.ten(request, people.inbox(request.user))
    part = request.htmx and "upto" in request.GET
    found = [
        {"pk": n.pk, "text": n.text, "at": n.at, "new": n.read_at is None}
        for n in (shown.fresh if part else shown.rows)
    ]
    return render(
        request,
        "worker/messages.html#list" if part else "worker/messages.html",
        {
            "title": _("消息"),
            "back": "/me/",
            "rows": found,
            "more_url": shown.more_url,
            "unread": any(n["new"] for n in found),
        },
    )


@require_GET
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message in full and the page it is about. It is marked as read by the button, or by 都看过了."""
    notice = people.inbox(request.user).filter(pk=pk).first()
    if notice is None:
        raise Http404
    url = page_for(notice.about_type, notice.about_code, "worker")
    return render(
        request, "worker/message.html", {"title": _("消息"), "back": "/messages/", "notice": notice, "url": url}
    )


@require_POST
def open_message(request: HttpRequest, pk: int) -> HttpResponse:
    """去看: it is read, and its page opens."""
    notice = people.inbox(request.user).filter(pk=pk).first()
    if notice is None:
        raise Http404
    accounts.read_notice(notice, by=request.user)
    return redirect(page_for(notice.about_type, notice.about_code, "worker") or "/messages/")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """都看过了."""
    accounts.read_all(request.user, by=request.user)
    return redirect("/messages/")


@require_GET
def case_list(request: HttpRequest) -> HttpResponse:
    """`/me/cases/`: what I brought up, newest first, each with when somebody answers."""
    shown = rows.ten(request, cases.of_person(request.user))
    part = request.htmx and "upto" in request.GET
    found = [
        {
            "url": f"/me/cases/{c.code}/",
            "title": c.get_kind_display(),
            "detail": date_words(c.filed_at),
            "state": {"text": c.get_state_display(), "tone": "ok" if c.state == "closed" else "info", "icon": "scale"},
        }
        for c in (shown.fresh if part else shown.rows)
    ]
    return render(
        request,
        "worker/cases.html#list" if part else "worker/cases.html",
        {
            "title": _("我说过的事"),
            "back": "/me/",
            "rows": found,
            "more_url": shown.more_url,
        },
    )


@require_GET
def case(request: HttpRequest, code: str) -> HttpResponse:
    """`/me/cases/<code>/`: what I said, who is on it, by when, what was done, the answer."""
    row = cases.by_code(code)
    if row is None or row.filed_by_id != request.user.pk:
        raise Http404
    deal = page_for("engagements.engagement", row.deal.removeprefix("engagement:"), "worker") if row.deal else ""
    return render(
        request,
        "worker/case.html",
        {
            "title": row.get_kind_display(),
            "back": "/me/cases/",
            "case": row,
            "deal_url": deal,
            "said": rows.said(request),
            "facts": [
                {"icon": "calendar-event", "label": _("说的"), "value": deadline(row.filed_at)},
                {"icon": "user", "label": _("谁在办"), "value": row.owner.called if row.owner else _("正在找人办")},
                {"icon": "hourglass", "label": _("回话"), "value": _("最晚 {when}").format(when=deadline(row.due_at))},
            ],
            "steps": [
                {"icon": "point", "label": date_words(s.at), "value": s.text} for s in row.steps.order_by("at", "pk")
            ],
        },
    )


@require_GET
def training(request: HttpRequest) -> HttpResponse:
    """`/me/training/`: no course is kept here yet; the stations that run them are named."""
    place = request.worker
    near = venues.nearest(place.lat, place.lng, 3) if place.lat is not None else []
    return render(request, "worker/training.html", {"title": _("学本事"), "back": "/me/", "stations": near})


# --- the inside ----------------------------------------------------------------------------------------------


def _deal_of(request: HttpRequest, cause: str) -> Engagement:
    kind, _sep, code = cause.partition(":")
    if kind == "attendance":
        return rows.own_attendance(request, code).engagement
    return rows.own_deal(request, code)
