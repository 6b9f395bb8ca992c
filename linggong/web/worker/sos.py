"""W27: somebody is hurt. Works without JavaScript, without signing in and, once open, without network."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

import linggong.engagements.actions as living
import linggong.engagements.queries as deals
import linggong.insurance.queries as covers
import linggong.venues.queries as venues
from linggong.core.clock import now
from linggong.core.once import once
from linggong.core.refusals import Refused
from linggong.web.place import operator_of, place_of
from linggong.web.worker import rows


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """`/sos/`."""
    return _page(request)


@require_POST
def report(request: HttpRequest, code: str) -> HttpResponse:
    """报案: the shift ends, the hours count, a case opens with the cover beside it."""
    attendance = rows.own_attendance(request, code)
    facts = request.POST.get("facts", "").replace("\x00", "").strip()[:400] or _("有人受伤，没写细节")

    def do() -> dict[str, Any]:
        living.accident(attendance, facts=facts, by=request.user)
        return {}

    try:
        once(f"{request.user.code}:hurt:{rows.key_of(request)}", {"attendance": attendance.code}, do)
    except Refused as refusal:
        return _page(request, refusal=refusal, facts=facts, status=refusal.status)
    return redirect(f"/shifts/at/{attendance.code}/?done=hurt")


def _page(request: HttpRequest, *, refusal: Refused | None = None, facts: str = "", status: int = 200) -> HttpResponse:
    worker = getattr(request, "worker", None)
    one = policy = None
    if worker is not None:
        at_work = deals.attendances(engagement__worker=worker, state__in=rows.AT_WORK).first()
        one = at_work or deals.next_of_worker(worker, now())
        policy = covers.cover_of(deals.ref(one)) if one is not None else None
    where = one.engagement.posting if one is not None else place_of(request)
    shown = {
        "title": _("有人受伤"),
        "back": "/today/" if worker is not None else "/",
        "one": one,
        "refusal": refusal,
        "facts_said": facts,
        "policy": policy,
        "lines": covers.four_lines(policy.product, policy.sum_fen) if policy else [],
        "working": one is not None and one.state in rows.AT_WORK,
        "stations": venues.nearest(where.lat, where.lng, 1) if where.lat else [],
        "hotline": operator_of(request).get("hotline", ""),
    }
    return render(request, "worker/sos.html", shown, status=status)
