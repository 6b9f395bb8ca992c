"""Storing wages: the bank is asked, pays come in once, wrong ones move nothing, what is left goes back."""

import pytest
from django.conf import settings

import linggong.ledger.queries as book
from linggong.core.models import Event
from linggong.core.once import KeyReused
from linggong.payments import actions, queries
from linggong.payments.models import Funding, Refund

pytestmark = pytest.mark.django_db


def mismatches():
    return Event.objects.filter(name__endswith=".mismatch").count()


def test_the_employer_gets_a_pay_page_pays_and_the_wages_are_stored(fund, bank, later, clean):
    funding = fund()
    later()
    funding.refresh_from_db()
    assert funding.state == "created"
    assert funding.pay_url.endswith(f"/pay/{funding.code}")

    bank.pay(funding.code)
    bank.answers()

    funding.refresh_from_db()
    assert funding.state == "funded"
    assert queries.stored_for("posting:P7") == 36_000 == bank.balance("P7")
    assert clean()


def test_each_funding_names_the_legal_owner_of_the_account_and_it_is_not_us(fund):
    funding = fund()

    assert funding.owner_kind in ("employer", "custodian")
    assert funding.owner_name == settings.WAGE_ACCOUNT_OWNER_NAME


def test_the_same_tap_twice_is_one_funding_and_other_sums_are_refused(fund):
    assert fund(key="tap") == fund(key="tap")

    with pytest.raises(KeyReused):
        fund(100, key="tap")
    assert Funding.objects.count() == 1


@pytest.mark.parametrize("custody", ["offline", "merchant", "licensed"])
def test_where_nobody_can_hold_whole_wages_nothing_can_be_stored(custody, employer, boss):
    with pytest.raises(actions.NoCustodian):
        actions.fund(ref="posting:P7", employer=employer, custody=custody, wages_fen=100, key="k", by=boss)

    assert not Funding.objects.exists()


def test_without_a_custodian_the_refusal_offers_offline_pay(fund, settings):
    settings.WAGE_ACCOUNT_PROVIDER = "off"

    with pytest.raises(actions.NoCustodian, match="线下付"):
        fund()


def test_m6_one_payment_is_booked_once_however_often_it_is_told(fund, bank, later, clean):
    funding = fund()
    later()
    bank.turn("twice", True)
    bank.pay(funding.code)
    ref = bank.db().execute("SELECT provider_ref FROM payment").fetchone()[0]

    bank.answers()
    for message in ("a", "b", ""):
        actions.hear_funding(funding, provider_ref=ref, fen=36_000, message_id=message)

    assert queries.stored_for("posting:P7") == 36_000
    assert mismatches() == 0
    assert clean()


def test_a_lost_callback_is_found_by_asking(fund, bank, later, clean):
    from linggong.payments.background import ask_about_open

    funding = fund()
    later()
    bank.turn("silent", True)
    bank.pay(funding.code)
    assert bank.answers() == 0

    ask_about_open()

    funding.refresh_from_db()
    assert funding.state == "funded"
    assert clean()


def test_a_forged_callback_does_nothing(fund, bank, later):
    funding = fund()
    later()
    bank.turn("forged", True)
    bank.pay(funding.code)

    assert bank.answers() == 0

    funding.refresh_from_db()
    assert funding.state == "created"
    assert queries.stored_for("posting:P7") == 0


def test_a_wrong_sum_goes_to_suspense_until_the_bank_tells_the_truth(fund, bank, later, clean):
    from linggong.payments.background import ask_about_open

    funding = fund()
    later()
    bank.turn("wrong_amount", True)
    bank.pay(funding.code)
    bank.answers()

    funding.refresh_from_db()
    assert funding.state == "created", "no state change on a wrong sum"
    assert book.balance(f"suspense:wage_account:{funding.code}") == 36_100
    assert mismatches() == 1
    assert clean()

    ask_about_open()

    funding.refresh_from_db()
    assert funding.state == "funded"
    assert book.balance(f"suspense:wage_account:{funding.code}") == 0
    assert clean()


def test_paying_twice_stores_once_and_sends_the_second_back(fund, bank, later, clean):
    funding = fund()
    later()
    bank.turn("pay_twice", True)
    bank.pay(funding.code)
    bank.answers()

    assert queries.stored_for("posting:P7") == 36_000, "never extra escrow"
    refund = Refund.objects.get()
    assert refund.extra
    later()
    bank.answers()

    refund.refresh_from_db()
    assert refund.state == "succeeded"
    assert bank.balance("P7") == 36_000
    assert book.balance("refunded") == 36_000
    assert clean()


def test_a_payment_after_cancelling_is_sent_back(fund, bank, later, boss, clean):
    funding = fund()
    later()
    actions.cancel_funding(funding, by=boss)
    bank.pay(funding.code)
    bank.answers()
    later()
    bank.answers()

    funding.refresh_from_db()
    assert funding.state == "cancelled"
    assert queries.stored_for("posting:P7") == 0
    assert bank.balance("P7") == 0
    assert clean()


def test_a_stored_funding_cannot_be_cancelled(funded, boss):
    funding = funded()

    with pytest.raises(actions.AlreadyFunded):
        actions.cancel_funding(funding, by=boss)


def test_a_payment_of_another_funding_is_a_mismatch_and_moves_nothing(funded, fund, clean):
    first = funded()
    other = fund(key="k2", ref="posting:P8")

    actions.hear_funding(other, provider_ref=first.provider_ref, fen=36_000, message_id="m")

    other.refresh_from_db()
    assert other.state == "created"
    assert queries.stored_for("posting:P8") == 0
    assert mismatches() == 1
    assert clean()


def test_m12_the_rest_goes_back_newest_payment_first_and_never_more_than_came(funded, boss, bank, clean):
    older, newer = funded(10_000, key="a"), funded(5_000, key="b", premium_fen=700)

    refunds = actions.refund_rest("posting:P7", by=boss)

    assert [(r.funding, r.fen) for r in refunds] == [(newer, 5_700), (older, 10_000)]
    assert queries.stored_for("posting:P7") == 0
    assert actions.refund_rest("posting:P7", by=boss) == []
    assert clean()


def test_a_bank_that_is_down_is_asked_again_and_stores_nothing_meanwhile(fund, bank, later):
    funding = fund()
    bank.turn("down", True)

    assert later() == 0
    funding.refresh_from_db()
    assert (funding.state, funding.pay_url) == ("created", "")


def test_an_order_whose_answer_was_lost_is_one_order(fund, bank, later):
    from datetime import timedelta

    from linggong.core import clock

    funding = fund()
    bank.turn("lost", True)
    later()
    bank.turn("lost", False)
    with clock.moved_to(clock.now() + timedelta(minutes=5)):
        later()

    funding.refresh_from_db()
    assert funding.pay_url
    assert bank.db().execute("SELECT count(*) FROM wage_order").fetchone()[0] == 1


def test_money_in_a_split_product_thaws_after_180_days_and_in_a_wage_account_never(funded):
    from datetime import UTC, datetime

    from linggong.payments.limits import thaws_at

    moment = datetime(2026, 1, 1, tzinfo=UTC)

    assert thaws_at("licensed", moment) == datetime(2026, 6, 30, tzinfo=UTC)
    assert thaws_at("supervised", moment) is None
    assert queries.thaws_at(funded()) is None
