"""Two hands at one account: one key moves once, no floor is passed. Each race has a control with the guard off."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.db.models import F

from linggong.core.refusals import Refused
from linggong.ledger import actions, queries
from linggong.ledger.models import Account

HANDS = 6
OUT, POT = "gateway:wage_account", "escrow:posting:P1"

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _on_a_file():
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("threads need a file database: LINGGONG_TEST_DB_FILE=1")


def at_once(act, hands=HANDS):
    """Run `act(number)` in threads that start together; what each returned or raised."""
    gate = threading.Barrier(hands)

    def run(number):
        gate.wait(10)
        try:
            return act(number)
        except (Refused, IntegrityError, OperationalError) as no:
            return no
        finally:
            connections.close_all()

    with ThreadPoolExecutor(hands) as pool:
        return list(pool.map(run, range(hands)))


@pytest.fixture
def pot():
    actions.post("stored", key="in", entries=[(OUT, -100), (POT, 100)], by=None)


def test_m5_one_key_from_many_hands_moves_once(pot):
    for number in range(5):
        got = at_once(
            lambda _, n=number: actions.post("out", key=f"k{n}", entries=[(POT, -10), ("paid_out", 10)], by=None)
        )
        assert {t.pk for t in got} == {got[0].pk}

    assert queries.balance(POT) == 50
    assert list(queries.audit()) == []


def test_m3_many_hands_take_no_more_than_there_is(pot):
    got = at_once(lambda number: actions.post("out", key=f"k{number}", entries=[(POT, -30), ("paid_out", 30)], by=None))

    assert sum(not isinstance(one, Exception) for one in got) == 3
    assert sum(isinstance(one, actions.Overdrawn) for one in got) == HANDS - 3
    assert queries.balance(POT) == 10
    assert list(queries.audit()) == []


def test_m3_control_a_look_before_the_transaction_loses_money(pot):
    """The same race, done as a page would that looks first and writes what it saw: the sum comes out wrong."""
    gate = threading.Barrier(HANDS)

    def careless(_number):
        there = Account.objects.get(address=POT).sum_fen
        gate.wait(10)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE ledger_account SET sum_fen = %s WHERE address = %s", [there - 10, POT])

    at_once(careless)

    assert Account.objects.get(address=POT).sum_fen != 100 - 10 * HANDS
    assert [line for line in queries.audit() if line.startswith("M2")]


def test_m4_many_hands_reverse_once(pot):
    transfer = queries.by_key("in")

    got = at_once(lambda number: actions.reverse(transfer, key=f"undo{number}", by=None))

    assert sum(not isinstance(one, Exception) for one in got) == 1
    assert queries.balance(POT) == 0
    assert list(queries.audit()) == []


def test_opposite_transfers_do_not_deadlock(pot):
    actions.post("stored", key="in2", entries=[(OUT, -100), ("escrow:posting:P2", 100)], by=None)

    def to_and_fro(number):
        pair = [(POT, -1), ("escrow:posting:P2", 1)]
        for turn in range(5):
            entries = pair if number % 2 else [(place, -fen) for place, fen in pair]
            actions.post("moved", key=f"t{number}-{turn}", entries=entries, by=None)
        return "done"

    assert at_once(to_and_fro) == ["done"] * HANDS
    assert Account.objects.filter(sum_fen__lt=F("sum_fen") * 0).count() == 0
    assert list(queries.audit()) == []
