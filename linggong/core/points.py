"""Explainable sums: published rules say what an event counts, until when, and what the sum opens.

Pure: no ORM, no clock. Each record lives in its own app with its own table of rules. There is no hidden
number: every sum can be shown as the list of events behind it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from django.utils.functional import Promise

COUNTS_FOR = timedelta(days=365)  # negative and positive alike: after twelve months an event is history


class Counted(Protocol):
    """One event of a record, as the tables keep it."""

    kind: str
    points: int
    at: datetime
    counts_until: datetime
    corrected_at: datetime | None


@dataclass(frozen=True)
class Rule:
    """What one kind of event counts, in words that are published."""

    points: int
    words: str | Promise


@dataclass(frozen=True)
class Bar:
    """What a step needs, over the events that count: a sum, what must have happened how often, what not."""

    points: int
    at_least: Mapping[str, int] = field(default_factory=dict)
    none_of: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Ladder:
    """NORMAL → CANDIDATE → RECOGNISED, and the kinds that suspend a recognition at once."""

    candidate: Bar
    recognised: Bar
    suspending: frozenset[str]


@dataclass(frozen=True)
class Step:
    """One step on the ladder: the state it ends in, and the kind of event or rule that caused it."""

    to: str
    cause: str


def counting(points: Sequence[Counted], moment: datetime) -> list[Counted]:
    """Those events that count at `moment`: begun, not expired, not corrected."""
    return [p for p in points if p.at <= moment < p.counts_until and p.corrected_at is None]


def total(points: Sequence[Counted], moment: datetime) -> int:
    """The sum of what counts at `moment`."""
    return sum(p.points for p in counting(points, moment))


def times(points: Sequence[Counted], kind: str, moment: datetime) -> int:
    """How often `kind` counts at `moment`."""
    return sum(p.kind == kind for p in counting(points, moment))


def meets(bar: Bar, points: Sequence[Counted], moment: datetime) -> bool:
    """Whether the counting events reach the bar."""
    now_counting = counting(points, moment)
    kinds = [p.kind for p in now_counting]
    return (
        sum(p.points for p in now_counting) >= bar.points
        and all(kinds.count(kind) >= least for kind, least in bar.at_least.items())
        and not bar.none_of.intersection(kinds)
    )


def steps(
    ladder: Ladder, state: str, points: Sequence[Counted], moment: datetime, *, held: bool = False
) -> Iterator[Step]:
    """The steps from `state` to where the record belongs at `moment`; none when it is there already.

    `held`: a person suspended the recognition by hand; only a person lifts that.
    The end does not depend on the path, and running it twice gives no second step.
    """
    while (step := _next(ladder, state, points, moment, held)) is not None:
        yield step
        state = step.to


def _next(ladder: Ladder, state: str, points: Sequence[Counted], moment: datetime, held: bool) -> Step | None:
    bad = next((p.kind for p in counting(points, moment) if p.kind in ladder.suspending), "")
    if state == "suspended":
        return None if bad or held else Step("normal", "suspension_over")
    if bad:
        if state == "recognised":
            return Step("suspended", bad)
        return Step("normal", bad) if state == "candidate" else None
    if state == "normal":
        return Step("candidate", "bar_reached") if meets(ladder.candidate, points, moment) else None
    if state == "candidate":
        if meets(ladder.recognised, points, moment):
            return Step("recognised", "bar_reached")
        return None if meets(ladder.candidate, points, moment) else Step("normal", "below_bar")
    return None if meets(ladder.recognised, points, moment) else Step("candidate", "below_bar")
