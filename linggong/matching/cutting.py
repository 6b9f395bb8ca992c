"""Where today's land is cut for a round: counties that people cross for work stay together.

How many go from one county to another is counted from who worked where (`Tie`), and from who could: people on one side
and free places on the other, where the two lie within the reach of anybody. Counties that nothing joins are parts of
their own, which loses nothing; what is still too large for one part is cut where the fewest cross (`clusters`).
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import numpy as np
from django.db.models import Count, F, Sum

from linggong.matching import clusters
from linggong.matching.candidates import REACH_MOST_M
from linggong.matching.models import Tie
from linggong.postings.models import Shift, State
from linggong.reference.geo import distance_m
from linggong.reference.models import Division
from linggong.workers.models import Worker

COUNTY = 6
"""So many digits of a division's code name its county."""


def cut(moment: datetime, *, people_most: int) -> list[list[str]]:
    """The counties of each part, those with open places only; the same tables give the same parts."""
    homes, work = _people(), _places(moment)
    names = sorted(homes.keys() | work.keys())
    if not names:
        return []
    flow = _flow(names, homes, work)
    found = []
    for piece in _joined(flow):
        people = sum(homes[names[n]] for n in piece)
        parts = min(len(piece), max(1, -(-people // people_most)))
        part = clusters.cut(flow[np.ix_(piece, piece)], parts)
        found += [[names[n] for n, mine in zip(piece, part, strict=True) if mine == k] for k in range(parts)]
    return [counties for counties in found if any(work[c] for c in counties) and any(homes[c] for c in counties)]


def _people() -> Counter[str]:
    rows = Worker.objects.filter(taking_work=True).exclude(invites="off").order_by()
    return _counted(rows.values_list("division_id").annotate(n=Count("pk")))


def _places(moment: datetime) -> Counter[str]:
    rows = Shift.objects.filter(
        posting__state=State.PUBLISHED, posting__listed=True, starts_at__gt=moment, called_off_at=None
    ).order_by()
    return _counted(rows.values_list("posting__division_id").annotate(n=Sum(F("places") - F("taken"))))


def _counted(rows: Iterable[tuple[str, int]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for code, n in rows:
        found[code[:COUNTY]] += n
    return found


def _flow(names: list[str], homes: Counter[str], work: Counter[str]) -> np.ndarray:
    flow = np.zeros((len(names), len(names)), np.int64)
    rows = Division.objects.in_bulk(names)
    places = [(rows[name].lat, rows[name].lng) if name in rows else (None, None) for name in names]
    for a, here in enumerate(names):
        for b, there in enumerate(names):
            near = a == b or (None not in places[a] + places[b] and distance_m(*places[a], *places[b]) <= REACH_MOST_M)
            flow[a, b] = min(homes[here], work[there]) if near else 0
    at = {name: n for n, name in enumerate(names)}
    went = Tie.objects.filter(kind="together").order_by().values_list("worker__division_id", "employer__division_id")
    for home, place, times in went.annotate(n=Sum("times")):
        a, b = at.get(home[:COUNTY]), at.get(place[:COUNTY])
        if a is not None and b is not None:
            flow[a, b] += times
    return flow


def _joined(flow: np.ndarray) -> list[list[int]]:
    """The pieces of the land that nothing joins, each in order, the first county first."""
    both = (flow + flow.T) > 0
    left, found = set(range(len(flow))), []
    while left:
        piece, edge = set(), {min(left)}
        while edge:
            piece |= edge
            edge = {int(n) for one in edge for n in np.flatnonzero(both[one])} - piece
        found.append(sorted(piece))
        left -= piece
    return found
