"""Questions about who suits which work: hard limits first, then an order with its reasons, or one without a person."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

import linggong.employers.queries as employers
import linggong.postings.queries as postings
import linggong.reference.queries as reference
import linggong.workers.queries as people
from linggong.accounts import ids
from linggong.core.asking import Question, ask, ask_all, joined
from linggong.core.clock import local
from linggong.core.sealed import unseal
from linggong.employers.models import Employer, Member
from linggong.matching import limits, score, widening
from linggong.matching.limits import Blocker, Known
from linggong.matching.models import Tie
from linggong.matching.score import Pair
from linggong.postings.models import Posting, Shift
from linggong.postings.queries import Filters
from linggong.reference.geo import box_degrees, distance_m
from linggong.reference.models import Certificate
from linggong.workers.models import Holding, Quarter, Worker, WorkerTrade

LOOK_AT = 120  # how many near postings or workers are ordered by fit
LIMIT = 20
HORIZON = timedelta(days=62)
REACH_MOST_M = 30_000
DAY_MINUTES = 8 * 60
Place = tuple[float, float]


@dataclass(frozen=True)
class Match:
    """A posting for a worker. `missing` is what stands in the way; empty when `hard_ok`."""

    posting: Posting
    reasons: list[dict[str, str]]
    hard_ok: bool
    missing: list[Blocker]
    distance_m: int | None = None
    points: score.Points | None = None


@dataclass(frozen=True)
class Candidate:
    """A worker for a posting, without anything an employer may not see before hiring."""

    worker: Worker
    reasons: list[dict[str, str]]
    distance_m: int | None = None
    points: score.Points | None = None


class Matches(list[Match]):
    """Matches in order. When there are none, `nothing` says what emptied the list and what would open it."""

    nothing: widening.Nothing | None = None


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
    fresh = _fresh(posting)
    return limits.blockers(ask(_known(worker, [fresh], moment, waived=waived)), fresh, shifts, moment, bound=bound)


def warnings(worker: Worker, posting: Posting, shifts: Sequence[Shift], moment: datetime) -> list[Blocker]:
    """What stops nothing but should be known before the yes: insurance age, young worker's health check."""
    return limits.warnings(ask(_known(worker, [posting], moment)), posting, shifts, moment)


def _fresh(posting: Posting) -> Posting:
    """The row as it is now, with the employer it has now: a page may be minutes old."""
    return Posting.objects.select_related("employer", "trade").get(pk=posting.pk)


def _known(
    worker: Worker, rows: Sequence[Posting], moment: datetime, *, waived: Collection[str] = ()
) -> Question[Known]:
    """What the checks need of one worker before these postings, in one question."""
    day = local(moment).date()
    owned = Member.objects.filter(user=worker.user_id, ended_at=None)
    taken = Quarter.objects.filter(worker=worker, starts_at__gte=moment, starts_at__lt=moment + HORIZON * 4)
    ties = Tie.objects.filter(worker=worker).values_list("employer_id", "kind", "times")
    codes = {code for row in rows for code in row.certificates}
    places = {worker.division_id, *(row.division_id for row in rows)}

    def known(
        ties: list, held: list, taken: list, member: list, own: list, names: list, rules: reference.Rules
    ) -> Known:
        blocks: dict[int, set[str]] = defaultdict(set)
        for employer_id, kind, _times in ties:
            blocks[employer_id].add(kind)
        named = dict(names)
        return Known(
            worker=worker,
            birth_on=worker.user.birth_on,
            holdings=_by_worker(held).get(worker.pk, []),
            taken=taken,
            blocks=dict(blocks),
            together={employer_id: times for employer_id, kind, times in ties if kind == "together"},
            own_employers=frozenset(member) | frozenset(own),
            sex=cache(lambda: _sex(worker)),
            rule=_rule_of(rules),
            certificate_name=lambda code: named.get(code, code),
            waived=frozenset(waived),
            buffer_minutes=rules.setting("travel_buffer_minutes", division_code=worker.division_id, on=day),
        )

    asked = (
        ties, _holdings([worker.pk]), taken.order_by("starts_at").values_list("starts_at", "ref"),
        owned.values_list("employer_id", flat=True),
        Employer.objects.filter(person=worker.user_id).values_list("pk", flat=True),
        Certificate.objects.filter(pk__in=codes).values_list("pk", "name"),
    )  # fmt: skip
    return joined(known, *(Question([rows], list) for rows in asked), reference.rules_question(places))


