"""Inviting: an empty place asks for people, in waves and in the open, until it is filled or somebody says stop."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

import linggong.accounts.actions as accounts
import linggong.matching.actions as matched
import linggong.matching.queries as matching
import linggong.postings.queries as posted
import linggong.reference.queries as reference
from linggong.accounts.models import User
from linggong.core.clock import local, now
from linggong.core.journal import record
from linggong.core.money import yuan
from linggong.engagements import invited, waves
from linggong.engagements.actions.joining import LATE_LEAST
from linggong.engagements.models import Filling, Invitation
from linggong.engagements.refusals import NobodyKnown, NothingToFill, NotThisWay
from linggong.engagements.waves import Asked
from linggong.postings.models import Posting, Shift, State, WayIn

LAST_TIME_MOST = 20
ALTERNATIVES = 2
LATE_FOR_EACH = 3
_S, _F = Invitation.State, Filling.State


@transaction.atomic
def fill(posting: Posting, *, why: str, by: User | None) -> Filling:
    """帮我补满, or a start that is near: from now on invitations go out. Idempotent; a stopped one goes on.

    Raises NothingToFill where no place is free, NotThisWay where the station sends people.
    """
    moment = now()
    if posting.way_in == WayIn.DISPATCH:
        raise NotThisWay
    if posting.state != State.PUBLISHED or not posted.places_left(posting, moment):
        raise NothingToFill
    filling = _of(posting, moment, why=why, by=by)
    if filling.state in (_F.FILLED, _F.STOPPED):
        filling.move(_F.RUNNING, by=by, next_at=moment, nobody_left=False)
    return filling


def _of(posting: Posting, moment: Any, *, why: str, by: User | None) -> Filling:
    if (found := invited.filling_of(posting)) is not None:
        return found
    try:
        with transaction.atomic():
            return Filling.begin(by=by, posting=posting, why=why, begun_at=moment, next_at=moment, begun_by=by)
    except IntegrityError:
        return Filling.objects.get(posting=posting)  # the clock and the employer at the same moment


@transaction.atomic
def stop_filling(filling: Filling, *, by: User) -> None:
    """不用叫了. Whoever was asked may still come while places last."""
    filling.move(_F.STOPPED, by=by)


@transaction.atomic
def fill_again(posting: Posting) -> bool:
    """A place came free and nobody stood in line: the invitations go on within the minute. Returns whether they do."""
    filling = invited.filling_of(posting)
    if filling is None or filling.state != _F.FILLED or not posted.places_left(posting, now()):
        return False
    filling.move(_F.RUNNING, by=None, next_at=now(), nobody_left=False)
    return True


@transaction.atomic
def send_wave(filling: Filling) -> list[Invitation]:
    """The next wave: the right people in the right order, all of them or none.

    The wave's number is counted up by compare-and-set in the transaction that writes the invitations: of two workers
    one sends it, and one that is killed in the middle has sent nothing. Nobody is asked in their quiet hours, more
    often a day than the region's cap, against a hard limit, or who switched it off. Whom the last round gave the place is
    asked before others of the tier, and the round's decision is kept. Returns those who were asked.
    """
    moment, posting = now(), filling.posting
    places = posted.places_left(posting, moment)
    if filling.state != _F.RUNNING or posting.state != State.PUBLISHED or not places:
        return []
    left = min(shift.starts_at for shift in posted.shifts_to_come(posting, moment)) - moment
    day = local(moment).date()
    rule = {"division_code": posting.division_id, "on": day}
    by_round = matching.proposed(posting, moment)
    wave = waves.next_wave(
        invited.could_be_asked(filling, moment, by_round), places=places, left=left,
        accept_percent=reference.setting("invite_accept_percent", **rule),
        share_percent=reference.setting("invite_wave_percent", **rule),
    )  # fmt: skip
    number = filling.wave + bool(wave.people)
    mine = Filling.objects.filter(pk=filling.pk, state=_F.RUNNING, wave=filling.wave, next_at=filling.next_at)
    if mine.update(wave=number, next_at=moment + wave.runs, nobody_left=not wave.people) != 1:
        return []
    filling.wave, filling.next_at, filling.nobody_left = number, moment + wave.runs, not wave.people
    sent = _ask_all(filling, wave.people, number, moment)
    if sent:
        chosen = {one.worker.pk for one in wave.people if one.round == waves.HERE}
        by_it = sum(invitation.worker_id in chosen for invitation in sent)
        decision = matched.acted_on_round(by_round, posting) if by_it else None
        record(
            "filling.wave", filling, by=None, number=number, tier=sent[0].tier, asked=len(sent), places=places,
            **({"by_round": by_it, "decision": decision.code} if decision else {}),
        )  # fmt: skip
    return sent


@transaction.atomic
def ask_last_time(posting: Posting, *, by: User) -> list[Invitation]:
    """还是上次那几个人: one tap asks whoever worked the last posting of this trade; the usual limits hold.

    Raises NobodyKnown where none of them can come, NothingToFill, NotThisWay.
    """
    moment = now()
    filling = fill(posting, why="asked", by=by)
    people = [Asked(worker, waves.AGAIN) for worker in invited.of_last_time(posting, moment)[:LAST_TIME_MOST]]
    number = filling.wave + 1
    mine = Filling.objects.filter(pk=filling.pk, state=_F.RUNNING, wave=filling.wave)
    if not people or mine.update(wave=F("wave") + 1, next_at=moment + waves.RUN_MOST / 2) != 1:
        raise NobodyKnown
    filling.refresh_from_db()
    sent = _ask_all(filling, people, number, moment)
    if not sent:
        raise NobodyKnown
    record("filling.wave", filling, by=by, number=number, tier=waves.AGAIN, asked=len(sent))
    return sent


@transaction.atomic
def refuse_invitation(invitation: Invitation, *, by: User, acting_for: User | None = None) -> None:
    """这次不去. Costs nothing and is asked nowhere why."""
    invitation.move(_S.REFUSED, by=by, acting_for=acting_for, answered_at=now())


@transaction.atomic
def take_invitation(invitation: Invitation, *, by: User | None) -> None:
    """The person came by the ordinary 我要去: written down beside the invitation, so that the share of yeses is known."""
    if invitation.state != _S.TAKEN:
        invitation.move(_S.TAKEN, by=by, answered_at=now())


@transaction.atomic
def note_call(invitation: Invitation, text: str, *, by: User) -> None:
    """The desk called and nobody answered; it stays on the list."""
    Invitation.objects.filter(pk=invitation.pk, state=_S.SENT).update(noted=text[:40])
    record("invitation.noted", invitation, by=by)


@transaction.atomic
def filled(posting: Posting) -> int:
    """The last place went: whoever was still being asked hears it in one sentence, with what else there is.

    Nobody is woken for it: it lies in the inbox. Returns how many were told. Idempotent.
    """
    filling = invited.filling_of(posting)
    if filling is None or filling.state != _F.RUNNING:
        return 0
    filling.move(_F.FILLED, by=None)
    told = 0
    for invitation in invited.open_invitations(filling):
        invitation.move(_S.MISSED, by=None)
        accounts.tell(invitation.worker.user, _too_late(invitation), kind="invitation_missed", about=posting)
        told += 1
    return told


@transaction.atomic
def end_filling(filling: Filling) -> None:
    """The posting is over: nothing more goes out, and what was open lapses in silence."""
    filling.move(_F.OVER, by=None)
    for invitation in invited.open_invitations(filling):
        invitation.move(_S.MISSED, by=None)


@transaction.atomic
def ask_late(shift: Shift) -> list[Invitation]:
    """Somebody did not come and the shift runs: those who stood in line or just missed it are asked to come now.

    One tap binds for the rest of the shift. Three for each free place; asked again only while a place is free.
    Idempotent.
    """
    moment, posting = now(), shift.posting
    free = shift.places - shift.taken
    if free <= 0 or shift.called_off_at is not None or not shift.starts_at <= moment < shift.ends_at - LATE_LEAST:
        return []
    filling = invited.filling_of(posting)
    if filling is None:
        filling = Filling.begin(by=None, posting=posting, why="soon", state=_F.OVER, begun_at=moment, next_at=moment)
    wanted = free * LATE_FOR_EACH - invited.asked_late(shift)
    if wanted <= 0:
        return []
    again = list(invited.could_take_over(filling, shift, moment)[:wanted])
    for invitation in again:
        invitation.move(_S.SENT, by=None, late_shift=shift, sent_at=moment, answered_at=None)
        _tell_late(invitation, shift)
    line = invited.in_line_uninvited(filling, moment)[: wanted - len(again)]
    if line:
        people = [Asked(deal.worker, waves.LIKED) for deal in line]
        fresh = _ask_all(filling, people, filling.wave + 1, moment, late=shift)
        Filling.objects.filter(pk=filling.pk).update(wave=F("wave") + 1)
        again += fresh
    return again


def _tell_late(invitation: Invitation, shift: Shift) -> None:
    accounts.tell(
        invitation.worker.user, _late_words(shift), kind="invited", about=invitation,
        sms="place" if invitation.channel == "phone" else "",
    )  # fmt: skip


def _late_words(shift: Shift) -> str:
    posting, ends = shift.posting, local(shift.ends_at)
    return _("有人没到，现在去{what}，干到 {t}，按干的时间算钱").format(what=posting.title, t=f"{ends:%-H:%M}")


# --- the inside of inviting ----------------------------------------------------------------------------------


def _ask_all(
    filling: Filling, people: Sequence[Asked], number: int, moment: Any, *, late: Shift | None = None
) -> list[Invitation]:
    """One invitation each; somebody whom another posting asked at this very moment is left for the next wave."""
    posting, day = filling.posting, local(moment).date()
    sent = []
    counted = invited.asked_today([one.worker.pk for one in people], day)
    words = _words(posting) if late is None else _late_words(late)
    for one in sorted(people, key=lambda row: row.worker.pk):  # rows of one table by key (lock order)
        of_day = counted.get(one.worker.pk, 0) + 1
        try:
            with transaction.atomic():
                invitation = Invitation.begin(
                    by=None, filling=filling, posting=posting, worker=one.worker, wave=number, tier=one.tier,
                    channel="desk" if invited.by_hand(one.worker) else "phone", sent_at=moment, day=day, of_day=of_day,
                    late_shift=late,
                )  # fmt: skip
        except IntegrityError:
            continue
        sent.append(invitation)
        accounts.tell(
            one.worker.user, words, kind="invited", about=invitation,
            sms="place" if invitation.channel == "phone" else "", urgent=None,
        )  # fmt: skip
    return sent


def _words(posting: Posting) -> str:
    start = local(posting.next_starts_at)
    unit = posting.get_pay_unit_display()
    return _("叫你去干活：{m}月{d}日 {t} {what}，{fen} 元/{unit}").format(
        m=start.month, d=start.day, t=f"{start:%-H:%M}", what=posting.title, fen=yuan(posting.pay_fen), unit=unit
    )


def _too_late(invitation: Invitation) -> str:
    """What somebody reads who did not get the place: that it is nobody's fault, and two others by name."""
    said = _("{what}招满了，这次没赶上，不算你的。").format(what=invitation.posting.title)
    others = [
        match.posting
        for match in matching.for_worker(invitation.worker, now(), limit=ALTERNATIVES + 1)
        if match.posting.pk != invitation.posting_id
    ][:ALTERNATIVES]
    if not others:
        return said + _("有新的合适的再叫你")
    named = "、".join(_("{what} {fen} 元").format(what=p.title, fen=yuan(p.pay_fen)) for p in others)
    return said + _("附近还有：{named}").format(named=named)


def soon(posting: Posting, moment: Any) -> bool:
    """Whether this posting starts so soon that it is filled by invitations without being asked to."""
    hours = reference.setting("invite_within_hours", division_code=posting.division_id, on=local(moment).date())
    return posting.listed and moment < posting.next_starts_at <= moment + timedelta(hours=hours)
