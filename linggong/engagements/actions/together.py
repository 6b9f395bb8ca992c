"""Together: several ask for the same work, all of them or none, and each is bound for themselves (U29)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

import linggong.accounts.actions as accounts
import linggong.accounts.queries as registered
import linggong.postings.actions as postings
import linggong.reference.queries as reference
import linggong.workers.actions as workers
import linggong.workers.queries as people
from linggong.accounts.ids import valid_phone
from linggong.accounts.models import User
from linggong.core.clock import local, now
from linggong.core.journal import record
from linggong.core.refusals import Refused
from linggong.core.states import Moved
from linggong.engagements import parties, queries
from linggong.engagements.actions import joining
from linggong.engagements.models import BINDING, Companion, Engagement, Party, State
from linggong.engagements.refusals import (
    AlreadyIn,
    AskedEnough,
    NotOfParty,
    NotThisWay,
    OwnNumber,
    TermsChanged,
    TooFewPlaces,
    TooMany,
)
from linggong.postings.models import Posting, Shift, WayIn
from linggong.workers.models import Worker

ASKED_A_DAY = 20
_P, _C = Party.State, Companion.State
_FULL = (postings.Full, postings.NotOpen, postings.Started, postings.CalledOff)
WHY = {  # what everybody of the party reads; what stands in one's own way, that person alone reads
    "refused": __("有一位这次不去"),
    "cannot": __("有一位去不了"),
    "full": __("剩的位子不够你们一起去"),
    "lapsed": __("到时间还有人没回话"),
    "changed": __("老板改了条件"),
    "withdrawn": __("叫人的那位不约了"),
    "left": __("有一位退出了"),
    "posting_gone": __("这个活不招了"),
}


class _Stopped(Exception):
    """Somebody stands in the way; whatever was begun for the others is undone with the savepoint."""

    def __init__(self, companion: Companion | None, refusal: Refused) -> None:
        self.companion, self.refusal = companion, refusal
        super().__init__(str(refusal))


@transaction.atomic
def propose(
    posting: Posting, worker: Worker, *, known: Sequence[Worker] = (), phones: Sequence[str] = (), seats: int = 0,
    shift_codes: Sequence[str] = (), seen_hash: str, by: User,
) -> Party:  # fmt: skip
    """One worker asks others to go along, and says yes for themselves alone. Binds nobody, holds no place.

    `known`: people of the same shifts; `phones`: numbers typed in, and whether one of them is registered here is not to
    be told from anything the asker sees; `seats`: people who stand beside and scan. Raises NotThisWay, TooMany,
    TooFewPlaces, AskedEnough, OwnNumber, BadPhone, AlreadyIn, TermsChanged, Blocked, NoShift.
    """
    moment = now()
    if posting.way_in == WayIn.DISPATCH:
        raise NotThisWay
    if not seen_hash:
        raise TermsChanged
    numbers = list(dict.fromkeys(valid_phone(text) for text in phones))
    count = 1 + len(known) + len(numbers) + seats
    most = parties.most(posting, moment)
    if not 2 <= count <= most:
        raise TooMany(most)
    shifts = _open_to(posting, worker, shift_codes, seen_hash, count)
    if _asked_today(worker, moment) + count - 1 > ASKED_A_DAY:
        raise AskedEnough
    party = Party.begin(
        by=by, posting=posting, asker=worker, wanted_shifts=[s.code for s in shifts], terms_hash=seen_hash,
        people=count, asked_at=moment, answer_by=_answer_by(posting, shifts, moment),
    )  # fmt: skip
    Companion.begin(by=by, party=party, worker=worker, how="asker", state=_C.YES, answered_at=moment)
    here = {worker.pk}
    for other in known:
        here.add(other.pk)
        _ask(party, other, how="known", by=by)
    for number in numbers:
        found = _of_number(number)
        if found is not None and found.pk == worker.pk:
            raise OwnNumber
        known_here = found if found is not None and found.pk not in here else None
        if known_here is not None:
            here.add(known_here.pk)
        _ask(party, known_here, how="phone", tail4=number[-4:], by=by)
    for _seat in range(seats):
        _ask(party, None, how="scan", by=by)
    return party


@transaction.atomic
def say_yes(
    party: Party, worker: Worker, *, seen_hash: str, by: User, acting_for: User | None = None,
    consent_how: str = "spoken",
) -> Party:  # fmt: skip
    """One of them says yes to the terms they were shown, for themselves; at a desk with their consent written down.

    The last yes takes the places of all in this transaction, or of nobody: then the party is off and each is told.
    A no that concerns this person is raised to them before their yes counts: Blocked, AlreadyIn, TermsChanged,
    NotOfParty. Idempotent. Returns the party as it stands.
    """
    mine = _seat_of(party, worker)
    if mine.state == _C.YES:
        return party
    if not seen_hash or seen_hash != party.terms_hash:
        raise TermsChanged
    _open_to(party.posting, worker, party.wanted_shifts, seen_hash, 0)
    moment = now()
    counted = Party.objects.filter(pk=party.pk, state=_P.ASKING, answer_by__gt=moment, said_yes__lt=F("people"))
    if counted.update(said_yes=F("said_yes") + 1) != 1:
        raise Moved
    mine.move(_C.YES, by=by, acting_for=acting_for, answered_at=moment, acted_by=by if acting_for is not None else None)
    if acting_for is not None:
        accounts.assisted(
            acted_by=by, acting_for=acting_for, act="together", about=party, consent_how=consent_how,
            receipt=_("{who}：一起去{what}").format(who=worker.user.name, what=party.posting.title),
        )  # fmt: skip
    fresh = parties.by_code(party.code)
    if fresh.said_yes == fresh.people:
        _everybody_said_yes(fresh)
    return fresh


@transaction.atomic
def say_no(party: Party, worker: Worker, *, by: User, acting_for: User | None = None) -> None:
    """One of them does not go, before anybody is bound: then nobody goes this way. Nobody is told who it was."""
    mine = next((row for row in party.companions.all() if row.worker_id == worker.pk), None)
    if mine is None:
        raise NotOfParty
    mine.move(_C.NO, by=by, acting_for=acting_for, answered_at=now())
    _end(party, "withdrawn" if mine.how == "asker" else "refused", by=by, not_told=worker)


@transaction.atomic
def choose_party(party: Party, *, by: User) -> Party:
    """The employer takes all of them: everybody bound in this transaction, or nobody.

    Raises TermsChanged, postings.Full (then the party still waits). Where one of them cannot come any more the party
    is off, each is told, and the state says so: the employer learns no reason.
    """
    deals = [row.deal for row in _members(party)]
    if any(deal is None or deal.version.number != party.posting.version for deal in deals):
        raise TermsChanged(_("工友报名后你改过条件，要先请他们再看一下"))
    try:
        with transaction.atomic():
            party.move(_P.BOUND, by=by, ended_at=now())
            _bind_all(party, by=by)
    except _Stopped as stop:
        party.refresh_from_db()
        if stop.companion is None:
            raise stop.refusal from stop
        _note_why(stop)
        _end(party, "cannot", by=by)
    return party


@transaction.atomic
def decline_party(party: Party, *, because: str, by: User) -> None:
    """The employer takes others: all of them declined, each told the reason."""
    party.move(_P.OFF, by=by, because=because, end_reason=because, ended_at=now())
    for row in _members(party):
        if row.deal is not None and row.deal.state == State.APPLIED:
            joining.decline(row.deal, because=because, by=by)


@transaction.atomic
def end_party(party: Party, *, because: str) -> None:
    """Time ran out, the terms changed, the posting went, or one application ended alone: nobody goes this way."""
    _end(party, because, by=None)


@transaction.atomic
def one_fell_out(deal: Engagement) -> int:
    """One of a party is bound no more: the others stay bound, are told, and may leave free of cost for a stated time.

    Returns how many were told.
    """
    gone = parties.of_deal(deal)
    if gone is None or gone.party.state != _P.BOUND:
        return 0
    posting, moment = gone.party.posting, now()
    minutes = reference.setting("party_leave_minutes", division_code=posting.division_id, on=local(moment).date())
    until = moment + timedelta(minutes=minutes)
    left = Companion.objects.filter(party=gone.party, deal__state__in=BINDING).exclude(pk=gone.pk)
    told = 0
    for row in left.select_related("worker__user", "deal").order_by("pk"):
        Companion.objects.filter(pk=row.pk).update(free_until=until)
        text = _("一起去{what}的有一位去不了了，你的不变，照去。不想去了，{t} 前取消不记口碑").format(
            what=posting.title, t=f"{local(until):%-m月%-d日 %-H:%M}"
        )
        accounts.tell(row.worker.user, text, kind="party_left", about=row.deal, sms="changed")
        told += 1
    record("party.one_left", gone.party, by=None, told=told)
    return told


# --- the inside of going together ----------------------------------------------------------------------------


def _open_to(posting: Posting, worker: Worker, codes: Sequence[str], seen_hash: str, count: int) -> list[Shift]:
    """The shifts, once nothing stands in this person's own way and `count` places are left."""
    if queries.live(posting, worker).exists():
        raise AlreadyIn
    joining.same_terms(posting, seen_hash)
    shifts = joining.chosen_shifts(posting, codes, now(), free=True)
    joining.check(worker, posting, shifts, now())
    if any(shift.places - shift.taken < count for shift in shifts):
        raise TooFewPlaces
    return shifts


