"""The published schedule of falling out: the same for both sides, undone within minutes, gone after a year."""

from datetime import timedelta

import pytest

import linggong.engagements.actions as deals
import linggong.reference.actions as rules
from linggong import make
from linggong.core import clock
from linggong.core.points import counting
from linggong.engagements import queries
from linggong.engagements.models import Engagement
from linggong.engagements.refusals import NoShift, PlaceGone
from linggong.payments import queries as paid
from linggong.postings.models import Shift
from linggong.workers.models import Quarter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(monday_morning):
    make.approved_rules()
    make.approved_products()


def before_start(deal, **gap):
    clock.set_now(make.attendance(deal).shift.starts_at - timedelta(**gap))


def points_of(row):
    return [(p.kind, p.points) for p in row.points.filter(corrected_at=None)]


# --- the schedule --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [13, 5])
def test_said_in_time_costs_neither_side_anything(hours):
    worker_says, employer_says = make.engagement(), make.engagement()
    before_start(worker_says, hours=hours)

    deals.cancel_by_worker(worker_says, because="family", by=worker_says.worker.user)
    deals.cancel_by_employer(employer_says, because="no_need", by=queries.owner_of(employer_says.employer))

    assert points_of(worker_says.worker) == points_of(employer_says.employer) == []


def test_said_late_counts_the_same_for_both_sides():
    worker_says, employer_says = make.engagement(), make.engagement()
    before_start(worker_says, minutes=30)

    deals.cancel_by_worker(worker_says, because="family", by=worker_says.worker.user)
    deals.cancel_by_employer(employer_says, because="no_need", by=queries.owner_of(employer_says.employer))

    assert points_of(worker_says.worker) == [("late_cancel", -3)]
    assert points_of(employer_says.employer) == [("cancelled_late", -3)]


def test_what_is_over_cannot_be_cancelled_any_more_by_either_side():
    deal = make.engagement()
    clock.set_now(make.attendance(deal).shift.ends_at)

    with pytest.raises(NoShift, match="已经过了"):
        deals.cancel_by_worker(deal, because="family", by=deal.worker.user)
    with pytest.raises(NoShift, match="已经过了"):
        deals.cancel_by_employer(deal, because="no_need", by=queries.owner_of(deal.employer))

    deal.refresh_from_db()
    assert deal.state == "confirmed" and points_of(deal.worker) == []


def test_u22_not_coming_and_having_no_work_count_the_same_for_both_sides():
    missed, wasted = make.engagement(), make.engagement()
    clock.set_now(make.attendance(missed).shift.starts_at + timedelta(minutes=31))

    deals.no_show(make.attendance(missed), by=queries.owner_of(missed.employer))
    deals.wasted_trip(make.attendance(wasted), by=wasted.worker.user)

    assert points_of(missed.worker) == [("no_show", -8)]
    assert points_of(wasted.employer) == [("wasted_trip", -8)]


def test_a_region_publishes_its_own_schedule_and_it_acts_from_then_on():
    one, two = make.supervisor(), make.supervisor()
    for key, value in (
        ("cancel_bands", [24, 4]), ("cancel_points", {"early": 0, "middle": -1, "late": -5, "absent": -10}),
    ):  # fmt: skip
        rule = rules.enter_rule(
            key=key, value=value, division_code="350000", valid_from=clock.today(), document="试行办法", by=one
        )
        rules.approve_rule(rule, by=two)
    deal, later = make.engagement(), make.engagement()

    before_start(deal, hours=5)
    band = deals.cancel_by_worker(deal, because="family", by=deal.worker.user)
    before_start(later, hours=3)
    late = deals.cancel_by_worker(later, because="family", by=later.worker.user)

    assert (band, points_of(deal.worker)) == ("middle", [("late_cancel", -1)])
    assert (late, points_of(later.worker)) == ("late", [("late_cancel", -5)])


