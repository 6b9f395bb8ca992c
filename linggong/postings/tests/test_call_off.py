"""Calling off and the clock: rain, pauses, the start, the end."""

from datetime import timedelta

import pytest

import linggong.postings.actions as postings
from linggong import make
from linggong.accounts.models import Notice
from linggong.core import clock
from linggong.core.clock import now
from linggong.core.models import Event
from linggong.core.states import Moved
from linggong.employers.queries import members_of
from linggong.postings import background, queries
from linggong.postings.models import LIVE, Posting

pytestmark = pytest.mark.django_db


def owner_of(employer):
    return members_of(employer)[0].user


@pytest.mark.parametrize(("minutes_before", "late"), [(121, False), (119, True), (1, True)])
def test_a_call_off_is_free_until_the_agreed_time_and_late_after_it(minutes_before, late):
    posting = make.posting(call_off_minutes=120)
    shift = posting.shifts.get()

    with clock.moved_to(shift.starts_at - timedelta(minutes=minutes_before)):
        assert postings.call_off(shift, because="下大雨", by=owner_of(posting.employer)) is late

    assert Event.objects.get(name="shift.called_off").data == {"late": late}
    assert Posting.objects.get(pk=posting.pk).state == "closed"


def test_a_day_called_off_leaves_the_other_days(later):
    posting = make.posting(days=3)
    first, second, _ = posting.shifts.order_by("starts_at")

    postings.call_off(first, because="下雨", by=None)

    posting.refresh_from_db()
    assert (posting.state, posting.next_starts_at) == ("published", second.starts_at)
    with pytest.raises(postings.CalledOff):
        postings.take_place(first)
    with pytest.raises(Moved):
        postings.call_off(first, because="又下雨", by=None)


def test_a_shift_that_began_cannot_be_called_off():
    shift = make.posting().shifts.get()

    with clock.moved_to(shift.starts_at), pytest.raises(postings.Started):
        postings.call_off(shift, because="下雨", by=None)

    assert not Event.objects.filter(name="shift.called_off").exists()


def test_no_posting_is_open_past_its_last_start():
    empty, taken = make.posting(), make.posting(days=2)
    postings.take_place(taken.shifts.order_by("starts_at").first())

    with clock.moved_to(empty.last_starts_at):
        assert not queries.listed(now()).filter(pk=empty.pk).exists(), "out of the list before any sweep"
        background.time_passes()
        taken.refresh_from_db()
        assert Posting.objects.get(pk=empty.pk).state == "expired"
        assert (taken.state, taken.next_starts_at) == ("published", taken.last_starts_at)
    with clock.moved_to(taken.last_starts_at + timedelta(minutes=1)):
        background.time_passes()
        assert Posting.objects.get(pk=taken.pk).state == "started"
        assert not Posting.objects.filter(state__in=LIVE, last_starts_at__lte=now()).exists()
        assert list(queries.audit(now())) == []
    with clock.moved_to(taken.last_ends_at):
        background.time_passes()
        assert Posting.objects.get(pk=taken.pk).state == "closed"


def test_what_nobody_reviewed_in_time_expires_and_the_employer_is_told():
    posting = make.posting(state="submitted")

    with clock.moved_to(posting.last_starts_at):
        background.time_passes()

    posting.refresh_from_db()
    assert posting.state == "expired" and queries.reviews_of(posting)[0].decision == "lapsed"
    assert Notice.objects.filter(user=owner_of(posting.employer), kind="posting_expired").count() == 1


def test_a_full_shift_that_passes_shows_the_room_of_the_next_ones():
    posting = make.posting(places=1, days=2)
    first, second = posting.shifts.order_by("starts_at")
    postings.take_place(second)

    with clock.moved_to(first.starts_at):
        background.time_passes()

    assert Posting.objects.get(pk=posting.pk).state == "full"


def test_pausing_keeps_people_and_going_on_opens_it_again():
    posting = make.posting()
    postings.take_place(posting.shifts.get())

    postings.pause(posting, by=None)
    assert not queries.listed(now()).exists() and posting.shifts.get().taken == 1
    postings.resume(posting, by=None)

    assert queries.listed(now()).filter(pk=posting.pk).exists()


def test_closing_waits_until_nobody_is_bound():
    posting = make.posting()
    shift = posting.shifts.get()
    postings.take_place(shift)

    with pytest.raises(postings.StillBound):
        postings.close(posting, by=None)
    postings.give_back_place(shift)
    postings.close(posting, by=None)

    assert posting.state == "closed"
