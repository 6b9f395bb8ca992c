"""还来吗: asked in time, answered in one tap; a place is given away by a person who tried, never by a clock."""

from datetime import date, time, timedelta

import pytest
from django.core.exceptions import ValidationError

import linggong.accounts.actions as accounts
import linggong.engagements.actions as deals
import linggong.workers.actions as people
from linggong import make
from linggong.accounts.models import Notice, Sms
from linggong.core import clock
from linggong.core.sealed import unseal
from linggong.engagements import background, invited, queries
from linggong.engagements.models import Confirmation, Engagement
from linggong.engagements.refusals import HasPlace, NotYet, TooLate
from linggong.payments import queries as paid
from linggong.postings.models import Shift
from linggong.workers.models import Point, Quarter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(monday_morning):
    make.approved_rules()
    make.approved_products()


def tomorrow(hour, minute=0):
    return clock.at(date(2026, 11, 24), hour, minute)


def asked(**facts):
    """A deal for tomorrow at ten, and the question ninety minutes before it."""
    deal = make.engagement(worker_=make.worker(**facts), posting_=make.posting(starts_at=tomorrow(10), places=1))
    clock.set_now(tomorrow(8, 30))
    background.ask_once_more()
    make.settle_down()
    return Confirmation.objects.get(attendance__engagement=deal)


def silent(row):
    """The message went out and came back; a call rang for nothing."""
    make.settle_down()
    sms = Sms.objects.get(about_code=row.code)
    accounts.hear_reports([{"out_id": sms.code, "biz_id": "1", "success": False, "err_code": "MK:0001"}])
    deals.call_failed(row, by=make.clerk())
    return invited.confirmation_by_code(row.code)


# --- asking --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("start", "before", "after"), [((10, 0), (8, 29), (8, 30)), ((8, 0), (6, 29), (6, 30))])
def test_u22_a_start_from_eight_on_is_asked_about_ninety_minutes_before(start, before, after):
    make.engagement(posting_=make.posting(starts_at=tomorrow(*start)))

    clock.set_now(tomorrow(*before))
    background.ask_once_more()
    early = Confirmation.objects.count()
    clock.set_now(tomorrow(*after))
    background.ask_once_more()
    background.ask_once_more()

    assert (early, Confirmation.objects.count()) == (0, 1)


def test_u22_a_start_before_eight_is_asked_about_the_evening_before():
    make.engagement(posting_=make.posting(starts_at=tomorrow(6)))

    clock.set_now(tomorrow(19) - timedelta(days=1, minutes=1))
    background.ask_once_more()
    early = Confirmation.objects.count()
    clock.set_now(tomorrow(19, 1) - timedelta(days=1))
    background.ask_once_more()

    assert (early, Confirmation.objects.count()) == (0, 1)
    assert "明天 6:00" in Notice.objects.get(kind="confirm").text


def test_whoever_joined_after_the_hour_of_asking_is_not_asked_again():
    posting = make.posting(starts_at=tomorrow(10))
    clock.set_now(tomorrow(9))
    make.engagement(posting_=posting)

    background.ask_once_more()

    assert not Confirmation.objects.exists()


def test_yes_is_one_tap_and_saying_it_twice_changes_nothing():
    row = asked()
    hand = row.attendance.engagement.worker.user

    deals.say_coming(row, how="tap", by=hand)
    deals.say_coming(invited.confirmation_by_code(row.code), how="tap", by=hand)

    assert invited.confirmation_by_code(row.code).state == "coming"


def test_no_is_one_tap_frees_the_place_and_costs_nothing():
    row = asked()
    deal = row.attendance.engagement

    deals.say_not_coming(row, how="tap", by=deal.worker.user)
    make.settle_down()

    deal.refresh_from_db()
    assert (deal.state, deal.end_band) == ("cancelled_by_worker", "asked")
    assert Shift.objects.get(posting=deal.posting).taken == 0
    assert not Point.objects.filter(worker=deal.worker).exists()
    assert not Quarter.objects.filter(worker=deal.worker).exists()
    assert list(queries.audit()) == []


def test_no_for_one_day_of_several_leaves_the_other_days():
    deal = make.engagement(posting_=make.posting(starts_at=tomorrow(10), days=3))
    clock.set_now(tomorrow(8, 30))
    background.ask_once_more()
    row = Confirmation.objects.get()

    deals.say_not_coming(invited.confirmation_by_code(row.code), how="tap", by=deal.worker.user)

    deal.refresh_from_db()
    assert deal.state == "confirmed"
    assert [a.state for a in queries.attendances(engagement=deal)] == ["cancelled", "expected", "expected"]


@pytest.mark.parametrize(("said", "state"), [("1", "coming"), ("2", "not_coming"), ("好的", "asked")])
def test_the_message_is_answered_with_1_or_2(said, state):
    row = asked()
    number = unseal(row.attendance.engagement.worker.user, "phone_sealed")

    accounts.hear_replies([{"phone_number": number, "content": said, "sequence_id": "s1"}])
    make.settle_down()

    assert Confirmation.objects.get(pk=row.pk).state == state


# --- giving the place away -----------------------------------------------------------------------------------


def test_silence_alone_takes_the_place_from_nobody():
    row = asked()

    for minutes in (20, 40, 85):
        clock.set_now(tomorrow(8, 30) + timedelta(minutes=minutes))
        background.ask_once_more()
        background.waves_go_out()
        make.settle_down()

    assert row.attendance.engagement.attendances.get().state == "expected"


