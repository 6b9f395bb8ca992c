"""What happens to deals while nobody is asking."""

import contextlib
from datetime import timedelta

from django.conf import settings

import linggong.matching.actions as matching
import linggong.payments.actions as payments
import linggong.postings.actions as postings
import linggong.postings.queries as posted
import linggong.reference.queries as reference
from linggong.accounts.models import Call, SmsReply
from linggong.core.clock import local, now
from linggong.core.journal import every, on
from linggong.core.models import Event
from linggong.core.states import Moved
from linggong.engagements import actions, invited, newcomers, parties, queries
from linggong.engagements.models import Attendance, Confirmation, Engagement, Filling, Party, Rating, Stage, State
from linggong.engagements.refusals import NothingToFill, NotThisWay
from linggong.matching import proposing
from linggong.payments.models import Funding, Settlement
from linggong.postings.models import Posting, Shift


@on("funding.funded")
def wages_are_held(event: Event) -> None:
    """Money for a posting arrived at the custodian: the posting says so from now on."""
    funding = Funding.objects.get(pk=event.subject_id)
    posting = Posting.objects.get(code=funding.ref.removeprefix("posting:"))
    if posting.funded_at is None:
        postings.mark_funded(posting, by=None)


@on("shift.freed", "posting.published")
def fill_what_fell_out(event: Event) -> None:
    """A place is free: the first in line gets it; where nobody stands in line the invitations go on."""
    if event.subject_type == Shift._meta.label_lower:
        posting = Shift.objects.select_related("posting").get(pk=event.subject_id).posting
    else:
        posting = Posting.objects.get(pk=event.subject_id)
    actions.promote(posting)
    posting.refresh_from_db()
    if not actions.fill_again(posting) and actions.soon(posting, now()):
        _fill(posting)


def _fill(posting: Posting) -> None:
    """Begin inviting, unless it began, nobody is needed, the station sends people, or the employer said stop."""
    if (before := invited.filling_of(posting)) is not None and before.state != Filling.State.RUNNING:
        return
    with contextlib.suppress(NothingToFill, NotThisWay):
        filling = actions.fill(posting, why="soon", by=None)
        if filling.next_at <= now():
            actions.send_wave(filling)


@on("attendance.no_show_worker")
def take_over_from_who_did_not_come(event: Event) -> None:
    """The shift runs and somebody is missing: those who just missed it are asked to come now."""
    shift = queries.attendances(pk=event.subject_id).get().shift
    actions.ask_late(Shift.objects.select_related("posting").get(pk=shift.pk))


@on("posting.full")
def nobody_more_is_asked(event: Event) -> None:
    """The last place went: whoever was being asked hears it, with what else there is."""
    actions.filled(Posting.objects.get(pk=event.subject_id))


@on("engagement.confirmed", "engagement.applied")
def an_invitation_was_taken(event: Event) -> None:
    """Somebody who was asked came: that is what the next figures about acceptance rest on."""
    deal = Engagement.objects.select_related("posting", "worker").get(pk=event.subject_id)
    for invitation in invited.invitations_for(deal.posting, deal.worker):
        _try(actions.take_invitation, invitation, by=event.by)


@on("posting.changed")
def ask_everybody_again(event: Event) -> None:
    """Pay, place, time or content changed: whoever is bound is asked again, whoever applied too."""
    posting = Posting.objects.get(pk=event.subject_id)
    for deal in queries.bound(posting).filter(state=State.CONFIRMED):
        if deal.version.number != posting.version and queries.expected(deal):
            _try(actions.ask_again, deal, by=None)


@on("posting.taken_down", "posting.closed", "posting.expired")
def nobody_waits_for_nothing(event: Event) -> None:
    """The posting is gone: applications and the line end, with a word to each; wages not needed go back."""
    posting = Posting.objects.get(pk=event.subject_id)
    for deal in queries.of_posting(posting).filter(state__in=[State.APPLIED, State.OFFERED, State.WAITLISTED]):
        _try(actions.decline, deal, because="posting_gone", by=None)
    payments.refund_rest(f"posting:{posting.code}", by=None)


@on("posting.started", "posting.taken_down", "posting.closed", "posting.expired")
def nobody_is_asked_any_more(event: Event) -> None:
    """The last start has passed, or the posting is gone: its invitations end."""
    filling = invited.filling_of(Posting.objects.get(pk=event.subject_id))
    if filling is not None and filling.state != Filling.State.OVER:
        _try(actions.end_filling, filling)


