"""The demo city's past and present, lived through the real actions with the clock moved."""

import contextlib
import gc
import heapq
import itertools
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction

import linggong.cases.actions as cases
import linggong.engagements.actions as deals
import linggong.engagements.queries as lived
import linggong.payments.actions as payments
import linggong.payments.queries as paid
import linggong.postings.actions as postings
import linggong.postings.queries as posted
import linggong.reference.queries as reference
from linggong.cases.models import Case
from linggong.core import clock, journal, outside
from linggong.core.refusals import Refused
from linggong.employers.models import Employer
from linggong.engagements.models import Attendance, Engagement
from linggong.payments.background import ask_about_open
from linggong.payments.models import Funding
from linggong.postings.models import Posting
from linggong.web.demo import founding, words
from linggong.web.demo.founding import KINDS, City, Progress
from linggong.workers.models import Worker

# Not lived through: papers nobody opens, digests of past days, and who was offered nothing in a market just founded.
PAPER = frozenset({
    "linggong.agreements.background.make_pdfs", "linggong.postings.background.write_digests",
    "linggong.oversight.background.who_has_no_work",
})  # fmt: skip
EVERYDAY = [job for job in words.JOBS if job.trade in ("帮厨", "电商打包员", "搬运工")]
STORED_MOST = 0.33  # of the places: paying by hand is the ordinary case in a city of any size, not by luck
PEOPLE = 60  # who do such a trade: in a smaller place asking for it that often would leave the work undone
OFTEN = 0.35  # of what is offered is of these trades and in the first county: enough of a kind to know the going rate
PLACES = 342  # offered over the past at scale 1; all but a few end in a finished deal
MORNING = [job for job in words.JOBS if "08:00" <= job.start < "12:00"]
IN_A_HURRY = 0.12  # of what was posted in the past went out less than a day before the start, so people were invited
LOOKED_AT = timedelta(hours=2)  # how long a case has lain before somebody at the station calls
SWEEP = timedelta(hours=6)  # between two rounds of what the worker process does by itself
TRIES = 6  # how many people look at a place before it stays empty for now


@contextlib.contextmanager
def in_a_hurry() -> Iterator[None]:
    """What a process that only lives through the past may allow itself; all is as before when it ends.

    The clock stands where it is put, the providers live in this process, nobody wakes a worker, no garbage is looked
    for in what only grows, and SQLite does not wait for the disk until the end: a torn demo city is made again.
    """
    moment, in_process, wake = clock.now(), settings.PRETEND_IN_PROCESS, journal.wake_with(None)
    settings.PRETEND_IN_PROCESS = True
    gc.disable()
    kept = _pragmas(synchronous=0, cache_size=-131072)
    try:
        with reference.rules_held():
            yield
    finally:
        _pragmas(**kept)
        gc.freeze()  # what the city left behind is not searched now, just before the process ends
        gc.enable()
        journal.wake_with(wake)
        settings.PRETEND_IN_PROCESS = in_process
        clock.set_now(moment)


def _pragmas(**wanted: int) -> dict[str, int]:
    """Set how SQLite works on this connection; returns how it did before. On PostgreSQL nothing."""
    if connection.vendor != "sqlite":
        return {}
    with connection.cursor() as cursor:
        before = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted}
        for name, value in wanted.items():
            cursor.execute(f"PRAGMA {name} = {value}")
        if wanted.get("synchronous"):  # careful again: what the disk was not asked to keep, it is asked to keep now
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return before


class Days:
    """A calendar of things to happen, run in the order of time."""

    def __init__(self, city: City) -> None:
        self.city = city
        self._queue: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def plan(self, moment: datetime, act: Callable[..., None], *facts: Any) -> None:
        """Let `act` happen at `moment`."""
        heapq.heappush(self._queue, (moment, next(self._order), lambda: act(*facts)))

    def run(self, until: datetime, progress: Callable[[datetime], None] | None = None) -> None:
        """Live until `until`: what was planned, what the journal owes, and the sweeps now and then."""
        next_sweep = None
        while self._queue and self._queue[0][0] <= until:
            moment, _, act = heapq.heappop(self._queue)
            if next_sweep is None or moment >= next_sweep:
                clock.stand_at(moment)
                self.sweep()
                next_sweep = moment + SWEEP
                if progress:
                    progress(moment)
            clock.stand_at(moment)
            with transaction.atomic():
                act()

    def sweep(self) -> None:
        """What the worker process does while nobody asks."""
        with transaction.atomic():
            self.deliver()
            journal.run_due_jobs(without=PAPER)
            self.deliver()

    def deliver(self) -> None:
        """What the journal owes now, and what that brings about."""
        for _ in range(20):
            if not journal.deliver(2000):
                break


