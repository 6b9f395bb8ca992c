"""发消息: the page of one deal's messages, the same for both sides; each desk answers whose deal it is."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

import linggong.engagements.actions as deals
import linggong.engagements.queries as lived
from linggong.core.clock import now
from linggong.core.once import once
from linggong.core.refusals import Refused
from linggong.engagements.models import Engagement

OTHER = {"worker": "employer", "employer": "worker"}


def page(
    request: HttpRequest, deal: Engagement, *, side: str, here: str, back: str, refusal: Refused | None = None
) -> HttpResponse:
    """What was said, and a box while there is somebody to write to."""
    facts = {
        "deal": deal, "rows": lived.messages(deal), "side": side, "here": here, "back": back, "refusal": refusal,
        "open": lived.may_talk(deal, now()), "typed": request.POST.get("text", "")[:200] if refusal else "",
        "who": deal.employer.name if side == "worker" else deal.worker.user.called,
    }  # fmt: skip
    return render(request, "talk.html", facts, status=refusal.status if refusal else 200)


def say(request: HttpRequest, deal: Engagement, *, side: str, here: str, back: str) -> HttpResponse:
    """Send what stands in the box; sent twice by a weak network it is one message."""
    text = request.POST.get("text", "")
    said = "".join(char for char in request.POST.get("key", "")[:40] if char.isalnum()) or uuid.uuid4().hex
    try:
        once(
            f"{request.user.code}:{said}", {"deal": deal.code, "text": text},
            lambda: {"message": deals.say(deal, text, side=side, by=request.user).code},
        )  # fmt: skip
    except Refused as refusal:
        return page(request, deal, side=side, here=here, back=back, refusal=refusal)
    return redirect(here)


def report(request: HttpRequest, deal: Engagement, code: str, *, side: str, here: str) -> HttpResponse:
    """这句不对劲: only what the other side wrote."""
    message = next((row for row in lived.messages(deal) if row.code == code and row.side == OTHER[side]), None)
    if message is None:
        raise Http404
    deals.report_message(message, by=request.user)
    return redirect(here)
