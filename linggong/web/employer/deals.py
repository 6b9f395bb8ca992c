"""One deal, as the employer's messages open it: who, which days, how each stands."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

import linggong.accounts.actions as accounts
import linggong.engagements.actions as deals
import linggong.engagements.queries as lived
from linggong.core.clock import now
from linggong.core.money import yuan
from linggong.core.refusals import Refused
from linggong.engagements.models import BINDING, Engagement, Stage
from linggong.web.employer.standing import my_deal
from linggong.web.employer.today import Why


@require_GET
def deal(request: HttpRequest, code: str) -> HttpResponse:
    """`/e/deals/<code>/`."""
    return _deal(request, my_deal(request, code), Why())


@require_POST
def open_number(request: HttpRequest, code: str) -> HttpResponse:
    """看电话: of somebody bound to come, with the look noted for the person looked at."""
    row = my_deal(request, code)
    if row.state not in BINDING:
        return _deal(request, row, Why(), refusal=Refused(_("定下了才看得到电话，先打站里")), status=409)
    try:
        number = accounts.look_at(row.worker.user, "phone", by=request.user, role=_("老板"), reason=_("定下的活要联系"))
    except Refused as refusal:
        return _deal(request, row, Why(), refusal=refusal, status=refusal.status)
    return _deal(request, row, Why(), number=number or "")


def _deal(
    request: HttpRequest,
    row: Engagement,
    form: forms.Form,
    *,
    refusal: Refused | None = None,
    number: str = "",
    status: int = 200,
) -> HttpResponse:
    days = list(row.attendances.all())
    shown = {
        "deal": row, "days": days, "number": number, "bound": row.state in BINDING, "form": form, "refusal": refusal,
        "can_cancel": row.state in ("confirmed", "reaccept") and any(day.state == Stage.EXPECTED for day in days),
        "rate": lived.to_rate(employer=request.employer).filter(pk=row.pk).exists(), "costs": _costs(row),
    }  # fmt: skip
    return render(request, "employer/deal.html", shown, status=status)


def _costs(row: Engagement) -> str:
    """What 不用来了 costs if it is said now (published schedule); the same words a worker reads on their side."""
    waiting = lived.expected(row)
    if not waiting:
        return ""
    moment, division = now(), row.posting.division_id
    band = lived.band([a.shift for a in waiting], moment, division_code=division)
    points = lived.cancel_points(band, moment, division_code=division)
    said = _("现在说，口碑记 {n} 分，算一年，能申诉。").format(n=points) if points else _("现在说，不记口碑。")
    if band == "late" and row.posting.wasted_trip_fen:
        said += _("还要补他 {yuan} 元。").format(yuan=yuan(row.posting.wasted_trip_fen))
    return said


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
