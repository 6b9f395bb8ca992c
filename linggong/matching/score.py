"""How well a worker and a posting suit each other: whole points for published reasons. Pure; no tables, no clock.

Age, sex, origin, ethnicity and health are no inputs, so they cannot count. Limits set by law are checked elsewhere and
decide only whether, never how high.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from linggong.core.money import yuan

FOR, MISSING, AGAINST = "✓", "—", "✕"
REASONS_MOST = 4
MOST = 1_000
DETOUR_PERCENT = 130  # roads are about this long for 100 of straight line
WALK_M_PER_MINUTE, RIDE_M_PER_MINUTE = 70, 200
WALKABLE_M = 1_000
RIDE_MOST_MINUTES = 60  # nobody rides longer to work: beyond it only how far it is
WEIGHTS_FILE = Path(__file__).with_name("weights.json")


@dataclass(frozen=True)
class Component:
    """One published reason: at most so many points, by this rule."""

    name: str
    most: int
    word: str
    rule: str


@dataclass(frozen=True)
class Weights:
    """A version of the published table."""

    version: str
    components: tuple[Component, ...]

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> "Weights":
        """From the JSON form. Raises ValueError when it does not name every component once."""
        rows = tuple(Component(**row) for row in data["components"])
        if sorted(row.name for row in rows) != sorted(_SHARES):
            raise ValueError("the weights must name each component once")
        if not all(isinstance(row.most, int) and 0 <= row.most <= MOST for row in rows):
            raise ValueError(f"each component gives between 0 and {MOST} points")
        return cls(str(data["version"]), rows)


@dataclass(frozen=True)
class Pair:
    """What is known of one worker and one posting together. None: not known.

    `waited`, `lot` and `drawn` belong to the orders by turns and by the draw and give no points (see `turns`).
    Distances in metres, money in fen per shift, `days_without_work` in whole days. `trusted`, `kept` and `broken` are
    the record of whoever is being looked at: the employer for a worker, the worker for an employer.
    """

    distance_m: int | None = None
    reach_m: int = 10_000
    has_trade: bool = False
    skilled: bool = False
    years: int = 0
    times: int = 0
    together: int = 0
    liked: bool = False
    trusted: bool = False
    kept: int = 0
    broken: int = 0
    shift_fen: int = 0
    wished_fen: int | None = None
    days_without_work: int | None = None
    waited: int | None = None
    lot: int | None = None
    drawn: int | None = None


@dataclass(frozen=True)
class Points:
    """The sum and its parts, kept with a match so that it can be explained later."""

    total: int
    parts: Mapping[str, int]
    version: str

    def as_data(self) -> dict[str, Any]:
        """As it is kept in a record."""
        return {"version": self.version, "total": self.total, "parts": dict(self.parts)}


@cache
def shipped() -> dict[str, Any]:
    """The table shipped with the package, in its JSON form."""
    return json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))


@cache
def default_weights() -> Weights:
    """The table shipped with the package."""
    return Weights.read(shipped())


def score(pair: Pair, weights: Weights | None = None) -> Points:
    """Whole points, each part between 0 and its published most; the total is their sum."""
    weights = weights or default_weights()
    parts = {c.name: c.most * _SHARES[c.name](pair) // 100 for c in weights.components}
    return Points(sum(parts.values()), parts, weights.version)


def rank(pairs: Sequence[tuple[Any, Pair]], weights: Weights | None = None) -> list[tuple[Any, Pair, Points]]:
    """The pairs, best first; of equal points the nearer, then the order given. The same input gives the same order."""
    scored = [(thing, pair, score(pair, weights)) for thing, pair in pairs]
    return sorted(scored, key=lambda row: (-row[2].total, _far(row[1])))


def reasons_for_worker(pair: Pair, *, trade: str, blockers: Sequence[tuple[str, str]] = ()) -> list[dict[str, str]]:
    """Why this posting, to the worker: at most four of {"mark", "word", "text"}; what stands against it comes first."""
    rows = [(AGAINST, word, text) for word, text in blockers]
    rows += _way(pair) + _skill(pair, trade) + _past(pair, _("给这家干过 {n} 次")) + _pay(pair)
    if pair.trusted:
        rows.append((FOR, _("老板"), _("诚信企业")))
    elif pair.broken:
        rows.append((MISSING, _("老板"), _("一年内拖过 {n} 次工钱").format(n=pair.broken)))
    elif pair.kept:
        rows.append((FOR, _("老板"), _("按时付过 {n} 次工钱").format(n=pair.kept)))
    return _best(rows)


def reasons_for_employer(pair: Pair, *, trade: str) -> list[dict[str, str]]:
    """Why this worker, to the employer: at most four. Nothing of age, sex, origin or need."""
    rows = _way(pair) + _skill(pair, trade, other=True) + _past(pair, _("给你干过 {n} 次"))
    if pair.trusted:
        rows.append((FOR, _("口碑"), _("优秀零工")))
    elif pair.broken:
        rows.append((MISSING, _("口碑"), _("一年内有 {n} 次没到").format(n=pair.broken)))
    elif pair.kept:
        rows.append((FOR, _("口碑"), _("干完过 {n} 次活").format(n=pair.kept)))
    else:
        rows.append((MISSING, _("第一回"), _("第一回在这里找活")))
    return _best(rows)


def way_words(distance_m: int) -> str:
    """1200 → "1.2 公里，骑车 8 分钟"; 300 → "300 米，走路 6 分钟"; past an hour's ride 40000 → "40 公里"."""
    road = distance_m * DETOUR_PERCENT / 100
    if distance_m < WALKABLE_M:
        minutes = max(1, math.ceil(road / WALK_M_PER_MINUTE))
        return _("{m} 米，走路 {n} 分钟").format(m=max(50, round(distance_m, -1)), n=minutes)
    minutes, km = math.ceil(road / RIDE_M_PER_MINUTE), f"{distance_m / 1000:.1f}".removesuffix(".0")
    if minutes > RIDE_MOST_MINUTES:
        return _("{km} 公里").format(km=km)
    return _("{km} 公里，骑车 {n} 分钟").format(km=km, n=minutes)


