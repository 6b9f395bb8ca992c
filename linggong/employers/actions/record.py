"""The record: events that count by the published rules, corrections, and 诚信企业 given, suspended and lost."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linggong.accounts import actions as accounts
from linggong.core import points as rules
from linggong.core.clock import now
from linggong.core.journal import record as journal
from linggong.core.reasons import plain
from linggong.core.refusals import Refused
from linggong.employers import queries
from linggong.employers.models import Employer, Point, Recognition
from linggong.employers.record import CAUSES, LADDER, POINTS


class NotEarned(Refused):
    """The published rule does not give the recognition now, and nobody gives it past the rule."""

    message = _("还没达到公布的条件，不能认定诚信企业")


@transaction.atomic
def give_points(employer: Employer, kind: str, *, cause: str, points: int | None = None, by: Any) -> Point:
    """Count one event of a published kind, once per kind and cause, then see what the sum opens or ends.

    One `upheld_complaint` suspends the recognition and the fast pass in this transaction (FJ-23). `cause` names
    the row it comes from, e.g. "settlement:AB34"; the same kind and cause gives the first row again.
    `points` is what the region's schedule says where it says something else.
    """
    counts = POINTS[kind].points if points is None else points
    moment = now()
    point, fresh = Point.objects.get_or_create(
        employer=employer, kind=kind, cause=cause,
        defaults={"points": counts, "at": moment, "counts_until": moment + rules.COUNTS_FOR},
    )  # fmt: skip
    if fresh:
        journal("employer.counted", employer, by=by, kind=kind, cause=cause)
        reassess(employer, by=by)
    return point


@transaction.atomic
def correct_point(employer: Employer, kind: str, *, cause: str, because: str = "", by: Any) -> bool:
    """Take an event out of the record: it was wrong, or it is contested. It stays readable and no longer counts.

    Returns whether it counted until now; correcting twice, or what never counted, changes nothing. The same kind
    and cause does not count again by itself. Raises NoReason for a reason that may not be kept.
    """
    reason = plain(because) if because else ""
    mine = Point.objects.filter(employer=employer, kind=kind, cause=cause, corrected_at=None)
    if mine.update(corrected_at=now()) != 1:
        return False
    journal("employer.corrected", employer, by=by, kind=kind, cause=cause, because=reason)
    reassess(employer, by=by)
    return True


@transaction.atomic
def reassess(employer: Employer, *, by: Any = None) -> str:
    """Bring the recognition to where the published rule puts it now. Returns the state; twice changes nothing more.

    Every step is a row with its cause, and an event. One at a time per employer: of two at once the second waits
    and sees what the first wrote. A deal that counts for both sides tells this record before the worker's (lock order).
    """
    Employer.objects.select_for_update(no_key=True).get(pk=employer.pk)
    latest = queries.latest_recognition(employer)
    state = latest.state if latest else "normal"
    held = latest is not None and state == "suspended" and latest.by_id is not None
    for step in rules.steps(LADDER, state, list(employer.points.all()), now(), held=held):
        before, state = state, step.to
        _log(employer, state, cause=str(CAUSES[step.cause]), came_from=before, by=None, heard_from=by)
    return state


@transaction.atomic
def recognise(employer: Employer, *, because: str, by: Any) -> None:
    """A person ends a suspension or confirms 诚信企业, never past the rule. Raises NotEarned, NoReason."""
    reason = plain(because)
    state = queries.recognition(employer)
    if state == "recognised":
        return
    if not rules.meets(LADDER.recognised, list(employer.points.all()), now()):
        raise NotEarned
    if state == "suspended":
        _log(employer, "normal", cause=reason, came_from=state, by=by, heard_from=by)
    reassess(employer, by=by)


@transaction.atomic
def suspend_recognition(employer: Employer, *, because: str, by: Any) -> None:
    """A person suspends the recognition, and with it the fast pass, until a person recognises it again.

    Suspending what is suspended changes nothing. Raises NoReason.
    """
    reason = plain(because)
    state = queries.recognition(employer)
    if state != "suspended":
        _log(employer, "suspended", cause=reason, came_from=state, by=by, heard_from=by)


def _log(employer: Employer, state: str, *, cause: str, came_from: str, by: Any, heard_from: Any) -> None:
    Recognition.objects.create(employer=employer, state=state, cause=cause, at=now(), by=by)
    journal("employer.recognition", employer, by=heard_from, state=state, came_from=came_from, cause=cause)
    words = {
        "recognised": _("恭喜，评上诚信企业了：{cause}"),
        "suspended": _("诚信企业和免审快办暂停了：{cause}。觉得不对可以申诉"),
    }.get(state)
    if words is None and came_from == "recognised":
        words = _("诚信企业没有了：{cause}")
    if words is not None:
        for member in queries.members_of(employer):
            accounts.tell(member.user, words.format(cause=cause), kind="employer_recognition", about=employer)
