"""What was tried to hear whether somebody comes: the message, the automatic call, and a person's own call."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

import linggong.accounts.queries as accounts
from linggong.accounts.messages import OUTCOMES
from linggong.accounts.models import Call, Sms
from linggong.core.clock import local
from linggong.engagements.models import Confirmation


@dataclass(frozen=True)
class Tried:
    """The last message and the call about one question 还来吗, as far as there are any."""

    sms: Sms | None
    call: Call | None

    @property
    def rings(self) -> bool:
        """Is the automatic call under way?"""
        return self.call is not None and self.call.state in (Call.State.WAITING, Call.State.PLACED)


def tried(rows: Iterable[Confirmation]) -> dict[str, Tried]:
    """By the code of the question, in two queries however many there are."""
    numbers = {one.code: one.attendance.engagement.worker.user.phone_hash for one in rows}
    texts = accounts.sms_about_rows(Confirmation, numbers)
    calls = accounts.calls_about(Confirmation, list(numbers))
    return {code: Tried(texts.get(code), calls.get(code)) for code in numbers}


def in_words(confirmation: Confirmation, what: Tried) -> list[str]:
    """For whoever calls next: when, and what became of it."""
    said = []
    if what.sms is not None:
        at, how = local(what.sms.created_at), what.sms.get_state_display()
        said.append(_("短信 {at} {how}").format(at=f"{at:%-H:%M}", how=how))
    if what.call is not None:
        at = local(what.call.placed_at or what.call.created_at)
        how = OUTCOMES.get(what.call.outcome, what.call.get_state_display())
        said.append(_("自动电话 {at} {how}").format(at=f"{at:%-H:%M}", how=how))
    if confirmation.called_at is not None and confirmation.called_by_id is not None:
        said.append(_("人打的电话 {at} 没打通").format(at=f"{local(confirmation.called_at):%-H:%M}"))
    return said
