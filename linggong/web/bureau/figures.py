"""G1: the day in figures, each opening its list; the same past day always shows the same. And the wall."""

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

import linggong.oversight.queries as oversight
from linggong.core.clock import local, now, today
from linggong.oversight import lists
from linggong.web.bureau import frame
from linggong.web.parts import hexagon
from linggong.web.templatetags.parts import yuan

ALERTS_SHOWN = 5
HEX_MOST = 16
HEX_EDGE, HEX_LEFT = 64, 44
MANY, SOME = 20, 10
BAR_WIDTH = 262
BAR_LEFT = 142
BAR_NAME = 6  # characters of a trade before it is cut


@require_safe
def day_page(request: HttpRequest) -> HttpResponse:
    """`/bureau/`, and with `?day=2026-11-20` an earlier day."""
    day = day_of(request)
    return render(request, "bureau/today.html", _facts(request, day))


@require_safe
def wall(request: HttpRequest) -> HttpResponse:
    """`/bureau/wall/`: the same on a screen of 1920 by 1080."""
    facts = _facts(request, today())
    return render(request, "bureau/wall.html", facts | {"late": _week(oversight.late_wages(today(), request.reach))})


@require_safe
def behind(request: HttpRequest, figure: str) -> HttpResponse:
    """`/bureau/list/<figure>/?day=`: the rows a figure counted."""
    day = day_of(request)
    titles = {
        "published": _("新活"), "joined": _("定下的"), "present": _("到岗的"), "done": _("干完确认的"),
        "paid": _("付到的工钱"), "no_shows": _("没到的"), "at_work": _("正在干的"), "arrears": _("拖着的工钱"),
    }  # fmt: skip
    if figure not in titles:
        raise Http404
    source = (
        lists.published_on(day, request.reach) if figure == "published" else lists.behind(figure, day, request.reach)
    )
    rows, more = frame.cut(source, request)
    kind = {"published": "posting", "joined": "deal"}.get(figure, "shift")
    facts = {"title": titles[figure], "day": day, "rows": rows, "kind": kind, "more_url": more}
    return render(request, "bureau/behind.html", facts)


def day_of(request: HttpRequest) -> date:
    """The day a page shows, from `?day=`; nonsense and the future are not found."""
    said = request.GET.get("day", "")
    if not said:
        return today()
    try:
        day = date.fromisoformat(said[:10])
    except ValueError:
        raise Http404 from None
    if not date(2020, 1, 1) <= day <= today():
        raise Http404
    return day


def _facts(request: HttpRequest, day: date) -> dict[str, Any]:
    figures = oversight.figures(day, request.reach)
    is_today = day == today()
    now_words = oversight.today(request.reach) if is_today else None
    facts = {
        "day": day, "is_today": is_today, "figures": figures, "now": now_words, "kpis": _kpis(figures),
        "hours": _hours(figures.by_hour), "trades": _bars(figures.by_trade), "moment": local(now()),
        "before": day - timedelta(days=1), "after": None if is_today else day + timedelta(days=1),
    }  # fmt: skip
    if is_today:
        places = lists.lacking(request.reach)
        broken = lists.alerts(request.reach)
        facts |= {
            "places": places, "hexes": _hexes(places), "lacking": _bars(lists.lacking_trades(request.reach)),
            "alerts": broken[:ALERTS_SHOWN], "alert_count": len(broken),
            "todo_count": len(broken) + bool(now_words["arrears"]["n"]) + bool(now_words["late_cases"]),
        }  # fmt: skip
    return facts


