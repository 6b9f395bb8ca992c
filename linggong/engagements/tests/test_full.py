"""A full posting refuses after one indexed read, before anything is written; who stands in it is told that instead."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import linggong.engagements.actions as deals
from linggong import make
from linggong.core import clock
from linggong.engagements.models import Engagement
from linggong.engagements.refusals import AlreadyIn, NoShift
from linggong.postings.models import Shift
from linggong.postings.refusals import Full

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(monday_morning):
    make.approved_rules()
    make.approved_products()


@pytest.fixture
def full():
    """A posting whose one place is taken, and who took it."""
    posting, first = make.posting(places=1), make.worker()
    deals.grab(posting, first, by=first.user)
    make.settle_down()
    return posting, first


def test_a_full_posting_refuses_after_one_read_before_any_write(full):
    posting, _first = full
    late = make.worker()

    with CaptureQueriesContext(connection) as asked, pytest.raises(Full):
        deals.grab(posting, late, by=late.user)

    assert len(asked) == 1, "the write guard of a transaction or a savepoint would be counted here too"
    assert asked[0]["sql"].startswith("SELECT")
    assert Engagement.objects.count() == 1


def test_that_one_read_walks_indexes(full):
    posting, _first = full
    late = make.worker()
    with CaptureQueriesContext(connection) as asked, pytest.raises(Full):
        deals.grab(posting, late, by=late.user)

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {asked[0]['sql']}")
            steps = [row[-1] for row in cursor.fetchall()]
            assert not [step for step in steps if step.startswith("SCAN") and "CONSTANT" not in step], steps
        else:
            cursor.execute("SET LOCAL enable_seqscan = off")  # few rows: the planner would read them all
            cursor.execute(f"EXPLAIN {asked[0]['sql']}")
            steps = [row[0] for row in cursor.fetchall()]
            assert "Seq Scan" not in " ".join(steps), steps


def test_whoever_stands_in_it_is_told_so_and_not_that_it_is_full(full):
    posting, first = full

    with pytest.raises(AlreadyIn):
        deals.grab(posting, first, by=first.user)


def test_one_full_day_of_two_is_no_full_posting(full):
    posting = make.posting(places=1, days=2)
    first, late = make.worker(), make.worker()
    days = list(Shift.objects.filter(posting=posting).order_by("starts_at"))
    deals.grab(posting, first, shift_codes=[days[0].code], by=first.user)

    with pytest.raises(Full):
        deals.grab(posting, late, shift_codes=[days[0].code], by=late.user)
    assert deals.grab(posting, late, shift_codes=[days[1].code], by=late.user).state == "confirmed"


def test_a_posting_that_began_says_so_whether_full_or_not(full):
    posting, _first = full
    late = make.worker()
    clock.set_now(posting.last_starts_at + timedelta(minutes=1))

    with pytest.raises(NoShift):
        deals.grab(posting, late, by=late.user)
