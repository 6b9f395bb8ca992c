"""Several at once: a wave goes out once, a day's cap holds, a place is given back or given on, never both.

Each with a control that fails when the guard is off: it reads first and writes later, as a view without it would.
"""

import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connections

import linggong.engagements.actions as deals
from linggong import make
from linggong.core import clock
from linggong.core.refusals import Refused
from linggong.engagements import invited, queries
from linggong.engagements.models import Confirmation, Engagement, Filling, Invitation
from linggong.engagements.refusals import PlaceGone
from linggong.postings.models import Shift

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "sqlite" in settings.DATABASES["default"]["ENGINE"] and not settings.DATABASES["default"].get("TEST"),
        reason="needs a database that several threads can open",
    ),
]


@pytest.fixture(autouse=True)
def _world(monday_morning):
    make.approved_rules()
    make.approved_products()


def together(*acts):
    """Every act in a thread of its own, all let go at once; what each gave or refused."""
    gate, said = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        gate.wait()
        try:
            said[number] = act()
        except Refused as no:
            said[number] = no
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n, act)) for n, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


def in_three_days(**changes):
    return make.posting(starts_at=clock.now().replace(hour=1) + timedelta(days=3), **changes)


def test_a_wave_goes_out_once_though_four_workers_send_it():
    for _ in range(3):
        make.worker()
    posting = in_three_days(places=1)
    deals.fill(posting, why="asked", by=None)
    copies = [invited.filling_of(posting) for _ in range(4)]

    said = together(*[lambda c=c: deals.send_wave(c) for c in copies])

    assert sorted(len(sent) for sent in said) == [0, 0, 0, 3]
    assert Invitation.objects.count() == 3
    assert Filling.objects.get().wave == 1


def test_without_the_counted_wave_every_worker_believes_it_is_the_first():
    """The control: who reads the number and then sends has company."""
    posting = in_three_days(places=1)
    deals.fill(posting, why="asked", by=None)
    read, sent = threading.Barrier(4), []

    def careless():
        wave = Filling.objects.get(posting=posting).wave
        read.wait()
        if wave == 0:
            sent.append(1)

    together(*[careless] * 4)

    assert len(sent) > 1


def test_six_postings_at_once_do_not_ask_one_person_more_often_than_the_cap():
    hand = make.worker()
    fillings = [deals.fill(in_three_days(places=1), why="asked", by=None) for _ in range(6)]

    together(*[lambda f=f: deals.send_wave(invited.filling_of(f.posting)) for f in fillings])

    of_day = sorted(Invitation.objects.filter(worker=hand).values_list("of_day", flat=True))
    assert of_day == [*range(1, len(of_day) + 1)]
    assert len(of_day) <= 3


def test_without_the_unique_number_of_the_day_the_cap_is_passed():
    """The control: who counts and then asks asks too often."""
    hand = make.worker()
    read, asked = threading.Barrier(6), []

    def careless():
        today = invited.asked_today([hand.pk], clock.today()).get(hand.pk, 0)
        read.wait()
        if today < 3:
            asked.append(1)

    together(*[careless] * 6)

    assert len(asked) > 3


def test_a_cancelled_place_goes_back_or_on_but_never_to_both():
    posting = in_three_days(places=1)
    deal = make.engagement(posting_=posting)
    posting.refresh_from_db()
    waiting = make.worker()
    deals.wait(posting, waiting, by=waiting.user)
    deals.cancel_by_worker(deal, because="family", by=deal.worker.user)

    said = together(
        lambda: deals.undo_cancel(queries.by_code(deal.code), by=deal.worker.user),
        lambda: deals.promote(posting),
    )

    bound = Engagement.objects.filter(posting=posting, state="confirmed").count()
    assert bound == 1
    assert isinstance(said[0], Engagement | PlaceGone)
    assert Shift.objects.get(posting=posting).taken == 1
    assert list(queries.audit()) == []


def test_still_coming_and_given_away_at_once_ends_in_one_of_the_two():
    start = clock.now().replace(hour=2, minute=0) + timedelta(days=1)
    deal = make.engagement(posting_=make.posting(starts_at=start, places=1))
    clock.set_now(start - timedelta(minutes=60))
    one = make.attendance(deal)
    asked = deals.ask_to_confirm(one)
    clerk = make.clerk()
    make.settle_down()
    deals.call_failed(asked, by=clerk)
    clock.set_now(start - timedelta(minutes=40))

    together(
        lambda: deals.say_coming(invited.confirmation_by_code(asked.code), how="tap", by=deal.worker.user),
        lambda: deals.release(invited.confirmation_by_code(asked.code), by=clerk),
    )

    ended = (Confirmation.objects.get().state, make.attendance(deal).state)
    assert ended in {("coming", "expected"), ("released", "released")}
    assert Shift.objects.get(posting=deal.posting).taken == (ended[0] == "coming")
    assert list(queries.audit()) == []


def test_without_compare_and_set_a_place_is_kept_and_given_away_at_once():
    """The control: both sides read "asked" and believe it."""
    deal = make.engagement()
    deals.ask_to_confirm(make.attendance(deal))
    read, won = threading.Barrier(2), []

    def careless():
        state = Confirmation.objects.get().state
        read.wait()
        if state == "asked":
            won.append(1)

    together(careless, careless)

    assert len(won) == 2


def test_the_place_of_somebody_missing_is_taken_over_by_exactly_one():
    posting = make.posting(places=1)
    deal = make.engagement(posting_=posting)
    shift = make.attendance(deal).shift
    clock.set_now(shift.starts_at + timedelta(minutes=31))
    deals.no_show(make.attendance(deal), by=queries.owner_of(posting.employer))
    hands = [make.worker() for _ in range(4)]

    said = together(*[lambda w=w: deals.take_over(posting, w, shift, by=w.user) for w in hands])

    assert sum(isinstance(one, Engagement) for one in said) == 1
    assert Shift.objects.get(pk=shift.pk).taken == 1