@on("posting.changed", "posting.taken_down", "posting.closed", "posting.expired", "posting.started")
def parties_end_with_what_they_said_yes_to(event: Event) -> None:
    """Who asks together said yes to these terms. An employer who changed them asks a party that waits anew, by hand."""
    posting = Posting.objects.get(pk=event.subject_id)
    changed = event.name == "posting.changed"
    for party in parties.open_for(posting):
        if not changed or (party.state == Party.State.ASKING and _other_terms(party)):
            _try(actions.end_party, party, because="changed" if changed else "posting_gone")


def _other_terms(party: Party) -> bool:
    return posted.current_version(party.posting).terms_hash != party.terms_hash


@on("engagement.withdrawn", "engagement.declined")
def an_application_together_ends_for_all(event: Event) -> None:
    """One of several who asked together is out before the employer chose: all or none."""
    one = parties.of_deal(Engagement.objects.get(pk=event.subject_id))
    if one is not None and one.party.state == Party.State.APPLIED:
        _try(actions.end_party, one.party, because="left")


@on("engagement.cancelled_by_worker", "engagement.cancelled_by_employer")
def the_others_of_a_party_are_told(event: Event) -> None:
    """One fell out after all were bound: the others stay, and may leave free of cost for a while."""
    actions.one_fell_out(Engagement.objects.select_related("posting").get(pk=event.subject_id))


@every(minutes=1)
def parties_lapse() -> None:
    """Not everybody answered in time: nobody goes this way, and each is told."""
    for party in parties.lapsed(now())[:200]:
        _try(actions.end_party, party, because="lapsed")


@on("smsreply.heard")
def somebody_answered_by_message(event: Event) -> None:
    """1 is yes, 2 is no, to the question 还来吗 that the message was about."""
    reply = SmsReply.objects.get(pk=event.subject_id)
    if reply.about_type != Confirmation._meta.label_lower or reply.text.strip() not in ("1", "2"):
        return
    asked = invited.confirmation_by_code(reply.about_code)
    if asked is None or asked.attendance.engagement.worker.user_id != reply.user_id:
        return
    say = actions.say_coming if reply.text.strip() == "1" else actions.say_not_coming
    _try(say, asked, how="sms", by=reply.user)


@on("call.pressed")
def somebody_answered_by_key(event: Event) -> None:
    """The same by telephone: 1 is yes, 2 is no."""
    call = Call.objects.get(pk=event.subject_id)
    if (asked := _asked_by(call)) is not None:
        say = actions.say_coming if event.data["key"] == "1" else actions.say_not_coming
        _try(say, asked, how="call", by=call.user)


@on("call.missed")
def nobody_answered_the_call(event: Event) -> None:
    """Busy, off or ringing for nothing: the person on duty sees what was tried. The place stays theirs."""
    if (asked := _asked_by(Call.objects.get(pk=event.subject_id))) is not None:
        _try(actions.call_failed, asked, by=None)


def _asked_by(call: Call) -> Confirmation | None:
    if call.about_type != Confirmation._meta.label_lower:
        return None
    asked = invited.confirmation_by_code(call.about_code)
    return asked if asked is not None and asked.attendance.engagement.worker.user_id == call.user_id else None


@on("shift.called_off")
def tell_everybody_at_once(event: Event) -> None:
    """Rain: every worker of the shift is told in one sweep, and paid what was promised if told late."""
    shift = Shift.objects.get(pk=event.subject_id)
    for attendance in queries.attendances(shift=shift, state__in=[Stage.EXPECTED, Stage.CHECKED_IN]):
        _try(actions.call_off, attendance, late=bool(event.data.get("late")))


@on("settlement.arrived", "settlement.acknowledged")
def the_wage_is_there(event: Event) -> None:
    """The custodian's receipt, or the worker's own word."""
    if (attendance := _attendance_of(event)) and attendance.state in (Stage.PAY_DUE, Stage.ARREARS):
        _try(actions.mark_paid, attendance)


@on("settlement.overdue")
def the_wage_is_late(event: Event) -> None:
    """Past the due time and nothing paid."""
    if (attendance := _attendance_of(event)) and attendance.state == Stage.PAY_DUE:
        _try(actions.mark_overdue, attendance)


@every(minutes=1)
def waves_go_out() -> None:
    """A wave has run its time and places remain: the next one. Each is a transaction of its own."""
    for filling in invited.fillings_due(now())[:200]:
        _try(actions.send_wave, filling)


