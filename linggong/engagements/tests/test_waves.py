"""The published figures of the waves: how many, how long, who first, at which hour."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from linggong.engagements import waves
from linggong.engagements.waves import Asked
from linggong.reference.queries import default

PERCENT = default("invite_accept_percent")
QUIET = (time(21, 30), time(5))
CHINA = ZoneInfo("Asia/Shanghai")


def wave(people, *, places=2, hours=12.0, percent=PERCENT):
    return waves.next_wave(people, places=places, left=timedelta(hours=hours), accept_percent=percent, share_percent=10)


def crowd(tier, number, first=()):
    return [Asked(f"{tier}{n}", tier, first=n in first) for n in range(number)]


def test_people_the_employer_liked_are_asked_before_everybody_else():
    people = crowd(waves.EVERYONE, 5) + crowd(waves.WIDER, 5) + crowd(waves.NEAR, 5) + crowd(waves.LIKED, 2)

    order = []
    while people:
        now = wave(people, places=9)
        order.append(now.people[0].tier)
        people = [one for one in people if one not in now.people]

    assert order == ["liked", "near", "wider", "everyone"]


def test_as_many_are_asked_as_will_probably_fill_the_places():
    assert len(wave(crowd(waves.LIKED, 30), places=2).people) == 5  # 2 × 100 ÷ 40
    assert len(wave(crowd(waves.NEAR, 30), places=2).people) == 8
    assert len(wave(crowd(waves.EVERYONE, 60), places=1).people) == 13


def test_in_the_last_two_hours_half_as_many_again_are_asked():
    assert len(wave(crowd(waves.NEAR, 30), places=2, hours=1.5).people) == 12


def test_a_wave_is_never_larger_than_forty():
    assert len(wave(crowd(waves.EVERYONE, 200), places=50).people) == 40


def test_a_wave_runs_a_tenth_of_the_time_left_between_three_and_thirty_minutes():
    assert wave(crowd(waves.NEAR, 30), hours=20).runs == timedelta(minutes=30)
    assert wave(crowd(waves.NEAR, 30), hours=3).runs == timedelta(minutes=18)
    assert wave(crowd(waves.NEAR, 30), hours=0.2).runs == timedelta(minutes=3)


def test_one_liked_person_does_not_hold_up_twenty_places():
    assert wave(crowd(waves.LIKED, 1), places=20, hours=20).runs == timedelta(minutes=3)


def test_whoever_lost_a_trip_lately_is_asked_first_inside_the_wave():
    asked = wave(crowd(waves.NEAR, 30, first={20, 25}), places=1).people

    assert [one.worker for one in asked] == ["near20", "near25", "near0", "near1"]


def test_with_nobody_left_it_looks_again_in_ten_minutes():
    assert wave([]) == waves.Wave((), 0, timedelta(minutes=10))


@pytest.mark.parametrize(
    ("starts", "asked"),
    [
        ("2026-11-24 09:30", "2026-11-24 08:00"),
        ("2026-11-24 08:00", "2026-11-24 06:30"),
        ("2026-11-24 07:45", "2026-11-23 19:00"),
        ("2026-11-24 00:30", "2026-11-23 19:00"),
        ("2026-12-01 05:00", "2026-11-30 19:00"),
        ("2027-01-01 06:00", "2026-12-31 19:00"),
    ],
)
def test_a_start_before_eight_is_asked_about_the_evening_before_else_ninety_minutes_before(starts, asked):
    start = datetime.fromisoformat(starts).replace(tzinfo=CHINA)

    assert waves.ask_at(start, minutes_before=90) == datetime.fromisoformat(asked).replace(tzinfo=CHINA)


def test_nobody_is_asked_in_the_morning_before_the_hour_they_named():
    start = datetime(2026, 11, 24, 8, 30, tzinfo=CHINA)

    assert waves.ask_at(start, minutes_before=90, call_from=time(7)).hour == 7
    assert waves.ask_at(start, minutes_before=90, call_from=time(7, 30)).day == 23


@pytest.mark.parametrize(
    ("clock", "invites", "call_from", "reached"),
    [
        (time(21, 29), "day", None, True),
        (time(21, 30), "day", None, False),
        (time(4, 59), "day", None, False),
        (time(5), "day", None, True),
        (time(5), "day", time(7), False),
        (time(4, 30), "day", time(4), True),
        (time(2), "any", None, True),
        (time(12), "off", None, False),
    ],
)
def test_the_quiet_hours_hold_unless_somebody_asked_otherwise(clock, invites, call_from, reached):
    assert waves.may_reach(clock, quiet=QUIET, invites=invites, call_from=call_from) is reached
