"""The record (口碑): events that count by the published rules, corrections, and the recognition they open."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from linggong.accounts import actions as accounts
from linggong.core import points as rules
from linggong.core.clock import now
from linggong.core.journal import record as journal
from linggong.core.reasons import plain
from linggong.reference.models import Trade
from linggong.workers import queries
from linggong.workers.models import Point, Recognition, Worker, WorkerTrade
from linggong.workers.record import CAUSES, LADDER, POINTS


@transaction.atomic
def worked(worker: Worker, trade: Trade, *, by: Any) -> None:
    """One more confirmed piece of work in this trade. The caller's own state keeps it from being told twice."""
    WorkerTrade.objects.bulk_create([WorkerTrade(worker=worker, trade=trade)], ignore_conflicts=True)
    WorkerTrade.objects.filter(worker=worker, trade=trade).update(times=F("times") + 1)
    journal("worker.worked", worker, by=by, trade=trade.pk)


@transaction.atomic
def give_points(worker: Worker, kind: str, *, cause: str, points: int | None = None, by: Any) -> Point:
    """Count one event of a published kind, once per kind and cause, then see what the sum opens or ends.

    `cause` names the row it comes from, e.g. "attendance:AB34"; the same kind and cause gives the first row again.
    `points` is what the region's schedule says where it says something else.
    """
    counts = POINTS[kind].points if points is None else points
    moment = now()
    point, fresh = Point.objects.get_or_create(
        worker=worker, kind=kind, cause=cause,
        defaults={"points": counts, "at": moment, "counts_until": moment + rules.COUNTS_FOR},
    )  # fmt: skip
    if fresh:
        journal("worker.counted", worker, by=by, kind=kind, cause=cause)
        reassess(worker, by=by)
    return point


@transaction.atomic
def correct_point(worker: Worker, kind: str, *, cause: str, because: str = "", by: Any) -> bool:
    """Take an event out of the record: it was wrong, or it is contested. It stays readable and no longer counts.

    Returns whether it counted until now; correcting twice, or what never counted, changes nothing. The same kind
    and cause does not count again by itself. Raises NoReason for a reason that may not be kept.
    """
    reason = plain(because) if because else ""
    mine = Point.objects.filter(worker=worker, kind=kind, cause=cause, corrected_at=None)
    if mine.update(corrected_at=now()) != 1:
        return False
    journal("worker.corrected", worker, by=by, kind=kind, cause=cause, because=reason)
    reassess(worker, by=by)
    text = _("口碑里有一条不再算了：{words}").format(words=POINTS[kind].words)
    accounts.tell(worker.user, text, kind="record_corrected", about=worker)
    return True


@transaction.atomic
def reassess(worker: Worker, *, by: Any = None) -> str:
    """Bring the recognition to where the published rule puts it now. Returns the state; a second call changes nothing.

    Every step is a row with its cause, and an event. One at a time per worker: of two at once the second waits and
    sees what the first wrote. A deal that counts for both sides tells the employer's record first (lock order).
    """
    Worker.objects.select_for_update(no_key=True).get(pk=worker.pk)
    latest = queries.latest_recognition(worker)
    state = latest.state if latest else "normal"
    held = latest is not None and state == "suspended" and latest.by_id is not None
    moment = now()
    for step in rules.steps(LADDER, state, list(worker.points.all()), moment, held=held):
        before, state = state, step.to
        _log(worker, state, cause=str(CAUSES[step.cause]), came_from=before, by=None, heard_from=by)
    return state


@transaction.atomic
def suspend_recognition(worker: Worker, *, because: str, by: Any) -> None:
    """A person suspends the recognition; it stays so until a person lifts it. Nothing happens when it is suspended."""
    reason = plain(because)
    state = queries.recognition(worker)
    if state != "suspended":
        _log(worker, "suspended", cause=reason, came_from=state, by=by, heard_from=by)


@transaction.atomic
def lift_recognition(worker: Worker, *, because: str, by: Any) -> str:
    """A person ends a suspension; where the rule still gives the recognition, it comes back. Returns the state."""
    reason = plain(because)
    if queries.recognition(worker) == "suspended":
        _log(worker, "normal", cause=reason, came_from="suspended", by=by, heard_from=by)
    return reassess(worker, by=by)


def _log(worker: Worker, state: str, *, cause: str, came_from: str, by: Any, heard_from: Any) -> None:
    Recognition.objects.create(worker=worker, state=state, cause=cause, at=now(), by=by)
    journal("worker.recognition", worker, by=heard_from, state=state, came_from=came_from, cause=cause)
    words = {
        "recognised": _("恭喜，你是优秀零工了：{cause}"),
        "suspended": _("优秀零工暂停了：{cause}。觉得不对可以申诉"),
    }.get(state)
    if words is None and came_from == "recognised":
        words = _("优秀零工没有了：{cause}")
    if words is not None:
        accounts.tell(worker.user, words.format(cause=cause), kind="worker_recognition", about=worker)
