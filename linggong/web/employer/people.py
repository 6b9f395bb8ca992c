"""E5 and E6: who asked, who would suit, and why. No name, age or sex before it is settled, and never an ID."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_GET, require_POST

import linggong.engagements.actions as deals
import linggong.engagements.queries as lived
import linggong.matching.queries as matching
import linggong.postings.queries as posted
import linggong.workers.queries as workers
from linggong.core.asking import Question, ask
from linggong.core.clock import now
from linggong.core.refusals import Refused
from linggong.engagements import parties
from linggong.engagements.models import BINDING, Companion, Engagement, Party
from linggong.engagements.models import State as Deal
from linggong.engagements.refusals import WithOthers
from linggong.matching.actions import decided
from linggong.postings.models import Posting, State
from linggong.reference import groups
from linggong.web.employer.standing import my_deal, my_posting, my_posting_and, once_for
from linggong.workers.models import Worker

SHOWN = 10
IN_STEP_S = 2.0
"""A change is seen by the index within two seconds; what is older is said beside the list."""
ORDERS = {"fit": __("合适"), "near": __("最近"), "seasoned": __("干得多")}
"""The last two know nothing of the person but the way there, or how often the work was done here (PIPL art. 24)."""
MOST = 200
KINDS = {"✓": "for", "—": "miss", "✕": "against"}
REASONS = {
    "enough": __("已经够人了"), "not_now": __("这次时间对不上"), "skill": __("这次要更熟练的"), "paper": __("要的证还没有"),
}  # fmt: skip
"""Why somebody is not taken; the code is kept, the words are shown (FJ-43b)."""


class Decline(forms.Form):
    """A reason is always given."""

    because = forms.ChoiceField(
        label=__("为什么这次不选"), choices=list(REASONS.items()), widget=forms.RadioSelect,
        error_messages={"required": __("选一个原因，本人会看到"), "invalid_choice": __("从列表里选一个原因")},
    )  # fmt: skip


@require_GET
def people(request: HttpRequest, code: str) -> HttpResponse:
    """`/e/jobs/<code>/people/`: those who asked first, then those who would suit."""
    return _people(request, code)


def _people(request: HttpRequest, code: str, *, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    moment = now()
    those = lived.standing_in(code)
    standing = Worker.objects.filter(pk__in=those.order_by().values("worker"))
    posting, every, here, said, together, past = my_posting_and(
        request, code, posted.shifts_question(code), Question([those[:MOST]], list),
        workers.standings_question(standing), parties.applied_question(code),
        matching.past_question(code, request.employer.pk, standing),
    )  # fmt: skip
    to_come = [shift for shift in every if shift.starts_at > moment]
    shifts = to_come or every

    def of(deal: Engagement) -> dict[str, Any]:
        known = said[deal.worker.pk]
        return person(deal.worker, known, deal=deal, reasons=past.reasons(deal.worker, posting, known))

    crews, grouped = _crews(together, here, of)
    applied = [of(deal) for deal in here if deal.state == Deal.APPLIED and deal.pk not in grouped]
    bound = [of(deal) for deal in here if deal.state in BINDING]
    asked = [of(deal) for deal in here if deal.state == Deal.OFFERED]
    shown = {
        "posting": posting, "group": groups.group(posting.trade.group), "first": shifts[0] if shifts else None, "refusal": refusal,
        "taken": max((shift.taken for shift in shifts), default=0),
        "left": max((shift.places - shift.taken for shift in to_come), default=0),
        "applied": applied, "bound": bound, "asked": asked, "crews": crews, "reasons_no": list(REASONS.items()),
        "waiting": sum(deal.state == Deal.WAITLISTED for deal in here), "open": posting.state == State.PUBLISHED,
    }  # fmt: skip
    shown |= _suggested(request, posting, here, moment)
    return render(request, "employer/people.html", shown, status=status)


def _crews(
    together: list[Companion], here: list[Engagement], of: Callable[[Engagement], dict[str, Any]]
) -> tuple[list[dict[str, Any]], set[int]]:
    """Those who asked together: one candidate of several people, chosen or declined whole; and whose deals these are."""
    by_pk = {deal.pk: deal for deal in here}
    crews: dict[int, dict[str, Any]] = {}
    for row in together:
        if (deal := by_pk.get(row.deal_id)) is not None:
            crew = crews.setdefault(row.party_id, {"party": row.party, "people": []})
            crew["people"].append(of(deal))
    return list(crews.values()), {row.deal_id for row in together}


def _suggested(request: HttpRequest, posting: Posting, here: list[Engagement], moment: Any) -> dict[str, Any]:
    """Those who would suit, in the order asked for; where there is nobody, why, and what would bring somebody."""
    if posting.state != State.PUBLISHED:
        return {"suggested": []}
    order = order_of(request)
    standing = {deal.worker_id for deal in here}
    found = matching.for_posting(posting, moment, limit=SHOWN + len(standing), order=order)
    rest = [one for one in found if one.worker.pk not in standing][:SHOWN]
    told: dict[str, Any] = {
        "suggested": [person(one.worker, one.worker.standing, reasons=one.reasons) for one in rest],
        "order": order,
        "behind": round(found.behind_s) if found.behind_s > IN_STEP_S else 0,
        "orders": [{"label": label, "url": f"?order={key}", "on": key == order} for key, label in ORDERS.items()],
    }
    if not found and not here:
        told["nobody"] = matching.nobody(posting, moment)
    return told


def order_of(request: HttpRequest) -> str:
    """The order asked for; the published points where nothing else was."""
    said = request.GET.get("order") or request.POST.get("order", "")
    return said if said in ORDERS else "fit"


def person(
    worker: Worker, said: dict[str, Any], *, deal: Engagement | None = None, reasons: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """One worker as an employer may see them. What a deal keeps was said to the worker and is not for them."""
    worked = said["worked"]
    return {
        "surname": worker.user.name[:1] or _("工"), "called": worker.user.called, "code": worker.code, "deal": deal.code if deal else "",
        "record_text": _("干完 {n} 回").format(n=worked) if worked else _("还没有口碑"), "first_time": not worked,
        "fit_text": said["label"],
        "reasons": why(reasons or []) or [{"kind": "for", "subject": "", "text": text} for text in said["reasons"][:4]],
    }  # fmt: skip


def why(reasons: list[dict[str, str]]) -> list[dict[str, str]]:
    """Reasons of the matching as the part takes them."""
    return [
        {
            "kind": KINDS.get(row.get("mark", ""), "for"),
            "subject": f"{row['word']}：" if row.get("word") else "",
            "text": row.get("text", ""),
        }
        for row in reasons
    ]


@require_GET
def one(request: HttpRequest, code: str) -> HttpResponse:
    """`/e/people/<code>/`: E6, a record in words. Only of somebody who stands in a posting of this employer."""
    deal = my_deal(request, code)
    said = workers.standing(deal.worker)
    past = lived.of_employer(request.employer).filter(worker=deal.worker).exclude(pk=deal.pk)[:5]
    shown = {
        "deal": deal, "person": _candidate(deal, said), "reasons": said["reasons"], "label": said["label"],
        "past": [{"title": row.posting.title, "state": row.get_state_display()} for row in past],
        "decline": Decline(), "can_choose": deal.state == Deal.APPLIED and not parties.waiting_with_others(deal),
    }  # fmt: skip
    return render(request, "employer/person.html", shown)


def _candidate(deal: Engagement, said: dict[str, Any]) -> dict[str, Any]:
    these = Worker.objects.filter(pk=deal.worker_id)
    past = ask(matching.past_question(deal.posting.code, deal.employer_id, these))
    return person(deal.worker, said, deal=deal, reasons=past.reasons(deal.worker, deal.posting, said))


@require_POST
def choose(request: HttpRequest, code: str) -> HttpResponse:
    """选某师傅: bound at once, on the terms they said yes to."""
    deal = my_deal(request, code)
    try:
        if deal.state not in BINDING:  # a second tap finds it done
            deals.choose(deal, by=request.user)
    except Refused as refusal:
        return _people(request, deal.posting.code, refusal=refusal, status=refusal.status)
    return redirect("employer:people", deal.posting.code)


@require_POST
def decline(request: HttpRequest, code: str) -> HttpResponse:
    """这次不选, with the reason the worker reads."""
    deal = my_deal(request, code)
    form = Decline(request.POST)
    if not form.is_valid():
        said = workers.standing(deal.worker)
        shown = {"deal": deal, "person": _candidate(deal, said), "reasons": said["reasons"], "decline": form,
                 "can_choose": deal.state == Deal.APPLIED, "past": []}  # fmt: skip
        return render(request, "employer/person.html", shown, status=422)
    if parties.waiting_with_others(deal):
        return _people(request, deal.posting.code, refusal=WithOthers(), status=WithOthers.status)
    if deal.state != Deal.DECLINED:
        deals.decline(deal, because=form.cleaned_data["because"], by=request.user)
    return redirect("employer:people", deal.posting.code)


@require_POST
def choose_party(request: HttpRequest, code: str) -> HttpResponse:
    """选他们: all bound at once, or nobody."""
    party = _my_party(request, code)
    try:
        if party.state == Party.State.APPLIED:
            party = deals.choose_party(party, by=request.user)
    except Refused as refusal:
        return _people(request, party.posting.code, refusal=refusal, status=refusal.status)
    if party.state == Party.State.OFF:
        gone = Refused(_("这几个人里有一位去不了了，一个都没定。看看别的人"))
        return _people(request, party.posting.code, refusal=gone, status=gone.status)
    return redirect("employer:people", party.posting.code)


@require_POST
def decline_party(request: HttpRequest, code: str) -> HttpResponse:
    """这几位这次不选, with the reason each of them reads."""
    party, form = _my_party(request, code), Decline(request.POST)
    if not form.is_valid():
        unclear = Refused(_("选一个原因，本人会看到"))
        return _people(request, party.posting.code, refusal=unclear, status=422)
    if party.state == Party.State.APPLIED:
        deals.decline_party(party, because=form.cleaned_data["because"], by=request.user)
    return redirect("employer:people", party.posting.code)


def _my_party(request: HttpRequest, code: str) -> Party:
    """A party that asks this employer; before everybody in it said yes it is nobody's business here."""
    party = parties.by_code(code)
    if party is None or party.posting.employer_id != request.employer.pk or party.state == Party.State.ASKING:
        raise Http404
    return party


@require_POST
def offer(request: HttpRequest, code: str, worker: str) -> HttpResponse:
    """请他来: only somebody this very list suggests; nothing binds before their answer."""
    posting = my_posting(request, code)
    found = workers.by_code(worker)
    if found is None:
        raise Http404
    shown = None
    if posting.state == State.PUBLISHED and not lived.live(posting, found).exists():
        shown = matching.for_posting(posting, now(), limit=200, order=order_of(request))
        if found.pk not in {one.worker.pk for one in shown}:
            raise Http404

    def do() -> dict[str, Any]:
        deal = deals.offer(posting, found, by=request.user)
        if shown is not None:
            decided(shown, posting, purpose="offer", chosen=found, by=request.user)
        return {"code": deal.code}

    try:
        once_for(request, [posting.code, worker], do)
    except Refused as refusal:
        return _people(request, posting.code, refusal=refusal, status=refusal.status)
    return redirect("employer:people", posting.code)
