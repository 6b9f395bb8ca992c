"""和人一起去: several for the same work, all or none. Each reads the whole terms and says yes for themselves (U29)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET, require_POST

import linggong.engagements.actions as deals
import linggong.engagements.queries as lived
import linggong.postings.queries as postings
from linggong.core.clock import now
from linggong.core.once import once
from linggong.core.refusals import Refused
from linggong.engagements import parties
from linggong.engagements.actions.together import WHY
from linggong.engagements.models import Companion, Party
from linggong.engagements.refusals import NotOfParty
from linggong.postings.models import Posting, Shift, WayIn
from linggong.web.public import apply
from linggong.web.qr import qr_svg
from linggong.web.templatetags.parts import clock, date_words, day, span
from linggong.web.worker import rows
from linggong.workers.models import Worker

PHONES = 3
ROWS = {  # what the asker and the others see of each of them: words, tone, icon
    Companion.State.ASKED: (__("还没回话"), "warn", "hourglass"),
    Companion.State.YES: (__("说去"), "ok", "check"),
    Companion.State.NO: (__("这次不去"), "", "x"),
}
STATES = {
    Party.State.ASKING: ("info", "hourglass"),
    Party.State.APPLIED: ("warn", "hourglass"),
    Party.State.BOUND: ("ok", "circle-check"),
    Party.State.OFF: ("", "x"),
}


class Ask(forms.Form):
    """Whom to go with: people of the same shifts, numbers, and how many stand beside."""

    seen = forms.CharField(max_length=64)
    pick = forms.CharField(max_length=1, required=False)
    shifts = forms.MultipleChoiceField(required=False)
    known = forms.MultipleChoiceField(required=False)
    seats = forms.IntegerField(min_value=0, max_value=20, required=False)

    def __init__(self, data: Any, shifts: Sequence[Shift], known: Sequence[parties.Known]) -> None:
        super().__init__(data)
        self.fields["shifts"].choices = [(shift.code, shift.code) for shift in shifts]
        self.fields["known"].choices = [(one.worker.code, one.worker.code) for one in known]

    def clean(self) -> dict[str, Any]:
        """Where there are days to pick, none picked is not the same as all."""
        said = super().clean()
        if said.get("pick") and not said.get("shifts"):
            self.add_error("shifts", _("至少选一天"))
        return said


@require_GET
def new(request: HttpRequest, posting: str) -> HttpResponse:
    """`/together/new/<posting>/`: whom to ask, beside the terms that the asker says yes to."""
    row = _open_posting(posting)
    if lived.live(row, request.worker).exists():
        return redirect(f"/jobs/{row.code}/applied/")
    return _new(request, row)


def _new(request: HttpRequest, row: Posting, *, refusal: Refused | None = None) -> HttpResponse:
    moment = now()
    shifts = postings.shifts_to_come(row, moment)
    if not shifts or row.way_in == WayIn.DISPATCH:
        return redirect(f"/jobs/{row.code}/")
    facts = apply.page_facts(request, row, shifts, moment, request.POST.getlist("shifts"), refusal)
    if facts["full"]:
        return redirect(f"/jobs/{row.code}/apply/")
    most = parties.most(row, moment)
    facts |= {
        "action": f"/together/new/{row.code}/ask/", "back_url": f"/jobs/{row.code}/apply/", "together_url": "",
        "ask": {
            "most": most, "seats": range(most), "seats_on": request.POST.get("seats", "0"),
            "known": _known(request, moment), "phones": _phones(request) or [""] * min(PHONES, most - 1),
        },
    }  # fmt: skip
    return render(request, "public/apply.html", facts, status=refusal.status if refusal else 200)


def _known(request: HttpRequest, moment: datetime) -> list[dict[str, Any]]:
    ticked = request.POST.getlist("known")
    return [
        {
            "code": one.worker.code, "on": one.worker.code in ticked, "called": one.worker.user.called,
            "when": _("{day}一起干过{what}").format(day=date_words(one.at), what=one.title),
        }
        for one in parties.worked_with(request.worker, moment)
    ]  # fmt: skip


def _phones(request: HttpRequest) -> list[str]:
    return [text[:20].replace("\x00", "") for text in request.POST.getlist("phone")[:20]]


@require_POST
def ask(request: HttpRequest, posting: str) -> HttpResponse:
    """叫上他们: the asker's own yes, and a question to each of the others."""
    row, moment = _open_posting(posting), now()
    known = parties.worked_with(request.worker, moment)
    form = Ask(request.POST, postings.shifts_to_come(row, moment), known)
    if not form.is_valid():
        return _new(request, row, refusal=Unclear())
    said = form.cleaned_data
    ticked = [one.worker for one in known if one.worker.code in said["known"]]
    phones = [text for text in _phones(request) if text.strip()]

    def do() -> dict[str, Any]:
        party = deals.propose(
            row, request.worker, known=ticked, phones=phones, seats=said["seats"] or 0, shift_codes=said["shifts"],
            seen_hash=said["seen"], by=request.user,
        )  # fmt: skip
        return {"party": party.code}

    sent = {"job": row.code, "known": said["known"], "phones": phones, "seats": said["seats"], "shifts": said["shifts"]}
    try:
        done = once(f"{request.user.code}:together:{rows.key_of(request)}", sent, do)
    except Refused as refusal:
        return _new(request, row, refusal=refusal)
    return redirect(f"/together/{done['party']}/")


class Unclear(Refused):
    """The form came back with a day or a person that is not there any more."""

    message = __("选的日子或人不在了，请再选一次")
    status = 422


