"""Hours: a worker is never in two places, and a refused promise leaves nothing."""

import itertools
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import linggong.workers.actions as workers
from linggong.workers import queries
from linggong.workers.models import Quarter
from linggong.workers.quarters import QUARTER, first_run, quarters

EIGHT = datetime(2026, 11, 24, 8, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
HOUR = timedelta(hours=1)


@pytest.mark.django_db
def test_every_quarter_of_the_span_is_promised_and_no_other(worker):
    somebody = worker()

    workers.book(somebody, starts_at=EIGHT, ends_at=EIGHT + 2 * HOUR, ref="engagement:A")

    held = list(Quarter.objects.filter(worker=somebody).order_by("starts_at").values_list("starts_at", flat=True))
    assert held == [EIGHT + QUARTER * n for n in range(8)]
    assert queries.busy(somebody, EIGHT + 2 * HOUR, EIGHT + 3 * HOUR) == []
    assert queries.busy(somebody, EIGHT + HOUR, EIGHT + 3 * HOUR) == ["engagement:A"]


@pytest.mark.django_db
def test_a_clash_names_its_time_and_leaves_no_trace(worker):
    somebody = worker()
    workers.book(somebody, starts_at=EIGHT, ends_at=EIGHT + 2 * HOUR, ref="engagement:A")

    with pytest.raises(workers.AlreadyBooked) as no:
        workers.book(somebody, starts_at=EIGHT + HOUR, ends_at=EIGHT + 5 * HOUR, ref="engagement:B")

    assert "11月24日 08:00 到 10:00" in str(no.value)
    assert no.value.refs == ("engagement:A",)
    assert not Quarter.objects.filter(ref="engagement:B").exists()


@pytest.mark.django_db
def test_one_deal_begins_where_the_other_ends(worker):
    somebody = worker()

    workers.book(somebody, starts_at=EIGHT, ends_at=EIGHT + HOUR, ref="engagement:A")
    workers.book(somebody, starts_at=EIGHT + HOUR, ends_at=EIGHT + 2 * HOUR, ref="engagement:B")

    assert queries.busy(somebody, EIGHT, EIGHT + 2 * HOUR) == ["engagement:A", "engagement:B"]


@pytest.mark.django_db
def test_two_workers_may_have_the_same_hours(worker):
    one, other = worker(), worker()

    for somebody in (one, other):
        workers.book(somebody, starts_at=EIGHT, ends_at=EIGHT + HOUR, ref="engagement:A")

    assert queries.busy_workers([one, other], EIGHT, EIGHT + HOUR) == {one.pk, other.pk}
    assert queries.busy_workers([one, other], EIGHT + HOUR, EIGHT + 2 * HOUR) == set()


@pytest.mark.django_db
def test_freed_hours_can_be_promised_again(worker):
    somebody = worker()
    workers.book(somebody, starts_at=EIGHT, ends_at=EIGHT + HOUR, ref="engagement:A")

    assert workers.free(somebody, ref="engagement:A") == 4
    assert workers.free(somebody, ref="engagement:A") == 0

    workers.book(somebody, starts_at=EIGHT, ends_at=EIGHT + HOUR, ref="engagement:B")
    assert queries.busy(somebody, EIGHT, EIGHT + HOUR) == ["engagement:B"]


@pytest.mark.django_db
def test_one_shift_is_freed_and_the_others_stay(worker):
    somebody = worker()
    day = timedelta(days=1)
    for n in range(3):
        workers.book(somebody, starts_at=EIGHT + n * day, ends_at=EIGHT + n * day + HOUR, ref="engagement:A")

    class Shift:
        starts_at, ends_at = EIGHT + day, EIGHT + day + HOUR

    assert workers.free(somebody, ref="engagement:A", shift=Shift()) == 4
    assert queries.busy(somebody, EIGHT, EIGHT + HOUR) == ["engagement:A"]
    assert queries.busy(somebody, EIGHT + day, EIGHT + 2 * day) == []


@pytest.mark.django_db
def test_work_that_ends_early_frees_the_rest(worker):
    somebody = worker()
    workers.book(somebody, starts_at=EIGHT, ends_at=EIGHT + 4 * HOUR, ref="engagement:A")

    freed = workers.free_from(somebody, ref="engagement:A", moment=EIGHT + HOUR + timedelta(minutes=7))

    assert freed == 12
    assert queries.busy(somebody, EIGHT, EIGHT + HOUR) == ["engagement:A"]
    assert queries.busy(somebody, EIGHT + HOUR, EIGHT + 4 * HOUR) == []


@pytest.mark.parametrize("ends_at", [EIGHT, EIGHT - HOUR, EIGHT + timedelta(days=40)])
def test_a_span_that_is_none_is_a_bug(ends_at):
    with pytest.raises(ValueError, match="no span"):
        quarters(EIGHT, ends_at)


@given(st.integers(0, 10_000), st.integers(1, 3000))
def test_quarters_cover_the_span_and_touch_nothing_else(offset_minutes, minutes):
    starts_at = EIGHT + timedelta(minutes=offset_minutes)
    ends_at = starts_at + timedelta(minutes=minutes)

    found = quarters(starts_at, ends_at)

    assert found[0] <= starts_at < found[0] + QUARTER
    assert found[-1] < ends_at <= found[-1] + QUARTER
    assert all(b - a == QUARTER for a, b in itertools.pairwise(found))
    assert all(at.minute % 15 == 0 for at in found)


def test_the_run_named_is_the_unbroken_one_that_clashes():
    held = quarters(EIGHT, EIGHT + HOUR) + quarters(EIGHT + 2 * HOUR, EIGHT + 4 * HOUR)

    assert first_run(held, EIGHT + 3 * HOUR, EIGHT + 5 * HOUR) == (EIGHT + 2 * HOUR, EIGHT + 4 * HOUR)
    with pytest.raises(ValueError, match="nothing held"):
        first_run(held, EIGHT + 5 * HOUR, EIGHT + 6 * HOUR)
