"""What the last round says about a posting: whom the next wave asks first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

import linggong.reference.queries as reference
from linggong.core.clock import local
from linggong.matching.models import Proposal, Round, RoundPart
from linggong.postings.models import Posting

COUNTY = 6
LAST = 3
"""So many rounds back a part is looked for: the running one may not have come to this county yet."""


@dataclass(frozen=True)
class Proposed:
    """`here` are (worker key, points) that the round gave this posting, most points first; `part` is what said so."""

    part: RoundPart
    here: Sequence[tuple[int, int]]

    def elsewhere(self, posting: Posting, keys: Collection[int]) -> set[int]:
        """Those of these workers whom the same round gave another place on the same day."""
        given = Proposal.objects.filter(part=self.part, worker__in=keys, day=local(posting.next_starts_at).date())
        return set(given.exclude(posting=posting).values_list("worker_id", flat=True))


def minutes(moment: datetime) -> int:
    """So often a round is held."""
    return reference.setting("round_minutes", on=local(moment).date())


def due(moment: datetime) -> bool:
    """Whether a round should begin: where the engine is on, and the last one began long enough ago."""
    if not settings.ENGINE:
        return False
    since = moment - timedelta(minutes=minutes(moment)) + timedelta(seconds=30)  # the sweep comes once a minute
    return not Round.objects.filter(at__gt=since).exists()


def left(moment: datetime) -> QuerySet[RoundPart]:
    """Parts of the running round that were taken and not brought out, and whose time is over."""
    rows = RoundPart.objects.filter(
        round__state=Round.State.RUNNING, state=RoundPart.State.WAITING, lease_until__lte=moment
    )
    return rows.defer("inputs").order_by("pk")


def part(key: int) -> RoundPart | None:
    """A part by its key; None when it is gone with its round."""
    return RoundPart.objects.defer("inputs").filter(pk=key).first()


def proposed(posting: Posting, moment: datetime) -> Proposed | None:
    """What the last round that was brought out for this county says; None when there is none or it is too old.

    Too old is twice the time between two rounds: then the published order alone decides again.
    """
    fresh = Round.objects.filter(at__gt=moment - 2 * timedelta(minutes=minutes(moment)), at__lte=moment)
    keys = list(fresh.order_by("-pk").values_list("pk", flat=True)[:LAST])
    if not keys:
        return None
    rows = RoundPart.objects.select_related("round").defer("inputs")
    done = rows.filter(round__in=keys, state=RoundPart.State.DONE).order_by("-round_id", "number")
    county = posting.division_id[:COUNTY]
    found = next((row for row in done if county in row.counties), None)
    if found is None:
        return None
    here = Proposal.objects.filter(part=found, posting=posting).order_by("-points", "worker_id")
    return Proposed(found, list(here.values_list("worker_id", "points")))
