"""Where somebody is looking for work: a chosen street or town, or a position used once and never stored (FJ-19)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

import linggong.accounts.queries as accounts
import linggong.reference.queries as reference
from linggong.core.asking import Question, ask_all
from linggong.reference.geo import rounded

PLACE_KEY = "place"
HERE_COOKIE = "here"
HERE_SECONDS = 30 * 60


@dataclass(frozen=True)
class Place:
    """A point to measure from, and what to call it. `code` is a division, or "" for a one-off position.

    `exact` says the point is where somebody stands or lives, not the middle of a division.
    """

    name: str
    lat: float
    lng: float
    code: str = ""
    about: bool = False
    exact: bool = False

    @property
    def is_area(self) -> bool:
        """A whole county or city: too wide for distances to mean anything."""
        return not self.exact and 0 < len(self.code) <= 6


def place_of(request: HttpRequest) -> Place:
    """The place for this request: where the person stands, if they said so just now; else the one chosen, else home."""
    if hasattr(request, "_place"):
        return request._place
    request._place = _here(request) or _chosen(request) or _home(request) or _market(request)
    return request._place


def choose(request: HttpRequest, code: str) -> Place:
    """Remember a street or town on this device."""
    place = _of_division(code)
    request.session[PLACE_KEY] = code
    return place


def stand_here(response: HttpResponse, lat: float, lng: float) -> None:
    """Let the device itself keep a position for half an hour, rounded to about 500 m and signed.

    Nothing is written down on our side, and an address never carries it: addresses end up in logs.
    """
    lat, lng = rounded(lat, lng)
    response.set_signed_cookie(HERE_COOKIE, f"{lat},{lng}", max_age=HERE_SECONDS, httponly=True, samesite="Lax")


def operator_of(request: HttpRequest) -> dict[str, Any]:
    """What the operator entered about itself, asked once per request."""
    if not hasattr(request, "_operator"):
        request._operator = accounts.settings()
    return request._operator


def ask_with_operator(request: HttpRequest, *questions: Question[Any]) -> list[Any]:
    """The answers, and in the same trip what the foot of every page will say about the operator."""
    if hasattr(request, "_operator"):
        return ask_all(*questions)
    *answers, request._operator = ask_all(*questions, accounts.settings_question())
    return answers


def _here(request: HttpRequest) -> Place | None:
    said = request.get_signed_cookie(HERE_COOKIE, "", max_age=HERE_SECONDS) if request.COOKIES else ""
    if not said:
        return None
    lat, lng = map(float, said.split(","))
    return Place(_("你在的地方"), lat, lng, exact=True)


def _chosen(request: HttpRequest) -> Place | None:
    code = request.session.get(PLACE_KEY)
    try:
        return _of_division(code) if code else None
    except ObjectDoesNotExist:  # places are merged and renamed; then the person chooses again
        return None


def _home(request: HttpRequest) -> Place | None:
    worker = getattr(request, "worker", None)
    if worker is None:
        return None
    if worker.lat is not None:
        return Place(worker.division.short_name, worker.lat, worker.lng, worker.division_id, exact=True)
    return _of_division(worker.division_id)


def _market(request: HttpRequest) -> Place:
    code = operator_of(request).get("division_code") or "350400"
    return _of_division(code)


@lru_cache(maxsize=4096)  # a place does not move, and every page asks for one
def _of_division(code: str) -> Place:
    division = reference.division(code)
    return Place(division.short_name, division.lat or 0.0, division.lng or 0.0, division.code, division.about)
