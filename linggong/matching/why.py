"""Why not, and what would change it: for a worker before one posting, for an employer before an empty list.

Whatever is said here is said to the one it is about. An employer never reads why somebody is not in the list.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

import linggong.postings.queries as postings
import linggong.reference.queries as reference
import linggong.workers.queries as people
from linggong.core.asking import ask
from linggong.core.clock import local
from linggong.matching import candidates, known, limits
from linggong.matching.limits import Blocker
from linggong.postings.models import Daypart, Posting, Shift
from linggong.reference.geo import box_degrees, distance_m
from linggong.reference.models import Certificate
from linggong.workers.models import Quarter, Worker, WorkerTrade

FARTHER_M = 5_000
STEPS_MOST = 3
LOOK_AT = 1_000
STAY_AWAY = frozenset({"blocked_worker", "blocked_employer", "own_posting"})
FROM = {Daypart.DAWN: "04:00", Daypart.DAY: "06:00", Daypart.EVENING: "17:00", Daypart.NIGHT: "21:00"}


@dataclass(frozen=True)
class Step:
    """Do this and there are so many (more). `key` says what to change: a certificate, the reach, the hours, a row."""

    key: str
    words: str
    count: int


@dataclass(frozen=True)
class Why:
    """What stands between a worker and a posting: `blockers` forbid; `hints` only keep the work out of their lists."""

    blockers: list[Blocker] = field(default_factory=list)
    hints: list[Blocker] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Nothing stands in the way: the worker may take it, and is among those who are asked."""
        return not (self.blockers or self.hints)


@dataclass(frozen=True)
class Nobody:
    """Why no worker is found for a posting: which condition emptied the list, and what would fill it."""

    code: str
    words: str
    steps: list[Step] = field(default_factory=list)


# --- for a worker --------------------------------------------------------------------------------------------


def why_not(worker: Worker, posting: Posting, moment: datetime) -> Why:
    """Everything in the way, the plainest first, each with what would change it."""
    posting = known.fresh(posting)
    shifts = ask(known.shifts_of([posting], moment))[posting.pk]
    about = ask(known.of_worker(worker, [posting], moment))
    blockers = limits.blockers(about, posting, shifts, moment)
    if any(blocker.code in STAY_AWAY for blocker in blockers):
        return Why(blockers)
    return Why(blockers, _hints(worker, posting))


