"""方位图: the person in the middle, rings, what is known around, and the jobs of the list as numbered pins."""

from collections.abc import Sequence
from functools import lru_cache
from math import cos, radians, sin
from typing import Any

from django.utils.translation import gettext as _

import linggong.reference.queries as reference
import linggong.venues.queries as venues
from linggong.reference import geo
from linggong.web.parts import on_compass
from linggong.web.place import Place
from linggong.web.templatetags.parts import distance, yuan

RINGS = ((3_000, (1_000, 2_000, 3_000)), (10_000, (2_000, 5_000, 10_000)), (30_000, (10_000, 20_000, 30_000)),
         (90_000, (30_000, 60_000, 90_000)))  # fmt: skip
EDGE = 156
LANDMARKS_MOST = 5
PIN_WIDE, PIN_TALL = 88, 44
MARK_WIDE, MARK_TALL = 90, 26


def drawing(place: Place, cards: Sequence[dict[str, Any]], *, url_of: Any, on: str) -> dict[str, Any]:
    """What parts/compass_map.html draws. `url_of(card)` is the address that selects a card."""
    farthest = max((_away(place, card) for card in cards), default=0)
    reach, rings = next((pair for pair in RINGS if farthest <= pair[0]), RINGS[-1])
    pins = _pins(place, cards, reach, url_of, on)
    return {
        "label": _sentence(cards, place),
        "linked": True,
        "rings": [{"r": EDGE * ring // reach, "text": distance(ring)} for ring in rings],
        "landmarks": _landmarks(place, reach, pins),
        "pins": pins,
    }


def _pins(place: Place, cards: Sequence[dict[str, Any]], reach: int, url_of: Any, on: str) -> list[dict[str, Any]]:
    """Drawn from the last to the first, so that number one lies on top; none covers another where there is room."""
    taken: list[tuple[int, int]] = []
    pins = []
    for card in cards:
        x, y = _free_spot(*_spot(place, card["lat"], card["lng"], reach), taken)
        taken.append((x, y))
        pins.append({
            "number": card["number"], "x": x, "y": y, "text": _("%(yuan)s元") % {"yuan": yuan(card["pay_fen"])},
            "colour": card["colour"], "on": card["code"] == on, "url": url_of(card),
        })  # fmt: skip
    return pins[::-1]


def _free_spot(x: int, y: int, taken: list[tuple[int, int]]) -> tuple[int, int]:
    """Here, or the nearest place where the pin covers no earlier one; here after all when there is none."""
    steps = [(0, 0)] + [
        (dx, dy) for ring in (1, 2, 3) for dy in (-ring, 0, ring) for dx in (-ring, 0, ring) if dx or dy
    ]
    for dx, dy in steps:
        at = min(max(x + dx * PIN_WIDE // 2, 46), 312), min(max(y + dy * PIN_TALL, 48), 332)
        if all(abs(at[0] - a) >= PIN_WIDE or abs(at[1] - b) >= PIN_TALL for a, b in taken):
            return at
    return x, y


@lru_cache(maxsize=1024)  # a town does not move
def _towns(lat: float, lng: float) -> list[tuple[str, float, float]]:
    return [(town.short_name, town.lat, town.lng) for town in reference.near(lat, lng)]


def _landmarks(place: Place, reach: int, pins: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Towns and stations that people know by name, those that fit between the pins."""
    known = [(venue.name, venue.lat, venue.lng) for venue in venues.nearest(place.lat, place.lng, limit=3)]
    known += _towns(place.lat, place.lng)
    marks: list[dict[str, Any]] = []
    for name, lat, lng in known:
        away = geo.distance_m(place.lat, place.lng, lat, lng)
        if not reach // 10 < away <= reach:
            continue
        x, y = _spot(place, lat, lng, reach)
        busy = [(pin["x"], pin["y"] - 26, PIN_WIDE) for pin in pins] + [(m["x"], m["y"], MARK_WIDE) for m in marks]
        if x < 270 and all(abs(x - a) >= wide or abs(y - b) >= MARK_TALL for a, b, wide in busy):
            marks.append({"x": x, "y": y, "name": name[:8]})
        if len(marks) == LANDMARKS_MOST:
            break
    return marks


def _spot(place: Place, lat: float, lng: float, reach: int) -> tuple[int, int]:
    away = geo.distance_m(place.lat, place.lng, lat, lng)
    turn = radians(geo.bearing(place.lat, place.lng, lat, lng))
    at = on_compass(away * sin(turn), away * cos(turn), reach)
    return at["x"], at["y"]


def _away(place: Place, card: dict[str, Any]) -> int:
    return geo.distance_m(place.lat, place.lng, card["lat"], card["lng"])


def _sentence(cards: Sequence[dict[str, Any]], place: Place) -> str:
    """The drawing in words, for readers."""
    said = [
        _("%(n)s 号活在%(point)s边 %(far)s") % {
            "n": card["number"], "point": geo.compass_word(card["bearing"]), "far": distance(_away(place, card))
        }
        for card in cards
    ]  # fmt: skip
    return _("方位图。你在中间。%(jobs)s") % {"jobs": "，".join(said) + "。" if said else ""}
