"""Held wages: stored, confirmed, on their way, arrived; disputes keep only the disputed part back."""

from datetime import timedelta

import pytest

import linggong.ledger.queries as book
from linggong.core import clock
from linggong.core.models import Event
from linggong.core.states import Moved
from linggong.payments import actions, queries
from linggong.payments.background import ask_about_open, pay_again, send_again
from linggong.payments.models import Payout, Refund, Settlement

pytestmark = pytest.mark.django_db

HELD = {"custody": "supervised"}


def state(settlement):
    settlement.refresh_from_db()
    return settlement.state


@pytest.mark.row("FJ-20")
def test_the_wage_is_stored_confirmed_released_and_arrives(fund, opened, confirm, bank, later, clean):
    funding = fund()
    later()
    bank.pay(funding.code)
    bank.answers()
    wage = opened(**HELD)
    assert state(wage) == "funded"
    assert (book.balance("escrow:posting:P7"), wage.held_fen) == (18_000, 18_000)

    confirm(wage)
    assert state(wage) == "release_requested"
    assert bank.balance("P7") == 36_000, "nothing went out before the hold was committed"
    later()
    bank.answers()

    assert state(wage) == "arrived"
    assert book.balance("paid_out") == 18_000
    assert bank.balance("P7") == 18_000
    assert clean()


@pytest.mark.row("FJ-20")
def test_no_clock_and_no_sweep_releases_a_wage_that_nobody_and_no_rule_confirmed(funded, opened, bank, later, clean):
    funded()
    wage = opened(**HELD)

    with clock.moved_to(clock.now() + timedelta(days=400)):
        for sweep in (ask_about_open, send_again, pay_again):
            sweep()
        later()

    assert state(wage) == "funded"
    assert not Payout.objects.exists()
    assert clean()


@pytest.mark.row("FJ-20")
def test_silence_of_the_employer_pays_when_the_rule_confirms(funded, opened, confirm, bank, later):
    funded()
    wage = opened(**HELD)

    confirm(wage, by=None)  # what the deal's floor does when its deadline has passed
    later()
    bank.answers()

    assert state(wage) == "arrived"
    assert Event.objects.get(name="settlement.completed").by is None


def test_m8_the_hold_is_in_the_book_before_the_bank_hears_of_it(funded, opened, confirm, bank, clean):
    funded()
    confirm(opened(**HELD))

    payout = Payout.objects.get()
    assert payout.state == "held"
    assert book.balance(f"in_transit:{payout.code}") == 18_000
    assert bank.db().execute("SELECT count(*) FROM payout").fetchone()[0] == 0
    assert clean()


def test_confirming_twice_pays_once(funded, opened, confirm, boss):
    funded()
    wage = opened(**HELD)
    stale = Settlement.objects.get(pk=wage.pk)
    confirm(wage)

    for view in (wage, stale):
        with pytest.raises(Moved):
            confirm(view)

    assert Payout.objects.count() == 1
    assert queries.stored_for("posting:P7") == 18_000


def test_a_wage_opened_before_the_money_came_gets_its_share_when_it_comes(fund, opened, clean):
    first, second = opened(**HELD), opened(**HELD)
    assert state(first) == "created"
    funding = fund(20_000)

    actions.hear_funding(funding, provider_ref="ZH1", fen=20_000, message_id="m")

    assert (state(first), state(second)) == ("funded", "created"), "first come, first secured; the second waits"
    assert clean()


def test_the_same_shift_is_opened_once(funded, opened, worker, employer, boss):
    funded()
    wage = opened(**HELD)

    again = actions.open_settlement(
        ref=wage.ref, deal=wage.deal, worker=wage.worker, employer=employer, custody="supervised", title="帮厨",
        work_on=wage.work_on, share_fen=18_000, posting_ref="posting:P7",
    )  # fmt: skip

    assert again == wage
    assert queries.stored_for("posting:P7") == 18_000


def test_m7_a_smaller_wage_gives_the_rest_back_to_the_posting(funded, opened, confirm, clean):
    funded()
    wage = opened(**HELD)

    confirm(wage, 10_000)

    assert Payout.objects.get().fen == 10_000
    assert queries.stored_for("posting:P7") == 26_000
    assert clean()


def test_the_rest_of_a_posting_that_is_over_goes_on_to_the_employer(funded, opened, confirm, boss, clean):
    funded(18_000)
    wage = opened(**HELD)
    assert actions.refund_rest("posting:P7", by=boss) == []

    confirm(wage, 10_000)

    assert Refund.objects.get().fen == 8_000
    assert queries.stored_for("posting:P7") == 0
    assert clean()


def test_what_was_never_held_is_owed_by_hand_and_is_not_called_arrived(
    funded, opened, confirm, bank, later, boss, clean
):
    funded(18_000)
    wage = confirm(opened(**HELD), 25_000)
    later()
    bank.answers()

    assert state(wage) == "partly_released"
    assert wage.short_fen == 7_000
    assert "还差 70 元" in queries.where(wage, clock.now()).words

    actions.declare_paid(wage, how="cash", by=boss)
    actions.acknowledge(wage, how="tap", by=wage.worker.user)
    assert state(wage) == "acknowledged"
    assert queries.month_total(wage.worker, clock.today()) == 25_000
    assert clean()


def test_a_wage_of_nothing_is_a_cancellation(funded, opened, confirm, clean):
    funded()
    wage = confirm(opened(**HELD), 0)

    assert state(wage) == "refunded"
    assert queries.stored_for("posting:P7") == 36_000
    assert not Payout.objects.exists()
    assert clean()


