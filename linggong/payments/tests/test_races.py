"""Many hands at one wage: one effect, the others hear no. The control lives the same race with the guard off."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from linggong.core import clock
from linggong.core.journal import record
from linggong.core.models import Event
from linggong.core.refusals import Refused
from linggong.payments import actions, queries
from linggong.payments.models import Funding, Payout, Settlement

HANDS = 6
ROUNDS = 3
HELD = {"custody": "supervised"}

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _on_a_file():
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("threads need a file database: LINGGONG_TEST_DB_FILE=1")


def at_once(*acts):
    """Run the acts in threads that start together; what each returned, or how it was refused. Bugs are raised."""
    gate = threading.Barrier(len(acts))

    def run(act):
        gate.wait(20)
        try:
            return act()
        except Refused as no:
            return no
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def won(said):
    return [one for one in said if not isinstance(one, Refused)]


def seen(wage):
    """The wage as a page saw it before anybody tapped."""
    return Settlement.objects.select_related("worker__user", "employer").get(pk=wage.pk)


def test_confirming_from_many_windows_pays_once(funded, opened, confirm, clean):
    for number in range(ROUNDS):
        ref = f"posting:R{number}"
        funded(18_000, ref=ref, key=ref)
        wage = opened(**HELD, posting=ref)
        views = [seen(wage) for _ in range(HANDS)]

        said = at_once(*[lambda v=v: confirm(v) for v in views])

        assert len(won(said)) == 1
        assert Payout.objects.filter(settlement=wage).count() == 1
    assert clean()


def test_confirm_against_dispute_against_cancel_one_wins(funded, opened, confirm, boss, clean):
    for number in range(ROUNDS):
        ref = f"posting:R{number}"
        funded(18_000, ref=ref, key=ref)
        wage = opened(**HELD, posting=ref)
        views = [seen(wage) for _ in range(3)]

        said = at_once(
            lambda v=views: confirm(v[0]) or True,
            lambda v=views: actions.freeze(v[1], by=boss),
            lambda v=views: actions.cancel_settlement(v[2], by=boss),
        )

        assert len(won(said)) == 1
        assert seen(wage).state in ("release_requested", "frozen", "refunded")
    assert clean()


def test_the_same_payment_told_by_many_at_once_is_booked_once(fund, clean):
    for number in range(ROUNDS):
        ref = f"posting:R{number}"
        funding = fund(18_000, ref=ref, key=ref)

        def hear(message, funding=funding, number=number):
            mine = Funding.objects.get(pk=funding.pk)
            actions.hear_funding(mine, provider_ref=f"ZH{number}", fen=18_000, message_id=message)

        at_once(*[lambda m=f"m{number}-{n % 3}", h=hear: h(m) for n in range(HANDS)])

        assert queries.stored_for(ref) == 18_000
    assert clean()


def test_two_payments_for_one_order_at_once_store_one_and_return_one(fund, clean):
    funding = fund(18_000)

    def hear(number):
        mine = Funding.objects.get(pk=funding.pk)
        actions.hear_funding(mine, provider_ref=f"ZH{number}", fen=18_000, message_id="")

    at_once(*[lambda n=n: hear(n % 2) for n in range(HANDS)])

    assert queries.stored_for("posting:P7") == 18_000
    assert [r.fen for r in funding.refunds.all()] == [18_000]
    assert clean()


def test_success_and_failure_told_at_once_end_in_one_of_them(funded, opened, confirm, clean):
    for number in range(ROUNDS):
        ref = f"posting:R{number}"
        funded(18_000, ref=ref, key=ref)
        wage = confirm(opened(**HELD, posting=ref))
        payout = queries.payouts_of(wage).get()

        def hear(outcome, payout=payout):
            mine = Payout.objects.get(pk=payout.pk)
            actions.hear_payout(mine, outcome=outcome, provider_ref="DF", message_id="")

        at_once(*[lambda o=o, h=hear: h(o) for o in ("succeeded", "failed", "waiting", "accepted") * 2])

        payout.refresh_from_db()
        assert (payout.state, seen(wage).state) in (("succeeded", "arrived"), ("failed", "failed"))
    assert clean()


def test_the_last_shares_go_to_as_many_as_there_are(funded, opened, worker, clean):
    funded(54_000)
    people = [worker() for _ in range(HANDS)]

    wages = at_once(*[lambda w=w: opened(**HELD, who=w) for w in people])

    assert sorted(seen(w).state for w in wages) == ["created"] * 3 + ["funded"] * 3
    assert queries.stored_for("posting:P7") == 0
    assert clean()


def test_refund_against_payout_spend_no_fen_twice(funded, opened, confirm, boss, clean):
    for number in range(ROUNDS):
        ref = f"posting:R{number}"
        funded(36_000, ref=ref, key=ref)
        wage = opened(**HELD, posting=ref)
        view = seen(wage)

        at_once(
            lambda v=view: confirm(v, 10_000),
            *[lambda r=ref: actions.refund_rest(r, by=boss) for _ in range(HANDS - 1)],
        )

        back = sum(r.fen for f in Funding.objects.filter(ref=ref) for r in f.refunds.all())
        assert back + queries.stored_for(ref) == 26_000
    assert clean()


def test_one_tap_sent_many_times_is_one_funding(fund):
    said = at_once(*[lambda: fund(key="tap") for _ in range(HANDS)])

    assert len({f.pk for f in said}) == 1
    assert Funding.objects.count() == 1


def declared():
    return Event.objects.filter(name="settlement.declared_paid").count()


def test_saying_paid_many_times_is_said_once(opened, confirm, boss):
    wage = confirm(opened())
    views = [seen(wage) for _ in range(HANDS)]

    said = at_once(*[lambda v=v: actions.declare_paid(v, how="cash", by=boss) for v in views])

    assert len(won(said)) == declared() == 1


def test_control_without_the_compare_and_set_it_is_said_many_times(opened, confirm, boss, monkeypatch):
    def careless(self, to, *, by, acting_for=None, **fields):
        type(self)._base_manager.filter(pk=self.pk).update(state=to, **fields)
        record(f"settlement.{to}", self, by=by, acting_for=acting_for)

    wage = confirm(opened())
    views = [seen(wage) for _ in range(HANDS)]
    monkeypatch.setattr(Settlement, "move", careless)

    at_once(*[lambda v=v: actions.declare_paid(v, how="cash", by=boss) for v in views])

    assert declared() > 1, "the race is real: only the compare-and-set stands between it and a double effect"


def test_two_sweeps_at_one_moment_write_a_late_wage_down_once(opened, confirm):
    wage = confirm(opened(), hours=0)
    moment = clock.now()

    said = at_once(*[lambda: actions.note_overdue(wage, moment=moment) for _ in range(HANDS)])

    assert sorted(said) == [False] * (HANDS - 1) + [True]