@dataclass(frozen=True)
class Script:
    """What is settled beforehand about one posting; the rest is left to chance.

    `fates` of those who come, in order: "works", "short" (the employer counts an hour less), "stays_away".
    """

    stored: bool | None = None
    fates: tuple[str, ...] = ()


CHANCE = Script()


def live_past(
    city: City, days: int, *, moment: datetime, progress: Progress,
    also: Callable[[City, "Days", date], None] | None = None,
) -> int:  # fmt: skip
    """At least `days` days and 300 finished deals (times the scale), up to an hour before `moment`; `also` plans more.

    Returns how many places were planned: all but a few end in a finished deal.
    """
    plan, on = Days(city), clock.local(moment).date()
    first, until = on - timedelta(days=days), moment - timedelta(hours=1)
    per_day = max(6, math.ceil(PLACES * city.scale / max(days, 7)))
    places = sum(_plan_day(city, plan, first + timedelta(days=number), per_day) for number in range(days))
    for number in range(1, days + 1):
        plan.plan(clock.at(first + timedelta(days=number), 17, 40), _answer_cases, city)
    if also is not None:
        also(city, plan, on)
    whole = max(1, days)
    plan.run(until, lambda here: progress("过去", min(whole, max(0, (clock.local(here).date() - first).days)), whole))
    clock.stand_at(until)
    plan.sweep()
    return places


def _plan_day(city: City, plan: Days, day: date, wanted: int) -> int:
    """Postings of one day with at least `wanted` places together; how many it became."""
    luck, places = city.luck, 0
    crowded = min(len(city.by_trade.get(job.trade, [])) for job in EVERYDAY) >= PEOPLE
    while places < wanted:
        often = crowded and luck.random() < OFTEN
        job = luck.choice(EVERYDAY if often else words.JOBS)
        hour, minute = (int(part) for part in job.start.split(":"))
        start = clock.at(day, hour, minute)
        ahead = luck.randrange(10, 16) if luck.random() < IN_A_HURRY else luck.randrange(25, 38)
        out = start - timedelta(hours=ahead, minutes=luck.randrange(60))
        said = facts(
            city,
            job,
            _who_offers(city, job, central=often),
            start,
            days=1 if luck.random() < 0.9 else min(2, job.days[1]),
        )
        plan.plan(out, post, city, plan, said)
        places += said["places"]
    return places


def _who_offers(city: City, job: words.Job, *, central: bool = False) -> Employer:
    """Somebody whose business it is; `central`: in the county where most live, if there is one."""
    kinds = {KINDS[letter] for letter in job.kinds}
    fit = [e for e in city.employers if e.state == "verified" and e.kind in kinds and suits(job, e)]
    near = [e for e in fit if e.division_id[:6] == city.employers[0].division_id[:6]] if central else []
    return city.luck.choice(near or fit or [e for e in city.employers if e.state == "verified"])


def suits(job: words.Job, employer: Employer) -> bool:
    """Whether this is work that an employer of that name would have."""
    return not job.where or any(word in employer.name for word in job.where.split())


def facts(city: City, job: words.Job, employer: Employer, start: datetime, *, days: int = 1) -> dict[str, Any]:
    """What the employer fills in, and under "employer" who that is."""
    luck = city.luck
    low, high = job.pay_fen
    step = 10 if job.unit in ("JIN",) else 100 if high < 10000 else 1000
    places = luck.randrange(job.places[0], job.places[1] + 1)
    rest = 60 if job.hours >= 6 else 0
    return {
        "employer": employer, "trade": city.trades[job.trade].code, "title": job.title, "content": job.content, "places": places,
        "shifts": [
            {"starts_at": start + timedelta(days=d), "ends_at": start + timedelta(days=d, hours=job.hours),
             "break_minutes": rest} for d in range(days)
        ],
        "division": employer.division_id, "address": employer.address, "meeting_point": "门口",
        "lat": employer.lat, "lng": employer.lng,
        "pay_fen": luck.randrange(low, high + 1, step) if high > low else low, "pay_unit": job.unit,
        "quantity": Decimal(job.quantity) if job.quantity else None, "meals": job.meals, "transport": job.transport,
        "tools": job.tools, "outdoor": job.outdoor, "form": job.form, "suitable_for": job.suitable,
        "contact_name": employer.contact_name[:1] + "老板", "wasted_trip_fen": 3000,
        "pay_within_hours": luck.choice([4, 12, 24, 24]), "pay_cycle": "DAILY",
    }  # fmt: skip