def test_cancelling_gives_the_share_back_to_the_posting_once(funded, opened, boss, clean):
    funded()
    wage = opened(**HELD)
    stale = Settlement.objects.get(pk=wage.pk)
    actions.cancel_settlement(wage, by=boss)

    with pytest.raises(Moved):
        actions.cancel_settlement(stale, by=boss)

    assert queries.stored_for("posting:P7") == 36_000
    assert queries.where(wage, clock.now()).words == "取消了"
    assert clean()


def test_two_shifts_of_one_deal_share_an_account_but_never_each_others_money(funded, opened, confirm, worker, clean):
    funded()
    who = worker()
    first = opened(**HELD, deal="engagement:E1", who=who)
    second = opened(**HELD, deal="engagement:E1", who=who)
    assert book.balance("escrow:engagement:E1") == 36_000

    confirm(first, 30_000)

    assert first.short_fen == 12_000, "the second shift's share stays its own"
    assert (state(second), second.held_fen) == ("funded", 18_000)
    assert clean()


# --- disputes ------------------------------------------------------------------------------------------------


def test_the_undisputed_part_is_paid_at_once_and_the_rest_waits_for_two_people(
    funded, opened, confirm, bank, later, two, clean
):
    funded()
    wage = confirm(opened(**HELD), 18_000, disputed=5_000)
    later()
    bank.answers()
    assert state(wage) == "partly_released"
    assert (wage.held_fen, book.balance("paid_out")) == (5_000, 13_000)
    assert queries.where(wage, clock.now()).words == "有意见，在调解"

    with pytest.raises(actions.NeedsTwo):
        actions.decide(wage, pay_fen=3_000, by=two[0], second=two[0])
    actions.decide(wage, pay_fen=3_000, by=two[0], second=two[1])
    later()
    bank.answers()

    assert state(wage) == "arrived"
    assert (wage.net_fen, book.balance("paid_out")) == (16_000, 16_000)
    assert queries.stored_for("posting:P7") == 20_000
    assert clean()


def test_a_decision_while_an_order_is_open_makes_the_next_order_after_it(
    funded, opened, confirm, bank, later, two, clean
):
    funded()
    wage = confirm(opened(**HELD), 18_000, disputed=5_000)

    actions.decide(wage, pay_fen=5_000, by=two[0], second=two[1])
    assert Payout.objects.count() == 1, "M9: one open order"
    later()
    bank.answers()
    later()
    bank.answers()

    assert state(wage) == "arrived"
    assert [p.fen for p in queries.payouts_of(wage)] == [13_000, 5_000]
    assert clean()


def test_a_wage_is_decided_once(funded, opened, confirm, two):
    funded()
    wage = confirm(opened(**HELD), 18_000, disputed=5_000)
    stale = Settlement.objects.get(pk=wage.pk)
    actions.decide(wage, pay_fen=1_000, by=two[0], second=two[1])

    for view in (wage, stale):
        with pytest.raises(Moved):
            actions.decide(view, pay_fen=5_000, by=two[0], second=two[1])


def test_m13_a_frozen_wage_moves_only_by_decision(funded, opened, confirm, boss, two, bank, later, clean):
    funded()
    wage = opened(**HELD)
    actions.freeze(wage, by=boss)

    with pytest.raises(Moved):
        confirm(wage)
    with pytest.raises(Moved):
        actions.cancel_settlement(wage, by=boss)
    assert book.balance(f"escrow:engagement:{wage.deal[11:]}") == 18_000
    assert clean()

    actions.decide(wage, pay_fen=12_000, by=two[0], second=two[1])
    later()
    bank.answers()
    assert state(wage) == "arrived"
    assert queries.stored_for("posting:P7") == 24_000
    assert clean()


def test_a_decision_against_the_worker_sends_all_back(funded, opened, boss, two, clean):
    funded()
    wage = opened(**HELD)
    actions.freeze(wage, by=boss)

    actions.decide(wage, pay_fen=0, by=two[0], second=two[1])

    assert state(wage) == "refunded"
    assert queries.stored_for("posting:P7") == 36_000
    assert clean()


def test_a_dispute_that_is_off_leaves_the_wage_as_it_was(funded, opened, confirm, boss, clean):
    funded()
    wage = opened(**HELD)
    actions.freeze(wage, by=boss)
    actions.unfreeze(wage, by=boss)

    confirm(wage)

    assert state(wage) == "release_requested"
    assert clean()


def test_more_disputed_than_owed_is_refused_and_changes_nothing(funded, opened, confirm):
    funded()
    wage = opened(**HELD)

    with pytest.raises(actions.TooMuchDisputed):
        confirm(wage, 100, disputed=101)

    assert state(wage) == "funded"
    assert wage.confirmed_at is None


# --- what an employer may take off -----------------------------------------------------------------------------


def test_m19_only_lawful_signed_deductions_come_off(funded, opened, confirm, boss, clean):
    funded()
    wage = opened(**HELD)
    actions.deduct(wage, fen=500, reason="income_tax", signed_at=clock.now(), by=boss)

    confirm(wage)

    assert (wage.gross_fen, wage.net_fen) == (18_000, 17_500)
    assert clean()


@pytest.mark.parametrize("reason", ["fine", "meals", "tools", "deposit", "platform_fee", "lodging", ""])
def test_m19_nothing_else_comes_off(reason, opened, boss):
    wage = opened()

    with pytest.raises(actions.BadDeduction):
        actions.deduct(wage, fen=500, reason=reason, signed_at=clock.now(), by=boss)

    wage.refresh_from_db()
    assert wage.deductions == []


def test_a_deduction_nobody_signed_yet_is_refused(opened, boss):
    with pytest.raises(actions.BadDeduction):
        actions.deduct(opened(), fen=1, reason="income_tax", signed_at=clock.now() + timedelta(minutes=1), by=boss)
