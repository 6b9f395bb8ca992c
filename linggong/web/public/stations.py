"""W23 and S14: the places with people in them: open now, where, when, whom to ring."""

from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

import linggong.postings.queries as postings
import linggong.venues.queries as venues
from linggong.core.clock import local, now
from linggong.reference import geo
from linggong.venues import hours as week
from linggong.venues.models import Venue
from linggong.web.place import Place, operator_of, place_of
from linggong.web.public import cards
from linggong.web.public.home import opening_words
from linggong.web.public.jobs import map_url
from linggong.web.templatetags.parts import clock, distance, way

SHOWN = 20
JOBS = 5
JOBS_WITHIN_M = 10_000
DAYS = "一二三四五六日"


@require_GET
def stations(request: HttpRequest) -> HttpResponse:
    """`/stations/`: the nearest first, each with whether somebody is there now."""
    place, moment = place_of(request), now()
    rows = [_row(venue, moment, place) for venue in venues.nearest(place.lat, place.lng, limit=SHOWN)]
    return render(request, "public/stations.html", {"rows": rows, "place": place})


@require_GET
def station(request: HttpRequest, code: str) -> HttpResponse:
    """`/stations/<code>/`."""
    try:
        venue = venues.by_code(code)
    except Venue.DoesNotExist:
        raise Http404 from None
    place, moment = place_of(request), now()
    near, here = [], place
    if venue.lat is not None:
        near = postings.near(venue.lat, venue.lng, JOBS_WITHIN_M, moment, limit=JOBS, order="soon")
        here = Place(venue.name, venue.lat, venue.lng, exact=True)
    facts = {
        "venue": venue, "row": _row(venue, moment, place), "week": week_words(venue.hours),
        "jobs": cards.cards(near, place=here) if near else [],
        "complain": venue.supervision_phone or operator_of(request).get("supervision_phone", ""),
        "map_url": map_url(venue),
        "closed_for_good": bool(venue.closed_on and venue.closed_on <= local(moment).date()),
    }  # fmt: skip
    return render(request, "public/station.html", facts)


def _row(venue: Venue, moment: datetime, place: Place) -> dict[str, Any]:
    is_open = venues.is_open(venue, moment)
    away = None
    if venue.lat is not None and not place.is_area:
        away = geo.distance_m(place.lat, place.lng, venue.lat, venue.lng)
    return {
        "code": venue.code,
        "name": venue.name,
        "kind": venue.get_kind_display(),
        "open": is_open,
        "state": _("开着门") if is_open else _("关着门"),
        "detail": _until(venue, moment) if is_open else opening_words(venue, moment),
        "far": f"{distance(away)}，{way(away)}" if away is not None else "",
        "phone": venue.phone,
        "address": venue.address,
    }


def _until(venue: Venue, moment: datetime) -> str:
    """今天 18:00 关门."""
    day = local(moment).date()
    for start in (day, day - timedelta(days=1)):
        for opens, closes in week.windows(venue.hours, start):
            if opens <= moment < closes:
                return _("%(clock)s 关门") % {"clock": clock(closes)}
    return ""


def week_words(hours: list) -> list[dict[str, str]]:
    """The week in as few lines as it takes: 天天 6:00–18:00, or 周一到周五 …, 周日 不开门."""
    if not hours:
        return []
    runs: list[tuple[int, int, Any]] = []
    for number, pair in enumerate(hours):
        if runs and runs[-1][2] == pair:
            runs[-1] = (runs[-1][0], number, pair)
        else:
            runs.append((number, number, pair))
    if len(runs) == 1:
        return [{"days": _("天天"), "hours": _pair(runs[0][2])}]
    return [{"days": _days(first, last), "hours": _pair(pair)} for first, last, pair in runs]


def _days(first: int, last: int) -> str:
    if first == last:
        return _("周%(day)s") % {"day": DAYS[first]}
    return _("周%(first)s到周%(last)s") % {"first": DAYS[first], "last": DAYS[last]}


def _pair(pair: list[str] | None) -> str:
    if pair is None:
        return _("不开门")
    opens, closes = (f"{int(text[:2])}{text[2:]}" for text in pair)
    return f"{opens}–{closes}"
