"""每日用工信息 at the desk: the day's text for the groups, the sheet for the wall, the words for the loudspeaker."""

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

import linggong.postings.actions as actions
import linggong.reference.queries as reference
import linggong.venues.queries as venues
from linggong.core.clock import local, now
from linggong.core.states import Moved
from linggong.postings import digests
from linggong.postings.models import Digest
from linggong.reference.models import Division
from linggong.web.place import operator_of
from linggong.web.qr import qr_svg
from linggong.web.station import frame
from linggong.web.station.frame import WINDOW, only

SHOWN = 60


def address_of(division_code: str) -> str:
    """The public page of a community's digest."""
    return f"{settings.SITE_URL}/digest/{division_code}/"


@require_GET
@only(WINDOW)
def home(request: HttpRequest) -> HttpResponse:
    """`/desk/digest/`, with ?place= for one of several communities."""
    places = _places(request)
    if not places:
        raise Http404
    chosen = next((p for p in places if p.code == request.GET.get("place", "")), places[0])
    moment = now()
    digest = digests.latest(chosen.code, moment)
    facts: dict[str, Any] = {"title": _("每日用工信息"), "places": places, "chosen": chosen, "digest": digest}
    facts["hour"] = reference.setting("digest_time", division_code=chosen.code, on=local(moment).date())
    if digest is not None:
        alive = digests.still_open(digest, moment)
        facts |= {
            "texts": digests.group_messages(digest, address_of(chosen.code)),
            "voice": digests.voice(digest),
            "gone": [item for item in digest.items if item["code"] not in alive],
        }
    return frame.show(request, "digest.html", facts)


@require_POST
@only(WINDOW)
def make(request: HttpRequest) -> HttpResponse:
    """现在出一份: what is open at this minute."""
    place = next((p for p in _places(request) if p.code == request.POST.get("place", "")), None)
    if place is None:
        raise Http404
    actions.make_digest(place, by=request.user)
    return redirect(f"/desk/digest/?place={place.code}")


@require_POST
@only(WINDOW)
def told(request: HttpRequest, code: str) -> HttpResponse:
    """发过了. Twice is once."""
    digest = _mine(request, code)
    with suppress(Moved):
        actions.mark_told(digest, by=request.user)
    return redirect(f"/desk/digest/?place={digest.division_id}")


@require_GET
@only(WINDOW)
def sheet(request: HttpRequest, code: str) -> HttpResponse:
    """`/desk/digest/<code>/print/`: A4 for the wall."""
    digest = _mine(request, code)
    link = address_of(digest.division_id)
    facts = {
        "digest": digest, "link": link, "svg": qr_svg(link, border=4), "venue": request.venue,
        "hotline": operator_of(request).get("hotline", ""), "back": f"/desk/digest/?place={digest.division_id}",
    }  # fmt: skip
    return render(request, "station/digest_sheet.html", facts)


def _mine(request: HttpRequest, code: str) -> Digest:
    digest = digests.by_code(code)
    if digest is None or not request.reach.covers_division(digest.division_id):
        raise Http404
    return digest


def _places(request: HttpRequest) -> list[Division]:
    """The communities that this desk passes on to, the desk's own first."""
    own = request.venue.division_id if request.venue is not None else ""
    codes = {code for code in venues.communities() if request.reach.covers_division(code)} | ({own} if own else set())
    rows = Division.objects.filter(code__in=codes, lat__isnull=False).order_by("code")[:SHOWN]
    return sorted(rows, key=lambda place: (place.code != own, place.code))
