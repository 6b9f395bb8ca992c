"""What each kind of holder can do with wages. Pure.

A licensed split-settlement product (收付通) releases at most 30 % of an order to others by default, and gives frozen
money back to the merchant by itself after 180 days: whole wages cannot be paid through it without a negotiated
quota. A bank-supervised wage account (工资专户) knows neither limit.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Limits:
    """`share_percent` of what came in may go out to workers; after `days` the holder gives it back by itself."""

    share_percent: int
    days: int | None


LIMITS = {
    "supervised": Limits(share_percent=100, days=None),
    "licensed": Limits(share_percent=30, days=180),
}


def can_hold_wages(custody: str) -> bool:
    """Whether a whole wage that was put in can come out to the worker."""
    return custody in LIMITS and LIMITS[custody].share_percent >= 100


def thaws_at(custody: str, funded_at: datetime) -> datetime | None:
    """When the holder would give unreleased money back by itself; None: never."""
    days = LIMITS[custody].days if custody in LIMITS else None
    return None if days is None else funded_at + timedelta(days=days)
