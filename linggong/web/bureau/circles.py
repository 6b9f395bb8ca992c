"""15 分钟圈、1 小时圈: both promises per county and day, each figure with its method; and the register of grids."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

import linggong.venues.actions as venues
from linggong.core.clock import today
from linggong.oversight import circles
from linggong.reference import travel
from linggong.reference.models import Division
from linggong.web.bureau import frame
from linggong.web.bureau.figures import day_of
from linggong.web.bureau.frame import ADMINISTER

LINES_MOST = 5_000
WRONG_SHOWN = 5
CHINA_LAT, CHINA_LNG = (3.0, 54.0), (73.0, 136.0)


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """`/bureau/circles/`, and with `?day=2026-11-20` an earlier day."""
    return _page(request)


@require_POST
@frame.only(ADMINISTER)
def register(request: HttpRequest) -> HttpResponse:
    """登记网格: one a line. All or nothing, with what is wrong line by line."""
    said = request.POST.get("grids", "").replace("\x00", "")[: LINES_MOST * 120]
    rows, wrong = _read(said, request)
    if wrong or not rows:
        wrong = wrong or [_("一行也没有，先把网格贴进来")]
        return _page(request, said=said, wrong=wrong, status=422)
    venues.register_grids(rows, by=request.user)
    return redirect("/bureau/circles/")


def _page(request: HttpRequest, *, said: str = "", wrong: Any = (), status: int = 200) -> HttpResponse:
    day = day_of(request)
    facts = {
        "day": day, "is_today": day == today(), "before": day - timedelta(days=1),
        "after": None if day == today() else day + timedelta(days=1), "rows": circles.coverage(day, request.reach),
        "quarter": travel.quarter_words(), "hour": travel.hour_words(), "may_write": frame.may(request, ADMINISTER),
        "said": said, "wrong": wrong[:WRONG_SHOWN], "more_wrong": max(0, len(wrong) - WRONG_SHOWN),
    }  # fmt: skip
    return render(request, "bureau/circles.html", facts, status=status)


def _read(said: str, request: HttpRequest) -> tuple[list[tuple[str, str, Division, float, float]], list[str]]:
    """Lines of number, name, division, latitude, longitude; commas of either width, or tabs from a spreadsheet."""
    lines = [line for line in said.splitlines() if line.strip()][: LINES_MOST + 1]
    if len(lines) > LINES_MOST:
        return [], [_("一次最多 {n} 行，请分几次贴").format(n=LINES_MOST)]
    cells = [[part.strip() for part in line.replace("，", ",").replace("\t", ",").split(",")] for line in lines]
    known = Division.objects.in_bulk({row[2] for row in cells if len(row) == 5})
    rows, wrong, seen = [], [], set()
    for at, row in enumerate(cells, start=1):
        why = _why_not(row, known, request) or (_("编号和前面重复") if row[0] in seen else "")
        if why:
            wrong.append(_("第 {n} 行：{why}").format(n=at, why=why))
            continue
        seen.add(row[0])
        rows.append((row[0], row[1], known[row[2]], float(row[3]), float(row[4])))
    return rows, wrong


def _why_not(row: list[str], known: dict[str, Division], request: HttpRequest) -> str:
    if len(row) != 5:
        return _("要五项：编号，名称，区划代码，纬度，经度")
    if not 0 < len(row[0]) <= 30 or not 0 < len(row[1]) <= 60:
        return _("编号最多 30 个字，名称最多 60 个字，都要填")
    if row[2] not in known or not request.reach.covers_division(row[2]):
        return _("区划代码不认得，或不归这里管")
    try:
        lat, lng = float(row[3]), float(row[4])
    except ValueError:
        return _("纬度、经度要填数，比如 26.27 和 117.63")
    if not (CHINA_LAT[0] <= lat <= CHINA_LAT[1] and CHINA_LNG[0] <= lng <= CHINA_LNG[1]):
        return _("坐标不在国内，看看纬度和经度是不是写反了")
    return ""
