"""S8: who has to be called or told: people without a phone whom a posting asks for, and bound ones who stay silent."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET, require_POST

import linggong.accounts.actions as accounts
import linggong.engagements.actions as deals
from linggong.accounts.models import Consent
from linggong.core.clock import now
from linggong.core.refusals import Refused
from linggong.engagements import invited, parties
from linggong.engagements.models import Companion, Confirmation, Invitation
from linggong.engagements.tried import Tried, in_words, tried
from linggong.postings.models import WayIn
from linggong.web.station import frame, numbers
from linggong.web.station.frame import WINDOW, only
from linggong.web.templatetags.parts import clock, day

NO_ANSWER = __("没打通")


@require_GET
@only(WINDOW)
def home(request: HttpRequest) -> HttpResponse:
    """`/desk/calls/`: the next start first."""
    return _page(request)


@require_POST
@only(WINDOW)
def number(request: HttpRequest) -> HttpResponse:
    """看号码: of somebody to be called; the answer to this one request, in no address and in no cache."""
    worker, posting = numbers.asked_for(request)
    try:
        opened = numbers.opened(request, worker, posting)
    except Refused as refusal:
        return _page(request, refusal=refusal, status=refusal.status)
    response = _page(request, opened=opened)
    response["Cache-Control"] = "no-store"
    return response


def _page(
    request: HttpRequest, *, refusal: Refused | None = None, opened: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    moment = now()
    asked, more = frame.cut(invited.to_call(request.reach, moment).order_by("posting__next_starts_at", "pk"), request)
    together = list(parties.to_call(request.reach, moment)[: frame.PAGE])
    silent = list(invited.unanswered(reach=request.reach, moment=moment)[: frame.PAGE])
    known = tried(silent)
    facts = {
        "title": _("打电话"),
        "asked": [_invitation(one) for one in asked],
        "together": [_companion(one) for one in together],
        "silent": [_silent(one, moment, known[one.code]) for one in silent],
        "more_url": more,
        "refusal": refusal,
        "opened": opened,
    }
    return frame.show(request, "calls.html", facts, status=status)


def _invitation(one: Invitation) -> dict[str, Any]:
    posting = one.posting
    return {
        "one": one, "person": one.worker.user, "worker": one.worker, "posting": posting,
        "when": f"{day(posting.next_starts_at)} {clock(posting.next_starts_at)}",
    }  # fmt: skip


def _companion(one: Companion) -> dict[str, Any]:
    posting, by = one.party.posting, one.party.answer_by
    return {
        "one": one, "person": one.worker.user, "worker": one.worker, "posting": posting, "who": one.party.asker.user.called,
        "when": f"{day(posting.next_starts_at)} {clock(posting.next_starts_at)}", "by": f"{day(by)} {clock(by)}",
        "people": one.party.people,
    }  # fmt: skip


def _silent(one: Confirmation, moment: Any, known: Tried) -> dict[str, Any]:
    row = one.attendance
    worker = row.engagement.worker
    early = worker.call_from is not None and moment < row.shift.starts_at
    lacking = invited.to_release(one, moment, known)
    return {
        "one": one, "person": worker.user, "worker": worker, "posting": row.engagement.posting,
        "when": f"{day(row.shift.starts_at)} {clock(row.shift.starts_at)}",
        "call_from": f"{worker.call_from:%-H:%M}" if early else "", "called": one.called_at is not None,
        "tried": in_words(one, known), "lacking": lacking, "costs": "" if lacking else deals.release_costs(one),
    }  # fmt: skip


@require_POST
@only(WINDOW)
def on_invitation(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """他去 · 不去 · 没打通, after a call or a visit; 他去 binds with the consent given aloud."""
    one = invited.invitation_by_code(code)
    if one is None or not invited.to_call(request.reach, now()).filter(pk=one.pk).exists():
        raise Http404
    person = one.worker.user

    def go() -> None:
        join = deals.grab if one.posting.way_in == WayIn.GRAB else deals.apply
        deal = join(one.posting, one.worker, by=request.user, acting_for=person, channel="staff")
        accounts.assisted(
            acted_by=request.user, acting_for=person, act="invited", about=deal, consent_how=Consent.How.RECORDED_CALL,
            receipt=_("打电话问过，你说去：{what}").format(what=one.posting.title),
        )  # fmt: skip

    acts: dict[str, Callable[[], Any]] = {
        "go": go,
        "no": lambda: deals.refuse_invitation(one, by=request.user, acting_for=person),
        "no-answer": lambda: deals.note_call(one, str(NO_ANSWER), by=request.user),
    }
    return _act(request, verb, one.code, acts.get(verb))


@require_POST
@only(WINDOW)
def on_companion(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """他也去 · 不去, of somebody without a phone whom another asks along; the terms were read to them."""
    one = parties.to_call(request.reach, now()).filter(code=code).first()
    if one is None:
        raise Http404
    party, person = parties.by_code(one.party.code), one.worker.user
    acts: dict[str, Callable[[], Any]] = {
        "go": lambda: deals.say_yes(
            party, one.worker, seen_hash=party.terms_hash, by=request.user, acting_for=person,
            consent_how=Consent.How.RECORDED_CALL,
        ),
        "no": lambda: deals.say_no(party, one.worker, by=request.user, acting_for=person),
    }  # fmt: skip
    return _act(request, verb, one.code, acts.get(verb))


@require_POST
@only(WINDOW)
def on_asked(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """还来 · 不来 · 没打通 · 放掉, of somebody bound who has not answered."""
    one = invited.confirmation_by_code(code)
    if one is None or not invited.unanswered(reach=request.reach, moment=now()).filter(pk=one.pk).exists():
        raise Http404
    by, person = request.user, one.attendance.engagement.worker.user
    acts: dict[str, Callable[[], Any]] = {
        "coming": lambda: deals.say_coming(one, how="call", by=by, acting_for=person),
        "not-coming": lambda: deals.say_not_coming(one, how="call", by=by, acting_for=person),
        "no-answer": lambda: deals.call_failed(one, by=by),
        "release": lambda: deals.release(one, by=by),
    }
    return _act(request, verb, one.code, acts.get(verb))


def _act(request: HttpRequest, verb: str, code: str, act: Callable[[], Any] | None) -> HttpResponse:
    if act is None:
        raise Http404

    def do() -> dict[str, Any]:
        act()
        return {}

    try:
        frame.once_for(request, [verb, code], do)
    except Refused as refusal:
        return _page(request, refusal=refusal, status=refusal.status)
    return redirect("/desk/calls/")
