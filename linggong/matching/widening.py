"""When nothing is found: which condition emptied the list, and which one step would fill it. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from linggong.postings.queries import Filters, count_words

WIDER = (2, 4)  # times the reach
REACH_MOST_M = 60_000
STEPS_MOST = 3


@dataclass(frozen=True)
class Step:
    """One offer: do this and see so many. `filters` and `radius_m` are what to ask for then."""

    words: str
    count: int
    filters: Filters
    radius_m: int


@dataclass(frozen=True)
class Nothing:
    """Why the list is empty, in a sentence, and up to three steps that would fill it; none: there is no work at all."""

    code: str
    words: str
    change: str = ""
    steps: list[Step] = field(default_factory=list)


def stopped_by(blocker: Any, count: int) -> Nothing:
    """There is work here, but one hard limit stands in the way of all of it."""
    words = _("附近有 {n} 个活，都差这一步：{why}").format(n=count, why=blocker.words)
    return Nothing(blocker.code, words, blocker.change)


def explain(filters: Filters, radius_m: int, how_many: Callable[[Filters, int], int]) -> Nothing:
    """Loosen one condition at a time and count; the first that helps is the blocking one.

    To loosen everything is offered only where that shows more than a single step does.
    """
    steps = []
    for code, words, looser, reach in _loosened(filters, radius_m):
        count = how_many(looser, reach)
        if count and not (code == "all" and steps and count <= max(step.count for _code, step in steps)):
            steps.append((code, Step(words.format(n=count_words(count)), count, looser, reach)))
        if len(steps) == STEPS_MOST:
            break
    if not steps:
        words = _("附近现在没有活。新活一审完就会出现在这里，也可以打电话问站里")
        return Nothing("no_work", words)
    return Nothing(steps[0][0], _said(steps[0][0], filters, radius_m), steps=[step for _code, step in steps])


def _loosened(filters: Filters, radius_m: int) -> list[tuple[str, str, Filters, int]]:
    rows = []
    if filters.day is not None or filters.dayparts:
        rows.append(("time", _("不限时间，有 {n} 个"), replace(filters, day=None, dayparts=()), radius_m))
    if filters.trades or filters.group or filters.terms:
        any_trade = replace(filters, trades=(), group="", terms=())
        rows.append(("trade", _("不限工种，有 {n} 个"), any_trade, radius_m))
    if filters.pay_low_fen:
        rows.append(("pay", _("工钱放低一点，有 {n} 个"), replace(filters, pay_low_fen=None), radius_m))
    rest = replace(
        filters, meals=False, lodging=False, transport=False, seated=False, half_day=False, suitable_for="",
        funded=False, way_in="", unit="",
    )  # fmt: skip
    if rest != filters:
        rows.append(("extras", _("别的条件都放开，有 {n} 个"), rest, radius_m))
    for times in WIDER:
        reach = min(radius_m * times, REACH_MOST_M)
        if reach > radius_m:
            rows.append(("distance", _("放宽到 {km} 公里，有 {{n}} 个").format(km=_km(reach)), filters, reach))
    open_wide = Filters(division=filters.division)
    if (open_wide, REACH_MOST_M) not in [(row[2], row[3]) for row in rows]:
        rows.append(("all", _("全部条件放开，有 {n} 个"), open_wide, max(radius_m, REACH_MOST_M)))
    return rows


def _said(code: str, filters: Filters, radius_m: int) -> str:
    return {
        "time": _("这个时间附近没有活"),
        "trade": _("这个工种附近现在没有活"),
        "pay": _("附近没有给到这个数的活"),
        "extras": _("附近没有样样都合的活"),
        "distance": _("{km} 公里内现在没有活").format(km=_km(radius_m)),
        "all": _("{km} 公里内没有合这些条件的活").format(km=_km(radius_m)),
    }[code]


def _km(metres: int) -> str:
    return f"{metres / 1000:.1f}".removesuffix(".0")
