"""S4 and S5: work with places left on one side, the people it fits on the other."""

from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET, require_POST

import linggong.accounts.actions as accounts
import linggong.engagements.actions as joining
import linggong.engagements.queries as deals
import linggong.matching.queries as matching
import linggong.postings.queries as postings
import linggong.reference.queries as reference
import linggong.venues.queries as venues
import linggong.workers.queries as workers
from linggong.accounts.models import Consent
from linggong.core.asking import Question, joined, known
from linggong.core.clock import now, today
from linggong.core.refusals import Refused
from linggong.engagements.models import BINDING, Attendance, Engagement
from linggong.engagements.models import State as DealState
from linggong.engagements.turns import last_worked
from linggong.matching import draws
from linggong.matching.actions import decided
from linggong.matching.turns import DRAW, TURN, Turns
from linggong.postings.models import Posting, Shift, State
from linggong.venues.models import Venue
from linggong.web.station import frame, numbers
from linggong.web.station.frame import WINDOW, only, posting_of
from linggong.web.station.window import why
from linggong.web.templatetags.parts import clock, day

PEOPLE = 12
_ORDERS = {
    TURN: __("本站轮流派：没活天数多的在前，一样多的每天抓阄。"),
    DRAW: __("本站早上摇号：拿了号的按摇出来的先后。"),
}
HOW = {"spoken": Consent.How.SPOKEN, "call": Consent.How.RECORDED_CALL}


@require_GET
@only(WINDOW)
def home(request: HttpRequest) -> HttpResponse:
    """`/desk/dispatch/`: the next to start first."""
    return _page(request, "")


@require_GET
@only(WINDOW)
def one(request: HttpRequest, code: str) -> HttpResponse:
    """`/desk/dispatch/<posting>/`."""
    return _page(request, code)


def _page(
    request: HttpRequest, code: str, *, refusal: Refused | None = None, opened: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    moment = now()
    out = postings.within(request.reach).filter(
        state__in=[State.PUBLISHED, State.FULL], listed=True, last_starts_at__gt=moment
    )
    listed = postings.with_room(out, moment).order_by("next_starts_at", "pk")
    (rows, more), chosen, (bound, line, to_come) = frame.ask(
        request,
        frame.cut_question(listed, request),
        frame.posting_question(request, code) if code else known(None),
        _standing(code, moment) if code else known(([], [], [])),
    )
    if code and chosen is None:
        raise Http404
    found = _found(request, chosen) if chosen else matching.Candidates()
    facts = {
        "title": _("派工"),
        "more_url": more,
        "chosen": chosen,
        "refusal": refusal,
        "opened": opened,
        "bound": bound,
        "rows": [
            {"posting": p, "left": p.places_left or 0, "when": f"{day(p.next_start)} {clock(p.next_start)}"}
            for p in rows
        ],
        "left": max((shift.places - shift.taken for shift in to_come), default=0),
        "line": line,
        "people": _people(found, bound),
        "order": _ORDERS.get(found.order, "") if chosen else "",
        "draws": request.venue is not None and request.venue.by_draw,
        "sent": request.GET.get("sent", "")[:12],
    }
    return frame.show(request, "dispatch.html", facts, status=status)


def _standing(code: str, moment: datetime) -> Question[tuple[list[Engagement], list[Engagement], list[Shift]]]:
    """Who is bound, with the shifts they come to, who waits, and the shifts that are to come."""
    shown = deals.standing_in(code).filter(state__in=[*BINDING, DealState.WAITLISTED])
    lived = deals.attendances(engagement__posting__code=code, engagement__state__in=BINDING)

    def answer(here: list[Engagement], lived: list[Attendance], shifts: list[Shift]) -> tuple[list, list, list]:
        to_come = [shift for shift in shifts if shift.starts_at > moment]
        bound = sorted((d for d in here if d.state in BINDING), key=lambda d: (d.confirmed_at or d.asked_at, d.pk))
        for deal in bound:
            deal.lived = [row for row in lived if row.engagement_id == deal.pk]
        return bound, [d for d in here if d.state not in BINDING][:PEOPLE], to_come

    return joined(answer, Question([shown], list), Question([lived], list), postings.shifts_question(code))


def _found(request: HttpRequest, posting: Posting) -> matching.Candidates:
    return matching.for_posting(posting, now(), limit=PEOPLE, by_turns=_turns(request.venue, posting))


def _turns(venue: Venue | None, posting: Posting) -> Question[Turns | None] | None:
    """How this venue orders people in its own area; None: by the published points."""
    if venue is None or not (venue.by_turn or venue.by_draw):
        return None
    area, day = venues.serves(venue), today()
    if not reference.covers(area, posting.division_id):
        return None

    def answer(last: dict[int, date], places: dict[int, int]) -> Turns | None:
        return Turns(venue.code, day, last, places) if places or venue.by_turn else None

    return joined(answer, last_worked(area, day), draws.places(venue, day) if venue.by_draw else known({}))


def _people(found: matching.Candidates, bound: list[Any]) -> list[dict[str, Any]]:
    taken = {deal.worker_id for deal in bound}
    return [{"worker": c.worker, "reasons": why(c.reasons)} for c in found if c.worker.pk not in taken]


@require_POST
@only(WINDOW)
def number(request: HttpRequest, code: str) -> HttpResponse:
    """看号码: of somebody this work would suit."""
    posting, worker = posting_of(request, code), _worker(request)
    try:
        opened = numbers.opened(request, worker, posting)
    except Refused as refusal:
        return _page(request, posting.code, refusal=refusal, status=refusal.status)
    response = _page(request, posting.code, opened=opened)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@only(WINDOW)
def send(request: HttpRequest, code: str) -> HttpResponse:
    """派活: the person said yes, here or on the phone."""
    posting, worker = posting_of(request, code), _worker(request)
    how = HOW.get(request.POST.get("how", ""), Consent.How.RECORDED_CALL)
    found = _found(request, posting)

    def do() -> dict[str, Any]:
        accounts.consent(worker.user, "share_with_employer", how=how, by=request.user, witness=request.user)
        deal = joining.dispatch(posting, worker, by=request.user, consent_how=how)
        _keep(found, posting, worker, request.user)
        return {"deal": deal.code}

    return _done(request, posting, worker, "send", do)


@require_POST
@only(WINDOW)
def call(request: HttpRequest, code: str) -> HttpResponse:
    """叫他: an offer, which the person answers."""
    posting, worker = posting_of(request, code), _worker(request)
    found = _found(request, posting)

    def do() -> dict[str, Any]:
        deal = joining.offer(posting, worker, by=request.user, channel="staff")
        _keep(found, posting, worker, request.user)
        return {"deal": deal.code}

    return _done(request, posting, worker, "call", do)


def _keep(found: matching.Candidates, posting: Posting, worker: Any, by: Any) -> None:
    """The list as it stood, where the person came from it; somebody found by hand came from no list."""
    if worker.pk in {one.worker.pk for one in found}:
        decided(found, posting, purpose="dispatch", chosen=worker, by=by)


def _worker(request: HttpRequest) -> Any:
    worker = workers.by_code(request.POST.get("worker", "")[:12])
    if worker is None or not frame.may_see(request, worker.user):
        raise Http404
    return worker


def _done(request: HttpRequest, posting: Posting, worker: Any, what: str, do: Any) -> HttpResponse:
    try:
        done = frame.once_for(request, [what, posting.code, worker.code], do)
    except Refused as refusal:
        return _page(request, posting.code, refusal=refusal, status=refusal.status)
    return redirect(f"/desk/dispatch/{posting.code}/?sent={done['deal'] if what == 'send' else 'offer'}")
