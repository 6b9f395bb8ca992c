"""方位图: the person in the middle, rings, what is known around, and the jobs of the list as numbered pins.

One layout serves both sizes of print: a touch on 大字 enlarges the words without asking the server, so everything is
kept apart as if it were large.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import cos, pi, radians, sin
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

import linggong.reference.queries as reference
import linggong.venues.queries as venues
from linggong.reference import geo
from linggong.reference.models import Level
from linggong.web.place import Place
from linggong.web.templatetags.parts import distance, yuan

RINGS = ((1_000, 2_000, 3_000), (2_000, 5_000, 10_000), (10_000, 20_000, 30_000), (30_000, 60_000, 90_000))
WIDE, TALL, MIDDLE_X, MIDDLE_Y, EDGE = 358, 340, 179, 170, 156
LETTER, LINE = 18, 22  # the words in large print: a character and a line
GROWN = 1.2  # how much larger large print draws a pin (.cm-grow)
PIN_WIDE, PIN_TALL, PIN_TIP, PIN_LETTER = 84, 43, 9, 9  # wide with four letters, 180元
WORDS_TURNS = (315, 225, 135)  # where the rings may carry their words; the north mark has the fourth corner
LANDMARKS_MOST = 5
COUNTIES_FROM = 30_000  # on a map this wide towns are dots; counties are what people know
# Along the ring first: the distance said stays true, and the direction nearly.
NUDGES = [(out, turn) for out in (0, -12, 12, -26, 26, -44, 44, -66, 66, 90, 112, 134) for turn in range(-180, 180, 10)]


class Box(NamedTuple):
    """A part of the drawing that is taken."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, others: Iterable["Box"]) -> bool:
        return any(
            self.left < o.right and o.left < self.right and self.top < o.bottom and o.top < self.bottom for o in others
        )

    def shared(self, o: "Box") -> float:
        return max(0, min(self.right, o.right) - max(self.left, o.left)) * max(
            0, min(self.bottom, o.bottom) - max(self.top, o.top)
        )

    @property
    def inside(self) -> bool:
        return self.left >= 3 and self.top >= 3 and self.right <= WIDE - 3 and self.bottom <= TALL - 3


YOU = Box(149, 148, 209, 214)  # the dot with its halo, 你在这 below
NORTH = Box(304, 4, 354, 56)


def drawing(place: Place, cards: Sequence[dict[str, Any]], *, url_of: Any, on: str) -> dict[str, Any]:
    """What parts/compass_map.html draws. `url_of(card)` is the address that selects a card."""
    farthest = max((_away(place, card) for card in cards), default=0)
    rings = next((rings for rings in RINGS if farthest <= rings[-1]), RINGS[-1])
    spots = [_polar(place, card["lat"], card["lng"], rings) for card in cards]
    words = _ring_words(rings, [_pin_box(*_at(*spot), PIN_WIDE) for spot in spots])
    fixed = [YOU, NORTH, *(box for _words, box in words)]
    known = _known(place, rings)
    marks = _landmarks(known, fixed)
    pins, taken = _pins(cards, spots, fixed, [box for _mark, box in marks], url_of, on)
    return {
        "label": _sentence(cards, place),
        "linked": True,
        "rings": [row for row, _box in words],
        "landmarks": [mark for mark, _box in _landmarks(known, [*fixed, *taken])],
        "pins": pins,
    }


def on_rings(away_m: float, rings: Sequence[int]) -> int:
    """How far from the middle a distance is drawn, in px.

    The rings stand at even steps whatever they mean (2, 5, 10 km), so that what is near has room; a place lies between
    the rings it lies between on the ground. What is farther than the outer ring is drawn on it.
    """
    inner = 0
    for number, ring in enumerate(rings):
        if away_m <= ring:
            return round(EDGE / len(rings) * (number + (away_m - inner) / (ring - inner)))
        inner = ring
    return EDGE


def _polar(place: Place, lat: float, lng: float, rings: Sequence[int]) -> tuple[float, float]:
    away = geo.distance_m(place.lat, place.lng, lat, lng)
    return on_rings(away, rings), geo.bearing(place.lat, place.lng, lat, lng)


def _at(far: float, turn: float) -> tuple[int, int]:
    return round(MIDDLE_X + far * sin(radians(turn))), round(MIDDLE_Y - far * cos(radians(turn)))


def _long(text: str) -> float:
    return sum(LETTER if ord(letter) > 0x2E80 else LETTER * 0.6 for letter in text)


