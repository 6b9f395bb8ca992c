"""找活卡: workers who say what they look for, without name, phone or age; the employer asks, the worker answers (FJ-15)."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

import linggong.engagements.actions as deals
import linggong.postings.queries as posted
import linggong.reference.queries as reference
import linggong.workers.queries as workers
from linggong.core.clock import now
from linggong.core.refusals import Refused
from linggong.postings.models import State
from linggong.web.employer.standing import PAGE, my_posting, once_for, start_of

MOST = 100


@require_GET
def cards(request: HttpRequest) -> HttpResponse:
    """`/e/cards/`: who looks for work in this county."""
    return _cards(request)


def _cards(request: HttpRequest, *, refusal: Refused | None = None, asked: str = "", status: int = 200) -> HttpResponse:
    start = start_of(request)
    rows = workers.visible_cards(division_code=reference.county_of(request.employer.division_id), limit=MOST)
    mine = [row for row in posted.live_of_employer(request.employer, now())[:20] if row.state == State.PUBLISHED]
    shown: dict[str, Any] = {
        "cards": rows[start : start + PAGE], "mine": mine, "refusal": refusal, "asked": asked or request.GET.get("asked", ""),
        "more_url": f"?from={start + PAGE}" if len(rows) > start + PAGE else "", "count": len(rows) - start - PAGE,
    }  # fmt: skip
    return render(
        request, "employer/cards.html#more" if request.htmx and start else "employer/cards.html", shown, status=status
    )


@require_POST
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """请这位来: an offer for one of my postings. The worker sees who asks; the employer sees no phone."""
    card = workers.visible_card(code)
    if card is None:
        raise Http404
    posting = my_posting(request, request.POST.get("posting", "").replace("\x00", "")[:12])
    try:
        once_for(
            request, [posting.code, code], lambda: {"code": deals.offer(posting, card.worker, by=request.user).code}
        )
    except Refused as refusal:
        return _cards(request, refusal=refusal, status=refusal.status)
    return redirect(f"/e/cards/?asked={card.code}")