def _share_way(pair: Pair) -> int:
    if pair.distance_m is None:
        return 50
    return max(0, 100 - 100 * pair.distance_m // max(pair.reach_m, 1))


def _share_skill(pair: Pair) -> int:
    if not pair.has_trade:
        return 0
    return min(100, 50 + (25 if pair.skilled else 0) + min(25, 10 * pair.years))


def _share_past(pair: Pair) -> int:
    together = 0 if pair.together == 0 else 40 + 20 * (pair.together - 1)
    return min(100, together + (20 if pair.liked else 0))


def _share_reliability(pair: Pair) -> int:
    return max(0, min(100, 50 + (30 if pair.trusted else 0) + min(20, pair.kept) - 25 * pair.broken))


def _share_pay(pair: Pair) -> int:
    if not pair.wished_fen or not pair.shift_fen:
        return 50
    percent = 100 * pair.shift_fen // pair.wished_fen
    return max(0, min(100, 50 + (percent - 100) * (50 if percent > 100 else 25) // 10))


def _share_waiting(pair: Pair) -> int:
    days = 0 if pair.days_without_work is None else pair.days_without_work
    return min(100, 100 * max(days - 1, 0) // 6)


_SHARES = {
    "way": _share_way,
    "skill": _share_skill,
    "experience": lambda pair: min(100, 10 * pair.times),
    "past": _share_past,
    "reliability": _share_reliability,
    "pay": _share_pay,
    "waiting": _share_waiting,
}


def _way(pair: Pair) -> list[tuple[str, str, str]]:
    if pair.distance_m is None:
        return []
    if pair.distance_m <= pair.reach_m:
        return [(FOR, _("近"), way_words(pair.distance_m))]
    return [(MISSING, _("远"), way_words(pair.distance_m))]


def _skill(pair: Pair, trade: str, *, other: bool = False) -> list[tuple[str, str, str]]:
    if pair.times:
        return [(FOR, _("干过"), _("{trade}干过 {n} 次").format(trade=trade, n=pair.times))]
    if pair.has_trade and pair.years:
        return [(FOR, _("会干"), _("做{trade} {n} 年").format(trade=trade, n=pair.years))]
    if pair.has_trade:
        return [(FOR, _("会干"), _("登记了{trade}").format(trade=trade))]
    text = _("没登记{trade}") if other else _("你没登记{trade}，去前问清楚")
    return [(MISSING, _("工种"), text.format(trade=trade))]


def _past(pair: Pair, words: str) -> list[tuple[str, str, str]]:
    return [(FOR, _("熟"), words.format(n=pair.together))] if pair.together else []


def _pay(pair: Pair) -> list[tuple[str, str, str]]:
    if not pair.wished_fen or not pair.shift_fen:
        return []
    more = pair.shift_fen - pair.wished_fen
    if more > 0:
        return [(FOR, _("工钱"), _("比你想要的多 {yuan} 元").format(yuan=yuan(more)))]
    if more == 0:
        return [(FOR, _("工钱"), _("正好是你想要的"))]
    return [(MISSING, _("工钱"), _("比你想要的少 {yuan} 元").format(yuan=yuan(-more)))]


def _best(rows: Sequence[tuple[str, str, str]]) -> list[dict[str, str]]:
    """Against first, then for, then missing; each group in the order given."""
    order = {AGAINST: 0, FOR: 1, MISSING: 2}
    kept = sorted(rows, key=lambda row: order[row[0]])[:REASONS_MOST]
    return [{"mark": str(mark), "word": str(word), "text": str(text)} for mark, word, text in kept]


def _far(pair: Pair) -> int:
    return 10**9 if pair.distance_m is None else pair.distance_m
