"""Opening hours of a week: seven [opens, closes] pairs of "HH:MM", Monday first, None for a day shut. Pure.

"24:00" is midnight at the end of the day; a closing time not later than the opening one lies on the next day
(["22:00", "06:00"] is a night market). An empty list means nobody entered the hours: then nothing is open.
"""

from datetime import date, datetime, timedelta
from typing import Any

from linggong.core.clock import at, local

Week = list[list[str] | None]


class BadHours(ValueError):
    """Not a week of opening hours."""


def checked(hours: Any) -> Week:
    """The same week, or BadHours."""
    if hours == []:
        return []
    if not isinstance(hours, list) or len(hours) != 7:
        raise BadHours("seven days")
    for pair in hours:
        if pair is None:
            continue
        if not isinstance(pair, list) or len(pair) != 2 or _minutes(pair[0]) == _minutes(pair[1]):
            raise BadHours("a pair of times")
        if _minutes(pair[0]) == 24 * 60:
            raise BadHours("nothing opens at 24:00")
    return hours


def every_day(opens: str, closes: str) -> Week:
    """The same hours seven days a week."""
    return [[opens, closes] for _ in range(7)]


def is_open(hours: Week, moment: datetime) -> bool:
    """Whether `moment` lies in a window; closing time itself is closed."""
    day = local(moment).date()
    return any(
        opens <= moment < closes
        for start in (day - timedelta(days=1), day)
        for opens, closes in windows(hours, start)
    )  # fmt: skip


def windows(hours: Week, day: date) -> list[tuple[datetime, datetime]]:
    """The window that begins on `day`: none or one."""
    pair = hours[day.weekday()] if hours else None
    if pair is None:
        return []
    opens, closes = _minutes(pair[0]), _minutes(pair[1])
    if closes <= opens:
        closes += 24 * 60
    return [(at(day, 0, opens), at(day, 0, closes))]


def next_opening(hours: Week, moment: datetime) -> datetime | None:
    """The first opening after `moment`, within eight days; None when the week has none."""
    day = local(moment).date()
    for ahead in range(9):
        for opens, _ in windows(hours, day + timedelta(days=ahead)):
            if opens > moment:
                return opens
    return None


def _minutes(clock: Any) -> int:
    if not isinstance(clock, str) or len(clock) != 5 or clock[2] != ":":
        raise BadHours(clock)
    hour, minute = clock[:2], clock[3:]
    if not (hour.isdigit() and minute.isdigit()) or int(minute) > 59 or int(hour) * 60 + int(minute) > 24 * 60:
        raise BadHours(clock)
    return int(hour) * 60 + int(minute)
