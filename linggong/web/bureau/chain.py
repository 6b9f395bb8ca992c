"""G3: one deal from post to rating, with the links that are missing; and every deal that misses one (FJ-42)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

import linggong.agreements.queries as agreements
import linggong.engagements.queries as deals
import linggong.matching.queries as matching
import linggong.oversight.queries as oversight
import linggong.postings.queries as postings
from linggong.agreements.models import Agreement
from linggong.core.models import Event
from linggong.engagements.models import Engagement
from linggong.oversight import lists
from linggong.web.bureau import frame
from linggong.web.bureau.event_words import said


@require_safe
def recent(request: HttpRequest) -> HttpResponse:
    """`/bureau/chain/`: alerts first, then the newest deals; `?q=` takes the code of a deal or a posting."""
    asked = frame.asked(request)
    rows = oversight.within(request.reach)
    if asked:
        if (deal := deals.by_code(asked)) is not None and request.reach.covers_division(deal.posting.division_id):
            return redirect(f"/bureau/chain/{deal.code}/")
        posting = postings.by_code(asked)
        rows = rows.filter(posting=posting) if posting is not None else rows.none()
    shown, more = frame.cut(rows, request)
    broken = [] if asked else lists.alerts(request.reach)
    everything = request.GET.get("alerts") == "all"
    facts = {
        "asked": asked, "rows": shown, "more_url": more, "alerts": broken if everything else broken[: frame.PAGE],
        "alert_count": len(broken), "hidden": 0 if everything else max(0, len(broken) - frame.PAGE),
    }  # fmt: skip
    return render(request, "bureau/chain_list.html", facts)


@require_safe
def one(request: HttpRequest, code: str) -> HttpResponse:
    """`/bureau/chain/<code>/`."""
    deal = frame.deal_of(request, code)
    chain = oversight.chain(deal)
    agreement = agreements.latest(deals.ref(deal))
    facts = {
        "deal": deal, "chain": chain, "steps": [_step(event, deal) for event in chain.events],
        "verdict": _verdict(agreement), "decisions": matching.decisions_of(deal.posting)[: frame.PAGE],
    }  # fmt: skip
    return render(request, "bureau/chain.html", facts)


def _step(event: Event, deal: Engagement) -> dict[str, Any]:
    return {"what": said(event), "who": _who(event.by, deal), "at": event.at, "because": event.data.get("because", ""),
            "acting_for": _who(event.acting_for, deal) if event.acting_for else "", "number": event.pk}  # fmt: skip


def _who(user: Any, deal: Engagement) -> str:
    """A worker by surname; staff and employers act in an office and are named."""
    if user is None:
        return _("系统到点办的")
    return user.called if user.pk == deal.worker.user_id else user.name


def _verdict(agreement: Agreement | None) -> dict[str, Any]:
    """查证: what the hashes say, in words."""
    if agreement is None or agreement.effective_at is None:
        return {"tone": "info", "lead": _("还没有可查的约定。"), "text": ""}
    wrong = agreements.tampered(agreement)
    if wrong:
        return {"tone": "danger", "lead": _("查证没通过。"), "text": "；".join(wrong)}
    text = _("约定从两边同意到现在没被改过，校验 {mark}。").format(mark=agreements.mark(agreement))
    return {"tone": "ok", "lead": _("查证通过。"), "text": text}
