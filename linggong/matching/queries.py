"""Questions about who suits which work: hard limits first, then an order with its reasons, or one without a person."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

import linggong.employers.queries as employers
import linggong.postings.queries as postings
import linggong.reference.queries as reference
import linggong.workers.queries as people
from linggong.core.asking import Question, ask, ask_all
from linggong.core.clock import local, now
from linggong.matching import known, limits, replaying, score, weighing, widening
from linggong.matching.candidates import LIMIT, REACH_MOST_M, Candidate, Candidates, Past, for_posting, past_question
from linggong.matching.limits import Blocker
from linggong.matching.live import running
from linggong.matching.models import Decision, IndexReport, Tie
from linggong.matching.proposing import Proposed, proposed
from linggong.matching.score import Pair, Weights
from linggong.matching.why import Nobody, Why, nobody, what_if, why_not
from linggong.postings.models import Posting, Shift
from linggong.postings.queries import Filters
from linggong.reference.geo import distance_m
from linggong.workers.models import Worker, WorkerTrade

__all__ = [
    "LIMIT",
    "REACH_MOST_M",
    "Candidate",
    "Candidates",
    "Nobody",
    "Past",
    "Proposed",
    "Why",
    "for_posting",
    "nobody",
    "past_question",
    "proposed",
    "what_if",
    "why_not",
]  # fmt: skip

LOOK_AT = 120  # postings on their way through the checks at once
BEHIND_MS = 5_000
FIT_MOST = 5_000
"""So many postings in reach are put in order of fit without the live index, the nearest ones."""
Place = tuple[float, float]
OF_ALL = frozenset({"worker_suspended", "worker_not_checked"})
"""What stands between a worker and any work: no use to look for another one."""


@dataclass(frozen=True)
class Match:
    """A posting for a worker. `missing` is what stands in the way; empty when `hard_ok`."""

    posting: Posting
    reasons: list[dict[str, str]]
    hard_ok: bool
    missing: list[Blocker]
    distance_m: int | None = None
    points: score.Points | None = None


class Matches(list[Match]):
    """Matches in order. When there are none, `nothing` says what emptied the list and what would open it."""

    def __init__(self, matches: Iterable[Match] = (), why_empty: Callable[[], widening.Nothing] | None = None) -> None:
        super().__init__(matches)
        self._why_empty = why_empty

    @cached_property
    def nothing(self) -> widening.Nothing | None:
        """Asked for only where it is shown: it counts the wider lists."""
        return None if self or self._why_empty is None else self._why_empty()


# --- hard limits ---------------------------------------------------------------------------------------------


def check(
    worker: Worker, posting: Posting, shifts: Sequence[Shift], moment: datetime, *, bound: bool = False,
    waived: Collection[str] = (),
) -> list[Blocker]:  # fmt: skip
    """Everything that stands between this worker and these shifts; empty: nothing.

    Both sides at least PRELIM_CHECKED (SX-37), age and hazard, regional age ceilings where a rule is in force, hard
    certificates (FJ-16; `waived` are codes staff answered for), no overlap, no block of either side, a live posting.
    `bound` asks again at check-in (E9): whether law still allows it, no longer whether a place is free.
    """
    fresh = known.fresh(posting)
    about = ask(known.of_worker(worker, [fresh], moment, waived=waived))
    return limits.blockers(about, fresh, shifts, moment, bound=bound)


def warnings(worker: Worker, posting: Posting, shifts: Sequence[Shift], moment: datetime) -> list[Blocker]:
    """What stops nothing but should be known before the yes: insurance age, young worker's health check."""
    return limits.warnings(ask(known.of_worker(worker, [posting], moment)), posting, shifts, moment)


# --- work for a worker ---------------------------------------------------------------------------------------


def for_worker(
    worker: Worker, moment: datetime, place: Place | None = None, filters: Filters | None = None, order: str = "fit", *,
    radius_m: int | None = None, limit: int = LIMIT, offset: int = 0, only_ok: bool | None = None,
) -> Matches:  # fmt: skip
    """What this worker can do near `place` (else near home), each with its reasons in words.

    "fit" orders by the published points. "near", "soon" and "pay" know nothing of the person: anybody at that place
    gets the same order (PIPL art. 24; 互联网信息服务算法推荐管理规定 art. 17). Fit leaves out what a hard limit
    forbids, the others show it with what is missing, unless `only_ok`. An empty list carries `nothing`: what emptied it
    and what opens it.
    """
    where = place or home_of(worker)
    reach = radius_m or worker.reach_m
    filters = filters or Filters()
    only_ok = order == "fit" if only_ok is None else only_ok
    asked = _Asked(worker, moment, where, reach, filters)
    if order == "fit" and only_ok and where is not None:
        found = _proposed(asked, offset + limit)
        if found:
            return Matches(found[offset:])
    rows = _near(where, reach, moment, filters, order, LOOK_AT if only_ok else limit, 0 if only_ok else offset)
    matches = _matches(worker, rows, moment, reach)
    refused = [m for m in matches if not m.hard_ok] if only_ok else []
    if order == "fit":
        matches = _by_points(matches)
        if only_ok and where is not None and len(rows) == LOOK_AT:
            matches = _walked(asked, _best_of_many(asked), offset + limit)
    if only_ok:
        matches = [m for m in matches if m.hard_ok][offset : offset + limit]
    return Matches(matches, None if offset else partial(_nothing, where, reach, moment, filters, refused))