def post(city: City, plan: Days, said: dict[str, Any], script: Script = CHANCE) -> None:
    """The employer of `said` publishes it, perhaps stores the wages, and people come one by one."""
    posting = publish(city, said)
    if posting is None:
        return
    city.offered += posting.places
    chance = city.luck.random() < 0.5 and city.stored + posting.places <= STORED_MOST * city.offered
    if chance if script.stored is None else script.stored:
        city.stored += posting.places
        plan.plan(clock.now() + timedelta(minutes=5), _store_wages, city, plan, posting)
    after, latest = clock.now() + timedelta(minutes=20), posting.first_starts_at - timedelta(minutes=90)
    for _, fate in itertools.zip_longest(range(posting.places), script.fates, fillvalue=""):
        after += timedelta(minutes=city.luck.randrange(2, 40))
        if after < latest:
            plan.plan(after, _join, city, plan, posting, fate)


def publish(city: City, said: dict[str, Any], *, review: bool = True) -> Posting | None:
    """Draft, submit and (unless asked not to) have a reviewer release it; None where the rules said no."""
    employer = said["employer"]
    said = {key: value for key, value in said.items() if key != "employer"}
    owner = city.owners[employer.pk]
    try:
        posting = postings.draft(employer, said, by=owner)
        posting = postings.submit(posting, by=owner)
        if review and posting.state == "reviewing":
            county = posting.division_id[:6]
            postings.approve(posting, by=city.reviewers.get(county, city.roles["reviewer"]))
    except Refused:
        return None
    posting.refresh_from_db()
    return posting if posting.state in ("published", "reviewing") else None


def _store_wages(city: City, plan: Days, posting: Posting) -> None:
    """The employer stores the wages of all places with the custodian, before anybody joined."""
    try:
        funding = deals.fund_posting(posting, key=f"demo:{posting.code}", by=city.owners[posting.employer_id])
    except Refused:
        return
    plan.plan(clock.now() + timedelta(minutes=1), _pay_at_the_bank, city, plan, funding)


def _pay_at_the_bank(city: City, plan: Days, funding: Funding) -> None:
    plan.deliver()  # the worker process asks the bank for the pay page
    funding.refresh_from_db()
    if not funding.pay_url:
        return
    outside.in_process("wages").pay(funding.code)
    ask_about_open()
    plan.deliver()


def _join(city: City, plan: Days, posting: Posting, fate: str) -> None:
    posting = Posting.objects.select_related("employer", "trade").get(pk=posting.pk)
    if posting.state != "published":
        return
    for worker in _who_looks(city, posting, all_of_them=bool(fate)):
        try:
            deal = deals.grab(posting, worker, by=worker.user)
        except Refused:
            continue
        founding.agree(city, worker)
        _plan_deal(city, plan, deal, fate or _chance(city.luck))
        return


def _who_looks(city: City, posting: Posting, *, all_of_them: bool) -> Iterator[Worker]:
    """A few by chance; where a story needs somebody, everybody of the trade from the nearest on."""
    if all_of_them:
        able = city.by_trade.get(posting.trade.name, [])
        yield from sorted(able, key=lambda w: (abs(w.lat - posting.lat) + abs(w.lng - posting.lng), w.pk))
        return
    for _ in range(TRIES):
        if (worker := _who_comes(city, posting)) is not None:
            yield worker


def _chance(luck: random.Random) -> str:
    """What becomes of somebody who took a job: most work, few do not come."""
    number = luck.random()
    for fate, below in (("cancels", 0.02), ("stays_away", 0.045), ("in_vain", 0.055)):
        if number < below:
            return fate
    return ""


