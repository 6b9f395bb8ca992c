"""Looking at other people's data, and acting for other people: both leave a row that those people can read."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from linggong.accounts import queries
from linggong.accounts.models import Assisted, Look, User
from linggong.core.clock import now
from linggong.core.journal import record
from linggong.core.refusals import Refused
from linggong.core.sealed import unseal

_COLUMNS = {"phone": "phone_sealed", "id_number": "id_sealed"}


class TooManyLooks(Refused):
    """The day's budget of full views is used up: the guard against bulk look-ups by insiders."""

    message = _("今天查看完整信息的次数用完了。确实要查，请找站长或系统管理员")
    status = 429


class NoReason(Refused):
    """Nobody looks without saying why."""

    message = _("查看完整信息要写明原因，比如关联的活或投诉编号")
    status = 422


@transaction.atomic
def look_at(subject: User, what: str, *, by: User, role: str, reason: str) -> str:
    """Open a sealed value ("phone" or "id_number") of somebody, and write down who looked and why.

    One's own data costs nothing and leaves nothing. Raises NoReason, TooManyLooks (60 full views a day unless
    the setting "look_budget" says otherwise), KeyError for an unknown `what`.
    """
    column = _COLUMNS[what]
    if by != subject:
        note_look(subject, what, by=by, role=role, reason=reason)
    return unseal(subject, column)


@transaction.atomic
def note_look(subject: User, what: str, *, by: User, role: str, reason: str) -> Look | None:
    """Write down a full view of something another app keeps sealed; the same budget counts.

    None when somebody looks at their own. Raises NoReason, TooManyLooks.
    """
    if by == subject:
        return None
    reason = reason.strip()
    if not reason:
        raise NoReason
    if queries.looks_left(by, role) <= 0:
        raise TooManyLooks
    return Look.objects.create(
        subject=subject, viewer=by, role=role[:60], what=what[:40], reason=reason[:120], at=now()
    )


@transaction.atomic
def assisted(
    *, acted_by: User, acting_for: User, act: str, about: Any = None, consent_how: str, receipt: Any
) -> Assisted:
    """Write down one thing done for somebody else. `receipt` is what the slip says, in their words."""
    row = Assisted.objects.create(
        acted_by=acted_by, acting_for=acting_for, act=act[:60], consent_how=consent_how,
        receipt=str(receipt), at=now(),
        about_type=about._meta.label_lower if about is not None else "",
        about_code=about.code if about is not None else "",
    )  # fmt: skip
    record("assisted.done", row, by=acted_by, acting_for=acting_for, act=row.act)
    return row