def test_a_place_is_released_only_after_message_and_call_both_failed():
    row = asked()
    boss = queries.owner_of(row.attendance.engagement.employer)
    sms = Sms.objects.get(about_code=row.code)
    make.settle_down()
    with pytest.raises(NotYet, match="先打个电话"):
        deals.release(row, by=boss)
    deals.call_failed(row, by=boss)
    with pytest.raises(NotYet, match="短信"):
        deals.release(invited.confirmation_by_code(row.code), by=boss)
    accounts.hear_reports([{"out_id": sms.code, "biz_id": "1", "success": False, "err_code": "MK:0001"}])

    deals.release(invited.confirmation_by_code(row.code), by=boss)

    assert make.attendance(row.attendance.engagement).state == "released"
    assert Shift.objects.get(posting=row.attendance.engagement.posting).taken == 0
    assert not Point.objects.filter(worker=row.attendance.engagement.worker).exists()
    assert list(queries.audit()) == []


def test_a_message_that_arrived_and_stays_unanswered_for_a_quarter_of_an_hour_failed_too():
    row = asked()
    make.settle_down()
    sms = Sms.objects.get(about_code=row.code)
    accounts.hear_reports([{"out_id": sms.code, "biz_id": "1", "success": True}])
    deals.call_failed(row, by=make.clerk())
    at_once = invited.to_release(row, clock.now())
    later = invited.to_release(row, row.asked_at + timedelta(minutes=16))

    assert (len(at_once), len(later)) == (1, 0)


@pytest.mark.parametrize("how", ["no_phone", "officer", "counter"])
def test_whoever_has_a_slip_is_never_released(how):
    facts = {"no_phone": {"with_phone": False}, "officer": {"contact_via": "officer"}, "counter": {}}[how]
    posting = make.posting(starts_at=tomorrow(10), places=1)
    hand = make.worker(**facts)
    deal = deals.dispatch(posting, hand, by=make.clerk())
    make.settle_down()
    clock.set_now(tomorrow(9, 50))
    background.ask_once_more()
    row = Confirmation.objects.get()
    deals.call_failed(row, by=make.clerk())

    with pytest.raises(NotYet, match="派工条"):
        deals.release(invited.confirmation_by_code(row.code), by=queries.owner_of(deal.employer))

    assert make.attendance(deal).state == "expected"


def test_the_database_itself_refuses_to_release_a_slip():
    row = asked(with_phone=False)

    row.state, row.called_at = "released", clock.now()

    with pytest.raises(ValidationError, match="confirmation_slip_stays"):
        row.validate_constraints()


def test_nobody_is_rung_before_the_hour_they_named():
    hand = make.worker()
    people.change_profile(hand, call_from=time(7), by=hand.user)
    make.engagement(worker_=hand, posting_=make.posting(starts_at=tomorrow(7, 30), places=1))
    clock.set_now(tomorrow(6, 30))
    background.ask_once_more()
    row = invited.confirmation_by_code(Confirmation.objects.get().code)

    with pytest.raises(NotYet, match="7:00"):
        deals.call_failed(row, by=make.clerk())

    assert Confirmation.objects.get().called_at is None


def test_after_the_start_nobody_is_released_any_more():
    row = silent(asked())
    clock.set_now(row.attendance.shift.starts_at + timedelta(minutes=1))

    with pytest.raises(TooLate):
        deals.release(row, by=make.clerk())


def test_a_released_place_goes_on_to_the_next_in_line():
    row = asked()
    posting = row.attendance.engagement.posting
    posting.refresh_from_db()
    waiting = make.worker()
    deals.wait(posting, waiting, by=waiting.user)
    deals.release(silent(row), by=make.clerk())

    make.settle_down()

    assert Engagement.objects.get(posting=posting, worker=waiting).state == "confirmed"
    assert list(queries.audit()) == []


# --- turning up all the same ---------------------------------------------------------------------------------


def released():
    row = silent(asked())
    deals.release(row, by=make.clerk())
    return make.attendance(row.attendance.engagement)


def test_whoever_turns_up_after_all_works_where_the_place_is_still_free():
    one = released()
    clock.set_now(one.shift.starts_at - timedelta(minutes=10))

    fresh = deals.turned_up(one, by=one.engagement.worker.user)
    make.settle_down()
    deals.check_in(queries.attendance_by_code(fresh.code), how="boss", by=queries.owner_of(one.engagement.employer))

    assert queries.attendance_by_code(fresh.code).state == "checked_in"
    assert Shift.objects.get(pk=one.shift_id).taken == 1
    assert list(queries.audit()) == []


def test_whoever_turns_up_and_finds_no_place_is_paid_the_trip():
    one = released()
    posting = one.engagement.posting
    posting.refresh_from_db()
    make.engagement(posting_=posting)
    clock.set_now(one.shift.starts_at - timedelta(minutes=10))

    fresh = deals.turned_up(queries.attendance_by_code(one.code), by=one.engagement.worker.user)

    assert (fresh.state, fresh.pay_fen) == ("pay_due", 3000)
    assert paid.by_ref(queries.ref(fresh)).net_fen == 3000
    assert Shift.objects.get(pk=one.shift_id).taken == 1
    assert list(queries.audit()) == []


def test_turning_up_twice_pays_one_trip():
    one = released()
    posting = one.engagement.posting
    posting.refresh_from_db()
    make.engagement(posting_=posting)
    clock.set_now(one.shift.starts_at)
    deals.turned_up(queries.attendance_by_code(one.code), by=one.engagement.worker.user)

    with pytest.raises(HasPlace):
        deals.turned_up(queries.attendance_by_code(one.code), by=one.engagement.worker.user)

    assert one.engagement.attendances.filter(state="pay_due").count() == 1


def test_who_still_has_their_place_just_checks_in():
    deal = make.engagement()

    with pytest.raises(HasPlace):
        deals.turned_up(make.attendance(deal), by=deal.worker.user)
