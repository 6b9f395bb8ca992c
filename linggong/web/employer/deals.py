"""One deal, as the employer's messages open it: who, which days, how each stands."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

import linggong.engagements.actions as deals
import linggong.engagements.queries as lived
from linggong.core.refusals import Refused
from linggong.engagements.models import Engagement, Stage
from linggong.web.employer.standing import my_deal
from linggong.web.employer.today import Why


@require_GET
def deal(request: HttpRequest, code: str) -> HttpResponse:
    """`/e/deals/<code>/`."""
    return _deal(request, my_deal(request, code), Why())


def _deal(
    request: HttpRequest, row: Engagement, form: forms.Form, *, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    days = list(row.attendances.all())
    shown = {
        "deal": row, "days": days, "form": form, "refusal": refusal,
        "can_cancel": row.state in ("confirmed", "reaccept") and any(day.state == Stage.EXPECTED for day in days),
        "rate": lived.to_rate(employer=request.employer).filter(pk=row.pk).exists(), "wasted": row.posting.wasted_trip_fen,
    }  # fmt: skip
    return render(request, "employer/deal.html", shown, status=status)


@require_POST
def cancel(request: HttpRequest, code: str) -> HttpResponse:
    """不用来了: told at once; late ones cost the published sum."""
    row, form = my_deal(request, code), Why(request.POST)
    if not form.is_valid():
        return _deal(request, row, form, status=422)
    if row.state == "cancelled_by_employer":
        return redirect("employer:deal", row.code)
    try:
        deals.cancel_by_employer(row, because=form.cleaned_data["because"], by=request.user)
    except Refused as refusal:
        return _deal(request, my_deal(request, code), form, refusal=refusal, status=refusal.status)
    return redirect("employer:deal", row.code)
