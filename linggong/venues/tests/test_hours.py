"""Opening hours: windows, midnight, the next opening."""

from datetime import date

import pytest

from linggong.core.clock import at
from linggong.venues import hours

DAILY = hours.every_day("04:30", "18:00")
MONDAY = date(2026, 11, 23)


def test_opening_time_is_open_and_closing_time_is_closed():
    assert not hours.is_open(DAILY, at(MONDAY, 4, 29))
    assert hours.is_open(DAILY, at(MONDAY, 4, 30))
    assert hours.is_open(DAILY, at(MONDAY, 17, 59))
    assert not hours.is_open(DAILY, at(MONDAY, 18))


def test_a_night_market_stays_open_over_midnight():
    night = [["22:00", "06:00"], None, None, None, None, None, None]

    assert hours.is_open(night, at(MONDAY, 23))
    assert hours.is_open(night, at(date(2026, 11, 24), 5, 59))
    assert not hours.is_open(night, at(date(2026, 11, 24), 6))
    assert not hours.is_open(night, at(date(2026, 11, 24), 23))


def test_the_week_begins_with_monday_and_a_day_may_be_shut():
    weekdays = [*hours.every_day("08:00", "12:00")[:5], None, None]
    saturday = date(2026, 11, 28)

    assert not hours.is_open(weekdays, at(saturday, 9))
    assert hours.next_opening(weekdays, at(saturday, 9)) == at(date(2026, 11, 30), 8)
    assert hours.next_opening(weekdays, at(MONDAY, 7)) == at(MONDAY, 8)
    assert hours.next_opening(weekdays, at(MONDAY, 8)) == at(date(2026, 11, 24), 8)


def test_midnight_is_written_as_24():
    late = hours.every_day("12:00", "24:00")

    assert hours.is_open(late, at(MONDAY, 23, 59))
    assert not hours.is_open(late, at(date(2026, 11, 24), 0))


def test_without_hours_nothing_is_open_and_nothing_will_be():
    assert not hours.is_open([], at(MONDAY, 9))
    assert hours.next_opening([], at(MONDAY, 9)) is None
    assert hours.next_opening([None] * 7, at(MONDAY, 9)) is None


@pytest.mark.parametrize(
    "week",
    [
        None,
        [["08:00", "18:00"]] * 6,
        [["8:00", "18:00"]] * 7,
        [["08:00", "08:00"]] * 7,
        [["24:00", "08:00"]] * 7,
        [["08:00", "24:30"]] * 7,
        [["08:00"]] * 7,
        [["08:60", "18:00"]] * 7,
    ],
)
def test_a_week_that_makes_no_sense_is_refused(week):
    with pytest.raises(hours.BadHours):
        hours.checked(week)
