"""The 80 mm slips: what a person takes home, and the stub that comes back with a signature."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

import linggong.accounts.queries as accounts
import linggong.engagements.queries as deals
import linggong.postings.queries as postings
from linggong.core.clock import now
from linggong.engagements.models import Engagement
from linggong.web.latest_pay import latest_pay
from linggong.web.place import operator_of
from linggong.web.qr import qr_svg
from linggong.web.station.frame import WINDOW, may_see, only, posting_of
from linggong.web.templatetags.parts import clock, date_words, deadline, pay_unit, span, yuan


def rows_of(deal: Engagement) -> list[dict[str, Any]]:
    """What, when, where, whom to ask for, how much and by when."""
    terms = deal.terms or deal.version.terms
    shifts = terms["shifts"]
    first, last = shifts[0], shifts[-1]
    starts, ends = datetime.fromisoformat(first["starts_at"]), datetime.fromisoformat(first["ends_at"])
    posting = deal.posting
    due = latest_pay(terms, datetime.fromisoformat(last["ends_at"]), posting.division_id)
    rows = [
        {"label": _("做什么"), "value": posting.title},
        {"label": _("哪天"), "value": f"{date_words(starts)} {span(starts, ends)}"},
        {"label": _("几班"), "value": _("{n} 班").format(n=len(shifts))} if len(shifts) > 1 else None,
        {"label": _("哪里"), "value": posting.address},
        {"label": _("找谁"), "value": posting.contact_name or deal.employer.contact_name},
        {
            "label": _("工钱"),
            "value": f"{yuan(posting.pay_fen)} {pay_unit(posting.pay_unit)}，{posting.get_custody_display()}",
        },
        {"label": _("最晚"), "value": _("{when} 付").format(when=deadline(due))},
    ]
    return [row for row in rows if row]


def slip_facts(deal: Engagement, request: HttpRequest) -> dict[str, Any]:
    """parts/receipt.html for one deal."""
    venue = request.venue
    return {
        "title": _("派工条"),
        "name": _("{name} 师傅").format(name=deal.worker.user.name),
        "rows": rows_of(deal),
        "place": venue.name if venue else _("零工市场"),
        "svg": qr_svg(f"{settings.SITE_URL}/shifts/{deal.code}/", border=4),
        "scan": _("到了给老板看这个码，编号 {code}").format(code=deal.code),
        "hotline": operator_of(request).get("hotline", ""),
        "tear": {"title": _("收钱回条 {code}").format(code=deal.code), "text": _("收到工钱，签名撕下交窗口")},
    }


@require_GET
@only(WINDOW)
def slip(request: HttpRequest, code: str) -> HttpResponse:
    """`/desk/slips/<deal>/`."""
    deal = deals.by_code(code)
    if deal is None or not may_see(request, deal.worker.user):
        raise Http404
    back = f"/desk/?person={deal.worker.user.code}&deal={deal.code}"
    return render(request, "station/slip.html", {"slips": [slip_facts(deal, request)], "back": back})


@require_GET
@only(WINDOW)
def receipt(request: HttpRequest, code: str, receipt: str) -> HttpResponse:
    """`/desk/people/<code>/receipts/<receipt>/`: what was done for somebody, on a slip to take home."""
    user = person_at(request, code)
    row = accounts.assisted_for(user).filter(code=receipt).first() if user is not None else None
    if row is None:
        raise Http404
    one = {
        "title": _("代办条"),
        "name": user.called,
        "rows": [
            {"label": _("办了什么"), "value": row.receipt},
            {"label": _("什么时候"), "value": deadline(row.at)},
            {"label": _("谁办的"), "value": row.acted_by.name},
            {"label": _("本人同意"), "value": row.get_consent_how_display()},
            {"label": _("编号"), "value": row.code},
        ],
        "place": request.venue.name if request.venue else _("零工市场"),
        "hotline": operator_of(request).get("hotline", ""),
        "line": _("没让办过？打上面的电话说一声"),
    }
    return render(request, "station/slip.html", {"slips": [one], "back": f"/desk/people/{code}/"})


@require_GET
@only(WINDOW)
def muster(request: HttpRequest, code: str) -> HttpResponse:
    """`/desk/dispatch/<posting>/print/`: who comes, on one sheet of A4."""
    posting = posting_of(request, code)
    bound = list(deals.bound(posting))
    people = [
        {
            "n": n,
            "name": deal.worker.user.name,
            "tail": deal.worker.user.phone_tail4,
            "days": "、".join(date_words(a.shift.starts_at) for a in deal.attendances.all() if a.state != "cancelled"),
        }
        for n, deal in enumerate(bound, start=1)
    ]
    facts = {
        "posting": posting,
        "people": people,
        "at": now(),
        "back": f"/desk/dispatch/{posting.code}/",
        "shifts": postings.shifts_of(posting),
    }
    return render(request, "station/muster.html", facts)


@require_GET
@only(WINDOW)
def poster(request: HttpRequest, code: str) -> HttpResponse:
    """`/desk/post/<posting>/poster/`: to be read at three metres."""
    posting = posting_of(request, code)
    shifts = postings.shifts_to_come(posting, now()) or postings.shifts_of(posting)
    if not shifts:
        raise Http404
    terms = postings.current_version(posting)
    due = None
    if terms is not None:
        due = latest_pay(terms.terms, shifts[0].ends_at, posting.division_id)
    facts = {
        "posting": posting,
        "first": shifts[0],
        "shifts": shifts,
        "due": deadline(due) if due else "",
        "hours": f"{clock(shifts[0].starts_at)} 到 {clock(shifts[0].ends_at)}",
        "svg": qr_svg(f"{settings.SITE_URL}/jobs/{posting.code}/", border=4),
        "venue": request.venue,
        "at": now(),
        "hotline": operator_of(request).get("hotline", ""),
        "back": f"/desk/post/{posting.code}/",
        "link": f"{settings.SITE_URL}/jobs/{posting.code}/",
    }
    return render(request, "station/poster.html", facts)


def login_slip_rows(code: str) -> list[dict[str, str]]:
    """What stands on a slip with a sign-in code."""
    return [
        {"label": _("登录码"), "value": f"{code[:4]} {code[4:]}"},
        {"label": _("怎么用"), "value": _("登录页点“用纸上的码”")},
        {"label": _("多久"), "value": _("15 分钟内有效，用一次")},
    ]


def person_at(request: HttpRequest, code: str) -> Any:
    """The person of a code in an address, if this desk may see them."""
    user = accounts.by_code(code) if code else None
    return user if user is not None and may_see(request, user) else None
