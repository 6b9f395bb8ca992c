"""R5: stop an employer with a reason, and let them go on."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

import linggong.employers.actions as actions
import linggong.employers.queries as employers
import linggong.postings.queries as postings
from linggong.core.clock import now
from linggong.core.queries import timeline
from linggong.core.refusals import Refused
from linggong.employers.models import Employer, Verification
from linggong.oversight.actions import suspend_employer
from linggong.web.bureau import frame
from linggong.web.bureau.event_words import said
from linggong.web.bureau.frame import SUPERVISE


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """`/bureau/employers/`: `?q=` is a part of the name."""
    asked = frame.asked(request)
    rows = employers.within(request.reach)
    rows, more = frame.cut(rows.filter(name__contains=asked) if asked else rows, request)
    return render(request, "bureau/employers.html", {"rows": rows, "more_url": more, "asked": asked})


@require_GET
def one(request: HttpRequest, code: str) -> HttpResponse:
    """`/bureau/employers/<code>/`."""
    return _page(request, _employer(request, code))


def _page(
    request: HttpRequest, employer: Employer, *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    suspended = employer.state == Verification.SUSPENDED
    may_write = frame.may(request, SUPERVISE)
    facts = {
        "employer": employer, "refusal": refusal, "standing": employers.standing(employer),
        "live": len(list(postings.live_of_employer(employer, now()))),
        "steps": [(event, said(event)) for event in timeline(employer)],
        "may_lift": may_write and suspended, "because": frame.typed(request, "because"),
        "may_suspend": may_write and Verification.SUSPENDED in employer.MOVES[employer.state],
    }  # fmt: skip
    return render(request, "bureau/employer.html", facts, status=status)


@require_POST
@frame.only(SUPERVISE)
def suspend(request: HttpRequest, code: str) -> HttpResponse:
    """停用: open postings come down, deals in progress stay protected."""
    employer = _employer(request, code)
    try:
        suspend_employer(employer, because=frame.typed(request, "because"), by=request.user)
    except Refused as refusal:
        return _page(request, _employer(request, code), refusal=refusal, status=refusal.status)
    return redirect(f"/bureau/employers/{employer.code}/")


@require_POST
@frame.only(SUPERVISE)
def lift(request: HttpRequest, code: str) -> HttpResponse:
    """恢复."""
    employer = _employer(request, code)
    try:
        actions.lift(employer, because=frame.typed(request, "because"), by=request.user)
    except Refused as refusal:
        return _page(request, _employer(request, code), refusal=refusal, status=refusal.status)
    return redirect(f"/bureau/employers/{employer.code}/")


def _employer(request: HttpRequest, code: str) -> Employer:
    employer = employers.by_code(code)
    if employer is None or not request.reach.covers_division(employer.division_id):
        raise Http404
    return employer
