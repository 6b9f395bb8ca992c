"""我的资料: see it, take a copy, correct it, delete it; consents on and off; who looked (SX-19, PIPL arts. 44-47)."""

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

import linggong.accounts.actions as accounts
import linggong.accounts.queries as people
import linggong.engagements.queries as deals
import linggong.payments.queries as wages
import linggong.workers.queries as workers
from linggong.accounts.consents import purposes
from linggong.core.clock import today
from linggong.core.refusals import Refused
from linggong.web.templatetags.parts import date_words, deadline
from linggong.web.worker import rows

WHAT = {"phone": "电话号码", "id_number": "身份证号", "certificate": "证件", "photo": "证件照片"}


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """`/me/data/`."""
    return _page(request)


@require_GET
def copy(request: HttpRequest) -> HttpResponse:
    """`/me/data/copy/`: everything that is kept about me, as one file."""
    told = {
        **people.export_of(request.user),
        **workers.export_of(request.worker),
        "deals": [_deal(d) for d in deals.of_worker(request.worker)],
        "wages": [_wage(s) for s in wages.of_worker(request.worker)],
    }
    text = json.dumps(told, ensure_ascii=False, indent=1, default=str)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="linggong-{today():%Y%m%d}.json"'
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def correct_name(request: HttpRequest) -> HttpResponse:
    """改名字: before the identity was checked; afterwards at the window."""
    try:
        accounts.correct_name(request.user, request.POST.get("name", ""), by=request.user)
    except Refused as refusal:
        return _page(request, refusal=refusal, status=refusal.status)
    return redirect("/me/data/?done=saved")


@require_POST
def agree(request: HttpRequest, purpose: str) -> HttpResponse:
    """同意 one purpose."""
    _known(purpose)
    accounts.consent(request.user, purpose, how="tap", by=request.user)
    return redirect("/me/data/#agreed")


@require_POST
def take_back(request: HttpRequest, purpose: str) -> HttpResponse:
    """收回: as easily as it was given."""
    _known(purpose)
    accounts.withdraw(request.user, purpose, by=request.user)
    return redirect("/me/data/#agreed")


@require_GET
def looks(request: HttpRequest) -> HttpResponse:
    """`/me/data/looks/`: who looked at my data, as what, and why."""
    shown = rows.ten(request, people.looks_at(request.user))
    part = request.htmx and "upto" in request.GET
    found = [
        {
            "title": k.role,
            "detail": f"{deadline(k.at)}，{k.reason}",
            "state": {"text": WHAT.get(k.what, k.what), "tone": "", "icon": "eye"},
        }
        for k in (shown.fresh if part else shown.rows)
    ]
    return render(
        request,
        "worker/looks.html#list" if part else "worker/looks.html",
        {
            "title": _("谁看过我的"),
            "back": "/me/",
            "rows": found,
            "more_url": shown.more_url,
        },
    )


@require_GET
def leave_page(request: HttpRequest) -> HttpResponse:
    """`/me/data/leave/`: what closing the account means."""
    return render(
        request,
        "worker/confirm.html",
        {
            "title": _("注销"),
            "back": "/me/data/",
            "action": "/me/data/leave/ask/",
            "label": _("申请注销"),
            "note": {
                "lead": _("过 7 天才删，那之前能反悔。"),
                "tone": "warn",
                "text": _(
                    "姓名、电话、身份证号都删掉。工钱记录按法律留 3 年，只认编号不认人。没办完的活和钱要先办完。"
                ),
            },
        },
    )


@require_POST
def ask_leave(request: HttpRequest) -> HttpResponse:
    """申请注销."""
    accounts.request_deletion(request.user, by=request.user)
    return redirect("/me/data/")


@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """不注销了."""
    asked = people.deletion_of(request.user)
    if asked is not None:
        accounts.withdraw_deletion(asked, by=request.user)
    return redirect("/me/data/")


# --- the inside ----------------------------------------------------------------------------------------------


def _page(request: HttpRequest, *, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    given = {c.purpose: c for c in people.consents_of(request.user) if c.withdrawn_at is None}
    user, worker = request.user, request.worker
    return render(
        request,
        "worker/data.html",
        {
            "title": _("我的资料"),
            "back": "/me/",
            "refusal": refusal,
            "said": rows.said(request),
            "name": request.POST.get("name", user.name)[:40],
            "facts": [
                {"icon": "user", "label": _("姓名"), "value": user.name},
                {"icon": "phone", "label": _("手机"), "value": user.masked_phone or _("没有")},
                {
                    "icon": "id",
                    "label": _("身份证"),
                    "value": user.masked_id or _("没填"),
                    "detail": worker.get_state_display(),
                },
                {
                    "icon": "map-pin",
                    "label": _("在哪"),
                    "value": worker.division.name,
                    "detail": _("只到这么细，不记你走过的路"),
                },
                {"icon": "calendar-event", "label": _("登记"), "value": date_words(worker.registered_at)},
            ],
            "fixed": people.is_verified(user),
            "leaving": people.deletion_of(user),
            "consents": [
                {
                    "purpose": t.purpose,
                    "title": t.title,
                    "words": t.words,
                    "needed": t.needed,
                    "given": given.get(t.purpose),
                }
                for t in purposes()
            ],
        },
        status=status,
    )


def _known(purpose: str) -> None:
    if purpose not in {text.purpose for text in purposes()}:
        raise Http404


def _deal(deal: Any) -> dict[str, Any]:
    return {
        "code": deal.code,
        "state": deal.get_state_display(),
        "asked_at": deal.asked_at.isoformat(),
        "terms": deal.terms,
        "shifts": [
            {
                "starts_at": a.shift.starts_at.isoformat(),
                "state": a.get_state_display(),
                "minutes": a.minutes,
                "pay_fen": a.pay_fen,
            }
            for a in deal.attendances.all()
        ],
    }


def _wage(settlement: Any) -> dict[str, Any]:
    return {
        "code": settlement.code,
        "employer": settlement.employer.name,
        "work_on": settlement.work_on.isoformat(),
        "title": settlement.title,
        "net_fen": settlement.net_fen,
        "state": settlement.get_state_display(),
        "paid_at": settlement.paid_at.isoformat() if settlement.paid_at else "",
    }
