"""R4: who the employers are. Papers beside what was entered; passed, or back with a reason they can act on."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

import linggong.employers.actions as actions
import linggong.employers.queries as employers
import linggong.postings.queries as postings
from linggong.core.refusals import Refused
from linggong.employers.models import Employer, Verification
from linggong.web.station import frame
from linggong.web.station.frame import REVIEW, WINDOW, employer_of, only

LATEST = 5


@require_GET
@only(REVIEW)
def waiting(request: HttpRequest) -> HttpResponse:
    """`/desk/employers/`: papers that wait, rechecks that come due; `?q=` finds anybody by a part of the name."""
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:60]
    wanted = (
        employers.within(request.reach).filter(name__contains=asked) if asked else employers.to_verify(request.reach)
    )
    rows, more = frame.cut(wanted, request)
    facts = {"title": _("审雇主"), "rows": rows, "more_url": more, "asked": asked}
    return frame.show(request, "employers.html", facts)


@require_GET
@only(REVIEW | WINDOW)
def one(request: HttpRequest, code: str) -> HttpResponse:
    """`/desk/employers/<code>/`."""
    return _page(request, employer_of(request, code))


def _page(
    request: HttpRequest, employer: Employer, *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    missing = employers.papers_missing(employer)
    facts = {
        "title": employer.name,
        "employer": employer,
        "papers": list(employers.papers_of(employer)),
        "refusal": refusal,
        "missing": employers.paper_words(missing),
        "standing": employers.standing(employer),
        "members": list(employers.members_of(employer)),
        "postings": list(postings.of_employer(employer)[:LATEST]),
        "may_verify": bool(REVIEW & set(request.duties)) and employer.state in _OPEN,
        "may_return": bool(REVIEW & set(request.duties)) and employer.state == Verification.SUBMITTED,
        "may_prelim": employer.state == Verification.NEW,
    }
    return frame.show(request, "employer.html", facts, status=status)


_OPEN = (Verification.SUBMITTED, Verification.DUE_RECHECK, Verification.LAPSED, Verification.PRELIM_CHECKED)


@require_POST
@only(REVIEW)
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """通过."""
    employer = employer_of(request, code)
    try:
        actions.verify(employer, by=request.user)
    except Refused as refusal:
        return _page(request, employer_of(request, code), refusal=refusal, status=refusal.status)
    return redirect(f"/desk/employers/{employer.code}/")


@require_POST
@only(REVIEW)
def return_(request: HttpRequest, code: str) -> HttpResponse:
    """退回, with what to change."""
    employer = employer_of(request, code)
    try:
        actions.return_papers(employer, because=frame.text_of(request, "because"), by=request.user)
    except Refused as refusal:
        return _page(request, employer_of(request, code), refusal=refusal, status=refusal.status)
    return redirect(f"/desk/employers/{employer.code}/")


@require_POST
@only(REVIEW | WINDOW)
def prelim(request: HttpRequest, code: str) -> HttpResponse:
    """先登记上: the first check at the window, of what was shown."""
    employer = employer_of(request, code)
    try:
        actions.prelim_check(employer, by=request.user)
    except Refused as refusal:
        return _page(request, employer_of(request, code), refusal=refusal, status=refusal.status)
    return redirect(f"/desk/employers/{employer.code}/")