def _ring_words(rings: Sequence[int], busy: list[Box]) -> list[tuple[dict[str, Any], Box]]:
    """The rings with their words, in the corner where the fewest jobs lie."""
    choices = []
    for turn in WORDS_TURNS:
        rows = []
        for number, ring in enumerate(rings, 1):
            far, text = EDGE * number // len(rings), distance(ring)
            x, y = _at(far, turn)
            long, before = _long(text), turn > 180
            box = Box(x - long, y - 11, x, y + 11) if before else Box(x, y - 11, x + long, y + 11)
            rows.append(({"r": far, "x": x, "y": y + 5, "text": text, "before": before}, box))
        choices.append(rows)
    return min(choices, key=lambda rows: sum(pin.meets(box for _row, box in rows) for pin in busy))


def _pin_box(x: float, y: float, wide: float) -> Box:
    half = wide / 2 * GROWN + 2
    return Box(x - half, y - PIN_TALL * GROWN - 2, x + half, y - PIN_TIP * GROWN + 2)


def _within(x: int, y: int, wide: float) -> tuple[int, int]:
    """Moved so far that the whole pin lies on the drawing."""
    half, tall = round(wide / 2 * GROWN) + 5, round(PIN_TALL * GROWN) + 5
    return min(max(x, half), WIDE - half), min(max(y, tall), TALL - 4)


def _pins(
    cards: Sequence[dict[str, Any]], spots: Sequence[tuple[float, float]], fixed: list[Box], marks: list[Box],
    url_of: Any, on: str,
) -> tuple[list[dict[str, Any]], list[Box]]:  # fmt: skip
    """Number one gets its place first, and is drawn last, on top."""
    pins: list[dict[str, Any]] = []
    taken: list[Box] = []
    for card, spot in zip(cards, spots, strict=True):
        text = _("%(yuan)s元") % {"yuan": yuan(card["pay_fen"])}
        wide = PIN_WIDE + PIN_LETTER * (max(3, len(text)) - 4)
        x, y = _free_spot(*spot, wide, fixed, marks, taken)
        taken.append(_pin_box(x, y, wide))
        pins.append({
            "number": card["number"], "x": x, "y": y, "wide": wide, "left": -wide // 2, "text": text,
            "colour": card["colour"], "on": card["code"] == on, "url": url_of(card),
        })  # fmt: skip
    return pins[::-1], taken


def _free_spot(
    far: float, turn: float, wide: float, fixed: list[Box], marks: list[Box], taken: list[Box]
) -> tuple[int, int]:
    """The nearest place where a pin covers nothing. Where the drawing is full it covers a landmark, then another pin,
    but never the person, the rings' words or the north mark."""
    tried = sorted(NUDGES, key=lambda nudge: abs(nudge[0]) * 2 + max(far, 20) * abs(nudge[1]) * pi / 180)
    over_mark, crowded = None, []
    for out, aside in tried:
        if far + out < 0:
            continue
        at = _within(*_at(min(far + out, EDGE + 14), turn + aside), wide)
        box = _pin_box(*at, wide)
        whole = box._replace(bottom=at[1] + 2)  # a word may not stand at the tip either
        if whole.meets(fixed):
            continue
        if box.meets(taken):
            crowded.append((sum(box.shared(other) for other in taken), at))
        elif whole.meets(marks):
            over_mark = over_mark or at
        else:
            return at
    return over_mark or min(crowded, default=(0, _within(*_at(far, turn), wide)))[1]


@lru_cache(maxsize=1024)  # a town does not move
def _towns(lat: float, lng: float, reach_m: int) -> list[tuple[str, float, float]]:
    level = Level.TOWN if reach_m < COUNTIES_FROM else Level.COUNTY
    found = reference.near(lat, lng, level=level, limit=12, radii_m=(reach_m,))
    return [(place.short_name, place.lat, place.lng) for place in found]


def _known(place: Place, rings: Sequence[int]) -> list[tuple[str, int, int]]:
    """What people know by name around here, and where it is drawn: the nearest station, then the towns."""
    found = [(venue.name, venue.lat, venue.lng) for venue in venues.nearest(place.lat, place.lng, limit=1)]
    found += _towns(place.lat, place.lng, rings[-1])
    return [
        (name[:8], *_at(*_polar(place, lat, lng, rings)))
        for name, lat, lng in found
        if geo.distance_m(place.lat, place.lng, lat, lng) <= rings[-1]
    ]


def _landmarks(known: Sequence[tuple[str, int, int]], busy: list[Box]) -> list[tuple[dict[str, Any], Box]]:
    """The landmarks there is room for; their words stand on either side of the dot."""
    marks: list[tuple[dict[str, Any], Box]] = []
    for name, x, y in known:
        long = _long(name) + 8
        for before, box in (
            (False, Box(x - 4, y - 10, x + long, y + 10)),
            (True, Box(x - long, y - 10, x + 4, y + 10)),
        ):
            if box.inside and not box.meets(busy) and not box.meets(other for _mark, other in marks):
                marks.append(({"x": x, "y": y, "name": name, "before": before}, box))
                break
        if len(marks) == LANDMARKS_MOST:
            break
    return marks


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