def _hints(worker: Worker, posting: Posting) -> list[Blocker]:
    found = []
    if not worker.taking_work:
        words = _("你现在关着“找活”，老板看不到你")
        found.append(Blocker("not_taking", _("找活"), words, _("到“我的”里打开"), private=True))
    if not WorkerTrade.objects.filter(worker=worker, trade=posting.trade_id).exists():
        words = _("你没登记{trade}，这类活不会先叫你").format(trade=posting.trade.name)
        found.append(Blocker("not_of_trade", _("工种"), words, _("会干就到“我的”里加上"), private=True))
    if worker.lat is None or worker.lng is None:
        words = _("你没说住哪一片，不知道离你多远")
        found.append(Blocker("no_place", _("住处"), words, _("到“我的”里选一下住哪一片"), private=True))
        return found
    away = distance_m(worker.lat, worker.lng, posting.lat, posting.lng)
    if away > worker.reach_m:
        words = _("离你 {far} 公里，你说最远去 {reach} 公里").format(far=_km(away), reach=_km(worker.reach_m))
        change = _("愿意去，就到“我的”里改成 {km} 公里").format(km=-(-away // 1000))
        found.append(Blocker("too_far", _("远"), words, change, private=True))
    return found


def what_if(worker: Worker, place: tuple[float, float], moment: datetime) -> list[Step]:
    """What one change would open near a place: a certificate, five kilometres more, another part of the day.

    From a few columns of the nearest postings, in one statement; each step says how many more there would be.
    """
    reach = worker.reach_m
    rows = postings.around(*place, reach + FARTHER_M, moment).order_by("flat_square", "pk")
    held = set(worker.holdings.filter(people.valid_on(local(moment).date())).values_list("certificate_id", flat=True))
    lacking: Counter[str] = Counter()
    parts: Counter[str] = Counter()
    farther = 0
    for lat, lng, papers, part in rows.values_list("lat", "lng", "certificates", "daypart")[:LOOK_AT]:
        missing = [code for code in papers if code not in held]
        at_hours = not worker.free_parts or part in worker.free_parts
        near = distance_m(*place, lat, lng) <= reach
        if near and at_hours and len(missing) == 1:
            lacking[missing[0]] += 1
        elif near and not missing and not at_hours:
            parts[part] += 1
        elif not near and not missing and at_hours:
            farther += 1
    steps = [
        Step(f"certificate:{code}", _("有“{name}”的证，多 {n} 个").format(name=_paper(code), n=count), count)
        for code, count in lacking.most_common(2)
    ]
    if farther:
        words = _("再远 {km} 公里，多 {n} 个").format(km=_km(FARTHER_M), n=farther)
        steps.append(Step("reach", words, farther))
    steps += [
        Step(f"part:{part}", _("{at} 起也能干，多 {n} 个").format(at=FROM[Daypart(part)], n=count), count)
        for part, count in parts.most_common(1)
    ]
    return sorted(steps, key=lambda step: -step.count)[:STEPS_MOST]


def _paper(code: str) -> str:
    return Certificate.objects.filter(pk=code).values_list("name", flat=True).first() or code


# --- for an employer -----------------------------------------------------------------------------------------


def nobody(posting: Posting, moment: datetime) -> Nobody:
    """Which condition leaves nobody, asked one after the other; and which single change would bring how many."""
    posting = known.fresh(posting)
    shifts = ask(known.shifts_of([posting], moment))[posting.pk]
    near = _Near(posting, shifts, moment)
    if not near.count(farther=True, busy=True):
        words = _("{km} 公里内还没有人登记过这个工种").format(km=_km(candidates.REACH_MOST_M))
        return Nobody("trade", words, near.kindred())
    if not near.count(busy=True):
        words = _("会干的人都住得远，没人说愿意来这么远")
        return Nobody("distance", words, near.steps(("board", _("管接送，多 {n} 个人能来"), {"farther": True})))
    if not near.count():
        words = _("附近会干的人这个时间都有活了")
        return Nobody("time", words, near.steps(("when", _("换个时间，有 {n} 个人"), {"busy": True})))
    words = _("附近有空的人，都差这个活要的证或条件")
    return Nobody("wants", words, near.papers() + near.kindred())


@dataclass(frozen=True)
class _Near:
    """The people around a posting, counted with one condition left out."""

    posting: Posting
    shifts: Sequence[Shift]
    moment: datetime

    def count(self, *, farther: bool = False, busy: bool = False, kindred: bool = False) -> int:
        """How many of the trade may be hired: also those who do not go so far, also those who have work then."""
        where = self.posting
        tall, wide = box_degrees(where.lat, candidates.REACH_MOST_M)
        of_trade = Q(trade__group=where.trade.group) if kindred else Q(trade=where.trade_id)
        rows = Worker.objects.filter(
            Exists(WorkerTrade.objects.filter(of_trade, worker=OuterRef("pk"))), taking_work=True,
            state__in=people.CHECKED_ENOUGH, lat__range=(where.lat - tall, where.lat + tall),
            lng__range=(where.lng - wide, where.lng + wide),
        )  # fmt: skip
        if self.shifts and not busy:
            rows = rows.filter(~Exists(Quarter.objects.filter(candidates.overlap(self.shifts), worker=OuterRef("pk"))))
        most = candidates.REACH_MOST_M
        return sum(
            distance_m(where.lat, where.lng, lat, lng) <= (most if farther else min(reach, most))
            for lat, lng, reach in rows.values_list("lat", "lng", "reach_m")
        )

    def steps(self, *tries: tuple[str, str, dict[str, bool]]) -> list[Step]:
        """Each change that brings anybody."""
        found = [(key, words, self.count(**loose)) for key, words, loose in tries]
        return [Step(key, words.format(n=n), n) for key, words, n in found if n] + self.kindred()

    def kindred(self) -> list[Step]:
        """Those who do another trade of the same kind."""
        return [
            Step("work", _("同一类活的人，有 {n} 个，招人时可以写“肯学也行”").format(n=n), n)
            for n in [self.count(kindred=True) - self.count()] if n > 0
        ]  # fmt: skip

    def papers(self) -> list[Step]:
        """Where the certificates are what keeps people away and no law asks for them."""
        by_law = set(reference.hard_certificates(self.posting.trade))
        wished = [code for code in self.posting.certificates if code not in by_law]
        if not wished:
            return []
        n = self.count()
        names = "、".join(_paper(code) for code in wished)
        return [Step("wants", _("不一定要“{names}”，有 {n} 个人").format(names=names, n=n), n)]


def _km(metres: int) -> str:
    return f"{metres / 1000:.1f}".removesuffix(".0")
