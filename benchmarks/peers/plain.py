"""The public list as Django's tutorial would have it: a queryset, its count and a template. Same rows, same page, same
middleware, nothing remembered.
"""

import os

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse  # noqa: TID251 — a view of a benchmark
from django.shortcuts import render  # noqa: TID251
from django.urls import include, path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linggong.settings")
django.setup()
settings.ROOT_URLCONF = "benchmarks.peers.plain"

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402

import linggong.postings.queries as postings  # noqa: E402
from linggong.core.clock import now  # noqa: E402
from linggong.web import desk  # noqa: E402
from linggong.web.place import place_of  # noqa: E402
from linggong.web.public import home as ours  # noqa: E402
from linggong.web.wish import PAGE, Wish  # noqa: E402


def page(request: HttpRequest) -> HttpResponse:
    """One page: the rows, how many there are, rendered."""
    wish, moment, place = Wish.read(request.GET), now(), place_of(request)
    order = ours.order_of(wish, place, None)
    filters, reach = wish.filters(place, moment), wish.reach_m(place)
    if place.is_area and not wish.within:
        rows, around = list(postings.found(moment, filters, order=order)[:PAGE]), None
    else:
        rows = postings.near(place.lat, place.lng, reach, moment, filters, order=order, limit=PAGE)
        around = (place.lat, place.lng, reach)
    found = ours.Found(rows, postings.how_many(moment, filters, around=around), {}, reach)
    facts = ours._list_facts(wish, place, moment, found, order, None)
    return render(request, "public/home.html", facts | ours._page_facts(request, wish, moment, place))


urlpatterns = [*desk.guarded([path("", page)], desk.public), path("", include("linggong.web.urls"))]
application = WSGIHandler()
