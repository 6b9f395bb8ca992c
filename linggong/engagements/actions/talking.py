"""Talking: short texts between the two sides of one deal, without either seeing the other's number (SX-21)."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

import linggong.accounts.actions as accounts
from linggong.accounts.models import User
from linggong.core.clock import now
from linggong.core.journal import record
from linggong.engagements import queries
from linggong.engagements.models import Engagement, Message
from linggong.engagements.refusals import NothingSaid, NotTalking, SaidEnough

LONGEST = 200
A_DAY_MOST = 20


@transaction.atomic
def say(deal: Engagement, text: str, *, side: str, by: User) -> Message:
    """One side tells the other something; it lands in the inbox. Raises NotTalking, NothingSaid, SaidEnough."""
    moment, words = now(), " ".join(text.replace("\x00", "").split())
    if not queries.may_talk(deal, moment):
        raise NotTalking
    if not 0 < len(words) <= LONGEST:
        raise NothingSaid
    if deal.messages.filter(side=side, at__gt=moment - timedelta(days=1)).count() >= A_DAY_MOST:
        raise SaidEnough
    message = Message.objects.create(engagement=deal, side=side, text=words, by=by, at=moment)
    record("message.said", message, by=by, deal=deal.code, side=side)
    heard = [deal.worker.user] if side == "employer" else queries.employer_people(deal.employer)
    who = _("老板") if side == "employer" else _("工友")
    for person in heard:
        accounts.tell(person, _("{who}说：{words}").format(who=who, words=words), kind="message", about=deal)
    return message


@transaction.atomic
def report_message(message: Message, *, by: User) -> None:
    """Somebody finds a message wrong; a person reads it. The first time counts."""
    rows = Message.objects.filter(pk=message.pk, reported_at=None)
    if rows.update(reported_at=now(), reported_by=by) == 1:
        record("message.reported", message, by=by)
