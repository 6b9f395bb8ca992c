"""今天的用工信息: the digest of a community for anybody, with what can still be taken now."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

import linggong.postings.queries as postings
import linggong.reference.queries as reference
from linggong.core.clock import now
from linggong.postings import digests
from linggong.reference.models import Division
from linggong.web.place import Place, place_of
from linggong.web.public import cards

REACH_M = 10_000
MOST = 20


@require_GET
def here(request: HttpRequest) -> HttpResponse:
    """`/digest/`: the community somebody looks from, or the nearest one to where they stand."""
    place = place_of(request)
    if place.code:
        return redirect(f"/digest/{place.code}/")
    near = reference.near(place.lat, place.lng, limit=1)
    return redirect(f"/digest/{near[0].code}/" if near else "/place/")


@require_GET
def of_place(request: HttpRequest, code: str) -> HttpResponse:
    """`/digest/<division>/`: the last one written; where none is written, what is out now."""
    try:
        division = reference.division(code)
    except Division.DoesNotExist:
        raise Http404 from None
    if division.lat is None:
        raise Http404
    moment = now()
    digest = digests.latest(division.code, moment)
    facts = {"division": division, "digest": digest}
    if digest is not None:
        alive = digests.still_open(digest, moment)
        facts["items"] = [item | {"open": item["code"] in alive} for item in digest.items]
        facts["voice"] = digests.voice(digest)
    else:
        middle = Place(division.short_name, division.lat, division.lng, division.code, exact=True)
        rows = postings.near(division.lat, division.lng, REACH_M, moment, limit=MOST)
        facts["jobs"] = cards.cards(rows, place=middle)
    return render(request, "public/digest.html", facts)
