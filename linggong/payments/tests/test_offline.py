"""Paid by hand: the employer's word is not money in the hand, and silence makes somebody call."""

from datetime import timedelta

import pytest

from linggong.core import clock
from linggong.core.models import Event
from linggong.core.states import Moved
from linggong.payments import actions, queries
from linggong.payments.background import note_late

pytestmark = pytest.mark.django_db


def events(name):
    return Event.objects.filter(name=name).count()


def test_the_employers_word_is_shown_as_a_word_and_the_worker_says_when_it_came(opened, confirm, boss, clean):
    wage = confirm(opened())
    actions.declare_paid(wage, how="wechat", by=boss)
    assert queries.where(wage, clock.now())[:3] == ("老板说付了", "info", "我收到了")
    assert list(queries.need_a_tap(wage.worker)) == [wage]
    assert queries.month_total(wage.worker, clock.today()) == 0

    actions.acknowledge(wage, how="tap", by=wage.worker.user)

    assert queries.where(wage, clock.now())[:3] == ("到账了", "ok", None)
    assert queries.month_total(wage.worker, clock.today()) == 18_000
    assert clean()


def test_a_worker_without_a_phone_hands_in_the_stub_at_the_counter(opened, confirm, boss, person):
    wage = confirm(opened())
    clerk = person("李晓梅")
    actions.declare_paid(wage, how="cash", by=boss)

    actions.acknowledge(wage, how="stub", by=clerk, acting_for=wage.worker.user)

    event = Event.objects.get(name="settlement.acknowledged")
    assert (event.by, event.acting_for) == (clerk, wage.worker.user)


def test_a_worker_may_say_it_came_before_the_employer_says_so(opened, confirm):
    wage = confirm(opened())

    actions.acknowledge(wage, how="tap", by=wage.worker.user)

    assert wage.state == "acknowledged"


def test_a_no_is_an_event_for_a_case_and_can_be_made_good(opened, confirm, boss, clean):
    wage = confirm(opened())
    actions.declare_paid(wage, how="cash", by=boss)
    actions.deny(wage, by=wage.worker.user)

    assert events("settlement.denied") == 1
    assert queries.where(wage, clock.now()).words == "没收到"
    actions.declare_paid(wage, how="bank", by=boss)
    actions.acknowledge(wage, how="tap", by=wage.worker.user)
    assert wage.state == "acknowledged"
    assert clean()


def test_nothing_is_paid_before_the_work_is_confirmed(opened, boss):
    wage = opened()

    for act in (
        lambda: actions.declare_paid(wage, how="cash", by=boss),
        lambda: actions.acknowledge(wage, how="tap", by=wage.worker.user),
    ):
        with pytest.raises(actions.NotDueYet):
            act()
    with pytest.raises(Moved):
        actions.deny(wage, by=wage.worker.user)


@pytest.mark.parametrize("how", ["goods", "coupon", "meal", "voucher", "account", ""])
def test_wages_in_kind_are_impossible(how, opened, confirm, boss):
    wage = confirm(opened())

    with pytest.raises(actions.NotInMoney):
        actions.declare_paid(wage, how=how, by=boss)

    wage.refresh_from_db()
    assert wage.state == "created"


def test_silence_a_day_past_the_due_moment_makes_somebody_call_once(opened, confirm, boss):
    wage = confirm(opened(), hours=24)
    actions.declare_paid(wage, how="cash", by=boss)

    with clock.moved_to(wage.due_at + timedelta(hours=23)):
        note_late()
    assert events("settlement.silent") == 0
    with clock.moved_to(wage.due_at + timedelta(hours=24)):
        note_late()
        note_late()

    wage.refresh_from_db()
    assert events("settlement.silent") == 1
    assert wage.call_task_at is not None
    assert events("settlement.acknowledged") == 0, "silence never counts as having the money"


def test_due_and_not_paid_is_written_down_once_and_offers_help(opened, confirm):
    wage = confirm(opened(), hours=24)
    assert queries.where(wage, clock.now()).words == "老板认了，等他付"

    with clock.moved_to(wage.due_at):
        note_late()
        note_late()
        late = queries.where(wage, clock.now())
        assert (late.tone, late.action) == ("warn", "帮我要")
        assert list(queries.overdue(clock.now())) == [wage]

    assert events("settlement.overdue") == 1


def test_an_answered_wage_makes_nobody_call(opened, confirm, boss):
    wage = confirm(opened())
    actions.declare_paid(wage, how="cash", by=boss)
    actions.acknowledge(wage, how="call", by=boss, acting_for=wage.worker.user)

    with clock.moved_to(wage.due_at + timedelta(days=9)):
        note_late()

    assert events("settlement.silent") == events("settlement.overdue") == 0


def test_a_frozen_wage_paid_by_hand_is_decided_by_two_and_then_owed(opened, confirm, boss, two, clean):
    wage = confirm(opened(), 18_000)
    actions.freeze(wage, by=boss)
    with pytest.raises(Moved):
        actions.declare_paid(wage, how="cash", by=boss)

    actions.decide(wage, pay_fen=15_000, by=two[0], second=two[1])

    assert (wage.state, wage.disputed_fen) == ("created", 0)
    actions.declare_paid(wage, how="cash", by=boss)
    assert clean()
