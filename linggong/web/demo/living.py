"""The demo city's past and present, lived through the real actions with the clock moved."""

import heapq
import itertools
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

import linggong.engagements.actions as deals
import linggong.engagements.queries as lived
import linggong.payments.actions as payments
import linggong.payments.queries as paid
import linggong.postings.actions as postings
import linggong.postings.queries as posted
from linggong.core import clock, journal, outside
from linggong.core.refusals import Refused
from linggong.employers.models import Employer
from linggong.engagements.models import Attendance, Engagement
from linggong.payments.models import Funding
from linggong.postings.models import Posting
from linggong.web.demo import words
from linggong.web.demo.founding import City, Progress
from linggong.workers.models import Worker

PAPER = frozenset({"linggong.agreements.background.make_pdfs"})
SITE = 0.012  # degrees: how far from the employer's address the work may be


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
        """Live until `until`: what was planned, what the journal owes, and the sweeps every three hours."""
        next_sweep = None
        while self._queue and self._queue[0][0] <= until:
            moment, _, act = heapq.heappop(self._queue)
            if next_sweep is None or moment >= next_sweep:
                clock.set_now(moment)
                self.sweep()
                next_sweep = moment + timedelta(hours=3)
                if progress:
                    progress(moment)
            clock.set_now(moment)
            with transaction.atomic():
                act()

    def sweep(self) -> None:
        """What the worker process does while nobody asks."""
        with transaction.atomic():
            for _ in range(20):
                if not journal.deliver(2000):
                    break
        journal.run_due_jobs(without=PAPER)
        with transaction.atomic():
            for _ in range(20):
                if not journal.deliver(2000):
                    break


def live_past(
    city: City, days: int, *, on: date, progress: Progress, also: Callable[[City, "Days", date], None] | None = None
) -> None:
    """At least `days` days and 300 finished deals (times the scale), ending this morning; `also` plans more."""
    plan = Days(city)
    first = on - timedelta(days=days)
    per_day = max(6, round(50 * city.scale * 7 / max(days, 7))) if days else 0
    for number in range(days):
        day = first + timedelta(days=number)
        for job_number in range(_postings_for(per_day)):
            _plan_posting(city, plan, day, job_number)
    plan.plan(clock.at(first + timedelta(days=2), 7), _taken_down, city, plan)
    if also is not None:
        also(city, plan, on)
    whole = max(1, days)
    plan.run(clock.at(on, 5), lambda moment: progress("过去", min(whole, (moment.date() - first).days), whole))
    clock.set_now(clock.at(on, 5))
    plan.sweep()


