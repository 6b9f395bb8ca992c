"""帮我补满: the invitations of a posting as its employer sees them, and whoever was asked once more."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

import linggong.engagements.actions as deals
import linggong.postings.queries as posted
from linggong.core.clock import now
from linggong.core.refusals import Refused
from linggong.engagements import invited
from linggong.engagements.models import Confirmation, Filling
from linggong.engagements.tried import in_words, tried
from linggong.postings.models import Posting, State, WayIn
from linggong.web.employer.standing import my_posting, once_for

RUNNING = Filling.State.RUNNING


@require_GET
def waves(request: HttpRequest, code: str) -> HttpResponse:
    """`/e/jobs/<code>/waves/`: how many were asked in each wave, what they said, when the next one goes."""
    return _page(request, my_posting(request, code))


def _page(request: HttpRequest, posting: Posting, *, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    moment = now()
    filling = invited.filling_of(posting)
    shifts = posted.shifts_to_come(posting, moment)
    free = posted.places_left(posting, moment)
    open_now = posting.state == State.PUBLISHED and free > 0 and posting.way_in != WayIn.DISPATCH
    running = filling is not None and filling.state == RUNNING
    rows = invited.waves_of(filling) if filling else []
    shown = {
        "posting": posting, "filling": filling, "waves": rows, "running": running, "refusal": refusal,
        "first": shifts[0] if shifts else None, "taken": max((shift.taken for shift in shifts), default=0),
        "asked": sum(row["asked"] for row in rows), "coming": sum(row["taken"] for row in rows),
        "waiting": sum(row["sent"] for row in rows), "free": free, "can_fill": open_now and not running,
        "again": open_now, "picks": posting.way_in == WayIn.APPLY,
        "next_at": filling.next_at if running and filling.next_at > moment else None,
    }  # fmt: skip
    template = "employer/waves.html#waves" if request.htmx else "employer/waves.html"
    return render(request, template, shown, status=status)


@require_POST
def fill(request: HttpRequest, code: str) -> HttpResponse:
    """帮我补满."""

    def act(posting: Posting) -> None:
        deals.send_wave(deals.fill(posting, why="asked", by=request.user))

    return _act(request, code, "fill", act)


@require_POST
def stop(request: HttpRequest, code: str) -> HttpResponse:
    """不用叫了."""

    def act(posting: Posting) -> None:
        filling = invited.filling_of(posting)
        if filling is not None and filling.state == RUNNING:
            deals.stop_filling(filling, by=request.user)

    return _act(request, code, "stop", act)


@require_POST
def last_time(request: HttpRequest, code: str) -> HttpResponse:
    """还是上次那几个人: one tap asks them."""
    return _act(request, code, "last-time", lambda posting: deals.ask_last_time(posting, by=request.user))


def _act(request: HttpRequest, code: str, what: str, act: Callable[[Posting], Any]) -> HttpResponse:
    posting = my_posting(request, code)

    def do() -> dict[str, Any]:
        act(posting)
        return {}

    try:
        once_for(request, [what, posting.code], do)
    except Refused as refusal:
        return _page(request, my_posting(request, code), refusal=refusal, status=refusal.status)
    return redirect("employer:waves", posting.code)


# --- asked once more -----------------------------------------------------------------------------------------


def asked_again(row: Any, moment: Any) -> dict[str, Any] | None:
    """What the page of one shift says about 还来吗, and what a person may do about silence."""
    asked = Confirmation.objects.filter(attendance=row).first()
    if asked is None:
        return None
    asked = invited.confirmation_by_code(asked.code)
    known = tried([asked])[asked.code]
    silent = asked.state == Confirmation.State.ASKED and row.state == "expected" and row.shift.starts_at > moment
    call_from = row.engagement.worker.call_from
    return {
        "words": asked.get_state_display(), "tone": {"coming": "ok", "asked": "warn"}.get(asked.state, ""),
        "silent": silent, "tried": in_words(asked, known) if silent else [],
        "lacking": invited.to_release(asked, moment, known) if silent else [], "by_slip": asked.by_slip,
        "costs": deals.release_costs(asked) if silent else "",
        "call_from": _("他说早上 {at} 以后再打").format(at=f"{call_from:%-H:%M}") if call_from else "",
    }  # fmt: skip
