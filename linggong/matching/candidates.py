"""Workers for a posting: who may and could do it, in the published order or by distance alone, each with reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

import linggong.reference.queries as reference
import linggong.workers.queries as people
from linggong.core.asking import Question, ask_all
from linggong.core.clock import local
from linggong.matching import known, limits, score, turns, weighing
from linggong.matching.live import running
from linggong.matching.models import Tie
from linggong.matching.score import Pair, Points, Weights
from linggong.matching.turns import Turns
from linggong.postings.models import Posting, Shift
from linggong.reference.geo import box_degrees, distance_m
from linggong.workers.models import Quarter, Worker, WorkerTrade
from linggong.workers.quarters import QUARTER

LIMIT = 20
REACH_MOST_M = 30_000
AT_ONCE = 480
ORDERS = ("fit", "near", "seasoned")
Row = tuple[Worker, Pair, Points]


@dataclass(frozen=True)
class Candidate:
    """A worker for a posting, without anything an employer may not see before hiring.

    `worker.standing` is what `workers.queries.standing` says of them.
    """

    worker: Worker
    reasons: list[dict[str, str]]
    distance_m: int | None = None
    points: Points | None = None
    pair: Pair | None = None


class Candidates(list[Candidate]):
    """Candidates in order, with what a record of the decision needs: when, by which weights, in which order.

    `behind_s`: the index that proposed them looked at the database so many seconds ago. Everybody in the list was read
    again just now; who changed since may be missing. 0 when the database answered.
    """

    moment: datetime
    weights: Weights
    order: str = "fit"
    source: str = "database"
    behind_s: float = 0.0


def for_posting(
    posting: Posting, moment: datetime, limit: int = LIMIT, *, kindred: bool = False, order: str = "fit",
    by_turns: Question[Turns | None] | None = None, only: Sequence[int] | None = None,
) -> Candidates:  # fmt: skip
    """Workers who may and could do this work, best first, each with reasons an employer may read.

    `kindred`: also those who do another trade of the same kind; they are asked when nobody of the trade is left.
    `order`: "fit" by the published points; "near" by distance and "seasoned" by how often they did the trade here
    know nothing else of the person. `by_turns`: the order a venue chose instead, 轮流派 or 摇号 (see `turns`). `only`:
    nobody but these workers, by their keys.

    Everybody a hard limit keeps out is simply not here: why is told to the worker alone. Nothing of age, sex or origin
    orders or shows (domain A-03, A-05). The live index proposes where it is on; the database says the same.
    """
    posting, shifts, rules, by_turn = ask_all(
        known.fresh_question(posting),
        known.shifts_of([posting], moment),
        reference.rules_question({posting.division_id}),
        by_turns or Question((), lambda: None),
    )
    weights = weighing.read(rules.rule(weighing.KEY, division_code=posting.division_id, on=local(moment).date()))
    found = Candidates()
    order = by_turn.order if by_turn else order
    found.moment, found.weights, found.order = moment, weights, order
    rows = None
    if order == "fit" and not kindred and only is None and (live := running.ready(weights)) is not None:
        found.behind_s = live.behind_s()
        rows = _proposed(live, posting, shifts[posting.pk], moment, weights, limit)
        found.source = "index"
    if rows is None:
        around = _workers_around(posting, shifts[posting.pk], kindred=kindred, keys=only)
        ranked = _ranked(around, posting, moment, weights, order=order, by_turn=by_turn)
        rows = _passing(ranked, posting, shifts[posting.pk], moment, limit)
        found.source, found.behind_s = "database", 0.0
    left = max((shift.places - shift.taken for shift in shifts[posting.pk]), default=0)
    found += [
        Candidate(worker, _reasons(pair, posting, order, due=n < left), pair.distance_m, points, pair)
        for n, (worker, pair, points) in enumerate(rows)
    ]
    return found


def _reasons(pair: Pair, posting: Posting, order: str, *, due: bool) -> list[dict[str, str]]:
    said = score.reasons_for_employer(pair, trade=posting.trade.name)
    if order not in (turns.TURN, turns.DRAW):
        return said
    text = _("{n} 天没活").format(n=pair.waited)
    if order == turns.DRAW:
        text = (
            _("没拿号，{waited}").format(waited=text) if pair.drawn is None else _("摇号第 {n} 个").format(n=pair.drawn)
        )
    if due:
        text = _("轮到他了：{why}").format(why=text)
    return [{"mark": score.FOR, "word": _("轮到"), "text": text}, *said][: score.REASONS_MOST]


def _proposed(
    live: Any, posting: Posting, shifts: Sequence[Shift], moment: datetime, weights: Weights, limit: int
) -> list[Row] | None:
    """The best by the live index, each looked up in the database again: facts, points and limits as they are there."""
    many = limit + limit // 2 + 4
    while True:
        keys = live.best_workers(posting, shifts, moment, many)
        if keys is None:
            return None
        around = _workers_around(posting, shifts, keys=keys)
        found = _passing(score.rank(_pairs(around, posting, moment), weights), posting, shifts, moment, limit)
        if len(found) == limit or len(keys) < many:
            return found
        many *= 2


def _ranked(
    around: Sequence[Worker], posting: Posting, moment: datetime, weights: Weights, *, order: str,
    by_turn: Turns | None = None,
) -> list[Row]:  # fmt: skip
    pairs = []
    for at in range(0, len(around), AT_ONCE):
        pairs += _pairs(around[at : at + AT_ONCE], posting, moment)
    if by_turn is not None:
        pairs = [
            (worker, by_turn.standing(pair, key=worker.pk, code=worker.code, registered=_since(worker)))
            for worker, pair in pairs
        ]
    rows = score.rank(pairs, weights)
    if by_turn is not None:
        rows.sort(key=lambda row: turns.before(order, row[1]))
    elif order == "near":
        rows.sort(key=lambda row: (row[1].distance_m, row[0].pk))
    elif order == "seasoned":
        rows.sort(key=lambda row: (-row[1].times, row[1].distance_m, row[0].pk))
    return rows


def _since(worker: Worker) -> date:
    return local(worker.registered_at).date()


def _passing(rows: Sequence[Row], posting: Posting, shifts: Sequence[Shift], moment: datetime, limit: int) -> list[Row]:
    """The first of them that no hard limit keeps out; asked for few at a time, since few are wanted."""
    found: list[Row] = []
    at, many = 0, limit + limit // 2 + 4
    while at < len(rows) and len(found) < limit:
        some = rows[at : at + many]
        about = known.of_many([row[0] for row in some], posting, moment)
        found += [row for row in some if not limits.blockers(about[row[0].pk], posting, shifts, moment, first=True)]
        at, many = at + many, min(2 * many, AT_ONCE)
    return found[:limit]


def _workers_around(
    posting: Posting, shifts: Sequence[Shift], *, kindred: bool = False, keys: Sequence[int] | None = None
) -> list[Worker]:
    """Those of the trade whose own reach holds the place and who are free, the nearest first; of `keys` if given."""
    tall, wide = box_degrees(posting.lat, REACH_MOST_M)
    of_trade = Q(trade__group=posting.trade.group) if kindred else Q(trade=posting.trade_id)
    skilled = WorkerTrade.objects.filter(of_trade, worker=OuterRef("pk"))
    rows = Worker.objects.filter(
        Exists(skilled), taking_work=True, state__in=people.CHECKED_ENOUGH,
        lat__range=(posting.lat - tall, posting.lat + tall), lng__range=(posting.lng - wide, posting.lng + wide),
    )  # fmt: skip
    rows = rows if keys is None else rows.filter(pk__in=keys)
    if shifts:
        busy = Quarter.objects.filter(overlap(shifts), worker=OuterRef("pk"))
        rows = rows.filter(~Exists(busy))
    near = []
    for worker in _with_user(rows).order_by("pk").iterator(chunk_size=2000):
        away = distance_m(posting.lat, posting.lng, worker.lat, worker.lng)
        if away <= min(worker.reach_m, REACH_MOST_M):
            worker.distance_m = away
            near.append(worker)
    near.sort(key=lambda w: (w.distance_m, w.pk))
    return near


def _with_user(rows: QuerySet[Worker]) -> QuerySet[Worker]:
    return rows.select_related("user", "division")


def overlap(shifts: Sequence[Shift]) -> Q:
    """Quarters that any of these shifts touches, also in part."""
    clash = Q(pk__in=[])
    for shift in shifts:
        clash |= Q(starts_at__gt=shift.starts_at - QUARTER, starts_at__lt=shift.ends_at)
    return clash


def _pairs(workers: Sequence[Worker], posting: Posting, moment: datetime) -> list[tuple[Worker, Pair]]:
    keys = [worker.pk for worker in workers]
    tied = Tie.objects.filter(worker__in=keys, employer=posting.employer_id).values_list("worker_id", "kind", "times")
    rows, ties, standing, idle = ask_all(
        Question([WorkerTrade.objects.filter(worker__in=keys, trade=posting.trade_id)], list),
        Question([tied], list), people.standings_question(workers), _idle_days(keys, moment),
    )  # fmt: skip
    skills = {row.worker_id: row for row in rows}
    past = {(worker, kind): times for worker, kind, times in ties}
    pairs = []
    for worker in workers:
        skill, said = skills.get(worker.pk), standing[worker.pk]
        worker.standing = said
        pairs.append((worker, Pair(
            distance_m=worker.distance_m, reach_m=worker.reach_m, has_trade=skill is not None,
            skilled=skill is not None and skill.skilled, years=skill.years if skill else 0,
            times=skill.times if skill else 0, together=past.get((worker.pk, "together"), 0),
            liked=(worker.pk, "liked") in past,
            trusted=bool(said["recognised"]), kept=said["worked"], broken=said["no_shows"], shift_fen=posting.shift_fen,
            wished_fen=known.wished(worker, posting), days_without_work=idle[worker.pk],
        )))  # fmt: skip
    return pairs


@dataclass(frozen=True)
class Past:
    """What the workers who stand in a posting did of its trade, and with its employer."""

    skills: dict[int, WorkerTrade]
    together: dict[int, int]

    def reasons(self, worker: Worker, posting: Posting, said: dict[str, Any]) -> list[dict[str, str]]:
        """Why this worker suits, to the employer. `said` is their standing (`workers.queries`)."""
        skill = self.skills.get(worker.pk)
        placed = worker.lat is not None and worker.lng is not None
        pair = Pair(
            distance_m=distance_m(posting.lat, posting.lng, worker.lat, worker.lng) if placed else None,
            reach_m=worker.reach_m, has_trade=skill is not None, years=skill.years if skill else 0,
            times=skill.times if skill else 0, together=self.together.get(worker.pk, 0),
            trusted=bool(said["recognised"]), kept=said["worked"], broken=said["no_shows"],
        )  # fmt: skip
        return score.reasons_for_employer(pair, trade=posting.trade.name)


def past_question(code: str, employer: int, workers: QuerySet[Worker]) -> Question[Past]:
    """Of those who stand in a posting of this employer, to be asked together with other things."""
    keys = workers.order_by().values("pk")
    trade = Posting.objects.filter(code=code).values("trade")
    tied = Tie.objects.filter(worker__in=keys, employer=employer, kind="together").values_list("worker_id", "times")
    skills = WorkerTrade.objects.filter(worker__in=keys, trade__in=trade)
    return Question([skills, tied], lambda rows, ties: Past({row.worker_id: row for row in rows}, dict(ties)))


def _idle_days(keys: Sequence[int], moment: datetime) -> Question[dict[int, int]]:
    """Whole days since the last promised quarter, at most seven; who never worked here has waited a week."""

    def answer(recent: list[tuple[int, datetime]]) -> dict[int, int]:
        last: dict[int, datetime] = {}
        for key, at in recent:
            last[key] = max(at, last.get(key, at))
        return {key: max(0, (moment - last[key]).days) if key in last else 7 for key in keys}

    week_ago = moment - timedelta(days=7)
    recent = Quarter.objects.filter(worker__in=keys, starts_at__gte=week_ago)
    return Question([recent.values_list("worker_id", "starts_at")], answer)
