"""What matching does while nobody asks: check the live index, let go of what is past its time."""

import logging

from django.conf import settings

from linggong.core.journal import every
from linggong.matching import actions, queries
from linggong.matching.live import running

logger = logging.getLogger(__name__)


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