def _holdings(keys: Collection[int]) -> QuerySet[Holding]:
    """Certificates that staff checked; whether they count on a day is asked later."""
    rows = Holding.objects.filter(worker__in=keys, state=Holding.State.CHECKED).order_by("pk")
    return rows.values_list("worker_id", "certificate_id", "valid_from", "valid_to")


def _by_worker(held: Iterable[tuple[int, str, date | None, date | None]]) -> dict[int, list]:
    found: dict[int, list[tuple[str, date | None, date | None]]] = defaultdict(list)
    for key, code, begins, ends in held:
        found[key].append((code, begins, ends))
    return found


def _rule_of(rules: reference.Rules) -> Callable[[str, str, date], Any]:
    return cache(lambda key, division_code, on: rules.rule(key, division_code=division_code, on=on))


def _sex(worker: Worker) -> str:
    """As the ID number says, opened by the rule alone and kept nowhere; "" without a number."""
    number = unseal(worker.user, "id_sealed")
    return ids.sex_of(number) if number else ""


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
    rows = _near(where, reach, moment, filters, order, LOOK_AT if only_ok else limit, 0 if only_ok else offset)
    matches = _matches(worker, rows, moment, reach)
    if order == "fit":
        matches = _by_points(matches)
    if only_ok:
        refused = [m for m in matches if not m.hard_ok]
        matches = [m for m in matches if m.hard_ok][offset : offset + limit]
    else:
        refused = []
    result = Matches(matches)
    if not result and not offset:
        result.nothing = _nothing(where, reach, moment, filters, refused)
    return result


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
    return Match(posting, reasons, True, [], pair.distance_m, score.score(pair))


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
    known, shifts, skills, standing = ask_all(
        _known(worker, rows, moment),
        _shifts_of(rows, moment),
        Question([WorkerTrade.objects.filter(worker=worker)], list),
        employers.standings_question({row.employer_id: row.employer for row in rows}.values()),
    )
    mine = {row.trade_id: row for row in skills}
    liked = {employer for employer, kinds in known.blocks.items() if "liked" in kinds}
    found = []
    for row in rows:
        pair = _pair(worker, row, mine.get(row.trade_id), reach, standing[row.employer_id])
        pair = replace(pair, together=known.together.get(row.employer_id, 0), liked=row.employer_id in liked)
        missing = limits.blockers(known, row, shifts[row.pk], moment)
        said = [(blocker.word, blocker.words) for blocker in missing]
        reasons = score.reasons_for_worker(pair, trade=row.trade.name, blockers=said)
        found.append(Match(row, reasons, not missing, missing, pair.distance_m, score.score(pair)))
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
        wished_fen=_wished(worker, posting),
    )


def _wished(worker: Worker, posting: Posting) -> int | None:
    """The worker's wish per day of eight hours, for the length of this shift."""
    if not worker.pay_floor_fen:
        return None
    return worker.pay_floor_fen * min(posting.shift_minutes or DAY_MINUTES, DAY_MINUTES) // DAY_MINUTES


def _by_points(matches: list[Match]) -> list[Match]:
    """Best first; equal ones the nearer first, then the sooner, then the older."""
    return sorted(
        matches,
        key=lambda m: (
            -(m.points.total if m.points else 0), 10**9 if m.distance_m is None else m.distance_m,
            m.posting.next_starts_at, m.posting.pk,
        ),
    )  # fmt: skip


def _shifts_of(rows: Iterable[Posting], moment: datetime) -> Question[dict[int, list[Shift]]]:
    """The shifts a worker could take of each posting: to come, standing, with room; all to come when none has room."""
    keys = [row.pk for row in rows]

    def answer(to_come: list[Shift]) -> dict[int, list[Shift]]:
        found: dict[int, list[Shift]] = {key: [] for key in keys}
        for shift in to_come:
            found[shift.posting_id].append(shift)
        return {key: [s for s in shifts if s.taken < s.places] or shifts for key, shifts in found.items()}

    to_come = Shift.objects.filter(posting__in=keys, starts_at__gt=moment, called_off_at=None)
    return Question([to_come.order_by("starts_at", "pk")], answer)


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


# --- workers for a posting -----------------------------------------------------------------------------------


