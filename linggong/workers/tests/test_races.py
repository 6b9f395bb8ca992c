"""Many at one moment: hours are promised once, a person is registered once. Each race has its control (decision 14)."""

import contextlib
import threading
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections

import linggong.accounts.actions as accounts
import linggong.workers.actions as workers
from linggong.accounts.models import User
from linggong.core.refusals import Refused
from linggong.workers import queries
from linggong.workers.models import Quarter, Worker

from .conftest import id_number, phone

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

EIGHT = datetime(2026, 11, 24, 8, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
HOUR = timedelta(hours=1)
THREADS = 8
ROUNDS = 4


@pytest.fixture(autouse=True)
def _on_a_file():
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("threads need a file database: LINGGONG_TEST_DB_FILE=1")


def at_once(*steps):
    """Run the steps in threads that start together; returns what each gave or how it was refused, in order."""
    gate = threading.Barrier(len(steps))
    said = [None] * len(steps)

    def run(number, step):
        try:
            gate.wait(timeout=20)
            said[number] = step()
        except Refused as no:
            said[number] = no
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n, step)) for n, step in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return said


def promises(somebody, day):
    """Eight deals want hours of one morning; half of them begin an hour later, so all overlap."""
    starts = [day + (n % 2) * HOUR for n in range(THREADS)]
    return [
        lambda n=n, begins=begins: (
            workers.book(somebody, starts_at=begins, ends_at=begins + 2 * HOUR, ref=f"engagement:{n}")
            or f"engagement:{n}"
        )
        for n, begins in enumerate(starts)
    ]


def test_of_many_promises_at_one_moment_one_is_kept_and_the_others_leave_nothing(worker):
    somebody = worker()

    for number in range(ROUNDS):
        day = EIGHT + timedelta(days=number)
        said = at_once(*promises(somebody, day))

        kept = [ref for ref in said if isinstance(ref, str)]
        assert len(kept) == 1
        assert sum(isinstance(no, workers.AlreadyBooked) for no in said) == THREADS - 1
        rows = Quarter.objects.filter(worker=somebody, starts_at__gte=day, starts_at__lt=day + 12 * HOUR)
        assert set(rows.values_list("ref", flat=True)) == set(kept)
        assert rows.count() == 8


def test_control_without_the_unique_key_the_same_morning_is_promised_many_times(worker):
    somebody = worker()

    with _without_unique_quarters():
        said = at_once(*promises(somebody, EIGHT))
        kept = [ref for ref in said if isinstance(ref, str)]
        for ref in kept:
            workers.free(somebody, ref=ref)

    assert len(kept) > 1, "the race is real: only the key stands between it and a double booking"


def test_one_id_number_makes_one_person_and_one_worker(place, kitchen):
    number = id_number()

    def join():
        person = accounts.make_person(name="陈阿水", phone=phone(), id_number=number, by=None)
        return workers.register(person, division=place, trades=[kitchen], by=person)

    said = at_once(*[join] * THREADS)

    assert sum(isinstance(one, Worker) for one in said) == 1
    assert sum(isinstance(no, accounts.IdTaken) for no in said) == THREADS - 1
    assert (User.objects.count(), Worker.objects.count()) == (1, 1)


def test_one_person_who_taps_eight_times_is_one_worker(person, place, kitchen):
    somebody = person()

    said = at_once(*[lambda: workers.register(somebody, division=place, trades=[kitchen], by=somebody)] * THREADS)

    assert sum(isinstance(one, Worker) for one in said) == 1
    assert sum(isinstance(no, workers.AlreadyRegistered) for no in said) == THREADS - 1
    assert Worker.objects.get(user=somebody).trades.count() == 1


def test_control_a_look_before_lets_every_one_of_them_through(person):
    somebody = person()
    gate = threading.Barrier(THREADS)

    def look():
        free = queries.of_user(somebody) is None
        gate.wait(timeout=20)  # everybody has looked before anybody writes
        return free

    assert at_once(*[look] * THREADS) == [True] * THREADS, "so the key on the table has to decide"


@contextlib.contextmanager
def _without_unique_quarters():
    keys = Quarter._meta.constraints
    key = next(c for c in keys if c.name == "quarter_once")
    Quarter._meta.constraints = [c for c in keys if c is not key]  # SQLite makes the table anew from these
    try:
        with connection.schema_editor() as editor:
            editor.remove_constraint(Quarter, key)
        yield
    finally:
        Quarter._meta.constraints = keys
        with connection.schema_editor() as editor:
            editor.add_constraint(Quarter, key)
