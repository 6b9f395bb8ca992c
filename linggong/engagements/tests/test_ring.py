"""The message failed: a machine rings and asks, a key answers, silence goes to a person; nobody is let go by a machine."""

from datetime import date, time, timedelta

import pytest
from django.test import Client, override_settings

import linggong.accounts.actions as accounts
import linggong.engagements.actions as deals
import linggong.workers.actions as people
from linggong import make
from linggong.accounts.background import calls_go_on
from linggong.accounts.models import Call, Sms
from linggong.core import clock, outside
from linggong.engagements import background, invited, queries
from linggong.engagements.models import Confirmation, Engagement
from linggong.engagements.refusals import NotYet
from linggong.postings.models import Shift

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(monday_morning):
    make.approved_rules()
    make.approved_products()
    yield
    outside.reset()


@pytest.fixture
def provider():
    return outside.in_process("voice")


def tomorrow(hour, minute=0):
    return clock.at(date(2026, 11, 24), hour, minute)


def asked(start=(10, 0), *, call_from=None, **facts):
    """A deal for tomorrow, and the question in time before it, sent as a message."""
    hand = make.worker(**facts)
    if call_from:
        people.change_profile(hand, call_from=call_from, by=hand.user)
    deal = make.engagement(worker_=hand, posting_=make.posting(starts_at=tomorrow(*start), places=1))
    clock.set_now(tomorrow(*start) - timedelta(minutes=90))
    background.ask_once_more()
    make.settle_down()
    return Confirmation.objects.get(attendance__engagement=deal)


def sms_comes_back(row):
    sms = Sms.objects.get(about_code=row.code)
    accounts.hear_reports([{"out_id": sms.code, "biz_id": "1", "success": False, "err_code": "MK:0001"}])


def _door(path, body, headers):
    """Our web layer, as a client of the tests: it leaves the connection of the test open."""
    return Client().post(path, body, content_type="application/json").status_code


def ring_out(provider, how=""):
    """The machine rings; it ends as the switch says; the platform hears of it and reacts."""
    if how:
        provider.turn(how, True)
    background.ring_who_stays_silent()
    make.settle_down()
    clock.set_now(clock.now() + timedelta(minutes=1))
    provider.pump(_door, at=clock.now().timestamp())
    make.settle_down()


def fresh(row):
    return invited.confirmation_by_code(row.code)


# --- a key answers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("switch", "state", "stage"), [("press_1", "coming", "expected"), ("press_2", "not_coming", "cancelled")]
)
def test_a_key_answers_as_the_message_would(provider, switch, state, stage):
    row = asked()
    sms_comes_back(row)

    ring_out(provider, switch)

    answered = fresh(row)
    assert (answered.state, answered.answered_how) == (state, "call")
    assert answered.attendance.state == stage


def test_two_gives_the_place_back_and_costs_nothing(provider):
    row = asked()
    deal = row.attendance.engagement
    sms_comes_back(row)

    ring_out(provider, "press_2")

    deal.refresh_from_db()
    assert (deal.state, deal.end_band) == ("cancelled_by_worker", "asked")
    assert Shift.objects.get(posting=deal.posting).taken == 0
    assert list(queries.audit()) == []


def test_the_same_key_heard_twice_answers_once(provider):
    row = asked()
    sms_comes_back(row)
    provider.turn("twice", True)

    ring_out(provider, "press_2")

    assert Engagement.objects.get(pk=row.attendance.engagement_id).state == "cancelled_by_worker"
    assert Shift.objects.get(posting=row.attendance.engagement.posting).taken == 0


# --- nobody answers -------------------------------------------------------------------------------------------


@pytest.mark.row("NB-02e")
def test_message_and_call_fail_then_a_person_sees_what_was_tried_and_may_let_go(provider, client):
    row = asked()
    clerk = make.clerk()
    sms_comes_back(row)

    ring_out(provider, "no_answer")

    client.force_login(clerk)
    page = client.get("/desk/calls/").content.decode()
    assert "试过：短信 8:30 没送到，自动电话 8:30 没人接" in page
    assert f"/desk/calls/asked/{row.code}/release/" in page
    assert make.attendance(row.attendance.engagement).state == "expected"  # the machine took nothing
    client.post(f"/desk/calls/asked/{row.code}/release/", {"key": "k1"})
    assert make.attendance(row.attendance.engagement).state == "released"
    assert list(queries.audit()) == []


