"""The morning draw as everybody sees it: numbers, never names. How to hold it again stands one tap further."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

import linggong.venues.queries as venues
from linggong.core.clock import today
from linggong.matching import draws
from linggong.venues.models import Venue


def _venue(code: str) -> Venue:
    try:
        return venues.by_code(code)
    except Venue.DoesNotExist:
        raise Http404 from None


@require_GET
def draw(request: HttpRequest, code: str) -> HttpResponse:
    """`/stations/<code>/draw/`: this morning's order, the mornings before it. Without draws there is no page."""
    venue, day = _venue(code), today()
    rows = draws.lately(venue, day)
    if not (rows or venue.by_draw):
        raise Http404
    facts = {
        "venue": venue, "day": day, "now": next((row for row in rows if row.day == day), None),
        "past": [row for row in rows if row.day != day],
    }  # fmt: skip
    return render(request, "public/draw.html", facts)


@require_GET
def check(request: HttpRequest, code: str) -> HttpResponse:
    """`/stations/<code>/draw/check/?day=`: what was committed to, what was opened, and five lines that hold it again."""
    venue = _venue(code)
    try:
        day = parse_date(request.GET.get("day", "")) or today()
    except ValueError:
        day = today()
    row = draws.of_day(venue, day) if day <= today() + timedelta(days=1) else None
    following = draws.of_day(venue, today() + timedelta(days=1))
    if row is None and following is None:
        raise Http404
    return render(request, "public/draw_check.html", {"venue": venue, "row": row, "following": following})
