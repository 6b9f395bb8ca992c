"""The one clock. Nothing else in the house asks the machine for the time."""

import contextlib
import os
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.utils import timezone

_offset = timedelta(seconds=float(os.environ.get("LINGGONG_CLOCK_OFFSET", "0")))
_standing: datetime | None = None


def now() -> datetime:
    """The present moment, aware. Read it once, in the first lines of an action."""
    return _standing or timezone.now() + _offset


def today() -> date:
    """The calendar day in the market's time zone (Asia/Shanghai)."""
    return timezone.localtime(now()).date()


def local(moment: datetime) -> datetime:
    """The moment in the market's time zone."""
    return timezone.localtime(moment)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """The moment `hour:minute` on `day` in the market's time zone; hour may be 24 for midnight."""
    start = datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone())
    return start + timedelta(hours=hour, minutes=minute)


@contextlib.contextmanager
def moved_to(moment: datetime) -> Iterator[None]:
    """Live at another moment: for tests, and for the demo city that lives through its own past."""
    global _standing
    before, stood = _offset, _standing
    set_now(moment)
    try:
        yield
    finally:
        _set_offset(before)
        _standing = stood


def set_now(moment: datetime) -> None:
    """Set the clock of this process to `moment`; it goes on ticking from there."""
    _set_offset(moment - timezone.now())


def stand_at(moment: datetime) -> None:
    """Stop the clock of this process at `moment`, so that the pace of the machine decides nothing: for the demo city."""
    global _standing
    _standing = moment


def _set_offset(offset: timedelta) -> None:
    global _offset, _standing
    _offset, _standing = offset, None
