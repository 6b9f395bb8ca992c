"""Many at one moment: never more people than places, and nobody joins what is being taken down (E2)."""

import contextlib
import threading

import pytest
from django.db import IntegrityError, connection, connections

import linggong.postings.actions as postings
from linggong import make
from linggong.core.refusals import Refused
from linggong.postings.models import Posting, Shift

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

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
        except (Refused, IntegrityError) as no:
            said[number] = no
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n, step)) for n, step in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return said


@pytest.mark.row("SX-05")
def test_of_many_takers_exactly_as_many_succeed_as_there_are_places():
    for places in range(1, ROUNDS + 1):
        posting = make.posting(places=places)
        shift = posting.shifts.get()

        said = at_once(*[lambda shift=shift: postings.take_place(Shift.objects.get(pk=shift.pk))] * THREADS)

        shift.refresh_from_db()
        assert sum(isinstance(one, Shift) for one in said) == places == shift.taken
        assert sum(isinstance(no, postings.Full) for no in said) == THREADS - places
        assert Posting.objects.get(pk=posting.pk).state == "full"


def test_taking_and_giving_back_at_once_never_loses_count():
    posting = make.posting(places=4)
    shift = posting.shifts.get()
    for _ in range(4):
        postings.take_place(Shift.objects.get(pk=shift.pk))

    steps = [lambda: postings.give_back_place(Shift.objects.get(pk=shift.pk))] * 4
    said = at_once(*steps, *[lambda: postings.take_place(Shift.objects.get(pk=shift.pk))] * 4)

    shift.refresh_from_db()
    taken = sum(isinstance(one, Shift) for one in said[4:])
    assert all(isinstance(one, Shift) for one in said[:4]) and shift.taken == taken
    assert Posting.objects.get(pk=posting.pk).state == ("full" if shift.taken == 4 else "published")


def test_nobody_joins_after_a_take_down_that_came_first():
    reviewer = make.reviewer()
    for _ in range(ROUNDS):
        posting = make.posting(places=THREADS)
        shift = posting.shifts.get()

        def down(posting=posting):
            return postings.take_down(Posting.objects.get(pk=posting.pk), because="查一下", by=reviewer)

        said = at_once(down, *[lambda shift=shift: postings.take_place(Shift.objects.get(pk=shift.pk))] * 5)

        shift.refresh_from_db()
        assert isinstance(said[0], Posting) and Posting.objects.get(pk=posting.pk).state == "taken_down"
        assert shift.taken == sum(isinstance(one, Shift) for one in said[1:])
        assert all(isinstance(no, Shift | postings.NotOpen) for no in said[1:])


def test_control_who_looks_first_and_adds_later_overfills_the_shift():
    """The way a view would do it (decision 14): read the row, then write what one read plus one."""
    posting = make.posting(places=1)
    shift = posting.shifts.get()
    looked = threading.Barrier(THREADS)

    def careless():
        seen = Shift.objects.get(pk=shift.pk)
        looked.wait(timeout=20)  # everybody has seen a free place before anybody writes
        if seen.taken >= seen.places:
            raise postings.Full
        return _write("UPDATE postings_shift SET taken = taken + 1 WHERE id = %s", seen.pk)

    with _without_the_last_guard():
        said = at_once(*[careless] * THREADS)
        shift.refresh_from_db()
        overfull = shift.taken
        _write("UPDATE postings_shift SET taken = 0 WHERE id = %s", shift.pk)

    assert said == [1] * THREADS and overfull == THREADS, "the race is real: only the guard in the UPDATE stops it"


def _write(sql, key):
    """Past every guard of the house, as only a control may."""
    with connection.cursor() as cursor:
        cursor.execute(sql, [key])
        return cursor.rowcount


@contextlib.contextmanager
def _without_the_last_guard():
    checks = Shift._meta.constraints
    guard = next(c for c in checks if c.name == "shift_never_overfull")
    Shift._meta.constraints = [c for c in checks if c is not guard]  # SQLite makes the table anew from these
    try:
        with connection.schema_editor() as editor:
            editor.remove_constraint(Shift, guard)
        yield
    finally:
        Shift._meta.constraints = checks
        with connection.schema_editor() as editor:
            editor.add_constraint(Shift, guard)
