"""谁在叫我: invitations one may take or leave, 还去吗 in one tap, and coming back after all."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

import linggong.engagements.actions as living
from linggong.core.clock import now
from linggong.core.once import once
from linggong.core.refusals import Refused
from linggong.engagements import invited
from linggong.engagements.models import Confirmation, Engagement, Invitation, Stage
from linggong.web.templatetags.parts import clock, day, span
from linggong.web.worker import rows
from linggong.web.worker.shifts import deal_facts

SHOWN = 20


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """`/invited/`: what one is asked to come to, and the switch."""
    return _page(request)


def _page(request: HttpRequest, *, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    found = [_row(one) for one in invited.invited(request.worker, now())[:SHOWN]]
    shown = {
        "title": _("谁在叫我"), "back": "/me/", "found": found, "refusal": refusal, "said": rows.said(request),
        "off": request.worker.invites == "off",
    }  # fmt: skip
    return render(request, "worker/invited.html", shown, status=status)


def _row(one: Invitation) -> dict[str, Any]:
    posting, late = one.posting, one.late_shift
    at = (
        _("现在去，干到 {t}").format(t=clock(late.ends_at))
        if late is not None
        else f"{day(posting.next_starts_at)} {clock(posting.next_starts_at)}"
    )
    return {"one": one, "posting": posting, "when": at, "late": late is not None, **rows.picture(posting)}


@require_GET
def opened(request: HttpRequest, code: str) -> HttpResponse:
    """`/invited/<code>/`: what a message about one invitation opens: the work itself, or where it went."""
    one = _mine(request, code)
    if one.state == Invitation.State.SENT and one.late_shift is None:
        return redirect(f"/jobs/{one.posting.code}/")
    return redirect("/invited/")


@require_POST
def refuse(request: HttpRequest, code: str) -> HttpResponse:
    """这次不去."""
    one = _mine(request, code)

    def do() -> dict[str, Any]:
        if one.state != Invitation.State.REFUSED:
            living.refuse_invitation(one, by=request.user)
        return {}

    try:
        once(f"{request.user.code}:refuse:{rows.key_of(request)}", {"invitation": one.code}, do)
    except Refused as refusal:
        return _page(request, refusal=refusal, status=refusal.status)
    return redirect("/invited/?done=no")


@require_POST
def take_over(request: HttpRequest, code: str) -> HttpResponse:
    """现在去: the shift runs, somebody did not come."""
    one = _mine(request, code)
    if one.late_shift is None:
        return redirect(f"/jobs/{one.posting.code}/apply/")

    def do() -> dict[str, Any]:
        return {"deal": living.take_over(one.posting, request.worker, one.late_shift, by=request.user).code}

    try:
        done = once(f"{request.user.code}:take:{rows.key_of(request)}", {"invitation": one.code}, do)
    except Refused as refusal:
        return _page(request, refusal=refusal, status=refusal.status)
    return redirect(f"/shifts/{done['deal']}/?done=go")


# --- asked once more -----------------------------------------------------------------------------------------


@require_GET
def still(request: HttpRequest, code: str) -> HttpResponse:
    """`/shifts/still/<code>/`: 还去吗, two buttons."""
    return _still(request, _asked(request, code))


def _still(
    request: HttpRequest, asked: Confirmation, *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    one = asked.attendance
    shown = {
        "title": _("还去吗"), "back": f"/shifts/{one.engagement.code}/", "asked": asked, "refusal": refusal,
        "posting": one.engagement.posting, **rows.picture(one.engagement.posting),
        "when": f"{day(one.shift.starts_at)} {span(one.shift.starts_at, one.shift.ends_at)}",
        "open": asked.state == Confirmation.State.ASKED and one.state == Stage.EXPECTED,
    }  # fmt: skip
    return render(request, "worker/still.html", shown, status=status)


@require_POST
def say(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """去 or 去不了, one tap each."""
    asked = _asked(request, code)
    says: dict[str, Callable[..., None]] = {"coming": living.say_coming, "not-coming": living.say_not_coming}
    if verb not in says:
        raise Http404

    def do() -> dict[str, Any]:
        says[verb](asked, how="tap", by=request.user)
        return {}

    try:
        once(f"{request.user.code}:{verb}:{rows.key_of(request)}", {"asked": asked.code}, do)
    except Refused as refusal:
        return _still(request, _asked(request, code), refusal=refusal, status=refusal.status)
    done = "still" if verb == "coming" else "asked_no"
    return redirect(f"/shifts/{asked.attendance.engagement.code}/?done={done}")


# --- coming after all ----------------------------------------------------------------------------------------


@require_POST
def undo(request: HttpRequest, code: str) -> HttpResponse:
    """还是去, within five minutes of 不去了."""
    deal = rows.own_deal(request, code)
    return _on_deal(request, deal, "undo", lambda: living.undo_cancel(deal, by=request.user), "undone")


@require_POST
def turned_up(request: HttpRequest, code: str) -> HttpResponse:
    """我到了, after the place was given away: work if a place is free, else the trip is paid."""
    attendance = rows.own_attendance(request, code)
    deal = attendance.engagement
    return _on_deal(request, deal, "turned-up", lambda: living.turned_up(attendance, by=request.user), "turned_up")


def _on_deal(request: HttpRequest, deal: Engagement, verb: str, act: Callable[[], Any], done: str) -> HttpResponse:
    def do() -> dict[str, Any]:
        act()
        return {}

    try:
        once(f"{request.user.code}:{verb}:{rows.key_of(request)}", {"deal": deal.code}, do)
    except Refused as refusal:
        fresh = rows.own_deal(request, deal.code)
        facts = deal_facts(request, fresh) | {"refusal": refusal}
        return render(request, "worker/shift.html", facts, status=refusal.status)
    return redirect(f"/shifts/{deal.code}/?done={done}")


def _mine(request: HttpRequest, code: str) -> Invitation:
    one = invited.invitation_by_code(code)
    if one is None or one.worker_id != request.worker.pk:
        raise Http404
    return one


def _asked(request: HttpRequest, code: str) -> Confirmation:
    asked = invited.confirmation_by_code(code)
    if asked is None or asked.attendance.engagement.worker_id != request.worker.pk:
        raise Http404
    return asked