def _answer_by(posting: Posting, shifts: Sequence[Shift], moment: Any) -> Any:
    hours = reference.setting("party_answer_hours", division_code=posting.division_id, on=local(moment).date())
    return min(moment + timedelta(hours=float(hours)), min(shift.starts_at for shift in shifts))


def _asked_today(worker: Worker, moment: Any) -> int:
    since = moment - timedelta(days=1)
    rows = Companion.objects.filter(party__asker=worker, party__asked_at__gt=since)
    return rows.exclude(how="asker").count()


def _of_number(number: str) -> Worker | None:
    user = registered.by_phone(number)
    return people.of_user(user) if user is not None else None


def _ask(party: Party, worker: Worker | None, *, how: str, by: User, tail4: str = "") -> None:
    Companion.begin(by=by, party=party, worker=worker, how=how, tail4=tail4)
    if worker is not None:
        start, by_when = local(party.posting.next_starts_at), local(party.answer_by)
        text = _("{who}叫你一起去干活：{m}月{d}日 {what}，{t} 前回话").format(
            who=party.asker.user.called, m=start.month, d=start.day, what=party.posting.title,
            t=f"{by_when:%-m月%-d日 %-H:%M}",
        )  # fmt: skip
        accounts.tell(worker.user, text, kind="together", about=party, sms="offer")


