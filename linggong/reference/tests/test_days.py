"""Workdays, days off and the pay day that moves earlier."""

from datetime import date

import pytest

from linggong.reference import queries

pytestmark = pytest.mark.django_db


def test_weekends_are_free_and_make_up_days_are_not():
    assert queries.is_workday(date(2026, 11, 23))
    assert not queries.is_workday(date(2026, 11, 22))
    assert not queries.is_workday(date(2026, 10, 1))
    assert queries.is_workday(date(2026, 10, 10))  # a Saturday worked for the long holiday


def test_a_plain_weekend_is_no_holiday():
    assert queries.is_holiday(date(2026, 10, 1))
    assert not queries.is_holiday(date(2026, 11, 22))
    assert queries.is_statutory(date(2026, 10, 1))
    assert not queries.is_statutory(date(2026, 10, 5))


def test_a_pay_day_on_a_holiday_moves_earlier_and_on_a_workday_stays():
    assert queries.previous_workday(date(2026, 10, 5)) == date(2026, 9, 30)
    assert queries.previous_workday(date(2026, 11, 22)) == date(2026, 11, 20)
    assert queries.previous_workday(date(2026, 11, 23)) == date(2026, 11, 23)
