"""The live index of this process, for whoever asks; the kernels are loaded only where the engine is switched on."""

import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.conf import settings

from linggong.matching.score import Weights

if TYPE_CHECKING:
    from linggong.matching.live.index import Live

logger = logging.getLogger(__name__)

_here: "Live | None" = None
_pid = 0
_report: Callable[..., None] | None = None


def report_with(report: Callable[..., None]) -> None:
    """Who writes down how this process's index does; said once at start, since questions know no actions."""
    global _report
    _report = report


def here() -> "Live":
    """The index of this process. A process that was forked off begins with none."""
    global _here, _pid
    from linggong.matching.live.index import Live

    if _here is None or _pid != os.getpid():
        _here, _pid = Live(_report), os.getpid()
    return _here


def ready(weights: Weights) -> "Live | None":
    """The index when it may answer by these weights, else None: then the database does."""
    live = in_step()
    return live if live is not None and live.weighs(weights) else None


def in_step() -> "Live | None":
    """The index when it may answer what no weights have a say in, else None."""
    if not settings.ENGINE:
        return None
    live = here()
    if settings.ENGINE_THREAD:
        live.keep_running()
    if not live.in_step():
        if live.built_at is not None:
            logger.warning("the live index is %.0f s behind: the database answers", live.behind_s())
        return None
    return live
