"""Orders to the bank: one at a time, unknown is not failed, final is final, a tap where the bank wants one."""

from datetime import timedelta

import pytest

import linggong.ledger.queries as book
from linggong.core import clock
from linggong.core.models import Event
from linggong.core.states import Moved
from linggong.payments import actions, queries
from linggong.payments.background import ask_about_open, pay_again, send_again
from linggong.payments.models import PayAccount, Payout

pytestmark = pytest.mark.django_db


@pytest.fixture
def ordered(funded, opened, confirm):
    """A wage whose order is held, not yet sent."""
    funded()
    return confirm(opened(custody="supervised"))


def payout_of(wage):
    return queries.payouts_of(wage).last()


def told(wage, outcome, **facts):
    payout = payout_of(wage)
    actions.hear_payout(
        payout, outcome=outcome, provider_ref=facts.pop("ref", "DF1"), message_id=facts.pop("message", ""), **facts
    )
    wage.refresh_from_db()
    return payout_of(wage)


def test_m10_an_answer_that_is_lost_is_unknown_and_asked_for(ordered, bank, later, clean):
    bank.turn("lost", True)
    later()
    payout = payout_of(ordered)
    assert payout.state == "held", "unknown is not failed"
    assert book.balance(f"in_transit:{payout.code}") == 18_000

    bank.turn("lost", False)
    with clock.moved_to(clock.now() + timedelta(minutes=10)):
        send_again()
        ask_about_open()

    ordered.refresh_from_db()
    assert ordered.state == "arrived"
    assert bank.balance("P7") == 18_000, "sent twice, paid once"
    assert clean()


def test_m10_a_bank_that_is_down_leaves_the_hold_where_it_is(ordered, bank, later, clean):
    bank.turn("down", True)
    later()
    send_again()
    ask_about_open()

    assert payout_of(ordered).state == "held"
    assert clean()


@pytest.mark.parametrize("outcome", ["processing", "", "SUCCESS", "closed"])
def test_m10_a_word_we_do_not_know_moves_nothing(ordered, outcome, clean):
    assert told(ordered, outcome).state == "held"
    assert ordered.state == "release_requested"
    assert clean()


def test_m11_a_success_is_final(ordered, clean):
    told(ordered, "succeeded")

    for outcome in ("failed", "waiting", "accepted", "succeeded"):
        assert told(ordered, outcome).state == "succeeded"

    assert ordered.state == "arrived"
    assert book.balance("paid_out") == 18_000
    assert Event.objects.filter(name__endswith=".mismatch").count() == 1, "the failure after it is shown to a person"
    assert clean()


def test_m11_a_success_after_a_failure_is_shown_to_a_person_and_moves_nothing(ordered, clean):
    told(ordered, "failed", failure="account_closed")
    assert ordered.state == "failed"

    assert told(ordered, "succeeded").state == "failed"

    assert ordered.state == "failed"
    assert Event.objects.filter(name__endswith=".mismatch").count() == 1
    assert clean()


def test_a_success_of_another_sum_changes_no_state(ordered, clean):
    assert told(ordered, "succeeded", fen=17_999).state == "held"
    assert told(ordered, "succeeded", fen=17_999).state == "held"

    assert ordered.state == "release_requested"
    assert Event.objects.filter(name__endswith=".mismatch").count() == 1, "said once"
    assert clean()


def test_m9_a_new_number_only_after_the_old_one_failed(ordered, clean):
    old = payout_of(ordered)
    with pytest.raises(Moved):
        actions.pay_again(ordered, by=None)

    told(ordered, "failed")
    new = actions.pay_again(ordered, by=None)

    assert new.code != old.code
    assert [p.state for p in queries.payouts_of(ordered)] == ["failed", "held"]
    assert clean()


def test_a_failed_payout_is_tried_again_later_and_then_left_to_people(ordered, bank, later, clean):
    bank.turn("payout_fails", True)
    for hours in (0, 1, 3, 12, 48, 200, 300, 900):
        with clock.moved_to(clock.now() + timedelta(hours=hours)):
            later()
            bank.answers()
            pay_again()

    ordered.refresh_from_db()
    assert ordered.state == "failed"
    assert Payout.objects.count() == 4
    assert book.balance(f"payable:{ordered.code}") == 18_000
    assert clean()


def test_where_the_bank_wants_a_tap_the_worker_sees_one_button_and_the_tap_brings_the_money(
    ordered, bank, later, clean
):
    bank.turn("tap", True)
    later()
    bank.answers()
    ordered.refresh_from_db()
    assert ordered.state == "released"
    assert queries.where(ordered, clock.now())[:3] == ("点一下收钱", "info", "收钱")
    assert payout_of(ordered).tap_url.endswith(f"/tap/{payout_of(ordered).code}")
    assert list(queries.need_a_tap(ordered.worker)) == [ordered]

    bank.tap(payout_of(ordered).code)
    bank.answers()

    ordered.refresh_from_db()
    assert ordered.state == "arrived"
    assert clean()


def test_a_wage_not_taken_within_a_day_can_be_ordered_again(ordered, bank, later, clean):
    bank.turn("tap", True)
    later()
    bank.answers()
    with clock.moved_to(clock.now() + timedelta(hours=25)):
        ask_about_open()
        ordered.refresh_from_db()
        assert (ordered.state, payout_of(ordered).failure) == ("failed", "not_taken")

        bank.turn("tap", False)
        actions.pay_again(ordered, by=None)
        later()
        bank.answers()

    ordered.refresh_from_db()
    assert ordered.state == "arrived"
    assert clean()


def test_a_definite_no_of_the_bank_is_a_failure(ordered, bank, later, clean):
    bank.db().execute("DELETE FROM payment")
    later()

    ordered.refresh_from_db()
    assert (ordered.state, payout_of(ordered).failure) == ("failed", "insufficient")
    assert clean()


# --- where a wage goes -------------------------------------------------------------------------------------------


def test_the_card_number_is_sealed_and_reaches_only_the_bank(ordered, bank, later):
    who = ordered.worker
    actions.choose_account(who, kind="bank", number="6222 0212 3456 7894", bank="农信社", by=who.user)
    later()

    account = PayAccount.objects.get()
    assert account.tail4 == "7894"
    assert "6222" not in account.number_sealed
    assert '"number": "6222021234567894"' in bank.db().execute("SELECT payee FROM payout").fetchone()[0]


def test_a_wrong_card_number_is_refused(worker):
    who = worker()
    for number in ("6222021234567895", "123", "", "abcd", "６２２２"):
        with pytest.raises(actions.BadNumber):
            actions.choose_account(who, kind="bank", number=number, by=who.user)
    assert not PayAccount.objects.exists()


def test_a_changed_account_counts_only_after_a_day(worker):
    who = worker()
    moment = clock.now()
    with clock.moved_to(moment):
        first = actions.choose_account(who, kind="wechat", by=who.user)
    with clock.moved_to(moment + timedelta(hours=1)):
        second = actions.choose_account(who, kind="counter", by=who.user)

    assert queries.pay_account(who, moment + timedelta(hours=24)) == first
    assert queries.pay_account(who, moment + timedelta(hours=26)) == second
