"""Why not me, and what would change it; why nobody, and what would bring somebody."""

from datetime import timedelta

import pytest

import linggong.matching.actions as matching
import linggong.workers.actions as workers
from linggong import make
from linggong.core.clock import now
from linggong.matching import queries
from linggong.reference.queries import hard_certificates, trades

pytestmark = pytest.mark.django_db

LAT, LNG = 26.27, 117.63
KM = 1 / 111.2


@pytest.fixture
def job():
    return make.posting(lat=LAT, lng=LNG)


def near(**facts):
    return make.worker(lat=LAT, lng=LNG, **facts)


def codes(rows):
    return [row.code for row in rows]


def test_nothing_stands_between_a_worker_and_work_that_suits(job):
    assert queries.why_not(near(), job, now()).nothing


@pytest.mark.row("SX-13a")
def test_each_thing_in_the_way_says_what_would_change_it(job):
    elsewhere = next(t for t in trades() if t.group == "event")
    worker = make.worker(lat=LAT + 30 * KM, lng=LNG, trades=(elsewhere.code,), papers=False, taking_work=False)

    why = queries.why_not(worker, job, now())

    assert codes(why.blockers) == [f"certificate:{code}" for code in hard_certificates(make.kitchen())]
    assert codes(why.hints) == ["not_taking", "not_of_trade", "too_far"]
    assert all(row.words and row.change for row in why.blockers + why.hints)
    assert "改成 31 公里" in why.hints[-1].change or "改成 30 公里" in why.hints[-1].change


def test_who_was_turned_away_is_told_that_and_no_more(job):
    worker = make.worker(lat=LAT + 30 * KM, lng=LNG)
    matching.block(worker, job.employer, side="employer", by=None)

    why = queries.why_not(worker, job, now())

    assert codes(why.blockers) == ["blocked_worker"]
    assert why.hints == []


def test_what_one_change_would_open_is_counted(job):
    bare = near(papers=False, free_parts=["day"])
    plain = next(t for t in trades() if t.group == "event" and not hard_certificates(t))
    make.posting(lat=LAT + 12 * KM, lng=LNG, trade=plain.code)
    for day in (2, 3):
        make.posting(lat=LAT, lng=LNG, trade=plain.code, starts_at=_night(day))

    steps = {step.key: step.count for step in queries.what_if(bare, (LAT, LNG), now())}

    paper = hard_certificates(make.kitchen())[0]
    assert steps == {f"certificate:{paper}": 1, "reach": 1, "part:night": 2}
    assert all(step.words for step in queries.what_if(bare, (LAT, LNG), now()))


def _night(day):
    from linggong.core.clock import at, local

    return at(local(now()).date() + timedelta(days=day), 22)


def test_an_empty_list_names_the_condition_that_emptied_it(job):
    assert queries.nobody(job, now()).code == "trade"
    far = make.worker(lat=LAT + 20 * KM, lng=LNG, reach_m=5_000)
    said = queries.nobody(job, now())
    assert (said.code, [(step.key, step.count) for step in said.steps]) == ("distance", [("board", 1)])

    workers.change_profile(far, by=far.user, reach_m=50_000)
    shift = job.shifts.get()
    workers.book(far, starts_at=shift.starts_at, ends_at=shift.ends_at, ref="engagement:X")
    said = queries.nobody(job, now())
    assert (said.code, [(step.key, step.count) for step in said.steps]) == ("time", [("when", 1)])


def test_an_employer_is_not_told_whom_a_certificate_keeps_away(job):
    near(papers=False)

    said = queries.nobody(job, now())

    assert said.code == "wants"
    assert queries.for_posting(job, now()) == []
    assert said.steps == []  # the law asks for this one: nothing to let go of


@pytest.mark.row("SX-13a")
def test_orders_that_know_nothing_of_the_person_are_by_distance_and_by_times_done(job):
    close, far = near(), make.worker(lat=LAT + 5 * KM, lng=LNG)
    for _ in range(3):
        workers.worked(far, make.kitchen(), by=None)
    matching.like(close, job.employer, by=None)

    def order(by):
        return [c.worker.pk for c in queries.for_posting(job, now(), order=by)]

    assert order("near") == [close.pk, far.pk]
    assert order("seasoned") == [far.pk, close.pk]
    assert all(c.reasons for c in queries.for_posting(job, now(), order="near"))
