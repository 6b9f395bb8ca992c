"""S6: where somebody's wage is, in the words they read themselves, and asking for it in their name."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

import linggong.cases.actions as cases
import linggong.engagements.queries as deals
import linggong.payments.queries as payments
from linggong.core.clock import now
from linggong.core.refusals import Refused
from linggong.payments.models import Settlement
from linggong.web.station import frame
from linggong.web.station.frame import WAGES, only


@require_GET
@only(WAGES)
def late(request: HttpRequest) -> HttpResponse:
    """`/desk/wages/`: what is late within reach, the longest first; and the search for a person."""
    moment = now()
    rows, more = frame.cut(payments.overdue(moment).filter(request.reach.q("worker__division")), request)
    facts = {"title": _("查工钱"), "rows": [_row(s, moment) for s in rows], "more_url": more, "person": None}
    return frame.show(request, "wages.html", facts)


@require_GET
@only(WAGES)
def of_person(request: HttpRequest, code: str) -> HttpResponse:
    """`/desk/wages/<person>/`."""
    return _page(request, code)


def _page(request: HttpRequest, code: str, *, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    worker, moment = frame.worker_of(request, code), now()
    rows, more = frame.cut(payments.of_worker(worker), request)
    facts = {
        "title": _("查工钱"),
        "rows": [_row(s, moment) for s in rows],
        "more_url": more,
        "person": worker.user,
        "refusal": refusal,
    }
    return frame.show(request, "wages.html", facts, status=status)


def _row(wage: Settlement, moment: Any) -> dict[str, Any]:
    return {
        "wage": wage,
        "where": payments.where(wage, moment),
        "fen": wage.net_fen or wage.share_fen,
        "late": wage.due_at is not None and wage.due_at <= moment,
        "person": wage.worker.user,
    }


@require_POST
@only(WAGES)
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """帮他问: a case with an owner and a clock, in the worker's name."""
    wage = payments.by_code(code)
    if wage is None:
        raise Http404
    worker = frame.worker_of(request, wage.worker.user.code)
    lived = deals.attendance_by_code(wage.ref.removeprefix("attendance:"))
    if lived is None:
        raise Http404
    try:
        case = cases.file(
            "arrears",
            about=lived,
            facts=frame.text_of(request, "facts", 400),
            deal=wage.deal,
            claim_fen=wage.net_fen,
            division_code=lived.engagement.posting.division_id,
            by=request.user,
            acting_for=worker.user,
        )
    except Refused as refusal:
        return _page(request, worker.user.code, refusal=refusal, status=refusal.status)
    return redirect(f"/desk/cases/{case.code}/")
