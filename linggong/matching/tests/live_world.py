"""A small county lived into being at random: workers, work, ties, promised hours, records. For the live index."""

import random
from datetime import timedelta

import linggong.employers.actions as employers
import linggong.matching.actions as matching
import linggong.postings.actions as postings
import linggong.workers.actions as workers
from linggong import make
from linggong.core.clock import at, local, now
from linggong.postings.models import Posting, Shift
from linggong.reference.queries import trades
from linggong.workers.models import Quarter, Worker
from linggong.workers.queries import busy

LAT, LNG = 26.27, 117.63


class World:
    """Everything is drawn from one seed."""

    def __init__(self, seed, *, people=40, jobs=14):
        self.rng = random.Random(seed)
        self.clerk = make.clerk()
        self.trades = [make.kitchen().code, *sorted(t.code for t in trades() if t.group in ("event", "clean"))[:2]]
        self.bosses = [make.employer() for _ in range(4)]
        self.people = [self.person() for _ in range(people)]
        self.jobs = [self.job() for _ in range(jobs)]
        for _ in range(people * 2):
            self.change()

    def spot(self, span=0.2):
        return {
            "lat": LAT + self.rng.uniform(-span, span), "lng": LNG + self.rng.uniform(-span, span),
        }  # fmt: skip

    def person(self):
        count = self.rng.choice([1, 1, 2, 3])
        return make.worker(
            trades=tuple(self.rng.sample(self.trades, count)), by=self.clerk, **self.spot(),
            papers=self.rng.random() < 0.8, state=self.rng.choice(["prelim_checked"] * 5 + ["light"]),
            reach_m=self.rng.choice([500, 3_000, 10_000, 25_000, 200_000]),
            pay_floor_fen=self.rng.choice([None, 12_000, 18_000, 26_000]),
            born=now().date().replace(year=now().year - self.rng.choice([17, 25, 44, 58, 67]), day=1),
        )  # fmt: skip

    def job(self):
        start = at(local(now()).date() + timedelta(days=self.rng.randint(1, 4)), self.rng.choice([6, 8, 13, 19]))
        return make.posting(
            employer_=self.rng.choice(self.bosses), trade=self.rng.choice(self.trades), title="活",
            starts_at=start, days=self.rng.choice([1, 1, 2]), hours=self.rng.choice([4, 8]),
            pay_fen=self.rng.choice([15_000, 18_000, 24_000]), places=self.rng.choice([1, 2, 5]), **self.spot(),
        )  # fmt: skip

    def change(self):
        """One change of any kind, through the action that makes it."""
        worker, boss = self.rng.choice(self.people), self.rng.choice(self.bosses)
        kind = self.rng.choice(list(CHANGES))
        CHANGES[kind](self, worker, boss)
        return kind


def _hours(world, worker, boss):
    start = at(local(now()).date() + timedelta(days=world.rng.randint(-6, 4)), world.rng.randint(5, 20))
    if not busy(worker, start, start + timedelta(hours=4)):
        ref = f"engagement:{world.rng.randint(0, 10**9)}"
        workers.book(worker, starts_at=start, ends_at=start + timedelta(hours=4), ref=ref)


def _free(world, worker, boss):
    if held := Quarter.objects.filter(worker=worker).first():
        workers.free(worker, ref=held.ref)


def _profile(world, worker, boss):
    workers.change_profile(
        worker, by=worker.user, taking_work=world.rng.random() < 0.8,
        reach_m=world.rng.choice([500, 5_000, 15_000, 100_000]),
        pay_floor_fen=world.rng.choice([None, 15_000, 20_000]),
    )  # fmt: skip


def _move(world, worker, boss):
    workers.change_profile(worker, by=worker.user, **world.spot())


def _learn(world, worker, boss):
    chosen = [make.trade(code) for code in world.rng.sample(world.trades, 2)]
    workers.change_profile(worker, by=worker.user, trades=chosen)


def _tie(world, worker, boss):
    turn = world.rng.random()
    if turn < 0.4:
        matching.worked_together(worker, boss)
    elif turn < 0.7:
        matching.like(worker, boss, by=None)
    elif turn < 0.85:
        matching.block(worker, boss, side=world.rng.choice(["worker", "employer"]), by=None)
    else:
        matching.unblock(worker, boss, side="worker", by=None)


def _record(world, worker, boss):
    cause = f"attendance:{world.rng.randint(0, 10**9)}"
    if world.rng.random() < 0.5:
        workers.worked(worker, make.trade(world.rng.choice(world.trades)), by=None)
    else:
        workers.give_points(worker, world.rng.choice(["no_show", "five_star", "worked"]), cause=cause, by=None)
    employers.give_points(boss, world.rng.choice(["paid_on_time", "late_pay"]), cause=cause, by=None)


def _paper(world, worker, boss):
    for code in make.kitchen().certificates.values_list("certificate_id", flat=True)[:1]:
        make.certificate(worker, code, by=world.clerk)


def _place(world, worker, boss):
    shifts = Shift.objects.filter(posting__state="published", starts_at__gt=now()).order_by("pk")
    if shifts and (shift := world.rng.choice(list(shifts))).taken < shift.places:
        postings.take_place(shift)
    elif shifts and shift.taken:
        postings.give_back_place(shift)


def _posting(world, worker, boss):
    job = world.rng.choice(world.jobs)
    job.refresh_from_db()
    owner = job.posted_by
    if job.state == "published":
        postings.pause(job, by=owner)
    elif job.state == "paused":
        postings.resume(job, by=owner)


CHANGES = {
    "hours": _hours, "free": _free, "profile": _profile, "move": _move, "learn": _learn, "tie": _tie,
    "record": _record, "paper": _paper, "place": _place, "posting": _posting,
}  # fmt: skip


def everybody():
    """Workers who might be asked, as they are now."""
    return list(Worker.objects.select_related("user", "division").order_by("pk"))


def work():
    """Postings as they are now."""
    return list(Posting.objects.select_related("employer", "trade").order_by("pk"))
