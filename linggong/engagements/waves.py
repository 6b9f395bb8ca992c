"""Whom an empty place is offered to, in which order, how many at a time, and when somebody bound is asked again.

Pure: no tables, no clock. Every figure comes from the region's published settings, and the rules page says them in
words. Age, sex and origin are in none of it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

AGAIN, LIKED, NEAR, WIDER, EVERYONE = "again", "liked", "near", "wider", "everyone"
TIERS = (LIKED, NEAR, WIDER, EVERYONE)
"""The order of the waves; AGAIN is what an employer asks for by hand: the people of last time."""
HERE, NEITHER, ELSEWHERE = 0, 1, 2
WAVE_MOST = 40
RUN_LEAST, RUN_MOST = timedelta(minutes=3), timedelta(minutes=30)
LOOK_AGAIN = timedelta(minutes=10)
EARLY_HOUR = 8
EVENING = time(19)
SMS_SILENT = timedelta(minutes=15)
WASTED_COUNTS = timedelta(days=7)
"""For so long somebody whose work was called off at the last moment is asked first in each wave."""


@dataclass(frozen=True)
class Asked:
    """One person who could be asked: in which wave, whether an employer lately cost them a trip, what the round says.

    `round`: it gave them this place (HERE), none (NEITHER), or another place on the same day (ELSEWHERE).
    """

    worker: Any
    tier: str
    first: bool = False
    round: int = NEITHER


@dataclass(frozen=True)
class Wave:
    """Who is asked now, how many yeses are expected of them in hundredths, how long the wave runs."""

    people: Sequence[Asked]
    expected: int
    runs: timedelta


def tier_of(*, liked: bool, same_trade: bool, distance_m: int | None, near_m: int) -> str:
    """The wave somebody belongs to: the employer said 好, near and of the trade, of the trade, of its kind."""
    if liked:
        return LIKED
    if not same_trade:
        return EVERYONE
    return NEAR if distance_m is not None and distance_m <= near_m else WIDER


def next_wave(
    people: Sequence[Asked], *, places: int, left: timedelta, accept_percent: Mapping[str, int], share_percent: int
) -> Wave:
    """The first tier that still has somebody, as many as will probably fill the places, at most forty.

    Of a hundred asked in a tier `accept_percent` say yes, so `places` need places × 100 ÷ that. In the last two hours
    half as many again are asked: there is no time for another wave. Inside a tier whoever lost a trip comes first, then
    those whom the last round gave this place, last those whom it gave another one; the fit decides between equals. A
    wave runs `share_percent` of the time left, between 3 and 30 minutes; one that can fill only a part runs for that
    part of it, so a short list holds nobody up.
    """
    tier = next((tier for tier in TIERS if any(one.tier == tier for one in people)), "")
    if not tier or places <= 0:
        return Wave((), 0, LOOK_AGAIN)
    percent = max(1, accept_percent[tier])
    wanted = math.ceil(places * 100 / percent)
    if left < timedelta(hours=2):
        wanted = math.ceil(wanted * 3 / 2)
    mine = [one for one in people if one.tier == tier]
    chosen = sorted(mine, key=lambda one: (not one.first, one.round))[: min(wanted, WAVE_MOST)]  # stable
    expected = len(chosen) * percent
    whole = min(max(left * share_percent / 100, RUN_LEAST), RUN_MOST)
    return Wave(tuple(chosen), expected, max(RUN_LEAST, min(whole, whole * expected / (places * 100))))


def ask_at(starts_at: datetime, *, minutes_before: int, call_from: time | None = None) -> datetime:
    """When somebody bound is asked 明天还来吗: 90 minutes before, but the evening before a start before eight.

    `starts_at` is local. Whoever said from when they may be called in the morning is asked no earlier; where that
    would be too late, the evening before.
    """
    asked = starts_at - timedelta(minutes=minutes_before)
    early = starts_at.hour < EARLY_HOUR or asked.date() != starts_at.date()
    if early or (call_from is not None and asked.time() < call_from):
        return datetime.combine(starts_at.date() - timedelta(days=1), EVENING, tzinfo=starts_at.tzinfo)
    return asked


def may_reach(clock: time, *, quiet: tuple[time, time], invites: str, call_from: time | None) -> bool:
    """Whether a push may go to this person at this time of day (NB-02e).

    The quiet hours hold for everybody; who asked to be called at night is asked at night, and who named an hour in the
    morning is asked from that hour on, earlier or later than the quiet hours end.
    """
    if invites == "off":
        return False
    if invites == "any":
        return True
    starts, ends = quiet
    ends = call_from or ends
    return ends <= clock < starts if ends <= starts else not starts <= clock < ends


def reach_minutes(distance_m: int, *, metres_per_minute: int) -> int:
    """How long the way takes, rounded up to whole minutes (U11)."""
    return math.ceil(distance_m / max(1, metres_per_minute))
