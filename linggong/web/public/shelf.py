"""The cards of a list as they were rendered last, one for each posting, for whoever looks.

A card is rendered without a request: there is nobody in it. It counts while the posting has the same stamp (see
`matching.listed`: another with every change of what a card shows) and until midnight, when 明天 becomes 今天. The way to
the place is not part of it: that depends on where somebody looks from.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from threading import Lock
from typing import Any

from django.template.loader import render_to_string

import linggong.postings.queries as postings
from linggong.core.clock import at as clock_at
from linggong.core.clock import local
from linggong.matching.listed import Row
from linggong.reference.geo import distance_m
from linggong.web.place import Place
from linggong.web.public.cards import cards
from linggong.web.public.shell import MARK

MOST = 100_000
"""About 2.5 kB each."""
CARD, WAY, PAGER = "parts/job_card.html", "parts/job_card.html#way", "parts/pager.html"
NOWHERE = Place("", 0.0, 0.0, code="000000")  # an area: no way is counted


@dataclass(frozen=True, slots=True)
class Card:
    """A card in two halves, the way between them; `lies_in` is the way's place where a whole county is looked at."""

    stamp: int
    until: datetime
    before: bytes
    after: bytes
    lies_in: bytes


_kept: OrderedDict[int, Card] = OrderedDict()
_lock = Lock()


def rendered(rows: Sequence[Row], place: Place, moment: datetime) -> bytes | None:
    """The cards of these rows in order; None when one of them is out no more."""
    with _lock:
        here = {row.key: card for row in rows if (card := _kept.get(row.key)) is not None}
        for key in here:
            _kept.move_to_end(key)
    lacking = [
        row for row in rows
        if (card := here.get(row.key)) is None or card.stamp != row.stamp or moment >= card.until
    ]  # fmt: skip
    if lacking:
        made = _made(lacking, moment)
        if len(made) < len(lacking):
            return None
        here |= made
    found: list[bytes] = []
    for row in rows:
        card = here[row.key]
        away = None if place.is_area else distance_m(place.lat, place.lng, row.lat, row.lng)
        found += (card.before, card.lies_in if away is None else _way(away), card.after)
    return b"".join(found)


def forget() -> None:
    """Forget every card."""
    with _lock:
        _kept.clear()


def _made(rows: Sequence[Row], moment: datetime) -> dict[int, Card]:
    """Cards of these rows from the database, as it is now: never older than their stamps."""
    stamps = {row.key: row.stamp for row in rows}
    until = clock_at(local(moment).date() + timedelta(days=1), 0)
    out = postings.out_with_room(stamps, moment)
    made = {
        row.pk: _card(job, stamps[row.pk], until) for row, job in zip(out, cards(out, place=NOWHERE), strict=True)
    }  # fmt: skip
    with _lock:
        _kept.update(made)
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return made


def _card(job: dict[str, Any], stamp: int, until: datetime) -> Card:
    html = render_to_string(CARD, {"job": {**job, "way_slot": MARK}, "old": False, "heading": ""})
    before, after = html.split(MARK)
    lies_in = render_to_string(WAY, {"job": {"distance_m": None, "way_text": job["way_text"]}})
    return Card(stamp, until, before.encode(), after.encode(), lies_in.encode())


@lru_cache(maxsize=16_384)
def _way(metres: int) -> bytes:
    return render_to_string(WAY, {"job": {"distance_m": metres, "way_text": ""}}).encode()


def pager(url: str, rest: int) -> bytes:
    """The button for ten more, as parts/pager.html has it; nothing when there are none."""
    return _pager(url, rest if 0 < rest < 10 else 10)


@lru_cache(maxsize=4096)
def _pager(url: str, rest: int) -> bytes:
    return render_to_string(PAGER, {"more_url": url, "target": "more", "count": rest}).encode()
