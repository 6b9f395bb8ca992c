"""W8 at the gate of a site: its code scanned, or its six digits typed, where a position does not help."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

import linggong.engagements.queries as deals
from linggong.core.clock import now
from linggong.core.refusals import Refused
from linggong.engagements.actions.attendance import OPENS_BEFORE
from linggong.engagements.models import Attendance, Stage
from linggong.web.worker import rows


@require_GET
def scanned(request: HttpRequest, posting: str, six: str) -> HttpResponse:
    """`/in/<posting>/<six>/`: the code at the site was scanned. The worker's own shift there, one button."""
    moment = now()
    mine = deals.attendances(engagement__worker=request.worker, engagement__posting__code=posting, state__in=rows.AHEAD)
    attendance = mine.filter(shift__ends_at__gt=moment - OPENS_BEFORE).first()
    if attendance is None:
        raise Http404
    return by_code(request, attendance.code, six)


@require_GET
def by_code(request: HttpRequest, code: str, six: str = "") -> HttpResponse:
    """`/today/<code>/code/` and `/today/<code>/qr/<six>/`: six digits instead of a position."""
    attendance = rows.own_attendance(request, code)
    if attendance.state != Stage.EXPECTED:
        return redirect(f"/today/?at={attendance.code}")
    return show(request, attendance, six=six)


def show(
    request: HttpRequest, attendance: Attendance, *, six: str = "", refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    """The page for the digits, with what stood in the way of the last ones."""
    typed = request.POST.get("as_told", "")
    return render(
        request,
        "worker/today_code.html",
        {
            "refusal": refusal,
            "title": _("扫码打卡"),
            "back": f"/today/?at={attendance.code}",
            "attendance": attendance,
            "six": six if six.isascii() and six.isdigit() else "",
            "place": attendance.engagement.posting.address,
            "told": [chip | {"on": chip["value"] == typed} for chip in told()],
        },
        status=status,
    )


def told() -> list[dict[str, Any]]:
    """和说的一样吗, as chips; no answer is an answer too."""
    return [{"label": _("一样"), "value": "yes"}, {"label": _("不一样"), "value": "no"}]