@dataclass(frozen=True)
class _Asked:
    """Who asks for work, when, where and what for."""

    worker: Worker
    moment: datetime
    where: Place | None
    reach: int
    filters: Filters


def _proposed(asked: _Asked, wanted: int) -> list[Match]:
    """The best by the live index; none when it is off, cannot answer these filters, or knows of nothing."""
    worker, filters = asked.worker, asked.filters
    if not settings.ENGINE or replace(filters, trades=(), group="") != Filters() or not people.is_checked(worker):
        return []
    live = running.ready(weighing.weights(worker.division_id, asked.moment))
    only = [
        trade.code for trade in reference.trades()
        if (not filters.trades or trade.code in filters.trades) and (not filters.group or trade.group == filters.group)
    ]  # fmt: skip
    if live is None or not only:
        return []
    narrowed = only if filters != Filters() else ()
    many = wanted + wanted // 2 + 4
    while True:
        keys = live.best_postings(worker, asked.where, asked.reach, asked.moment, many, only=narrowed)
        found = _walked(asked, keys or [], wanted)
        if len(found) == wanted or not keys or len(keys) < many:
            return found
        many *= 2


def _best_of_many(asked: _Asked) -> list[int]:
    """Keys of everything in reach in the published order, when that is more than a page shows: from few columns."""
    worker = asked.worker
    rows = postings.around(*asked.where, asked.reach, asked.moment, asked.filters).order_by("flat_square", "pk")
    rows = list(rows.only(
        "pk", "trade", "lat", "lng", "shift_fen", "shift_minutes", "next_starts_at", "employer__state",
        "employer__prelim_at", "trade__code", "division__code",
    )[:FIT_MOST])  # fmt: skip
    owners = {row.employer_id: row.employer for row in rows}
    skills, ties, standing, rules = ask_all(
        Question([WorkerTrade.objects.filter(worker=worker)], list), Question([Tie.objects.filter(worker=worker)], list),
        employers.standings_question(owners.values()), reference.rules_question({worker.division_id}),
    )  # fmt: skip
    weights = _weights(rules.rule, worker, asked.moment)
    mine = {row.trade_id: row for row in skills}
    together = {tie.employer_id: tie.times for tie in ties if tie.kind == "together"}
    liked = {tie.employer_id for tie in ties if tie.kind == "liked"}
    order = []
    for row in rows:
        row.distance_m = distance_m(*asked.where, row.lat, row.lng)
        pair = _pair(worker, row, mine.get(row.trade_id), asked.reach, standing[row.employer_id])
        pair = replace(pair, together=together.get(row.employer_id, 0), liked=row.employer_id in liked)
        order.append((-score.score(pair, weights).total, row.distance_m, row.next_starts_at, row.pk))
    return [row[-1] for row in sorted(order)]


