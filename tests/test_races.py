"""Races with threads, each with a control that fails when the guard is off (decision 14).

Committed data on a real database: on SQLite a file (LINGGONG_TEST_DB_FILE=1), on PostgreSQL the cluster of the run.
"""

import threading
from collections.abc import Callable

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.db.models import F

import linggong.engagements.actions as deals
import linggong.postings.actions as postings
from linggong import make
from linggong.core import clock
from linggong.core.refusals import Refused
from linggong.engagements import queries
from linggong.engagements.models import Attendance, Engagement
from linggong.ledger import queries as ledger
from linggong.payments import queries as paid
from linggong.payments import wage_audit
from linggong.postings.models import Shift

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "sqlite" in settings.DATABASES["default"]["ENGINE"] and not settings.DATABASES["default"].get("TEST"),
        reason="needs a database that several threads can open",
    ),
]


@pytest.fixture(autouse=True)
def _world(monday_morning):
    make.approved_rules()
    make.approved_products()


def together(*acts: Callable[[], object]) -> list[object]:
    """Run every act in a thread of its own, all let go at once; what each gave or refused."""
    gate, said = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number: int, act: Callable[[], object]) -> None:
        gate.wait()
        try:
            said[number] = act() or "yes"
        except Refused as no:
            said[number] = no
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n, act)) for n, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


def sound() -> list[str]:
    return [*ledger.audit(), *wage_audit.audit(), *queries.audit()]


@pytest.mark.row("SX-05")
def test_the_last_place_goes_to_exactly_one():
    posting = make.posting(places=1)
    people = [make.worker() for _ in range(8)]

    said = together(*[lambda w=w: deals.grab(posting, w, by=w.user) for w in people])

    assert sum(isinstance(s, Engagement) for s in said) == 1
    assert Shift.objects.get(posting=posting).taken == 1
    assert all(str(s) for s in said if isinstance(s, Refused)), "losers are told at once, in words"
    assert sound() == []


def test_without_the_guarded_counter_the_last_place_goes_to_several():
    """The control: reading first and writing later, as a view without the guard would."""
    posting = make.posting(places=1)
    shift = Shift.objects.get(posting=posting)
    seen = threading.Barrier(6)
    taken = []

    def careless() -> None:
        free = Shift.objects.get(pk=shift.pk).taken < shift.places
        seen.wait()
        if free:
            taken.append(1)

    together(*[careless] * 6)

    assert len(taken) > 1


def test_two_overlapping_shifts_are_not_both_taken():
    worker = make.worker()
    several = [make.posting(places=2) for _ in range(4)]

    said = together(*[lambda p=p: deals.grab(p, worker, by=worker.user) for p in several])

    assert sum(isinstance(s, Engagement) for s in said) == 1
    assert sound() == []


def test_a_double_confirmation_counts_once():
    deal = make.engagement(upto="work_done")
    boss = queries.owner_of(deal.employer)

    said = together(*[lambda: deals.confirm(make.attendance(deal), by=boss)] * 6)

    assert sum(s == "yes" for s in said) == 1
    assert paid.by_ref(queries.ref(make.attendance(deal))).net_fen == 18000
    assert sound() == []


def test_confirming_and_disputing_at_once_ends_in_one_of_the_two():
    deal = make.engagement(upto="work_done", pay_fen=2400, pay_unit="HOUR")
    boss, one = queries.owner_of(deal.employer), make.attendance(deal)

    said = together(
        lambda: deals.confirm(make.attendance(deal), by=boss),
        lambda: deals.dispute(make.attendance(deal), claimed_fen=20000, facts="多干了一小时", by=deal.worker.user),
    )

    assert sum(s == "yes" for s in said) == 1
    assert make.attendance(deal).state in ("pay_due", "quantity_disputed")
    assert one.engagement_id == deal.pk and sound() == []


def test_cancelling_and_checking_in_at_once_ends_in_one_of_the_two():
    deal = make.engagement()
    boss = queries.owner_of(deal.employer)
    clock.set_now(make.attendance(deal).shift.starts_at.replace() - clock.timedelta(minutes=10))

    together(
        lambda: deals.cancel_by_worker(Engagement.objects.get(pk=deal.pk), because="family", by=deal.worker.user),
        lambda: deals.check_in(make.attendance(deal), how="boss", by=boss),
    )

    deal.refresh_from_db()
    one = make.attendance(deal)
    assert (deal.state, one.state) in {("cancelled_by_worker", "cancelled"), ("confirmed", "checked_in")}
    assert sound() == []


def test_without_compare_and_set_both_sides_of_a_race_win():
    """The control for `move`: two who read the same state and then write it both believe they won."""
    deal = make.engagement()
    read, won = threading.Barrier(2), []

    def careless() -> None:
        row = Attendance.objects.get(engagement=deal)
        read.wait()
        if row.state == "expected":
            won.append(1)

    together(careless, careless)

    assert len(won) == 2


def test_a_freed_place_is_taken_over_by_exactly_one_of_the_line():
    posting = make.posting(places=1)
    first = make.worker()
    deal = deals.grab(posting, first, by=first.user)
    posting.refresh_from_db()
    line = [make.worker() for _ in range(4)]
    for person in line:
        deals.wait(posting, person, by=person.user)
    deals.cancel_by_worker(deal, because="family", by=first.user)

    together(*[lambda: deals.promote(posting)] * 4)

    assert Engagement.objects.filter(posting=posting, state="confirmed").count() == 1
    assert Shift.objects.get(posting=posting).taken == 1
    assert sound() == []


def test_the_database_itself_refuses_one_worker_too_many():
    """Even code that forgets every guard cannot overfill a shift."""
    posting = make.posting(places=1)
    shift = Shift.objects.get(posting=posting)
    postings.take_place(shift)

    with (
        pytest.raises(Exception, match=r"(?i)shift_never_overfull|constraint"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE postings_shift SET taken = taken + 1 WHERE id = %s", [shift.pk])
    assert Shift.objects.filter(pk=shift.pk, taken__lte=F("places")).exists()
