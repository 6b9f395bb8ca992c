"""E14: people this employer liked, and asking them first."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

import linggong.engagements.actions as deals
import linggong.engagements.queries as lived
import linggong.matching.actions as matching
import linggong.matching.team as teams
import linggong.postings.queries as posted
import linggong.workers.queries as workers
from linggong.core.clock import now
from linggong.core.refusals import Refused
from linggong.postings.models import Posting, State
from linggong.web.employer.people import person
from linggong.web.employer.standing import PAGE, my_posting, once_for, start_of

ASKED_MOST = 20


@require_GET
def team(request: HttpRequest) -> HttpResponse:
    """`/e/team/`: who I said was good, the last first; one posting to ask them to."""
    return _team(request)


def _team(request: HttpRequest, *, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    start = start_of(request)
    found = list(teams.liked(request.employer)[start : start + PAGE + 1])
    said = workers.standings(found[:PAGE])
    shown: dict[str, Any] = {
        "people": [person(row, said[row.pk]) for row in found[:PAGE]], "refusal": refusal, "mine": _open(request),
        "asked": request.GET.get("asked", "")[:3], "start": start,
        "more_url": f"/e/team/?from={start + PAGE}" if len(found) > PAGE else "",
    }  # fmt: skip
    return render(request, "employer/team.html", shown, status=status)


def _open(request: HttpRequest) -> list[Posting]:
    return [row for row in posted.live_of_employer(request.employer, now()) if row.state == State.PUBLISHED][
        :ASKED_MOST
    ]


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """先叫他们: everybody liked who may and could do it is asked; nothing binds before their answer."""
    posting = my_posting(request, request.POST.get("posting", "")[:12])
    if posting.state != State.PUBLISHED:
        raise Http404

    def do() -> dict[str, Any]:
        able = teams.able(request.employer, posting, now())[:ASKED_MOST]
        asked = [row for row in able if not lived.live(posting, row).exists() and _offer(posting, row, request)]
        return {"asked": len(asked)}

    try:
        done = once_for(request, ["team", posting.code], do)
    except Refused as refusal:
        return _team(request, refusal=refusal, status=refusal.status)
    return redirect(f"/e/team/?asked={done['asked']}")


def _offer(posting: Posting, worker: Any, request: HttpRequest) -> bool:
    """One who cannot after all does not keep the others from being asked."""
    try:
        deals.offer(posting, worker, by=request.user)
    except Refused:
        return False
    return True


@require_POST
def drop(request: HttpRequest, code: str) -> HttpResponse:
    """去掉: out of the list; nobody is told."""
    row = workers.by_code(code)
    if row is None or not teams.liked(request.employer).filter(pk=row.pk).exists():
        raise Http404
    matching.unlike(row, request.employer, by=request.user)
    return redirect("employer:team")