@require_GET
def page(request: HttpRequest, code: str) -> HttpResponse:
    """`/together/<code>/`: who comes along and what they said; for one who is asked, the terms and the two answers."""
    party = _party(request, code)
    return _page(request, party)


def _page(request: HttpRequest, party: Party, *, refusal: Refused | None = None) -> HttpResponse:
    mine = _mine(party, request.worker)
    if party.state == Party.State.ASKING and (mine is None or mine.state == Companion.State.ASKED):
        return _say(request, party, mine, refusal)
    if mine is None:
        raise Http404
    return render(request, "worker/together.html", _standing(request, party, mine, refusal),
                  status=refusal.status if refusal else 200)  # fmt: skip


def _say(request: HttpRequest, party: Party, mine: Companion | None, refusal: Refused | None) -> HttpResponse:
    moment, row = now(), party.posting
    shifts = [s for s in postings.shifts_to_come(row, moment) if s.code in party.wanted_shifts]
    if not shifts:
        return redirect(f"/jobs/{row.code}/")
    facts = apply.page_facts(request, row, shifts, moment, party.wanted_shifts, refusal)
    facts |= {
        "action": f"/together/{party.code}/yes/", "back_url": f"/jobs/{row.code}/", "together_url": "", "days": [],
        "party": {
            "who": party.asker.user.called, "people": party.people, "answer_by": _when(party.answer_by),
            "no_url": f"/together/{party.code}/no/" if mine is not None else "",
            "days": [f"{date_words(s.starts_at)} {span(s.starts_at, s.ends_at)}" for s in shifts],
        },
    }  # fmt: skip
    return render(request, "public/apply.html", facts, status=refusal.status if refusal else 200)


def _standing(request: HttpRequest, party: Party, mine: Companion, refusal: Refused | None) -> dict[str, Any]:
    tone, icon = STATES[Party.State(party.state)]
    asking, open_seats = party.state == Party.State.ASKING, _open_seats(party)
    shown = {
        "title": _("一起去"), "back": "/shifts/", "party": party, "posting": party.posting, "mine": mine,
        **rows.picture(party.posting), "refusal": refusal, "why": _why(party, mine),
        "tag": {"text": party.get_state_display(), "tone": tone, "icon": icon},
        "people": [_row(row, mine) for row in party.companions.all()], "answer_by": _when(party.answer_by),
        "asking": asking, "open": asking or party.state == Party.State.APPLIED, "seats": open_seats if asking else 0,
        "deal": mine.deal if party.state == Party.State.BOUND else None,
    }  # fmt: skip
    if shown["seats"]:
        shown["svg"] = qr_svg(request.build_absolute_uri(f"/together/{party.code}/"))
    return shown


def _why(party: Party, mine: Companion) -> Any:
    if party.state != Party.State.OFF:
        return ""
    return mine.why or WHY.get(party.end_reason, _("这次没选上，老板选了别人"))


def _row(row: Companion, mine: Companion) -> dict[str, Any]:
    """One of them. A number typed in stays a number until the person behind it says yes."""
    if row.pk == mine.pk:
        called = _("你")
    elif row.worker is not None and (row.how != "phone" or row.state == Companion.State.YES):
        called = row.worker.user.called
    else:
        called = _("尾号 {n}").format(n=row.tail4) if row.tail4 else _("等人来扫码")
    text, tone, icon = ROWS[Companion.State(row.state)]
    if row.party.state == Party.State.OFF and row.pk != mine.pk:
        return {"called": called, "tag": None}  # whose no it was is nobody's business
    return {"called": called, "tag": {"text": text, "tone": tone, "icon": icon}}


@require_POST
def yes(request: HttpRequest, code: str) -> HttpResponse:
    """我也去: for oneself alone; the last one settles it for all."""
    party = _party(request, code)
    seen = request.POST.get("seen", "")[:64]

    def do() -> dict[str, Any]:
        return {"party": deals.say_yes(party, request.worker, seen_hash=seen, by=request.user).code}

    try:
        once(f"{request.user.code}:together:{rows.key_of(request)}", {"party": party.code, "seen": seen}, do)
    except NotOfParty as gone:
        raise Http404 from gone
    except Refused as refusal:
        return _page(request, _party(request, code), refusal=refusal)
    return redirect(f"/together/{party.code}/")


@require_POST
def no(request: HttpRequest, code: str) -> HttpResponse:
    """不去: asked nowhere why, and nobody learns who."""
    party = _party(request, code)
    mine = _mine(party, request.worker)
    if mine is None:
        raise Http404
    try:
        if mine.state != Companion.State.NO:
            deals.say_no(party, request.worker, by=request.user)
    except Refused as refusal:
        return _page(request, _party(request, code), refusal=refusal)
    return redirect(f"/together/{party.code}/")


# --- whose party ---------------------------------------------------------------------------------------------


def _open_posting(code: str) -> Posting:
    row = postings.by_code(code)
    if row is None or row.state not in ("published", "full"):
        raise Http404
    return row


def _party(request: HttpRequest, code: str) -> Party:
    """A party one belongs to, or may join by scanning; any other does not exist."""
    party = parties.by_code(code)
    if party is None:
        raise Http404
    joinable = party.state == Party.State.ASKING and _open_seats(party)
    if _mine(party, request.worker) is None and not joinable:
        raise Http404
    return party


def _mine(party: Party, worker: Worker) -> Companion | None:
    return next((row for row in party.companions.all() if row.worker_id == worker.pk), None)


def _open_seats(party: Party) -> int:
    return sum(row.how == "scan" and row.worker_id is None for row in party.companions.all())


def _when(moment: datetime) -> str:
    return f"{day(moment)} {clock(moment)}"
