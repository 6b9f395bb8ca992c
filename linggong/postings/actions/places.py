"""Places: never more people than a shift has room for, under any race; full closes, a place given back opens."""

from collections.abc import Callable, Collection

from django.db import transaction
from django.db.models import F

from linggong.accounts.models import User
from linggong.core.clock import now
from linggong.core.journal import record
from linggong.core.states import Moved
from linggong.employers.models import Employer, Verification
from linggong.postings.models import Custody, Posting, Shift, State
from linggong.postings.refusals import CalledOff, Full, HeldForNew, NotOpen, Started

OPEN = frozenset({State.PUBLISHED, State.FULL})
OPEN_LATE = OPEN | {State.STARTED}
HIRING = frozenset(
    {Verification.PRELIM_CHECKED, Verification.SUBMITTED, Verification.VERIFIED, Verification.DUE_RECHECK}
)


@transaction.atomic
def take_place(
    shift: Shift, *, late: bool = False, held: Callable[[], int] | None = None, by: User | None = None
) -> Shift:
    """Take one place of the shift. `late`: a dispatch on the spot may join until the shift ends. `held` says
    how many of the places are not for this taker; it is asked while the posting is claimed, so that nothing moves.

    The count is guarded in the UPDATE itself and by a constraint (E2): of any number of takers at once exactly as
    many succeed as there are places. The posting's row is touched first, so that a take-down at the same moment
    comes wholly before or wholly after. Raises NotOpen, Full, HeldForNew, Started, CalledOff;
    then nothing is taken.
    """
    moment = now()
    posting = touch(shift.posting_id, OPEN_LATE if late else OPEN)
    open_rows = Shift.objects.filter(pk=shift.pk, called_off_at=None)
    open_rows = open_rows.filter(ends_at__gt=moment) if late else open_rows.filter(starts_at__gt=moment)
    kept = held() if held is not None else 0
    if open_rows.filter(taken__lt=F("places") - kept).update(taken=F("taken") + 1) != 1:
        shift.refresh_from_db()
        if shift.called_off_at is not None:
            raise CalledOff
        if shift.taken >= shift.places:
            raise Full
        raise HeldForNew if kept and shift.taken >= shift.places - kept else Started
    shift.refresh_from_db()
    settle_fullness(posting, by=by)
    return shift


@transaction.atomic
def give_back_place(shift: Shift, *, by: User | None = None) -> Shift:
    """Give one taken place back. Before its start a full posting opens again, and "shift.freed" wakes the waiting line.

    Raises Moved when no place is taken: the caller gave it back already.
    """
    posting = touch(shift.posting_id)
    if Shift.objects.filter(pk=shift.pk, taken__gt=0).update(taken=F("taken") - 1) != 1:
        raise Moved
    shift.refresh_from_db()
    if shift.called_off_at is None and shift.starts_at > now():
        record("shift.freed", shift, by=by)
        settle_fullness(posting, by=by)
    return shift


def settle_fullness(posting: Posting, *, by: User | None) -> None:
    """Full when no shift to come has room; open again when one has. A paused posting stays paused."""
    to_come = Shift.objects.filter(posting=posting, called_off_at=None, starts_at__gt=now())
    room = to_come.filter(taken__lt=F("places")).exists()
    posting.refresh_from_db(fields=["state"])
    if posting.state == State.PUBLISHED and not room and to_come.exists():
        posting.move(State.FULL, by=by)
    elif posting.state == State.FULL and room:
        hiring = Employer.objects.filter(pk=posting.employer_id, state__in=HIRING).exists()
        posting.move(State.PUBLISHED if hiring else State.PAUSED, by=by)


@transaction.atomic
def mark_funded(posting: Posting, *, by: User | None = None) -> None:
    """The wages of this posting are held by the custodian. Idempotent: the first time counts."""
    moment = now()
    rows = Posting.objects.filter(pk=posting.pk, funded_at=None)
    if rows.update(funded_at=moment, custody=Custody.SUPERVISED) == 1:
        posting.funded_at, posting.custody = moment, Custody.SUPERVISED
        record("posting.funded", posting, by=by)


def touch(posting_id: int, states: Collection[str] = tuple(State.values)) -> Posting:
    """Claim the posting's row for this transaction, always before its shifts: no two verbs wait for each other.

    Raises NotOpen when it is in none of `states`.
    """
    rows = Posting.objects.filter(pk=posting_id, state__in=states)
    if rows.update(version=F("version")) != 1:
        raise NotOpen
    return Posting.objects.get(pk=posting_id)
