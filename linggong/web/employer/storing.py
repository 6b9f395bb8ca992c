"""E7: the employer may put wages where a licensed custodian holds them. A choice, never a condition."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

import linggong.engagements.actions as deals
import linggong.payments.actions as payments
import linggong.payments.queries as paid
import linggong.postings.queries as posted
from linggong.core.clock import now
from linggong.core.refusals import Refused
from linggong.payments.models import Funding
from linggong.postings.models import Posting
from linggong.web.employer import preview
from linggong.web.employer.standing import my_posting


@require_GET
def store(request: HttpRequest, code: str) -> HttpResponse:
    """`/e/jobs/<code>/store/`: whose account, how much, what comes back, what workers see."""
    return _store(request, my_posting(request, code))


def _store(
    request: HttpRequest, posting: Posting, *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    shifts = [shift for shift in posted.shifts_to_come(posting, now()) if shift.taken < shift.places]
    each = preview.each_fen(posting, shifts) if shifts else 0
    free = sum(shift.places - shift.taken for shift in shifts)
    shown: dict[str, Any] = {
        "posting": posting, "each": each, "free": free, "sum": each * free, "refusal": refusal,
        "owner": settings.WAGE_ACCOUNT_OWNER_NAME, "off": settings.WAGE_ACCOUNT_PROVIDER == "off",
        "last": _last(posting), "rows": [{"label": f"{free} 人次", "fen": each * free}],
    }  # fmt: skip
    return render(request, "employer/store.html", shown, status=status)


def _last(posting: Posting) -> Funding | None:
    return paid.fundings_of(posting.employer).filter(ref=f"posting:{posting.code}").first()


@require_POST
def fund(request: HttpRequest, code: str) -> HttpResponse:
    """存工钱: ask the custodian for its pay page; the waiting page asks for it."""
    posting = my_posting(request, code)
    key = "".join(char for char in request.POST.get("key", "")[:40] if char.isalnum())
    try:
        funding = deals.fund_posting(posting, key=f"{request.user.code}:{key or posting.code}", by=request.user)
    except Refused as refusal:
        return _store(request, posting, refusal=refusal, status=refusal.status)
    return redirect("employer:funding", funding.code)


@require_GET
def funding(request: HttpRequest, code: str) -> HttpResponse:
    """The wait for the custodian, the way to its page, and what came of it. Asked again every second while it waits."""
    row = _mine(request, code)
    posting = row.ref.removeprefix("posting:")
    shown = {"funding": row, "posting_code": posting, "sum": row.wages_fen + row.premium_fen}
    return render(request, "employer/funding.html#funding" if request.htmx else "employer/funding.html", shown)


@require_POST
def cancel(request: HttpRequest, code: str) -> HttpResponse:
    """不存了: the posting goes on as 线下付."""
    row = _mine(request, code)
    payments.cancel_funding(row, by=request.user)
    return redirect("employer:job", row.ref.removeprefix("posting:"))


def _mine(request: HttpRequest, code: str) -> Funding:
    row = paid.funding_by_code(code)
    if row is None or row.employer_id != request.employer.pk:
        raise Http404
    return row
