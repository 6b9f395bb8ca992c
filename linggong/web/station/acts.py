"""Acting for somebody at the window: every step of their phone, with the consent given aloud and a receipt."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET, require_POST

import linggong.accounts.actions as accounts
import linggong.accounts.queries as people
import linggong.engagements.actions as deals
import linggong.engagements.queries as lived
import linggong.payments.actions as payments
import linggong.payments.queries as paid
from linggong.accounts.models import Consent
from linggong.core.clock import now
from linggong.core.money import BadAmount, parse_yuan
from linggong.core.reasons import plain
from linggong.core.refusals import Refused
from linggong.engagements.actions.rating import WORKER_TAGS
from linggong.engagements.models import Attendance, Engagement, Stage, State
from linggong.engagements.refusals import BadFigures
from linggong.payments.models import Settlement
from linggong.web import leaving
from linggong.web.station import frame
from linggong.web.station.frame import WINDOW, only

T, P = Stage, Settlement.State
FACES = [(5, __("好")), (3, __("一般")), (1, __("不好"))]


class Unheard(Refused):
    """Nothing is done for somebody who did not say yes to this very step."""

    message = __("先念给本人听，本人点头了勾上“本人同意”，再办")
    status = 422


SHIFT_ACTS = {
    "check-in": (__("代打卡"), {T.EXPECTED}),
    "check-out": (__("收工"), {T.CHECKED_IN, T.IN_PROGRESS}),
    "wasted-trip": (__("白跑一趟"), {T.EXPECTED, T.CHECKED_IN}),
    "dispute": (__("有意见"), {T.WORK_DONE, T.ENDED_EARLY}),
    "contest": (__("我到了"), {T.NO_SHOW_WORKER}),
    "turned-up": (__("人到了"), {T.RELEASED}),
}
WAGE_ACTS = {
    "received": (__("我收到了（交回条）"), {P.EMPLOYER_DECLARED_PAID, P.CREATED, P.PARTLY_RELEASED, P.WORKER_DENIED}),
    "not-received": (__("没收到"), {P.EMPLOYER_DECLARED_PAID}),
}
DEAL_ACTS = {
    "withdraw": (__("不报了"), {State.APPLIED, State.WAITLISTED}),
    "accept": (__("答应去"), {State.OFFERED}),
    "refuse": (__("不去"), {State.OFFERED}),
    "reaccept": (__("改了也去"), {State.REACCEPT}),
    "cancel": (__("去不了"), {State.CONFIRMED, State.REACCEPT}),
    "undo": (__("刚取消的，还是去"), {State.CANCELLED_BY_WORKER}),
}


@require_GET
@only(WINDOW)
def deal_page(request: HttpRequest, code: str, deal: str) -> HttpResponse:
    """`/desk/people/<code>/deals/<deal>/`: where it stands, and what can be done for them now."""
    worker = frame.worker_of(request, code)
    return _page(request, frame.deal_of(request, worker, deal))


def _page(
    request: HttpRequest, deal: Engagement, *, refusal: Refused | None = None, tried: str = "", status: int = 200
) -> HttpResponse:
    moment, wages = now(), {s.ref: s for s in paid.of_deal(lived.ref(deal))}
    shifts = []
    for row in lived.attendances(engagement=deal):
        wage = wages.get(lived.ref(row))
        shifts.append(
            {
                "row": row,
                "acts": [(verb, words) for verb, (words, states) in SHIFT_ACTS.items() if row.state in states],
                "where": paid.where(wage, moment) if wage else None,
                "wage": wage,
                "wage_acts": [
                    (v, w)
                    for v, (w, states) in WAGE_ACTS.items()
                    if wage and wage.confirmed_at and wage.state in states
                ],
            }
        )
    rated = deal.ratings.filter(side="worker").exists()
    facts = {
        "title": deal.posting.title,
        "deal": deal,
        "person": deal.worker.user,
        "shifts": shifts,
        "refusal": refusal,
        "tried": tried,
        "typed": {name: request.POST.get(name, "").replace("\x00", "") for name in ("because", "yuan", "quantity")},
        "acts": [
            (verb, words)
            for verb, (words, states) in DEAL_ACTS.items()
            if deal.state in states and (verb != "undo" or lived.can_undo(deal, moment))
        ],
        "leave_rule": leaving.rule(deal.posting.division_id, moment),
        "may_rate": not rated and lived.ratable(deal),
        "faces": FACES,
        "tags": WORKER_TAGS.items(),
        "slip": deal.state in (State.CONFIRMED, State.REACCEPT, State.CLOSED),
        "done": people.assisted_for(deal.worker.user).filter(code=request.GET.get("done", "")[:12]).first(),
    }
    return frame.show(request, "deal.html", facts, status=status)


@require_POST
@only(WINDOW)
def on_deal(request: HttpRequest, code: str, deal: str, verb: str) -> HttpResponse:
    """One step of the deal."""
    worker = frame.worker_of(request, code)
    row = frame.deal_of(request, worker, deal)
    acts: dict[str, Callable[[], Any]] = {
        "withdraw": lambda: deals.withdraw(row, by=request.user, acting_for=worker.user),
        "accept": lambda: deals.answer_offer(row, yes=True, by=request.user, acting_for=worker.user),
        "refuse": lambda: deals.answer_offer(row, yes=False, by=request.user, acting_for=worker.user),
        "reaccept": lambda: deals.reaccept(row, by=request.user, acting_for=worker.user),
        "cancel": lambda: deals.cancel_by_worker(
            row, because=_because(request), by=request.user, acting_for=worker.user
        ),
        "undo": lambda: deals.undo_cancel(row, by=request.user, acting_for=worker.user),
        "rate": lambda: _rate(request, row),
    }
    words = _("评了老板") if verb == "rate" else DEAL_ACTS.get(verb, ("",))[0]
    return _act(request, row, verb, acts.get(verb), about=row, words=words)


@require_POST
@only(WINDOW)
def on_shift(request: HttpRequest, code: str, shift: str, verb: str) -> HttpResponse:
    """One step of one lived shift, or of its wage."""
    worker = frame.worker_of(request, code)
    row = lived.attendance_by_code(shift)
    if row is None or row.engagement.worker_id != worker.pk:
        raise Http404
    by, person = request.user, worker.user
    acts: dict[str, Callable[[], Any]] = {
        "check-in": lambda: deals.check_in(row, how="staff", by=by, acting_for=person) if _because(request) else None,
        "check-out": lambda: deals.check_out(row, quantity=_quantity(request), by=by, acting_for=person),
        "wasted-trip": lambda: deals.wasted_trip(row, by=by, acting_for=person),
        "dispute": lambda: deals.dispute(
            row, claimed_fen=_fen(request), facts=_because(request), by=by, acting_for=person
        ),
        "contest": lambda: deals.contest(row, facts=_because(request), by=by, acting_for=person),
        "turned-up": lambda: deals.turned_up(row, by=by, acting_for=person),
        "received": lambda: payments.acknowledge(_wage(row), how="stub", by=by, acting_for=person),
        "not-received": lambda: payments.deny(_wage(row), by=by, acting_for=person),
    }
    words = {**SHIFT_ACTS, **WAGE_ACTS}.get(verb, ("",))[0]
    return _act(request, row.engagement, verb, acts.get(verb), about=row, words=words)


def _act(
    request: HttpRequest,
    deal: Engagement,
    verb: str,
    act: Callable[[], Any] | None,
    *,
    about: Engagement | Attendance,
    words: Any,
) -> HttpResponse:
    """The act, the consent said aloud and its receipt in one transaction; sent twice it is done once."""
    if act is None:
        raise Http404

    def do() -> dict[str, Any]:
        if not request.POST.get("agreed"):
            raise Unheard
        act()
        said = "，".join(part for part in (str(words), deal.posting.title, frame.text_of(request, "because")) if part)
        row = accounts.assisted(
            acted_by=request.user,
            acting_for=deal.worker.user,
            act=verb,
            about=about,
            consent_how=Consent.How.SPOKEN,
            receipt=_("窗口替你办的：{said}").format(said=said),
        )
        return {"receipt": row.code}

    try:
        done = frame.once_for(request, [verb, about.code], do)
    except Refused as refusal:
        tried = f"{verb}-{about.code}"
        return _page(request, lived.by_code(deal.code), refusal=refusal, tried=tried, status=refusal.status)
    return redirect(f"/desk/people/{deal.worker.user.code}/deals/{deal.code}/?done={done['receipt']}")


def _because(request: HttpRequest) -> str:
    return plain(request.POST.get("because", "").replace("\x00", ""))


def _wage(row: Attendance) -> Settlement:
    wage = paid.by_ref(lived.ref(row))
    if wage is None:
        raise Http404
    return wage


def _fen(request: HttpRequest) -> int:
    try:
        return parse_yuan(request.POST.get("yuan", "")[:20])
    except BadAmount as bad:
        raise BadFigures(str(bad)) from bad


def _quantity(request: HttpRequest) -> Decimal | None:
    said = request.POST.get("quantity", "").strip()[:20]
    if not said:
        return None
    try:
        number = Decimal(said)
    except InvalidOperation as bad:
        raise BadFigures from bad
    if not number.is_finite():
        raise BadFigures
    return round(number, 2)


def _rate(request: HttpRequest, deal: Engagement) -> Any:
    stars = request.POST.get("stars", "")
    return deals.rate(
        deal,
        "worker",
        stars=int(stars) if stars in ("1", "2", "3", "4", "5") else 0,
        by=request.user,
        tags=request.POST.getlist("tags")[:8],
        text=frame.text_of(request, "because"),
        acting_for=deal.worker.user,
    )