@on("roundpart.waiting")
def a_part_of_a_round_is_solved(event: Event) -> None:
    """统一撮合: each part is owed once to whichever worker is free, on whatever machine; here, since only the deals know
    who was asked for what. What comes out says whom the next wave asks first.
    """
    part = proposing.part(event.subject_id)
    if part is not None:
        matching.solve_part(part, passed_over=invited.passed_over)


@every(minutes=1)
def rounds_are_held() -> None:
    """Begin one when it is time, where the engine is on. A part that somebody took and did not bring out is taken over."""
    moment = now()
    if proposing.due(moment):
        matching.begin_round()
    for part in proposing.left(moment):
        matching.solve_part(part, passed_over=invited.passed_over)


@every(minutes=5)
def near_starts_are_filled() -> None:
    """What was published long before and now starts soon with places free."""
    moment = now()
    for posting in invited.never_filled(moment)[:200]:
        if actions.soon(posting, moment):
            _fill(posting)


@every(minutes=5)
def ask_once_more() -> None:
    """还来吗, the evening before or ninety minutes before. Asking is all the clock does; it never takes a place."""
    for attendance in invited.to_ask(now()):
        _try(actions.ask_to_confirm, attendance)


@every(minutes=1)
def ring_who_stays_silent() -> None:
    """The message failed: an automatic call asks. Only where a provider of calls is connected; else a person rings."""
    if settings.VOICE_PROVIDER == "off":
        return
    for asked in invited.to_ring(now()):
        _try(actions.ring, asked)


@every(minutes=1)
def the_shift_has_begun() -> None:
    """Whoever is checked in is at work once the shift starts."""
    for attendance in queries.attendances(state=Stage.CHECKED_IN, shift__starts_at__lte=now())[:500]:
        _try(actions.begin_work, attendance)


@every(minutes=5)
def forgotten_check_outs() -> None:
    """Two hours past the end nobody tapped 收工: the planned end counts."""
    past = now() - timedelta(hours=2)
    working = [Stage.CHECKED_IN, Stage.IN_PROGRESS]
    for attendance in queries.attendances(state__in=working, shift__ends_at__lte=past)[:500]:
        _try(actions.check_out, attendance, by=None, at=attendance.shift.ends_at)


@every(minutes=5)
def silence_confirms() -> None:
    """The employer said nothing until the stored deadline: the worker's figures stand."""
    waiting = [Stage.WORK_DONE, Stage.ENDED_EARLY, Stage.ACCIDENT]
    for attendance in queries.attendances(state__in=waiting, confirm_due_at__lte=now())[:500]:
        _try(actions.auto_confirm, attendance)


@every(hours=1)
def ratings_become_visible() -> None:
    """Seven days after the first word, what was said shows, whether or not the other side spoke."""
    days = reference.setting("rating_window_days", on=local(now()).date())
    old = Rating.objects.filter(visible_at=None, at__lte=now() - timedelta(days=days))
    for rating in old.select_related("engagement")[:500]:
        actions.reveal(rating.engagement)


@every(hours=1)
def finished_deals_close() -> None:
    """A week after the last wage a deal is closed; what law keeps is kept."""
    week_ago = now() - timedelta(days=7)
    done = Engagement.objects.filter(state=State.CONFIRMED, posting__last_ends_at__lte=week_ago)
    for deal in done.select_related("posting").order_by("pk")[:500]:
        _try(actions.close, deal)


@every(minutes=5)
def offers_lapse() -> None:
    """An offer nobody answered is no longer open."""
    for deal in Engagement.objects.filter(state=State.OFFERED, answer_by__lte=now()).order_by("pk")[:500]:
        _try(actions.decline, deal, because="no_answer", by=None)


def _attendance_of(event: Event) -> Attendance | None:
    settlement = Settlement.objects.get(pk=event.subject_id)
    return queries.attendance_by_code(settlement.ref.removeprefix("attendance:"))


def _try(action, row, **facts) -> None:
    """A reaction that comes late finds the row moved on: that is fine, somebody was faster."""
    try:
        action(row, **facts)
    except Moved:
        return


@every(minutes=5)
def open_what_was_held() -> None:
    """Places held for new people go to whoever waits, once the hold is over."""
    for posting in newcomers.waiting_with_room(now()):
        actions.promote(posting)
