"""What happens to postings while nobody is asking: time passes, reviewers are rung, lapsed employers rest."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.db import IntegrityError

import linggong.venues.queries as venues
from linggong.core.clock import now
from linggong.core.journal import every, on
from linggong.core.models import Event
from linggong.core.refusals import Refused
from linggong.postings import actions, digests, queries
from linggong.postings.models import Posting, Review, State

RING_BEFORE = timedelta(hours=3)
RING_AGAIN = timedelta(minutes=5)
WARN_BEFORE = timedelta(minutes=60)
BATCH = 500


@on("employer.lapsed", "employer.suspended", "employer.banned")
def rest_open_postings(event: Event) -> None:
    """An employer whose papers lapsed, or who was stopped, hires nobody: open postings pause."""
    for posting in Posting.objects.filter(employer_id=event.subject_id, state=State.PUBLISHED).order_by("pk"):
        _try(actions.pause, posting, by=None, because=event.name)


@every(minutes=1)
def time_passes() -> None:
    """Started, expired, finished: no posting is open past its last start (U03)."""
    for posting in queries.overtaken(now())[:BATCH]:
        _try(actions.pass_time, posting)


@every(minutes=1)
def ring_reviewers() -> None:
    """A posting that starts in under three hours rings the reviewer on duty, after five minutes the next one."""
    moment = now()
    soon = queries.waiting_reviews().filter(posting__next_starts_at__lte=moment + RING_BEFORE)
    for review in soon.prefetch_related("rings")[:BATCH]:
        rings = list(review.rings.all())
        if rings and max(r.at for r in rings) > moment - RING_AGAIN:
            continue
        rung = {r.user_id for r in rings} | {review.posting.posted_by_id}
        on_duty = venues.reviewers_on_call(review.posting.division_id, moment)
        user = next((u for u in on_duty if u.pk not in rung), None)
        if user is not None:
            _try(actions.ring, review, user, rank=len(rings) + 1)


@every(minutes=1)
def warn_of_missed_starts() -> None:
    """Less than an hour to the start and still in review: whoever watches must know (GX-07)."""
    late = queries.waiting_reviews().filter(alerted_at=None, posting__next_starts_at__lte=now() + WARN_BEFORE)
    for review in late[:BATCH]:
        _try(actions.warn_of_missed_start, review)


@every(hours=6)
def tidy_the_index() -> None:
    """What is over for good is found by its code and in the records, no longer by words."""
    actions.forget_finished()


@every(minutes=5)
def write_digests() -> None:
    """每日用工信息, once a day and community from the hour the region set (GX-17)."""
    for division in digests.due(now()):
        with suppress(IntegrityError):  # another worker was faster
            actions.make_digest(division, by=None)


def _try(do: Callable[..., Any], row: Posting | Review, *args: Any, **facts: Any) -> None:
    """One row that refuses, because somebody was faster, does not stop the sweep."""
    try:
        do(row, *args, **facts)
    except Refused:
        return
