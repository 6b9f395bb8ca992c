"""Cancelling, not coming, coming for nothing, rain, silence, quarrels: symmetric, and never a fen lost."""

from datetime import timedelta

import pytest

import linggong.engagements.actions as deals
import linggong.payments.actions as payments
import linggong.postings.actions as postings
from linggong import make
from linggong.cases.models import Case
from linggong.core import clock, journal
from linggong.core.states import Moved
from linggong.engagements import queries
from linggong.engagements.models import Engagement
from linggong.engagements.refusals import NotOver, TooFar, TooLateToContest, WrongCode
from linggong.payments import queries as paid
from linggong.workers.models import Point, Quarter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(monday_morning):
    make.approved_rules()
    make.approved_products()


def test_cancelling_frees_place_hours_and_wage_in_one_commit():
    deal = make.engagement()
    [one] = queries.attendances(engagement=deal)

    band = deals.cancel_by_worker(deal, because="family", by=deal.worker.user)
    one.shift.refresh_from_db()

    assert band == "early"
    assert one.shift.taken == 0
    assert not Quarter.objects.filter(worker=deal.worker).exists()
    assert paid.by_ref(queries.ref(one)).state == "cancelled"
    assert list(queries.audit()) == []


def test_the_band_says_how_late_a_cancellation_is():
    deal = make.engagement()
    [one] = queries.attendances(engagement=deal)

    assert queries.band([one.shift], one.shift.starts_at - timedelta(hours=13)) == "early"
    assert queries.band([one.shift], one.shift.starts_at - timedelta(hours=12)) == "middle"
    assert queries.band([one.shift], one.shift.starts_at - timedelta(hours=2)) == "middle"
    assert queries.band([one.shift], one.shift.starts_at - timedelta(minutes=119)) == "late"


def test_an_employer_who_cancels_late_pays_the_trip():
    deal = make.engagement()
    [one] = queries.attendances(engagement=deal)
    clock.set_now(one.shift.starts_at - timedelta(minutes=30))

    deals.cancel_by_employer(deal, because="no_need", by=queries.owner_of(deal.employer))

    one = make.attendance(deal)
    assert (one.state, one.pay_fen) == ("pay_due", 3000)
    assert paid.by_ref(queries.ref(one)).net_fen == 3000


def test_the_first_in_line_gets_the_freed_place_once():
    posting = make.posting(places=1)
    first, second, third = make.worker(), make.worker(), make.worker()
    deal = deals.grab(posting, first, by=first.user)
    posting.refresh_from_db()
    waiting = [deals.wait(posting, w, by=w.user) for w in (second, third)]

    deals.cancel_by_worker(deal, because="family", by=first.user)
    make.settle_down()
    deals.promote(posting)

    states = [Engagement.objects.get(pk=w.pk).state for w in waiting]
    assert states == ["confirmed", "waitlisted"]


def test_a_no_show_is_contested_within_two_days_and_does_not_count_meanwhile():
    deal = make.engagement()
    one = make.attendance(deal)
    boss = queries.owner_of(deal.employer)
    with pytest.raises(NotOver):
        deals.no_show(one, by=boss)
    clock.set_now(one.shift.starts_at + timedelta(minutes=31))
    deals.no_show(one, by=boss)

    deals.contest(make.attendance(deal), facts="我在门口等了半小时", by=deal.worker.user)
    make.settle_down()

    assert Point.objects.get(worker=deal.worker, kind="no_show").corrected_at is not None
    case = Case.objects.get(kind="no_show")
    assert case.owner is not None and case.due_at == case.filed_at + timedelta(hours=24)


def test_after_two_days_a_no_show_stands():
    deal = make.engagement()
    one = make.attendance(deal)
    clock.set_now(one.shift.starts_at + timedelta(minutes=31))
    deals.no_show(one, by=queries.owner_of(deal.employer))
    clock.set_now(clock.now() + timedelta(hours=49))

    with pytest.raises(TooLateToContest):
        deals.contest(make.attendance(deal), facts="我到了", by=deal.worker.user)


def test_rain_tells_everybody_at_once_and_pays_when_told_too_late():
    posting = make.posting(places=2)
    people = [make.engagement(posting_=posting) for _ in range(2)]
    shift = make.attendance(people[0]).shift
    clock.set_now(shift.starts_at - timedelta(minutes=20))

    postings.call_off(shift, because="下雨", by=queries.owner_of(posting.employer))
    make.settle_down()

    assert [make.attendance(d).state for d in people] == ["pay_due", "pay_due"]
    assert [make.attendance(d).pay_fen for d in people] == [3000, 3000]
    assert [n.kind for d in people for n in _inbox(d) if n.kind == "called_off"] == ["called_off"] * 2


def test_rain_told_in_time_costs_nothing():
    deal = make.engagement()
    shift = make.attendance(deal).shift
    clock.set_now(shift.starts_at - timedelta(hours=5))

    postings.call_off(shift, because="下雨", by=queries.owner_of(deal.employer))
    make.settle_down()

    assert make.attendance(deal).state == "called_off"
    assert paid.by_ref(queries.ref(make.attendance(deal))).state == "cancelled"


