"""W4: every kind of work, with how much of it there is near."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

import linggong.postings.queries as postings
from linggong.core.clock import now
from linggong.reference import groups
from linggong.web import briefly
from linggong.web.place import place_of
from linggong.web.wish import Wish


@require_GET
def trades(request: HttpRequest) -> HttpResponse:
    """`/trades/`: three in a row, with counts; a kind without work says that we call when there is some."""
    place, moment = place_of(request), now()
    wish = Wish.read(request.GET)
    filters = wish.filters(place, moment)
    around = None if filters.division else (place.lat, place.lng, wish.reach_m(place))
    counts = briefly.kept(
        ("facets", filters, around), lambda: postings.facets(moment, filters, around=around)
    )  # fmt: skip
    rows = [
        {"label": group.word, "url": wish.url(group=group.code, trade="", q=""), "pictogram": group.pictogram,
         "colour": group.colour, "count": counts.get(group.code, 0)}
        for group in groups.GROUPS
    ]  # fmt: skip
    where = place.name if filters.division else _("附近")
    facts = {"trades": rows, "where": where, "count": sum(counts.values()), "back": wish.url()}
    return render(request, "public/trades.html", facts)