def test_nothing_counts_longer_than_a_year():
    deal = make.engagement()
    before_start(deal, minutes=30)
    deals.cancel_by_worker(deal, because="family", by=deal.worker.user)
    points = list(deal.worker.points.all())

    now = clock.now()

    assert len(counting(points, now)) == 1
    assert counting(points, now + timedelta(days=366)) == []


def test_u11_a_late_no_of_the_employer_pays_the_trip_and_stands_on_the_record():
    deal = make.engagement()
    before_start(deal, minutes=30)

    deals.cancel_by_employer(deal, because="no_need", by=queries.owner_of(deal.employer))

    one = make.attendance(deal)
    assert (one.state, paid.by_ref(queries.ref(one)).net_fen) == ("pay_due", 3000)
    assert points_of(deal.employer) == [("cancelled_late", -3)]


# --- taking it back ------------------------------------------------------------------------------------------


def test_a_cancellation_is_taken_back_within_five_minutes():
    deal = make.engagement()
    before_start(deal, minutes=30)
    deals.cancel_by_worker(deal, because="family", by=deal.worker.user)
    clock.set_now(clock.now() + timedelta(minutes=4))

    deals.undo_cancel(queries.by_code(deal.code), by=deal.worker.user)
    make.settle_down()

    deal.refresh_from_db()
    [*_, one] = queries.attendances(engagement=deal, state="expected")
    assert (deal.state, deal.ended_at, deal.end_reason) == ("confirmed", None, "")
    assert points_of(deal.worker) == []
    assert Shift.objects.get(posting=deal.posting).taken == 1
    assert Quarter.objects.filter(worker=deal.worker).count() == 32
    assert queries.readiness(one).ready
    assert list(queries.audit()) == []


def test_after_five_minutes_it_stands():
    deal = make.engagement()
    deals.cancel_by_worker(deal, because="family", by=deal.worker.user)
    clock.set_now(clock.now() + timedelta(minutes=5))

    with pytest.raises(PlaceGone):
        deals.undo_cancel(queries.by_code(deal.code), by=deal.worker.user)

    assert Engagement.objects.get(pk=deal.pk).state == "cancelled_by_worker"


def test_a_place_that_was_given_on_is_not_taken_from_the_other():
    posting = make.posting(places=1)
    deal = make.engagement(posting_=posting)
    posting.refresh_from_db()
    waiting = make.worker()
    deals.wait(posting, waiting, by=waiting.user)
    deals.cancel_by_worker(deal, because="family", by=deal.worker.user)
    make.settle_down()

    with pytest.raises(PlaceGone) as said:
        deals.undo_cancel(queries.by_code(deal.code), by=deal.worker.user)

    assert "别人" in str(said.value)
    assert Engagement.objects.get(pk=deal.pk).state == "cancelled_by_worker"
    assert Shift.objects.get(posting=posting).taken == 1
    assert not Quarter.objects.filter(worker=deal.worker).exists()


def test_what_an_employer_cancelled_a_worker_cannot_take_back():
    deal = make.engagement()
    deals.cancel_by_employer(deal, because="no_need", by=queries.owner_of(deal.employer))

    with pytest.raises(PlaceGone):
        deals.undo_cancel(queries.by_code(deal.code), by=deal.worker.user)

    assert Engagement.objects.get(pk=deal.pk).state == "cancelled_by_employer"


# --- arriving ------------------------------------------------------------------------------------------------


def arrive(deal, as_told):
    one = make.attendance(deal)
    clock.set_now(one.shift.starts_at - timedelta(minutes=10))
    deals.check_in(one, how="boss", by=queries.owner_of(deal.employer), as_told=as_told)
    make.settle_down()


def test_u05_the_share_of_arrivals_that_were_other_than_promised_is_counted():
    boss = make.employer()
    for said in (True, False, None, True):
        start = clock.at(clock.local(clock.now()).date() + timedelta(days=1), 8)
        arrive(make.engagement(posting_=make.posting(employer_=boss, starts_at=start)), said)

    assert queries.mismatch(boss, clock.now()) == (1, 3)
    assert queries.mismatch(boss, clock.now() + timedelta(days=400)) == (0, 0)