def for_posting(posting: Posting, moment: datetime, limit: int = LIMIT, *, kindred: bool = False) -> list[Candidate]:
    """Workers who may and could do this work, best first, each with reasons an employer may read.

    `kindred`: also those who do another trade of the same kind; they are asked when nobody of the trade is left.

    Everybody a hard limit keeps out is simply not here: why is told to the worker alone. Nothing of age, sex or origin
    orders or shows (domain A-03, A-05).
    """
    posting = _fresh(posting)
    shifts = ask(_shifts_of([posting], moment))[posting.pk]
    around = _workers_around(posting, shifts, kindred=kindred)
    known = _known_of_many(around, posting, moment)
    able = [w for w in around if not limits.blockers(known[w.pk], posting, shifts, moment, first=True)]
    pairs = _pairs(able, posting, moment)
    return [
        Candidate(worker, score.reasons_for_employer(pair, trade=posting.trade.name), pair.distance_m, points)
        for worker, pair, points in score.rank(pairs)[:limit]
    ]


def _workers_around(posting: Posting, shifts: Sequence[Shift], *, kindred: bool = False) -> list[Worker]:
    """Those of the trade whose own reach holds the place and who are free, the nearest LOOK_AT × 4."""
    tall, wide = box_degrees(posting.lat, REACH_MOST_M)
    of_trade = Q(trade__group=posting.trade.group) if kindred else Q(trade=posting.trade_id)
    skilled = WorkerTrade.objects.filter(of_trade, worker=OuterRef("pk"))
    rows = Worker.objects.filter(
        Exists(skilled), taking_work=True, state__in=people.CHECKED_ENOUGH,
        lat__range=(posting.lat - tall, posting.lat + tall), lng__range=(posting.lng - wide, posting.lng + wide),
    )  # fmt: skip
    if shifts:
        busy = Quarter.objects.filter(_overlap(shifts), worker=OuterRef("pk"))
        rows = rows.filter(~Exists(busy))
    near = []
    for worker in _with_user(rows).order_by("pk").iterator(chunk_size=2000):
        away = distance_m(posting.lat, posting.lng, worker.lat, worker.lng)
        if away <= worker.reach_m:
            worker.distance_m = away
            near.append(worker)
    near.sort(key=lambda w: (w.distance_m, w.pk))
    return near[: LOOK_AT * 4]


def _with_user(rows: QuerySet[Worker]) -> QuerySet[Worker]:
    return rows.select_related("user", "division")


def _overlap(shifts: Sequence[Shift]) -> Q:
    clash = Q(pk__in=[])
    for shift in shifts:
        clash |= Q(starts_at__gte=shift.starts_at, starts_at__lt=shift.ends_at)
    return clash


def _known_of_many(workers: Sequence[Worker], posting: Posting, moment: datetime) -> dict[int, Known]:
    """What the checks need of each worker, in a constant number of queries; hours were asked in SQL already."""
    keys = [worker.pk for worker in workers]
    tied = Tie.objects.filter(worker__in=keys, employer=posting.employer_id).values_list("worker_id", "kind")
    owned = Member.objects.filter(employer=posting.employer_id, ended_at=None).values_list("user_id", flat=True)
    rows, held, members, rules = ask_all(
        Question([tied], list), Question([_holdings(keys)], _by_worker), Question([owned], set),
        reference.rules_question({posting.division_id}),
    )  # fmt: skip
    ties: dict[int, set[str]] = defaultdict(set)
    for key, kind in rows:
        ties[key].add(kind)
    members.add(posting.employer.person_id)
    rule = _rule_of(rules)
    return {
        worker.pk: Known(
            worker=worker, birth_on=worker.user.birth_on, holdings=held.get(worker.pk, []),
            blocks={posting.employer_id: ties[worker.pk]},
            own_employers=frozenset({posting.employer_id} if worker.user_id in members else ()),
            sex=_sex_of(worker), rule=rule,
        )
        for worker in workers
    }  # fmt: skip


def _sex_of(worker: Worker) -> Any:
    return cache(lambda: _sex(worker))


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
        pairs.append((worker, Pair(
            distance_m=worker.distance_m, reach_m=worker.reach_m, has_trade=skill is not None,
            skilled=skill is not None and skill.skilled, years=skill.years if skill else 0,
            times=skill.times if skill else 0, together=past.get((worker.pk, "together"), 0),
            liked=(worker.pk, "liked") in past,
            trusted=bool(said["recognised"]), kept=said["worked"], broken=said["no_shows"], shift_fen=posting.shift_fen,
            wished_fen=_wished(worker, posting), days_without_work=idle[worker.pk],
        )))  # fmt: skip
    return pairs


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
