"""The one clock. Nothing else in the house asks the machine for the time."""

import contextlib
import os
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from django.utils import timezone

LOOK_EVERY = 0.3  # seconds between two looks at the file a demo city's processes share
_offset = timedelta(seconds=float(os.environ.get("LINGGONG_CLOCK_OFFSET", "0")))
_standing: datetime | None = None
_followed: Path | None = None
_looked, _seen = 0.0, 0


def now() -> datetime:
    """The present moment, aware. Read it once, in the first lines of an action."""
    if _followed is not None:
        _look(_followed)
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


def follow(kept: Path | None) -> None:
    """Go as far ahead as the file `kept` says (seconds), now and whenever it changes; None: follow nothing.

    A demo city is several processes with one clock, which a visitor may put forward (`put_forward`). Never in a county.
    """
    global _followed, _looked, _seen
    _followed, _looked, _seen = kept, 0.0, 0


def put_forward(moment: datetime) -> None:
    """Let every process that follows the same file live at `moment` from now on. Never backwards: then nothing happens."""
    if _followed is None or moment <= now():
        return
    half = _followed.with_suffix(".half")
    half.write_text(str((moment - timezone.now()).total_seconds()))
    half.replace(_followed)
    set_now(moment)


def _look(kept: Path) -> None:
    global _looked, _seen
    here = time.monotonic()
    if here - _looked < LOOK_EVERY:
        return
    _looked = here
    try:
        changed = kept.stat().st_mtime_ns
        if changed != _seen:
            _set_offset(timedelta(seconds=float(kept.read_text())))
            _seen = changed
    except (OSError, ValueError):
        return  # nobody put it forward


def _set_offset(offset: timedelta) -> None:
    global _offset, _standing
    _offset, _standing = offset, None