def _postings_for(people: int) -> int:
    return max(2, people // 3)


def _plan_posting(city: City, plan: Days, day: date, number: int) -> None:
    luck = city.luck
    job = luck.choice(words.JOBS)
    employer = _who_offers(city, job)
    hour, minute = (int(part) for part in job.start.split(":"))
    start = clock.at(day, hour, minute)
    out = start - timedelta(hours=luck.randrange(10, 16), minutes=luck.randrange(60))
    plan.plan(out, _post, city, plan, job, employer, start)


def _who_offers(city: City, job: words.Job) -> Employer:
    kinds = {"E": "ENTERPRISE", "M": "MERCHANT", "H": "HOUSEHOLD", "F": "FARM", "C": "COOP"}
    fitting = [e for e in city.employers if e.state == "verified" and e.kind in {kinds[k] for k in job.kinds}]
    return city.luck.choice(fitting or [e for e in city.employers if e.state == "verified"])


def facts(city: City, job: words.Job, employer: Employer, start: datetime, *, days: int = 1) -> dict[str, Any]:
    """What the employer fills in."""
    luck = city.luck
    low, high = job.pay_fen
    step = 10 if job.unit in ("JIN",) else 100 if high < 10000 else 1000
    places = luck.randrange(job.places[0], job.places[1] + 1)
    rest = 60 if job.hours >= 6 else 0
    return {
        "trade": city.trades[job.trade].code, "title": job.title, "content": job.content, "places": places,
        "shifts": [
            {"starts_at": start + timedelta(days=d), "ends_at": start + timedelta(days=d, hours=job.hours),
             "break_minutes": rest} for d in range(days)
        ],
        "division": employer.division_id, "address": employer.address, "meeting_point": "门口",
        "lat": (employer.lat or 26.2) + luck.uniform(-SITE, SITE),
        "lng": (employer.lng or 117.6) + luck.uniform(-SITE, SITE),
        "pay_fen": luck.randrange(low, high + 1, step) if high > low else low, "pay_unit": job.unit,
        "quantity": Decimal(job.quantity) if job.quantity else None, "meals": job.meals, "transport": job.transport,
        "tools": job.tools, "outdoor": job.outdoor, "form": job.form, "suitable_for": job.suitable,
        "contact_name": employer.contact_name[:1] + "老板", "wasted_trip_fen": 3000,
        "pay_within_hours": luck.choice([4, 12, 24, 24]), "pay_cycle": "DAILY",
    }  # fmt: skip


def _post(city: City, plan: Days, job: words.Job, employer: Employer, start: datetime) -> None:
    days = 1 if city.luck.random() < 0.9 else min(2, job.days[1])
    posting = publish(city, employer, facts(city, job, employer, start, days=days))
    if posting is None:
        return
    if city.luck.random() < 0.35:
        plan.plan(clock.now() + timedelta(minutes=5), _store_wages, city, plan, posting)
    after = clock.now() + timedelta(minutes=20)
    for _ in range(posting.places):
        after += timedelta(minutes=city.luck.randrange(2, 40))
        if after < start - timedelta(minutes=90):
            plan.plan(after, _join, city, plan, posting)


def publish(city: City, employer: Employer, said: dict[str, Any], *, review: bool = True) -> Posting | None:
    """Draft, submit and (unless asked not to) have a reviewer release it; None where the rules said no."""
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
    plan.sweep()  # the worker process asks the bank for the pay page
    outside.in_process("wages").pay(funding.code)
    plan.sweep()


def _join(city: City, plan: Days, posting: Posting) -> None:
    posting = Posting.objects.select_related("employer", "trade").get(pk=posting.pk)
    if posting.state != "published":
        return
    for _ in range(6):
        worker = _who_comes(city, posting)
        if worker is None:
            return
        try:
            with transaction.atomic():
                deal = deals.grab(posting, worker, by=worker.user)
        except Refused:
            continue
        _plan_deal(city, plan, deal)
        return


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


def _plan_deal(city: City, plan: Days, deal: Engagement) -> None:
    luck = city.luck
    fate = luck.random()
    for attendance in lived.attendances(engagement=deal):
        start, end = attendance.shift.starts_at, attendance.shift.ends_at
        if fate < 0.02:
            plan.plan(start - timedelta(hours=luck.choice([1, 5])), _cancel, city, deal)
            return
        if fate < 0.045:
            plan.plan(start + timedelta(minutes=40), _no_show, city, attendance)
            continue
        if fate < 0.055:
            plan.plan(start + timedelta(minutes=10), _wasted, city, attendance)
            continue
        plan.plan(start - timedelta(minutes=luck.randrange(2, 40)), arrive, city, attendance)
        plan.plan(end + timedelta(minutes=luck.randrange(0, 20)), finish, city, attendance)
        plan.plan(end + timedelta(minutes=luck.randrange(25, 240)), _confirm, city, plan, attendance)


def fresh(attendance: Attendance) -> Attendance:
    """The row as it is now."""
    return lived.attendances(pk=attendance.pk).get()


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


def _confirm(city: City, plan: Days, attendance: Attendance) -> None:
    now, luck = fresh(attendance), city.luck
    if now.state != "work_done":
        return
    owner = city.owners[now.engagement.employer_id]
    if luck.random() < 0.06:
        return  # silent: the clock confirms tomorrow
    short = 60 if luck.random() < 0.03 and now.engagement.posting.pay_unit == "HOUR" else 0
    quietly(deals.confirm, now, by=owner, minutes=(now.minutes or 0) - short if short else None)
    plan.plan(clock.now() + timedelta(minutes=luck.randrange(20, 200)), _pay, city, plan, attendance)


def _pay(city: City, plan: Days, attendance: Attendance) -> None:
    now, luck = fresh(attendance), city.luck
    settlement = paid.by_ref(lived.ref(now))
    if settlement is None or now.state != "pay_due":
        return
    if settlement.custody == "offline" and luck.random() > 0.03:
        owner = city.owners[now.engagement.employer_id]
        quietly(payments.declare_paid, settlement, how=luck.choice(["wechat", "wechat", "cash"]), by=owner)
        if luck.random() > 0.04:
            plan.plan(clock.now() + timedelta(minutes=luck.randrange(5, 90)), _acknowledge, city, attendance)
    if luck.random() < 0.7:
        plan.plan(clock.now() + timedelta(hours=2), _rate, city, attendance)


def _acknowledge(city: City, attendance: Attendance) -> None:
    now = fresh(attendance)
    settlement = paid.by_ref(lived.ref(now))
    if settlement is not None and settlement.state == "declared_paid":
        if city.luck.random() < 0.02:
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


def _no_show(city: City, attendance: Attendance) -> None:
    quietly(deals.no_show, fresh(attendance), by=city.owners[attendance.engagement.employer_id])


def _wasted(city: City, attendance: Attendance) -> None:
    quietly(deals.wasted_trip, fresh(attendance), by=attendance.engagement.worker.user)


def _cancel(city: City, deal: Engagement) -> None:
    deal = lived.by_code(deal.code)
    quietly(deals.cancel_by_worker, deal, because="family", by=deal.worker.user)


def _taken_down(city: City, plan: Days) -> None:
    """A posting that slipped through and was taken down after a report."""
    job = words.PHRASES_TO_TAKE_DOWN
    employer = _who_offers(city, job)
    start = clock.at(clock.today() + timedelta(days=1), 9)
    posting = publish(city, employer, facts(city, job, employer, start))
    if posting is not None:
        plan.plan(clock.now() + timedelta(hours=1), _take_down, city, posting)


def _take_down(city: City, posting: Posting) -> None:
    posting.refresh_from_db()
    quietly(postings.take_down, posting, because="有人举报要先交押金，核实后下架", by=city.roles["reviewer"])


def quietly(act: Callable[..., Any], *facts: Any, **more: Any) -> None:
    """Life does not always allow what was planned; a refusal changes nothing, so the day goes on."""
    try:
        with transaction.atomic():
            act(*facts, **more)
    except Refused:
        return


def live_today(city: City, *, opened: int, moment: datetime) -> None:
    """The open work of now: this evening, tomorrow morning, the days after; a queue for the reviewer; applicants."""
    day = clock.local(moment).date()
    luck = city.luck
    clock.set_now(moment - timedelta(minutes=45))
    for number in range(opened):
        job = luck.choice(words.JOBS)
        employer = city.employers[number % 3] if number < 6 else _who_offers(city, job)
        hour, minute = (int(part) for part in job.start.split(":"))
        ahead = luck.choice([0, 1, 1, 1, 1, 2, 2, 3])
        start = clock.at(day + timedelta(days=ahead), hour, minute)
        if start < moment + timedelta(minutes=100):
            start += timedelta(days=1)
        said = facts(city, job, employer, start, days=luck.choice([1, 1, 1, min(5, job.days[1])]))
        if number % 4 == 1:
            said["way_in"] = "apply"
        with transaction.atomic():
            posting = publish(city, employer, said, review=number % 12 != 5)
            if posting is not None and posting.state == "published" and number % 3 == 1:
                _some_come(city, posting)
    clock.set_now(moment)


def _some_come(city: City, posting: Posting) -> None:
    posting = posted.by_code(posting.code) or posting
    join = deals.apply if posting.way_in == "apply" else deals.grab
    for _ in range(min(2, posting.places)):
        worker = _who_comes(city, posting)
        if worker is not None:
            quietly(join, posting, worker, by=worker.user)