def test_a_place_is_not_released_when_only_the_call_failed(provider):
    row = asked()
    sms = Sms.objects.get(about_code=row.code)
    call = accounts.ring(row.attendance.engagement.worker.user, "confirm", {"what": "去吗"}, about=row)
    make.settle_down()
    accounts.hear_calls([{"out_id": call.code, "call_id": "1", "status_code": "200003"}])
    make.settle_down()

    assert sms.state in ("sent", "waiting")
    with pytest.raises(NotYet, match="短信"):
        deals.release(fresh(row), by=make.clerk())


@pytest.mark.parametrize("how", ["listened", "blocked"])
def test_a_place_is_not_released_when_only_the_message_failed(provider, how):
    row = asked()
    sms_comes_back(row)

    ring_out(provider, how)

    with pytest.raises(NotYet, match="先打个电话"):
        deals.release(fresh(row), by=make.clerk())


def test_a_call_nobody_can_account_for_is_not_silence(provider):
    row = asked((10, 0))
    sms_comes_back(row)
    provider.turn("no_report", True)
    provider.turn("lost", True)
    background.ring_who_stays_silent()
    make.settle_down()
    provider.turn("lost", False)
    clock.set_now(clock.now() + timedelta(minutes=16))
    calls_go_on()
    make.settle_down()

    assert Call.objects.get().state == "unknown"
    with pytest.raises(NotYet, match="先打个电话"):
        deals.release(fresh(row), by=make.clerk())


def test_while_the_machine_rings_nobody_is_let_go(provider):
    row = asked()
    sms_comes_back(row)
    background.ring_who_stays_silent()
    make.settle_down()

    with pytest.raises(NotYet, match="自动电话正在打"):
        deals.release(fresh(row), by=make.clerk())


def test_a_person_may_still_note_a_call_of_their_own(provider):
    row = asked()
    sms_comes_back(row)
    ring_out(provider, "listened")

    deals.call_failed(fresh(row), by=make.clerk())

    deals.release(fresh(row), by=make.clerk())
    assert fresh(row).state == "released"


# --- when, and whom -------------------------------------------------------------------------------------------


def test_a_message_on_its_way_is_given_a_quarter_of_an_hour_before_anybody_is_rung(provider):
    row = asked()

    ring_out(provider)
    early = len(provider.calls())
    clock.set_now(row.asked_at + timedelta(minutes=15))
    ring_out(provider)
    ring_out(provider)

    assert (early, len(provider.calls())) == (0, 1)


def test_who_answered_the_message_is_not_rung(provider):
    row = asked()
    deals.say_coming(row, how="sms", by=row.attendance.engagement.worker.user)
    clock.set_now(row.asked_at + timedelta(minutes=20))

    ring_out(provider)

    assert provider.calls() == []


def test_nobody_is_rung_in_the_quiet_hours(provider):
    row = asked()
    sms_comes_back(row)
    clock.set_now(tomorrow(4, 30))

    ring_out(provider)
    asleep = len(provider.calls())
    clock.set_now(tomorrow(8, 40))
    ring_out(provider)

    assert (asleep, len(provider.calls())) == (0, 1)


def test_nobody_is_rung_before_the_hour_they_named(provider):
    row = asked((10, 0), call_from=time(8, 45))
    sms = Sms.objects.get(about_code=row.code)
    accounts.hear_reports([{"out_id": sms.code, "biz_id": "1", "success": False, "err_code": "MK:0001"}])
    clock.set_now(tomorrow(8, 44))

    background.ring_who_stays_silent()
    early = Call.objects.count()
    clock.set_now(tomorrow(8, 45))
    background.ring_who_stays_silent()

    assert (early, Call.objects.count()) == (0, 1)


@pytest.mark.parametrize("facts", [{"with_phone": False}, {"contact_via": "officer"}])
def test_whoever_has_a_slip_is_not_rung_by_a_machine(provider, facts):
    row = asked(**facts)
    clock.set_now(row.asked_at + timedelta(minutes=20))

    ring_out(provider)

    assert provider.calls() == []
    assert fresh(row).called_at is None


def test_after_the_start_nobody_is_rung(provider):
    row = asked()
    sms_comes_back(row)
    clock.set_now(row.attendance.shift.starts_at)

    ring_out(provider)

    assert provider.calls() == []


@override_settings(VOICE_PROVIDER="off")
def test_without_a_provider_a_person_rings_as_before(client):
    row = asked()
    sms_comes_back(row)
    background.ring_who_stays_silent()
    with pytest.raises(NotYet, match="先打个电话"):
        deals.release(fresh(row), by=make.clerk())

    deals.call_failed(fresh(row), by=make.clerk())
    deals.release(fresh(row), by=make.clerk())

    assert not Call.objects.exists()
    assert fresh(row).state == "released"
