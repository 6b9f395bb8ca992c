"""Quarters of an hour: the grain in which hours are promised (decision 12). Pure."""

from datetime import datetime, timedelta

QUARTER = timedelta(minutes=15)
SPAN_MAX = timedelta(days=31)


def floor(moment: datetime) -> datetime:
    """The beginning of the quarter that `moment` lies in."""
    return moment - timedelta(minutes=moment.minute % 15, seconds=moment.second, microseconds=moment.microsecond)


def quarters(starts_at: datetime, ends_at: datetime) -> list[datetime]:
    """The beginning of every quarter that [starts_at, ends_at) touches, also those it touches in part."""
    if not starts_at < ends_at <= starts_at + SPAN_MAX:
        raise ValueError(f"no span of work: {starts_at} to {ends_at}")
    first = floor(starts_at)
    count = -((first - ends_at) // QUARTER)
    return [first + QUARTER * n for n in range(count)]


def first_run(held: list[datetime], starts_at: datetime, ends_at: datetime) -> tuple[datetime, datetime]:
    """The unbroken time [begins, ends) of `held` that first reaches into [starts_at, ends_at).

    Raises ValueError when none does.
    """
    taken = set(held)
    begins = min((at for at in taken if floor(starts_at) <= at < ends_at), default=None)
    if begins is None:
        raise ValueError("nothing held there")
    ends = begins + QUARTER
    while begins - QUARTER in taken:
        begins -= QUARTER
    while ends in taken:
        ends += QUARTER
    return begins, ends
