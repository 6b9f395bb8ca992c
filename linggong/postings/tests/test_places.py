"""Places: taken and given back, full and open again."""

from datetime import timedelta

import pytest

import linggong.postings.actions as postings
from linggong import make
from linggong.core import clock
from linggong.core.models import Event
from linggong.core.states import Moved
from linggong.postings.models import Posting

pytestmark = pytest.mark.django_db


@pytest.fixture
def posting():
    return make.posting(places=2, days=2)


def state(posting):
    return Posting.objects.get(pk=posting.pk).state


def test_a_posting_is_full_when_no_shift_to_come_has_room(posting):
    first, second = posting.shifts.order_by("starts_at")
    for _ in range(2):
        postings.take_place(first)
    assert state(posting) == "published"

    postings.take_place(second)
    postings.take_place(second)

    assert state(posting) == "full"
    with pytest.raises(postings.Full):
        postings.take_place(first)
    assert first.taken == 2


def test_a_place_given_back_opens_it_again_and_wakes_the_line():
    posting = make.posting(places=1)
    shift = posting.shifts.get()
    postings.take_place(shift)
    assert state(posting) == "full"

    postings.give_back_place(shift)

    assert state(posting) == "published" and shift.taken == 0
    assert Event.objects.filter(name="shift.freed", subject_id=shift.pk).count() == 1
    with pytest.raises(Moved):
        postings.give_back_place(shift)


def test_a_place_given_back_after_the_start_opens_nothing():
    posting = make.posting(places=1)
    shift = posting.shifts.get()
    postings.take_place(shift)

    with clock.moved_to(shift.starts_at + timedelta(minutes=1)):
        postings.give_back_place(shift)

    assert state(posting) == "full" and not Event.objects.filter(name="shift.freed").exists()


def test_nobody_joins_a_shift_that_began_except_sent_on_the_spot(posting):
    shift = posting.shifts.order_by("starts_at").first()
    with clock.moved_to(shift.starts_at):
        with pytest.raises(postings.Started):
            postings.take_place(shift)
        assert postings.take_place(shift, late=True).taken == 1
    with clock.moved_to(shift.ends_at), pytest.raises(postings.Started):
        postings.take_place(shift, late=True)


@pytest.mark.parametrize("verb", ["pause", "take_down"])
def test_nobody_joins_what_is_paused_or_taken_down(posting, verb):
    facts = {"because": "查一下"} if verb == "take_down" else {}
    getattr(postings, verb)(posting, by=make.reviewer(), **facts)

    with pytest.raises(postings.NotOpen):
        postings.take_place(posting.shifts.first())

    assert not posting.shifts.filter(taken__gt=0).exists()


def test_held_wages_are_marked_once(posting):
    postings.mark_funded(posting)
    first = posting.funded_at
    postings.mark_funded(posting)

    assert Posting.objects.get(pk=posting.pk).funded_at == first
    assert Event.objects.filter(name="posting.funded").count() == 1
