"""Where somebody is looking for work: a chosen street or town, or a position used once and never stored (FJ-19)."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

import linggong.accounts.queries as accounts
import linggong.reference.queries as reference
from linggong.reference.geo import rounded

PLACE_KEY = "place"


@dataclass(frozen=True)
class Place:
    """A point to measure from, and what to call it. `code` is a division, or "" for a one-off position."""

    name: str
    lat: float
    lng: float
    code: str = ""
    about: bool = False


def place_of(request: HttpRequest) -> Place:
    """The place for this request: the position in the query if given, else the one chosen, else the market's own.

    A position is rounded to about 500 m before anything is done with it.
    """
    if hasattr(request, "_place"):
        return request._place
    request._place = _from_query(request) or _chosen(request) or _home(request) or _market()
    return request._place


def choose(request: HttpRequest, code: str) -> Place:
    """Remember a street or town on this device."""
    place = _of_division(code)
    request.session[PLACE_KEY] = code
    return place


def _from_query(request: HttpRequest) -> Place | None:
    try:
        lat, lng = float(request.GET["lat"]), float(request.GET["lng"])
    except (KeyError, ValueError):
        return None
    if not (-90 <= lat <= 90 and -180 <= lng <= 180):
        return None
    lat, lng = rounded(lat, lng)
    return Place(_("你在的地方"), lat, lng)


def _chosen(request: HttpRequest) -> Place | None:
    code = request.session.get(PLACE_KEY)
    return _of_division(code) if code else None


def _home(request: HttpRequest) -> Place | None:
    worker = getattr(request, "worker", None)
    if worker is None:
        return None
    if worker.lat is not None:
        return Place(worker.division.short_name, worker.lat, worker.lng, worker.division_id)
    return _of_division(worker.division_id)


def _market() -> Place:
    code = accounts.settings().get("division_code") or "350400"
    return _of_division(code)


def _of_division(code: str) -> Place:
    division = reference.division(code)
    return Place(division.short_name, division.lat or 0.0, division.lng or 0.0, division.code, division.about)