def _kpis(figures: oversight.Figures) -> list[dict[str, Any]]:
    def url(figure: str) -> str:
        return f"/bureau/list/{figure}/?day={figures.day.isoformat()}"

    waited = figures.minutes_to_first
    return [
        {"label": _("发了多少活？"), "value": figures.published, "unit": _("个"), "url": url("published"),
         "note": _("招 {n} 人").format(n=figures.places)},
        {"label": _("多少人定下了？"), "value": figures.joined, "unit": _("人"), "url": url("joined"),
         "note": _("当天的活招到 {n}%").format(n=figures.filled_percent)},
        {"label": _("招到第一个人要多久？"), "value": "—" if waited is None else waited or _("不到 1"),
         "unit": "" if waited is None else _("分钟"), "url": url("published"),
         "note": _first_words(waited)},
        {"label": _("说了去，到了吗？"), "value": figures.present, "unit": _("人到岗"), "url": url("present"),
         "note": _("没到 {n} 人").format(n=figures.no_shows)},
        {"label": _("干完确认了吗？"), "value": figures.done, "unit": _("班"), "url": url("done"), "note": ""},
        {"label": _("工钱付到了吗？"), "value": yuan(figures.paid_fen) or "0", "unit": _("元"), "url": url("paid"),
         "note": _("{n} 笔").format(n=figures.paid)},
    ]  # fmt: skip


def _first_words(waited: int | None) -> str:
    if waited is None:
        return _("还没有活招到人，没法算")
    return _("一半的活比这快") if waited else _("一半的活一发就有人定下")


def _hours(counts: list[int]) -> list[dict[str, Any]]:
    """24 columns for an SVG of 480 by 300; the busiest stands out."""
    most = max(counts, default=0)
    return [
        {"x": hour * 20 + 3, "y": 260 - (tall := round(230 * n / most) if most else 0), "height": tall, "n": n,
         "hour": hour, "middle": hour * 20 + 10, "hot": bool(n) and n == most, "named": hour % 6 == 0}
        for hour, n in enumerate(counts)
    ]  # fmt: skip


def _week(counts: list[tuple[date, int]]) -> dict[str, Any]:
    """Seven columns for an SVG of 760 by 104; today stands out."""
    most = max(n for _day, n in counts) or 1
    columns = []
    for at, (day, n) in enumerate(counts):
        tall = max(4, round(44 * n / most))
        name = _("今天") if day == today() else _("{d}日").format(d=day.day)
        columns.append(
            {"x": at * 108 + 32, "y": 72 - tall, "height": tall, "middle": at * 108 + 54, "n": n, "name": name}
        )
    words = "，".join(_("{day} {n} 笔").format(day=one["name"], n=one["n"]) for one in columns)
    return {"columns": columns, "words": words}


def _bars(counts: list[tuple[str, int]]) -> dict[str, Any]:
    most = counts[0][1] if counts else 0
    rows = []
    for at, (name, n) in enumerate(counts):
        width = max(4, round(BAR_WIDTH * n / most)) if most else 4
        said = name if len(name) <= BAR_NAME else name[: BAR_NAME - 1] + "…"
        rows.append(
            {"name": said, "n": n, "y": at * 42 + 8, "text_y": at * 42 + 28, "width": width,
             "end": BAR_LEFT + 8 + width, "hot": at == 0}
        )  # fmt: skip
    words = "，".join(_("{name} {n} 人").format(name=name, n=n) for name, n in counts)
    return {"rows": rows, "height": max(1, len(rows)) * 42 + 8, "words": words}


def _hexes(places: list[lists.Lack]) -> dict[str, Any]:
    """Counties as hexagons, laid out roughly as they lie: rows from north to south, each from west to east."""
    known = [lack for lack in places if lack.lat is not None and lack.lng is not None][:HEX_MOST]
    known.sort(key=lambda lack: (-lack.lat, lack.code))
    rows = max(1, round(len(known) ** 0.5 * 0.8))
    across = -(-len(known) // rows) or 1
    cells = []
    for start in range(0, len(known), across):
        for column, lack in enumerate(sorted(known[start : start + across], key=lambda lack: (lack.lng, lack.code))):
            level = 1 + (lack.places >= SOME) + (lack.places >= MANY)
            cells.append({"name": lack.name, "value": lack.places, "level": level, **hexagon(start // across, column)})
    words = "，".join(_("{name}缺 {n} 人").format(name=lack.name, n=lack.places) for lack in places if lack.places)
    width = max((cell["x"] for cell in cells), default=0) + HEX_EDGE
    return {"cells": cells, "left": HEX_LEFT, "width": width - HEX_LEFT, "words": words,
            "height": max((cell["y"] for cell in cells), default=0) + HEX_EDGE + 6}  # fmt: skip