def test_silence_pays_the_workers_figures_at_the_stored_deadline():
    deal = make.engagement(upto="work_done")
    one = make.attendance(deal)
    due = one.confirm_due_at

    clock.set_now(due - timedelta(minutes=10))
    journal.run_due_jobs()
    assert make.attendance(deal).state == "work_done"
    clock.set_now(due + timedelta(minutes=6))
    journal.run_due_jobs()

    after = make.attendance(deal)
    assert (after.state, after.pay_fen, after.confirm_due_at) == ("pay_due", 18000, due)


def test_a_quarrel_freezes_only_the_difference():
    with clock.moved_to(clock.now()):
        deal = make.engagement(upto="work_done", pay_fen=2400, pay_unit="HOUR")
        one = make.attendance(deal)
        deals.confirm(one, by=queries.owner_of(deal.employer), minutes=one.minutes - 60)
        make.settle_down()

        one = make.attendance(deal)
        assert (one.state, one.disputed_fen, one.pay_fen) == ("quantity_disputed", 2400, 16800)
        case = Case.objects.get(kind="dispute")
        assert case.claim_fen == 2400 and case.owner is not None
        deals.agree_figures(one, by=deal.worker.user)

    one = make.attendance(deal)
    assert (one.state, one.pay_fen) == ("pay_due", 14400)


def test_more_than_the_worker_said_is_simply_paid():
    with clock.moved_to(clock.now()):
        deal = make.engagement(upto="work_done", pay_fen=2400, pay_unit="HOUR")
        deals.confirm(make.attendance(deal), by=queries.owner_of(deal.employer), extra_fen=2000)

    assert make.attendance(deal).pay_fen == 18800


def test_a_wrong_code_or_a_far_phone_does_not_check_in_and_changes_nothing():
    deal = make.engagement()
    one = make.attendance(deal)
    clock.set_now(one.shift.starts_at - timedelta(minutes=10))

    with pytest.raises(WrongCode):
        deals.check_in(one, how="code", code="000000", by=deal.worker.user)
    with pytest.raises(TooFar):
        deals.check_in(one, how="gps", lat=one.engagement.posting.lat + 0.1, lng=117.0, by=deal.worker.user)

    assert make.attendance(deal).state == "expected"


def test_the_code_at_the_site_lets_in_now_and_not_ten_minutes_later():
    deal = make.engagement()
    one = make.attendance(deal)
    clock.set_now(one.shift.starts_at - timedelta(minutes=20))
    code = queries.current_site_code(deal.posting, clock.now())
    clock.set_now(clock.now() + timedelta(minutes=10))
    with pytest.raises(WrongCode):
        deals.check_in(one, how="code", code=code, by=deal.worker.user)

    deals.check_in(one, how="code", code=queries.current_site_code(deal.posting, clock.now()), by=deal.worker.user)

    assert make.attendance(deal).state == "checked_in"


def test_the_same_check_in_twice_happens_once():
    deal = make.engagement(upto="checked_in")

    with pytest.raises(Moved):
        deals.check_in(make.attendance(deal), how="boss", by=queries.owner_of(deal.employer))


def test_a_wage_denied_opens_a_case_and_silence_makes_somebody_call():
    with clock.moved_to(clock.now()):
        denied = make.engagement(upto="confirmed_done")
        silent = make.engagement(upto="confirmed_done")
        for deal in (denied, silent):
            settlement = paid.by_ref(queries.ref(make.attendance(deal)))
            payments.declare_paid(settlement, how="wechat", by=queries.owner_of(deal.employer))
        payments.deny(paid.by_ref(queries.ref(make.attendance(denied))), by=denied.worker.user)
        clock.set_now(clock.now() + timedelta(hours=60))
        journal.run_due_jobs()
        make.settle_down()

        kinds = set(Case.objects.values_list("kind", "deal"))
    assert ("arrears", queries.ref(denied)) in kinds
    assert ("call", queries.ref(silent)) in kinds


def _inbox(deal):
    from linggong.accounts.queries import inbox

    return inbox(deal.worker.user)


def test_while_hours_are_in_dispute_the_rest_that_is_late_is_asked_for():
    with clock.moved_to(clock.now()):
        deal = make.engagement(upto="work_done")
        one = make.attendance(deal)
        says = one.engagement.terms["pay_fen"]
        deals.dispute(one, claimed_fen=says + 5_000, facts="多干了两个小时", by=deal.worker.user)
        clock.set_now(paid.by_ref(queries.ref(one)).due_at + timedelta(minutes=1))
        journal.run_due_jobs()
        make.settle_down()

        asked = Case.objects.get(kind="arrears", deal=queries.ref(deal))
    wage = paid.by_ref(queries.ref(one))
    assert asked.claim_fen == wage.net_fen - 5_000 > 0 and asked.owner_role == "mediator"
    assert Case.objects.filter(kind="dispute", deal=queries.ref(deal)).exists()
