"""The facts of workers and postings as the kernels take them, read from the database for all or for some keys."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db.models import QuerySet

import linggong.employers.queries as employers
import linggong.workers.queries as people
from linggong.core.asking import Question, ask_all
from linggong.core.clock import at as clock_at
from linggong.core.clock import local
from linggong.employers.models import Employer
from linggong.employers.models import Point as EmployerPoint
from linggong.employers.models import Recognition as EmployerRecognition
from linggong.matching.engine.index import Asked, Columns
from linggong.matching.engine.postings import PostingColumns, Seeker
from linggong.matching.models import Tie
from linggong.postings.models import Posting, Shift, State
from linggong.workers.models import Holding, Point, Quarter, Recognition, Worker, WorkerTrade

QUARTER_S = 900
ALWAYS = 10**8  # a quarter that never comes
WAITED = timedelta(days=8)  # days without work count seven
AT_ONCE = 900  # keys in one statement
RECOGNISED, NO_SHOW, KEPT, BROKEN = "recognised", "no_show", "paid_on_time", "late_pay"
Keys = Collection[int] | QuerySet | None
"""None: all; some keys, at most AT_ONCE; or a question for keys, however many."""


@dataclass
class Numbers:
    """Trades and certificates have codes in the tables and small numbers in the kernels."""

    trades: dict[str, int] = field(default_factory=dict)
    papers: dict[str, int] = field(default_factory=dict)

    def trade(self, code: str) -> int:
        """The number of a trade; a new one gets the next."""
        return self.trades.setdefault(code, len(self.trades))

    def paper(self, code: str) -> int:
        """The number of a certificate; a new one gets the next."""
        return self.papers.setdefault(code, len(self.papers))


@dataclass
class Read:
    """Columns, and when which of them changes by the clock alone: a mark on a record that stops counting."""

    columns: Any
    due: list[tuple[datetime, int]] = field(default_factory=list)


def quarter(moment: datetime) -> int:
    """The quarter of an hour that a moment lies in, counted since 1970."""
    return int(moment.timestamp()) // QUARTER_S


def quarter_of_day(day: date) -> int:
    """The first quarter of a calendar day."""
    return quarter(clock_at(day, 0))


def span(shift: Shift) -> tuple[int, int]:
    """The quarters a shift touches, [begins, ends)."""
    return quarter(shift.starts_at), -(-int(shift.ends_at.timestamp()) // QUARTER_S)


def papers_at(shifts: Sequence[Shift], moment: datetime) -> int:
    """When certificates must count: on the day the last of these shifts ends."""
    return quarter_of_day(local(max((shift.ends_at for shift in shifts), default=moment)).date())


def minute(moment: datetime) -> int:
    """Whole minutes since 1970."""
    return int(moment.timestamp()) // 60


def asked(posting: Posting, shifts: Sequence[Shift], moment: datetime, numbers: Numbers) -> Asked:
    """A posting as the index of workers is asked for it."""
    return Asked(
        lat=posting.lat, lng=posting.lng, trade=numbers.trade(posting.trade_id), now=minute(moment),
        shifts=[span(shift) for shift in shifts], papers=[numbers.paper(code) for code in posting.certificates],
        papers_at=papers_at(shifts, moment), shift_fen=posting.shift_fen, shift_minutes=posting.shift_minutes,
        employer=posting.employer_id,
    )  # fmt: skip


def seeker(
    worker: Worker, place: tuple[float, float], reach_m: int, moment: datetime, numbers: Numbers, *,
    only: Sequence[str] = (),
) -> Seeker:  # fmt: skip
    """A worker at a place as the index of postings is asked for them; `only` narrows to these trades."""
    trades, held, taken, ties = ask_all(
        Question([_mine(WorkerTrade, worker).values_list("trade_id", "skilled", "years", "times")], list),
        Question([_mine(Holding, worker).filter(state=Holding.State.CHECKED)], list),
        Question([_mine(Quarter, worker).filter(starts_at__gte=moment).values_list("starts_at", flat=True)], list),
        Question([_mine(Tie, worker)], list),
    )  # fmt: skip
    past: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for tie in ties:
        if tie.kind == "together":
            past[tie.employer_id][0] = tie.times
        else:
            past[tie.employer_id][1 if tie.kind == "liked" else 2] = 1
    return Seeker(
        lat=place[0], lng=place[1], reach_m=reach_m, now=minute(moment), floor_fen=worker.pay_floor_fen or 0,
        trades=[(numbers.trade(code), int(skilled), years, times) for code, skilled, years, times in trades],
        only=[numbers.trade(code) for code in only], busy=_runs(sorted(quarter(begins) for begins in taken)),
        papers=[(numbers.paper(row.certificate_id), *_counts(row.valid_from, row.valid_to)) for row in held],
        ties=[(employer, *tie) for employer, tie in past.items()],
    )  # fmt: skip


def _mine(model: Any, worker: Worker) -> QuerySet:
    return model.objects.filter(worker=worker).order_by("pk")


def _runs(quarters: Sequence[int]) -> list[tuple[int, int]]:
    """Quarters in order, run together to hours."""
    found: list[tuple[int, int]] = []
    for one in quarters:
        if found and found[-1][1] == one:
            found[-1] = (found[-1][0], one + 1)
        else:
            found.append((one, one + 1))
    return found


def _counts(begins: date | None, ends: date | None) -> tuple[int, int]:
    """The quarters in which a certificate counts; both days are inside."""
    return (
        quarter_of_day(begins) if begins else 0,
        quarter_of_day(ends + timedelta(days=1)) if ends else ALWAYS,
    )


# --- workers -------------------------------------------------------------------------------------------------


def of_workers(numbers: Numbers, moment: datetime, keys: Keys = None) -> Read:
    """Everybody with a trade or those of `keys`, as columns. Keys that are gone are not in it."""

    def some(rows: QuerySet, on: str = "worker") -> QuerySet:
        return rows if keys is None else rows.filter(**{f"{on}__in": keys})

    facts = list(
        some(Worker.objects, "pk").order_by("pk").values_list(
            "pk", "lat", "lng", "reach_m", "pay_floor_fen", "taking_work", "state"
        ).iterator(chunk_size=5000)
    )  # fmt: skip
    at = {row[0]: number for number, row in enumerate(facts)}
    trades = [
        (at[key], numbers.trade(code), skilled, years, times)
        for key, code, skilled, years, times in some(WorkerTrade.objects).order_by("pk").values_list(
            "worker_id", "trade_id", "skilled", "years", "times"
        ).iterator(chunk_size=5000)
        if key in at
    ]  # fmt: skip
    kept: dict[int, int] = defaultdict(int)
    for number, _trade, _skilled, _years, times in trades:
        kept[number] += times
    broken, due = _no_shows(some(Point.objects), at, moment)
    trusted = _trusted(some(Recognition.objects).order_by("pk").values_list("worker_id", "state"), at)
    columns = Columns(
        key=_column(facts, 0, np.int64), lat=_degrees(facts, 1), lng=_degrees(facts, 2),
        reach_m=_column(facts, 3, np.int64),
        floor_fen=np.array([row[4] or 0 for row in facts], np.int64), taking=_column(facts, 5, np.bool_),
        checked=np.array([row[6] in people.CHECKED_ENOUGH for row in facts], np.bool_),
        trusted=_spread(trusted, len(facts)), kept=_spread(kept, len(facts)), broken=_spread(broken, len(facts)),
        trades=_table(trades, 5), papers=_papers(some(Holding.objects), at, numbers),
        busy=_busy(some(Quarter.objects), at, moment), ties=_ties(some(Tie.objects), at),
    )  # fmt: skip
    return Read(columns, due)


def _no_shows(rows: QuerySet, at: dict[int, int], moment: datetime) -> tuple[dict[int, int], list]:
    counted: dict[int, int] = defaultdict(int)
    due = []
    rows = rows.filter(kind=NO_SHOW, corrected_at=None, counts_until__gt=moment)
    for key, begins, ends in rows.values_list("worker_id", "at", "counts_until"):
        if key in at:
            counted[at[key]] += begins <= moment
            due.append((ends if begins <= moment else begins, key))
    return counted, due


def _trusted(rows: Iterable[tuple[int, str]], at: dict[int, int]) -> dict[int, int]:
    """The latest row of each wins."""
    return {at[key]: int(state == RECOGNISED) for key, state in rows if key in at}


def _papers(rows: QuerySet, at: dict[int, int], numbers: Numbers) -> np.ndarray:
    checked = rows.filter(state=Holding.State.CHECKED).order_by("pk")
    return _table([
        (at[key], numbers.paper(code), *_counts(begins, ends))
        for key, code, begins, ends in checked.values_list("worker_id", "certificate_id", "valid_from", "valid_to")
        if key in at
    ], 4)  # fmt: skip


def _busy(rows: QuerySet, at: dict[int, int], moment: datetime) -> np.ndarray:
    """Promised quarters of the last week and to come, run together to hours."""
    promised = rows.filter(starts_at__gte=moment - WAITED).order_by("worker_id", "starts_at")
    pairs = _table([
        (at[key], quarter(begins))
        for key, begins in promised.values_list("worker_id", "starts_at").iterator(chunk_size=5000) if key in at
    ], 2)  # fmt: skip
    if not len(pairs):
        return np.empty((0, 3), np.int64)
    first = np.ones(len(pairs), np.bool_)
    first[1:] = (pairs[1:, 0] != pairs[:-1, 0]) | (pairs[1:, 1] != pairs[:-1, 1] + 1)
    begins = np.flatnonzero(first)
    ends = np.append(begins[1:], len(pairs)) - 1
    return np.column_stack([pairs[begins, 0], pairs[begins, 1], pairs[ends, 1] + 1])


def _ties(rows: QuerySet, at: dict[int, int]) -> np.ndarray:
    found: dict[tuple[int, int], list[int]] = {}
    for key, employer, kind, times in rows.order_by("pk").values_list("worker_id", "employer_id", "kind", "times"):
        if key in at:
            tie = found.setdefault((at[key], employer), [0, 0, 0])
            if kind == "together":
                tie[0] = times
            elif kind == "liked":
                tie[1] = 1
            else:
                tie[2] = 1
    return _table([(number, employer, *tie) for (number, employer), tie in found.items()], 5)


# --- postings ------------------------------------------------------------------------------------------------


def of_postings(numbers: Numbers, moment: datetime, keys: Keys = None) -> Read:
    """Every posting that is out, or of `keys` those that are, as columns."""
    rows = Posting.objects.filter(state=State.PUBLISHED, listed=True, last_starts_at__gt=moment)
    rows = rows if keys is None else rows.filter(pk__in=keys)
    facts = list(
        rows.order_by("pk").values_list(
            "pk", "lat", "lng", "trade_id", "employer_id", "next_starts_at", "last_starts_at", "shift_fen",
            "shift_minutes", "certificates",
        ).iterator(chunk_size=5000)
    )  # fmt: skip
    at = {row[0]: number for number, row in enumerate(facts)}
    shifts = _shifts(moment, keys if keys is None or isinstance(keys, QuerySet) else list(at))
    bosses = {row[4] for row in facts}
    owners = _owners(bosses, moment, everybody=keys is None or len(bosses) > AT_ONCE)
    hours, papers, day = [], [], np.zeros(len(facts), np.int64)
    for number, row in enumerate(facts):
        to_come = shifts.get(row[0], [])
        roomy = [shift for shift in to_come if shift.taken < shift.places] or to_come
        hours += [(number, *span(shift)) for shift in roomy]
        papers += [(number, numbers.paper(code)) for code in row[9]]
        day[number] = papers_at(roomy, moment)
    whose = [owners.of[row[4]] for row in facts]
    columns = PostingColumns(
        key=_column(facts, 0, np.int64), lat=_degrees(facts, 1), lng=_degrees(facts, 2),
        trade=np.array([numbers.trade(row[3]) for row in facts], np.int64), employer=_column(facts, 4, np.int64),
        next_start=np.array([minute(row[5]) for row in facts], np.int64),
        last_start=np.array([_minute_up(row[6]) for row in facts], np.int64),
        shift_fen=_column(facts, 7, np.int64), shift_minutes=_column(facts, 8, np.int64), papers_at=day,
        open=np.array([row[0] for row in whose], np.bool_), trusted=np.array([row[1] for row in whose], np.int64),
        kept=np.array([row[2] for row in whose], np.int64), broken=np.array([row[3] for row in whose], np.int64),
        shifts=_table(hours, 3), papers=_table(papers, 2),
    )  # fmt: skip
    return Read(columns, owners.due)


def out_of(employer_keys: Collection[int]) -> list[int]:
    """The postings of these employers that may be in the index."""
    rows = Posting.objects.filter(employer__in=employer_keys, state=State.PUBLISHED)
    return list(rows.values_list("pk", flat=True))


def _shifts(moment: datetime, keys: Keys) -> dict[int, list[Shift]]:
    rows = Shift.objects.filter(starts_at__gt=moment, called_off_at=None)
    rows = rows if keys is None else rows.filter(posting__in=keys)
    found: dict[int, list[Shift]] = defaultdict(list)
    for shift in rows.order_by("starts_at", "pk").iterator(chunk_size=5000):
        found[shift.posting_id].append(shift)
    return found


@dataclass
class _Owners:
    of: dict[int, list[int]]
    due: list[tuple[datetime, int]]


def _owners(keys: set[int], moment: datetime, *, everybody: bool) -> _Owners:
    """[may hire, recognised, paid on time, paid late] of each employer, and when one of these runs out."""

    def some(rows: QuerySet, on: str = "employer") -> QuerySet:
        return rows if everybody else rows.filter(**{f"{on}__in": keys})

    of = {
        row.pk: [int(employers.is_checked(row)), 0, 0, 0]
        for row in some(Employer.objects, "pk").only("pk", "state", "prelim_at").iterator(chunk_size=2000)
    }
    given = some(EmployerRecognition.objects).order_by("pk").values_list("employer_id", "state")
    for key, state in given:
        of[key][1] = int(state == RECOGNISED)
    due = []
    points = some(EmployerPoint.objects).filter(kind__in=(KEPT, BROKEN), corrected_at=None, counts_until__gt=moment)
    for key, kind, begins, ends in points.values_list("employer_id", "kind", "at", "counts_until").iterator():
        of[key][2 if kind == KEPT else 3] += begins <= moment
        due.append((ends if begins <= moment else begins, key))
    return _Owners(of, due)


# --- arrays --------------------------------------------------------------------------------------------------


def _minute_up(moment: datetime) -> int:
    return -(-int(moment.timestamp()) // 60)


def _column(rows: Sequence[tuple], number: int, kind: Any) -> np.ndarray:
    return np.array([row[number] for row in rows], kind)


def _degrees(rows: Sequence[tuple], number: int) -> np.ndarray:
    """No place is no number: whoever has none is never found."""
    return np.array([np.nan if row[number] is None else row[number] for row in rows], np.float64)


def _spread(values: dict[int, int], count: int) -> np.ndarray:
    column = np.zeros(count, np.int64)
    if values:
        column[list(values)] = list(values.values())
    return column


def _table(rows: Sequence[tuple], width: int) -> np.ndarray:
    return np.array(rows, np.int64).reshape(-1, width)
