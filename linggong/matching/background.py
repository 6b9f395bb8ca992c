"""What matching does while nobody asks: check the live index, let go of what is past its time."""

import logging
from datetime import timedelta

from django.conf import settings

import linggong.venues.queries as venues
from linggong.core.clock import local, now
from linggong.core.journal import every
from linggong.matching import actions, draws, queries, wishing
from linggong.matching.live import running

logger = logging.getLogger(__name__)
WISHES_AT_ONCE = 500
EVENING = 18  # from this hour on the draw of the next morning is committed to


@every(minutes=1)
def check_the_index() -> None:
    """See to it that this process has its index, and say so where any process found its own wrong or late.

    Each process checks its own index once a minute: the one of another cannot be seen from here.
    """
    if not settings.ENGINE:
        return
    if settings.ENGINE_THREAD:
        running.here().keep_running()
    for report in queries.index_reports():
        if report.drift or report.behind_ms > queries.BEHIND_MS:
            logger.error(
                "live index of %s: %d rows differed, %d ms behind", report.process, report.drift, report.behind_ms
            )


@every(hours=1)
def let_go_of_the_old() -> None:
    """Decisions after their months, notes that every index has read."""
    actions.let_go()


@every(minutes=1)
def call_who_wished() -> None:
    """有了叫我: whoever found nothing hears within a minute when such work is out (DESIGN W1, W4)."""
    for row in wishing.due(now())[:WISHES_AT_ONCE]:
        actions.look_for(row)


@every(minutes=10)
def seal_the_draw_of_tomorrow() -> None:
    """摇号, where a venue switched it on: the hash is out the evening before. A draw nobody held is opened afterwards,
    so that no seed stays hidden because of how it would have come out.
    """
    moment = local(now())
    for draw in draws.never_held(moment.date()):
        actions.hold_draw(draw, by=None)
    if moment.hour >= EVENING:
        for venue in venues.listed().filter(by_draw=True):
            actions.commit_draw(venue, moment.date() + timedelta(days=1))