def _who_comes(city: City, posting: Posting) -> Worker | None:
    able = city.by_trade.get(posting.trade.name, [])
    if not able:
        return None
    near = [
        w
        for w in city.luck.sample(able, min(40, len(able)))
        if abs(w.lat - posting.lat) + abs(w.lng - posting.lng) < 0.3
    ]
    return city.luck.choice(near or able)


def _plan_deal(city: City, plan: Days, deal: Engagement, fate: str) -> None:
    luck = city.luck
    for attendance in lived.attendances(engagement=deal):
        start, end = attendance.shift.starts_at, attendance.shift.ends_at
        if fate == "cancels":
            plan.plan(start - timedelta(hours=luck.choice([1, 5])), _cancel, city, deal)
            return
        if fate == "stays_away":
            plan.plan(start + timedelta(minutes=40), _no_show, city, attendance)
            continue
        if fate == "in_vain":
            plan.plan(start + timedelta(minutes=10), _wasted, city, attendance)
            continue
        plan.plan(start - timedelta(minutes=luck.randrange(2, 40)), arrive, city, attendance)
        plan.plan(end + timedelta(minutes=luck.randrange(0, 20)), finish, city, attendance)
        plan.plan(end + timedelta(minutes=luck.randrange(25, 240)), _confirm, city, plan, attendance, fate)


def fresh(attendance: Attendance) -> Attendance:
    """The row as it is now. Who and where do not change, so only its own facts and the deal's are read again."""
    for row in (attendance, attendance.engagement):
        row.refresh_from_db(fields=[f.attname for f in row._meta.concrete_fields if not f.is_relation])
    return attendance


def arrive(city: City, attendance: Attendance) -> None:
    """The employer ticks off who is there."""
    now = fresh(attendance)
    quietly(deals.check_in, now, how="boss", by=city.owners[now.engagement.employer_id], as_told=True)


def finish(city: City, attendance: Attendance) -> None:
    """The worker taps 收工."""
    now = fresh(attendance)
    if now.state in ("checked_in", "in_progress"):
        posting = now.engagement.posting
        share = posting.quantity / posting.places if posting.quantity else None
        quietly(deals.check_out, now, by=now.engagement.worker.user, quantity=share)


def _confirm(city: City, plan: Days, attendance: Attendance, fate: str) -> None:
    now, luck = fresh(attendance), city.luck
    if now.state != "work_done":
        return
    owner = city.owners[now.engagement.employer_id]
    if not fate and luck.random() < 0.06:
        plan.plan(clock.now() + timedelta(hours=26), _pay, city, plan, attendance, fate)
        return  # silent: the clock confirms tomorrow, and then they pay like everybody
    less = fate == "short" or (not fate and luck.random() < 0.03)
    short = 60 if less and now.engagement.posting.pay_unit == "HOUR" else 0
    quietly(deals.confirm, now, by=owner, minutes=(now.minutes or 0) - short if short else None)
    plan.plan(clock.now() + timedelta(minutes=luck.randrange(20, 200)), _pay, city, plan, attendance, fate)


def _pay(city: City, plan: Days, attendance: Attendance, fate: str) -> None:
    now, luck = fresh(attendance), city.luck
    settlement = paid.by_ref(lived.ref(now))
    if settlement is None or now.state != "pay_due":
        return
    if settlement.custody == "offline" and (fate or luck.random() > 0.03):
        owner = city.owners[now.engagement.employer_id]
        quietly(payments.declare_paid, settlement, how=luck.choice(["wechat", "wechat", "cash"]), by=owner)
        if fate or luck.random() > 0.04:
            plan.plan(clock.now() + timedelta(minutes=luck.randrange(5, 90)), _acknowledge, city, attendance, fate)
    if luck.random() < 0.7:
        plan.plan(clock.now() + timedelta(hours=2), _rate, city, attendance)


def _acknowledge(city: City, attendance: Attendance, fate: str) -> None:
    now = fresh(attendance)
    settlement = paid.by_ref(lived.ref(now))
    if settlement is not None and settlement.state == "declared_paid":
        if not fate and city.luck.random() < 0.02:
            quietly(payments.deny, settlement, by=now.engagement.worker.user)
        else:
            quietly(payments.acknowledge, settlement, how="tap", by=now.engagement.worker.user)


