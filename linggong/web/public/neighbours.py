"""在我们附近: neighbours' work whose circle holds the place somebody looks from, with who is a verified neighbour."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

import linggong.postings.queries as postings
from linggong.core.clock import now
from linggong.postings import circle
from linggong.postings.filters import Filters
from linggong.web.place import place_of
from linggong.web.public import cards

MOST = 20


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """`/neighbours/`: the nearest first. From a whole county there is no neighbourhood: choose a street."""
    place, moment = place_of(request), now()
    rows = []
    if not place.is_area:
        neighbours = Filters(neighbours=True)
        rows = postings.near(place.lat, place.lng, circle.AROUND_M, moment, neighbours, limit=MOST)
    jobs = cards.cards(rows, place=place)
    return render(request, "public/neighbours.html", {"place": place, "jobs": jobs})
