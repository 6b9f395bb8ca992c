"""What is out as the list asks for it, kept in this process: the rows, how a search becomes a look at them."""

import itertools
import math
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from django.db.models import F

import linggong.postings.queries as postings
import linggong.reference.queries as reference
from linggong.core.clock import at as clock_at
from linggong.core.clock import local
from linggong.matching.engine import board
from linggong.matching.engine.board import Board, Look
from linggong.postings.filters import Filters
from linggong.postings.models import Daypart, Posting, Shift, State
from linggong.reference.geo import EARTH_M, box_degrees, cell

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
ORDERS = {"near": board.NEAR, "soon": board.SOON, "pay": board.PAY}
PARTS = {part: number for number, part in enumerate(Daypart.values)}
NO_SUIT = 31  # a bit that no row has
NOTHING = Look(now=0, order=board.NEAR, most=0, limit=0, point=(0.0, 0.0, 0.0))
# A number for each reading of a row, never given twice in a process: what was made of an older reading is known by it.
_stamps = itertools.count(1)


@dataclass
class Kinds:
    """Codes as the numbers of the rows, each given when it is first met."""

    trades: dict[str, int] = field(default_factory=dict)
    divisions: dict[str, int] = field(default_factory=dict)
    suits: dict[str, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    ways: dict[str, int] = field(default_factory=dict)


@dataclass
class Read:
    """Rows, and when which of them must be read again because a shift begins."""

    rows: np.ndarray
    due: list[tuple[datetime, int]]


def micro(moment: datetime) -> int:
    """Whole microseconds since 1970: what a database keeps of a moment."""
    return (moment - EPOCH) // MICROSECOND


def rows_of(kinds: Kinds, moment: datetime, keys: Collection[int] | None = None) -> Read:
    """Every posting that is out, or of `keys` those that are, as rows of the board."""
    out = Posting.objects.filter(state=State.PUBLISHED, listed=True, last_starts_at__gt=moment)
    out = out if keys is None else out.filter(pk__in=keys)
    shifts = Shift.objects.filter(starts_at__gt=moment, called_off_at=None)
    shifts = shifts if keys is None else shifts.filter(posting__in=keys)
    coming: dict[int, datetime] = {}
    free: dict[int, list[int]] = {}
    facts = shifts.order_by("starts_at").values_list("posting_id", "starts_at", "taken", "places")
    for key, starts_at, taken, places in facts.iterator(chunk_size=5000):
        coming.setdefault(key, starts_at)
        if taken < places:
            free.setdefault(key, []).append(local(starts_at).toordinal())
    found, due = [], []
    for fact in (
        out.order_by("pk").annotate(path=F("division__path")).values(*COLUMNS, "path").iterator(chunk_size=5000)
    ):
        first = coming.get(fact["pk"])
        found.append(_row(kinds, fact, first, free.get(fact["pk"], [])))
        if first is not None and first < fact["last_starts_at"]:
            due.append((first, fact["pk"]))
    return Read(np.array(found, board.ROW), due)


COLUMNS = (
    "pk", "lat", "lng", "next_starts_at", "last_starts_at", "shift_fen", "circle_until", "cell_y", "cell_x", "circle_m",
    "trade_id", "shift_minutes", "meals", "lodging", "transport", "funded_at", "suitable_for", "daypart", "pay_unit",
    "way_in",
)  # fmt: skip


def _row(kinds: Kinds, fact: dict[str, Any], first: datetime | None, free: list[int]) -> tuple:
    day = free[0] if free else 0
    bits = sum({1 << on - day for on in free if on - day < board.DAYS})
    marks = (
        board.MEALS * (fact["meals"] != "NONE") | board.LODGING * fact["lodging"]
        | board.TRANSPORT * (fact["transport"] != "") | board.FUNDED * (fact["funded_at"] is not None)
    )  # fmt: skip
    suits = {min(_number(kinds.suits, word), NO_SUIT - 1) for word in fact["suitable_for"]}
    return (
        fact["pk"], next(_stamps), fact["lat"], fact["lng"], micro(fact["next_starts_at"]),
        micro(fact["last_starts_at"]), micro(first) if first else board.NEVER, fact["shift_fen"],
        micro(fact["circle_until"]) if fact["circle_until"] else 0, bits, fact["cell_y"], fact["cell_x"],
        fact["circle_m"], _number(kinds.trades, fact["trade_id"]), _number(kinds.divisions, fact["path"]),
        fact["shift_minutes"], day, marks, sum(1 << number for number in suits), PARTS.get(fact["daypart"], 62),
        _number(kinds.units, fact["pay_unit"]), _number(kinds.ways, fact["way_in"]),
        bool(free) and free[-1] - day >= board.DAYS,
    )  # fmt: skip


def _number(numbers: dict[str, int], code: str) -> int:
    return numbers.setdefault(code, len(numbers))


# --- asking --------------------------------------------------------------------------------------------------


def look(
    kinds: Kinds, filters: Filters, moment: datetime, order: str, *, skip: int, limit: int,
    around: tuple[float, float, int] | None, trades: tuple[str, ...] | None,
) -> Look | None:  # fmt: skip
    """A search as a look at the board; None when only the database can answer it: words, and rarely used lists.

    `trades` are those the filters leave (`postings.queries.trades_of`), None for all.
    """
    if filters.terms or (filters.suitable_for and len(kinds.suits) >= NO_SUIT):
        return None
    start, end = (clock_at(filters.day, 0), clock_at(filters.day, 24)) if filters.day else (EPOCH, EPOCH)
    wanted = [
        (board.MEALS, filters.meals), (board.LODGING, filters.lodging), (board.TRANSPORT, filters.transport),
        (board.FUNDED, filters.funded),
    ]  # fmt: skip
    return Look(
        now=micro(moment), order=ORDERS[order], most=postings.COUNT_MOST + 1, skip=skip, limit=limit,
        **(_point(*around, moment) if around else {}),
        trades=board.ANY if trades is None else _trades(kinds, trades, len(kinds.trades)),
        divisions=_divisions(kinds, filters.division, len(kinds.divisions)) if filters.division else board.ANY,
        day=filters.day.toordinal() if filters.day else 0, day_from=micro(start), day_to=micro(end),
        parts=sum({1 << PARTS[part] for part in filters.dayparts if part in PARTS}) if filters.dayparts else -1,
        fen=filters.pay_low_fen or 0, minutes=postings.HALF_DAY_MINUTES if filters.half_day else 0,
        marks=sum(bit for bit, on in wanted if on),
        suits=1 << kinds.suits.get(filters.suitable_for, NO_SUIT) if filters.suitable_for else 0,
        unit=kinds.units.get(filters.unit, len(kinds.units)) if filters.unit else -1,
        way=kinds.ways.get(filters.way_in, len(kinds.ways)) if filters.way_in else -1,
        neighbours=filters.neighbours,
    )  # fmt: skip


def _trades(kinds: Kinds, trades: tuple[str, ...], many: int) -> np.ndarray:
    return board.mask_of([number for code in trades if (number := kinds.trades.get(code, many)) < many], many)


def _divisions(kinds: Kinds, code: str, many: int) -> np.ndarray:
    path = reference.path_of(code)
    end = str(int(path) + 1)
    known = list(kinds.divisions.items())  # at one stroke: another thread may be reading rows
    return board.mask_of([number for inside, number in known if path <= inside < end and number < many], many)


def _point(lat: float, lng: float, radius_m: int, moment: datetime) -> dict[str, Any]:
    """A circle as `postings.queries` draws it: the same squares, the same flat distance, the same time for the way."""
    tall, wide = box_degrees(lat, radius_m)
    (bottom, left), (top, right) = cell(lat - tall, lng - wide), cell(lat + tall, lng + wide)
    metre = math.radians(1) * EARTH_M
    begin = micro(moment)
    return {
        "point": (float(lat), float(lng), float(radius_m)), "cells": (bottom, top, left, right),
        "metre": (metre, metre * math.cos(math.radians(lat))),
        "in_time_from": begin + postings.SOON // MICROSECOND, "in_time": _ways() + np.array([begin, 0.0]),
    }  # fmt: skip


@lru_cache(maxsize=1)
def _ways() -> np.ndarray:
    """How far one gets by when: (microseconds from now, metres squared)."""
    return np.array([
        (timedelta(minutes=minutes) // MICROSECOND, float(way_m) ** 2) for minutes, way_m in postings.ways_in_time()
    ])  # fmt: skip


def seen(here: Board, asked: Look) -> board.Seen | None:
    """What the board shows, or None when a shift began meanwhile and the database has to say."""
    found = here.look(asked)
    return found if found.sure else None