def _seat_of(party: Party, worker: Worker) -> Companion:
    """This person's place in the party; the first seat to scan where they have none yet."""
    rows = list(party.companions.all())
    for row in rows:
        if row.worker_id == worker.pk:
            return row
    for row in rows:
        if row.how != "scan" or row.worker_id is not None:
            continue
        try:
            with transaction.atomic():
                taken = Companion.objects.filter(pk=row.pk, worker=None).update(worker=worker)
        except IntegrityError as twice:
            raise Moved from twice  # a second tap of the same person
        if taken == 1:
            row.worker = worker
            return row
    raise NotOfParty


def _members(party: Party) -> list[Companion]:
    """Everybody who said yes, by key: rows of one table are locked in one order (decision 11)."""
    rows = party.companions.filter(state=_C.YES).select_related("worker__user", "acted_by", "deal__version")
    found = list(rows.order_by("worker_id"))
    for row in found:
        if row.deal is not None:
            row.deal.posting, row.deal.worker = party.posting, row.worker
    return found


def _acting(row: Companion) -> dict[str, Any]:
    """Who acts in this person's deal: themselves, or the staff member before whom they said yes."""
    if row.acted_by is None:
        return {"by": row.worker.user, "acting_for": None}
    return {"by": row.acted_by, "acting_for": row.worker.user}