def _rate(city: City, attendance: Attendance) -> None:
    deal, luck = fresh(attendance).engagement, city.luck
    worker, owner = deal.worker.user, city.owners[deal.employer_id]
    bad = luck.random() < 0.03
    stars, text = (
        (2, luck.choice(words.BAD_WORDS)) if bad else (luck.choice([4, 5, 5]), luck.choice(words.WORKER_WORDS))
    )
    tags = ["not_as_told"] if bad else ["on_time_pay"]
    quietly(deals.rate, deal, "worker", stars=stars, tags=tags, text=text, by=worker)
    if luck.random() < 0.8:
        said = luck.choice(words.EMPLOYER_WORDS)
        quietly(deals.rate, deal, "employer", stars=luck.choice([4, 5, 5]), tags=["punctual"], text=said, by=owner)


def _answer_cases(city: City) -> None:
    """Towards evening the station calls people back: late wages get paid, calls are made; what is disputed stays."""
    clerk = city.roles["clerk"]
    lain = Case.objects.filter(kind__in=["arrears", "call"], filed_at__lt=clock.now() - LOOKED_AT).exclude(
        state="closed"
    )
    for case in list(lain.order_by("pk")):
        if case.kind == "arrears":
            wage = lived.attendance_by_code(case.about_code)
            settlement = paid.by_ref(lived.ref(wage)) if wage else None
            if settlement is None or city.luck.random() < 0.2:
                continue
            owner = city.owners[wage.engagement.employer_id]
            quietly(payments.declare_paid, settlement, how="wechat", by=owner)
            quietly(payments.acknowledge, settlement, how="tap", by=wage.engagement.worker.user)
        case.refresh_from_db()
        if case.state == "filed":
            quietly(cases.take, case, by=clerk)
        if case.state == "accepted":
            quietly(cases.answer, case, "给两边都打过电话，说清楚了", by=clerk)
        if case.state == "answered":
            quietly(cases.close, case, by=clerk)


def _no_show(city: City, attendance: Attendance) -> None:
    quietly(deals.no_show, fresh(attendance), by=city.owners[attendance.engagement.employer_id])


def _wasted(city: City, attendance: Attendance) -> None:
    quietly(deals.wasted_trip, fresh(attendance), by=attendance.engagement.worker.user)


def _cancel(city: City, deal: Engagement) -> None:
    deal = lived.by_code(deal.code)
    quietly(deals.cancel_by_worker, deal, because="family", by=deal.worker.user)


def quietly(act: Callable[..., Any], *facts: Any, **more: Any) -> Any:
    """Life does not always allow what was planned; a refused action changes nothing, so the day goes on."""
    try:
        return act(*facts, **more)
    except Refused:
        return None


def live_today(city: City, *, opened: int, moment: datetime) -> None:
    """The open work of now: this evening, tomorrow morning, the days after; a queue for the reviewer; applicants."""
    day, luck = clock.local(moment).date(), city.luck
    clock.stand_at(moment - timedelta(minutes=45))
    for number in range(opened):
        job, ahead = luck.choice(words.JOBS), luck.choice([0, 1, 1, 1, 1, 2, 2, 3])
        if number < 6:  # those whom a visitor plays have something this morning, or the next one
            employer, ahead = city.employers[number % 3], 0
            own = [one for one in MORNING if employer.kind in {KINDS[letter] for letter in one.kinds}]
            job = luck.choice([one for one in own if suits(one, employer)] or own)
        else:
            employer = _who_offers(city, job)
        hour, minute = (int(part) for part in job.start.split(":"))
        start = clock.at(day + timedelta(days=ahead), hour, minute)
        if start < moment + timedelta(minutes=100):
            start += timedelta(days=1)
        said = facts(city, job, employer, start, days=luck.choice([1, 1, 1, min(5, job.days[1])]))
        if number % 4 == 1:
            said["way_in"] = "apply"
        if employer.kind == "HOUSEHOLD":
            said["circle_m"] = 1000  # the neighbours saw it first
        with transaction.atomic():
            posting = publish(city, said, review=number % 12 != 5)
            if posting is not None and posting.state == "published" and number % 3 == 1:
                _some_come(city, posting)
    clock.stand_at(moment)


def _some_come(city: City, posting: Posting) -> None:
    posting = posted.by_code(posting.code) or posting
    join = deals.apply if posting.way_in == "apply" else deals.grab
    for _ in range(min(2, posting.places)):
        worker = _who_comes(city, posting)
        if worker is not None and quietly(join, posting, worker, by=worker.user):
            founding.agree(city, worker)
