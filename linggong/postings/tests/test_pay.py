"""What a shift pays, what a posting costs, and by when a wage is due."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linggong.postings import pay
from linggong.postings.pay import CHINA
from linggong.reference.models import COUNTED_UNITS, PayUnit


def terms(*, fen=18000, unit="DAY", quantity=None, cycle="DAILY", within=24, shifts=1, hours=8, pause=60):
    start = datetime(2026, 11, 24, 8, tzinfo=CHINA)
    rows = [
        {
            "code": f"S{n}",
            "starts_at": (start + timedelta(days=n)).isoformat(),
            "ends_at": (start + timedelta(days=n, hours=hours)).isoformat(),
            "break_minutes": pause,
        }
        for n in range(shifts)
    ]
    return {
        "pay_fen": fen, "pay_unit": unit, "quantity": quantity, "pay_cycle": cycle, "pay_within_hours": within,
        "shifts": rows,
    }  # fmt: skip


def test_thirty_tonnes_at_twelve_yuan_for_four_people_are_ninety_yuan_each():
    assert pay.estimate(1200, "TONNE", minutes=480, quantity=Decimal(30), places=4) == 9000


def test_counted_work_over_many_shifts_is_shared_among_the_shifts_too():
    assert pay.estimate(50, "RACK", minutes=480, quantity="64000", places=8, shifts=40) == 10_000


def test_counted_work_without_a_quantity_has_no_estimate():
    assert pay.estimate(4000, "JIN", minutes=480) == 0


@pytest.mark.parametrize(
    ("unit", "minutes", "expected"),
    [("HOUR", 90, 27_000), ("HOUR", 100, 30_000), ("DAY", 480, 18_000), ("SHIFT", 300, 18_000), ("FIXED", 60, 18_000),
     ("MONTH", 480, 828)],
)  # fmt: skip
def test_time_pay_follows_its_unit(unit, minutes, expected):
    assert pay.estimate(18000, unit, minutes=minutes) == expected


def test_a_day_that_ended_early_is_paid_in_proportion_and_a_whole_day_whole():
    agreed = terms()  # eight hours less one: 420 minutes

    assert pay.pay_for(agreed, minutes=210, ended_early=True) == 9000
    assert pay.pay_for(agreed, minutes=210) == 18000
    assert pay.pay_for(agreed, minutes=600, ended_early=True) == 18000


def test_counted_pay_is_quantity_times_rate_rounded_once():
    assert pay.pay_for(terms(fen=4000, unit="JIN"), minutes=300, quantity="12.35") == 49_400
    assert pay.pay_for(terms(fen=33, unit="PIECE"), minutes=300, quantity="0.5") == 17


@given(
    fen=st.integers(1, 1_000_000), unit=st.sampled_from(PayUnit.values), places=st.integers(1, 60),
    quantity=st.decimals("0.01", "100000", places=2), shifts=st.integers(1, 20),
)  # fmt: skip
def test_the_shares_sum_to_the_whole_and_what_is_held_never_exceeds_it(fen, unit, places, quantity, shifts):
    agreed = terms(fen=fen, unit=unit, quantity=str(quantity) if unit in COUNTED_UNITS else None, shifts=shifts)

    whole = pay.whole_fen(agreed, places=places)
    parts = pay.shares(agreed, places=places)
    held = pay.estimate(
        fen, unit, minutes=pay.planned_minutes(agreed), quantity=agreed["quantity"], places=places, shifts=shifts
    )

    assert sum(parts) == whole and max(parts) - min(parts) <= 1
    assert held * places * shifts <= whole
    assert whole <= pay.advance_cap_fen(agreed, places=places) <= whole * 12 // 10 + 1


@given(minutes=st.integers(1, 960), worked=st.integers(1, 960), fen=st.integers(1, 10_000_000))
def test_pay_for_part_of_a_shift_never_exceeds_the_whole_and_grows_with_the_time(minutes, worked, fen):
    agreed = terms(fen=fen, pause=480 - min(minutes, 479))

    part = pay.pay_for(agreed, minutes=worked, ended_early=True)

    assert 0 <= part <= fen
    assert part <= pay.pay_for(agreed, minutes=worked + 1, ended_early=True)


CONFIRMED = datetime(2026, 11, 24, 18, 20, tzinfo=CHINA)  # a Tuesday


def friday_before(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))


@pytest.mark.parametrize(
    ("cycle", "expected"),
    [
        ("DAILY", datetime(2026, 11, 25, 18, 20, tzinfo=CHINA)),
        ("ON_COMPLETION", datetime(2026, 11, 27, 16, 0, tzinfo=CHINA)),
        ("WEEKLY", datetime(2026, 11, 27, 18, 0, tzinfo=CHINA)),
        ("HALF_MONTH", datetime(2026, 11, 30, 18, 0, tzinfo=CHINA)),
        ("MONTHLY", datetime(2026, 11, 30, 18, 0, tzinfo=CHINA)),
    ],
)
def test_a_wage_is_due_by_its_cycle_and_a_pay_day_off_moves_earlier(cycle, expected):
    assert pay.due_at(terms(cycle=cycle, shifts=3), CONFIRMED, friday_before) == expected


def test_a_wage_confirmed_after_the_moved_pay_day_keeps_its_hours():
    saturday = datetime(2026, 11, 28, 20, tzinfo=CHINA)

    assert pay.due_at(terms(cycle="WEEKLY"), saturday, friday_before) == saturday + timedelta(hours=24)


@given(
    cycle=st.sampled_from(sorted(pay.CYCLES)), within=st.integers(1, 700),
    minutes=st.integers(0, 730 * 24 * 60),
)  # fmt: skip
def test_a_wage_is_always_due_after_it_was_confirmed(cycle, within, minutes):
    at = datetime(2026, 1, 1, tzinfo=CHINA) + timedelta(minutes=minutes)

    assert pay.due_at(terms(cycle=cycle, within=within), at, friday_before) > at