def _walked(asked: _Asked, keys: Sequence[int], wanted: int) -> list[Match]:
    """The first `wanted` of these postings that nothing stands against, in the published order."""
    found: list[Match] = []
    many = min(LOOK_AT, wanted + wanted // 2 + 4)
    for at in range(0, len(keys), many):
        rows = list(postings.with_room(postings.listed(asked.moment).filter(pk__in=keys[at : at + many]), asked.moment))
        for row in rows:
            row.distance_m = distance_m(*asked.where, row.lat, row.lng)
        matches = _matches(asked.worker, rows, asked.moment, asked.reach)
        found += [match for match in _by_points(matches) if match.hard_ok]
        if len(found) >= wanted or (rows and all(m.missing and m.missing[0].code in OF_ALL for m in matches)):
            break
    return found[:wanted]


def _weights(rule: Callable[..., Any], worker: Worker, moment: datetime) -> Weights:
    return weighing.read(rule(weighing.KEY, division_code=worker.division_id, on=local(moment).date()))


def fit(worker: Worker, posting: Posting) -> Match:
    """Why this work suits this worker by the rule of now, from home: what is kept when they join (FJ-02)."""
    home = home_of(worker)
    if home is not None:
        posting.distance_m = distance_m(*home, posting.lat, posting.lng)
    skill = WorkerTrade.objects.filter(worker=worker, trade=posting.trade_id).first()
    ties = {tie.kind: tie for tie in Tie.objects.filter(worker=worker, employer=posting.employer_id)}
    standing = employers.standings([posting.employer])[posting.employer_id]
    pair = _pair(worker, posting, skill, worker.reach_m, standing)
    together = ties["together"].times if "together" in ties else 0
    pair = replace(pair, together=together, liked="liked" in ties)
    reasons = score.reasons_for_worker(pair, trade=posting.trade.name)
    weights = weighing.weights(worker.division_id, now())
    return Match(posting, reasons, True, [], pair.distance_m, score.score(pair, weights))


def home_of(worker: Worker) -> Place | None:
    """The chosen home area, else the point of the division."""
    if worker.lat is not None and worker.lng is not None:
        return worker.lat, worker.lng
    division = worker.division
    return None if division.lat is None else (division.lat, division.lng)


def _near(
    where: Place | None, reach: int, moment: datetime, filters: Filters, order: str, limit: int, offset: int
) -> list[Posting]:
    if where is None:
        plain = "pay" if order == "pay" else "soon"
        return list(postings.found(moment, filters, order=plain)[offset : offset + limit])
    plain = "near" if order == "fit" else order
    return postings.near(*where, reach, moment, filters, order=plain, limit=limit, offset=offset)


def _matches(worker: Worker, rows: Sequence[Posting], moment: datetime, reach: int) -> list[Match]:
    about, shifts, skills, standing = ask_all(
        known.of_worker(worker, rows, moment),
        known.shifts_of(rows, moment),
        Question([WorkerTrade.objects.filter(worker=worker)], list),
        employers.standings_question({row.employer_id: row.employer for row in rows}.values()),
    )
    mine = {row.trade_id: row for row in skills}
    liked = {employer for employer, kinds in about.blocks.items() if "liked" in kinds}
    weights = weighing.read(about.rule(weighing.KEY, worker.division_id, local(moment).date()))
    found = []
    for row in rows:
        pair = _pair(worker, row, mine.get(row.trade_id), reach, standing[row.employer_id])
        pair = replace(pair, together=about.together.get(row.employer_id, 0), liked=row.employer_id in liked)
        missing = limits.blockers(about, row, shifts[row.pk], moment)
        said = [(blocker.word, blocker.words) for blocker in missing]
        reasons = score.reasons_for_worker(pair, trade=row.trade.name, blockers=said)
        found.append(Match(row, reasons, not missing, missing, pair.distance_m, score.score(pair, weights)))
    return found


def _pair(worker: Worker, posting: Posting, skill: WorkerTrade | None, reach: int, standing: dict[str, Any]) -> Pair:
    return Pair(
        distance_m=getattr(posting, "distance_m", None),
        reach_m=reach,
        has_trade=skill is not None,
        skilled=skill is not None and skill.skilled,
        years=skill.years if skill else 0,
        times=skill.times if skill else 0,
        trusted=bool(standing.get("recognised")),
        kept=standing.get("paid_on_time", 0),
        broken=standing.get("late_pay", 0),
        shift_fen=posting.shift_fen,
        wished_fen=known.wished(worker, posting),
    )


def _by_points(matches: list[Match]) -> list[Match]:
    """Best first; equal ones the nearer first, then the sooner, then the older."""
    return sorted(
        matches,
        key=lambda m: (
            -(m.points.total if m.points else 0), 10**9 if m.distance_m is None else m.distance_m,
            m.posting.next_starts_at, m.posting.pk,
        ),
    )  # fmt: skip


def _nothing(
    where: Place | None, reach: int, moment: datetime, filters: Filters, refused: list[Match]
) -> widening.Nothing:
    """Which condition emptied the list, and which single step would fill it, with how many."""
    if refused:
        counted = Counter(m.missing[0].code for m in refused)
        code, number = counted.most_common(1)[0]
        blocker = next(m.missing[0] for m in refused if m.missing[0].code == code)
        return widening.stopped_by(blocker, number)

    def many(filters: Filters, reach: int) -> int:
        return postings.how_many(moment, filters, around=None if where is None else (*where, reach))

    return widening.explain(filters, reach, many)


# --- decisions and the index ---------------------------------------------------------------------------------


def decision_by_code(code: str) -> Decision | None:
    """One kept decision, with its posting."""
    return Decision.objects.select_related("posting__employer", "by", "part").filter(code=code).first()


def decisions_of(posting: Posting) -> QuerySet[Decision]:
    """What was decided about a posting, the latest first."""
    return Decision.objects.filter(posting=posting).select_related("by").order_by("-pk")


def replayed(decision: Decision) -> list[str]:
    """What comes out differently when the decision is taken again; empty: bit for bit the same."""
    if decision.part_id is not None:
        return _round_again(decision)
    return replaying.differences(decision.inputs, decision.outcome, decision.digest)


def _round_again(decision: Decision) -> list[str]:
    from linggong.matching import solving  # loads the kernels: only where a round is looked at

    part, found = decision.part, []
    if replaying.digest_of(decision.inputs, decision.outcome) != decision.digest:
        found.append("the record was changed after it was written")
    wrong, again = solving.differences(part.inputs, decision.inputs["inputs_digest"], decision.inputs["outcome_digest"])
    here = [[worker, points, []] for posting, worker, points, _day in again.rows if posting == decision.posting_id]
    if sorted(here) != sorted(decision.outcome):
        found.append("the round gives this posting other people")
    return found + wrong


def index_reports() -> list[IndexReport]:
    """How the live index of each process does, as said in the last minutes."""
    return list(IndexReport.objects.filter(at__gte=now() - timedelta(minutes=5)).order_by("process"))