def _everybody_said_yes(party: Party) -> None:
    """Take it for all, or ask for it for all; where one cannot, nobody is bound and the party is off."""
    posting = party.posting
    try:
        with transaction.atomic():
            for row in _members(party):
                _apply_for(party, row)
            if posting.way_in == WayIn.GRAB:
                party.move(_P.BOUND, by=None, ended_at=now())
                _bind_all(party, by=None)
            else:
                party.move(_P.APPLIED, by=None)
                _tell_employer(party)
    except _Stopped as stop:
        party.refresh_from_db()
        if stop.companion is not None:
            _note_why(stop)
        _end(party, "cannot" if stop.companion is not None else "full", by=None)


def _apply_for(party: Party, row: Companion) -> None:
    try:
        deal = joining.begin(
            party.posting, row.worker, party.posting.way_in, party.wanted_shifts, party.terms_hash, channel="group",
            **_acting(row),
        )  # fmt: skip
    except Refused as refusal:
        raise _Stopped(row, refusal) from refusal
    Companion.objects.filter(pk=row.pk).update(deal=deal)


def _bind_all(party: Party, *, by: User | None) -> None:
    """Everybody's agreement, cover and wage first, then all the places, then everybody's hours: one lock order."""
    rows, promised = _members(party), []
    for row in rows:
        how = "tap" if row.acted_by is None else "spoken"
        acting = _acting(row) if by is None else {"by": by, "acting_for": None}
        try:
            promised.append((row, joining.promise(row.deal, how=how, **acting)))
        except Refused as refusal:
            raise _Stopped(row, refusal) from refusal
    for row, shifts in promised:
        for shift in shifts:
            try:
                postings.take_place(shift, held=joining.held_from(row.deal, shift))
            except _FULL as refusal:
                raise _Stopped(None, refusal) from refusal
    for row, shifts in promised:
        try:
            joining.keep_hours(row.deal, shifts)
        except workers.AlreadyBooked as refusal:
            raise _Stopped(row, refusal) from refusal
    for row, shifts in promised:
        joining.tell_both(row.deal, shifts)


def _note_why(stop: _Stopped) -> None:
    Companion.objects.filter(pk=stop.companion.pk).update(why=str(stop.refusal)[:300])


def _end(party: Party, because: str, *, by: User | None, not_told: Worker | None = None) -> None:
    """The party is off: applications end, and each who is left reads why; a private reason only whom it concerns."""
    party.move(_P.OFF, by=by, because=because, end_reason=because, ended_at=now())
    rows = party.companions.filter(worker__isnull=False).select_related("worker__user", "deal").order_by("worker_id")
    for row in rows:
        if row.deal is not None and row.deal.state == State.APPLIED:
            row.deal.move(State.WITHDRAWN, by=by, end_reason="party_off", ended_at=now())
        if row.worker == not_told or row.state == _C.NO:
            continue
        text = _("一起去{what}没成：{why}。谁都没定下，不记口碑，可以自己去报").format(
            what=party.posting.title, why=row.why or WHY.get(because, WHY["cannot"])
        )
        accounts.tell(row.worker.user, text, kind="party_off", about=party)


def _tell_employer(party: Party) -> None:
    text = _("{n} 个人想一起来干{what}，要选一起选").format(n=party.people, what=party.posting.title)
    for user in queries.employer_people(party.posting.employer):
        accounts.tell(user, text, kind="applied", about=party.posting)
