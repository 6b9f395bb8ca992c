"""Two parties at once: three and three for four places ends in three or none each, never in between.

The control fails when the guard is off: it reads the places first and takes them later.
"""

import threading
from datetime import timedelta

import pytest
from django.conf import settings

import linggong.engagements.actions as deals
import linggong.postings.queries as posted
from linggong import make
from linggong.core import clock
from linggong.core.refusals import Refused
from linggong.engagements import parties, queries
from linggong.engagements.models import Engagement, Party
from linggong.engagements.tests.test_waves_race import together
from linggong.postings.models import Shift
from linggong.workers.models import Quarter

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


def four_places(**changes):
    return make.posting(starts_at=clock.now().replace(hour=1) + timedelta(days=3), places=4, **changes)


def three(posting):
    """A party of three that lacks one yes, and who has not said it."""
    asker, second, last = (make.worker() for _ in range(3))
    seen = posted.current_version(posting).terms_hash
    party = deals.propose(posting, asker, known=[second, last], seen_hash=seen, by=asker.user)
    deals.say_yes(party, second, seen_hash=seen, by=second.user)
    return party, last


def last_yes(party, worker):
    return lambda: deals.say_yes(parties.by_code(party.code), worker, seen_hash=party.terms_hash, by=worker.user)


@pytest.mark.parametrize("days", [1, 2])
def test_u29_two_parties_of_three_for_four_places_end_whole_or_not_at_all(days):
    posting = four_places(days=days)
    (one, a), (other, b) = three(posting), three(posting)

    said = together(last_yes(one, a), last_yes(other, b))

    assert sorted(Party.objects.values_list("state", flat=True)) == ["bound", "off"]
    assert not any(isinstance(answer, Refused) for answer in said), "who is too late reads it, and stays free"
    assert Engagement.objects.filter(state="confirmed").count() == 3 == Engagement.objects.count()
    assert set(Shift.objects.filter(posting=posting).values_list("taken", flat=True)) == {3}
    assert Quarter.objects.values("worker").distinct().count() == 3
    assert list(queries.audit()) == []


def test_the_last_two_yeses_at_once_are_both_counted_and_bind_once():
    posting = four_places()
    asker, b, c = (make.worker() for _ in range(3))
    seen = posted.current_version(posting).terms_hash
    party = deals.propose(posting, asker, known=[b, c], seen_hash=seen, by=asker.user)

    together(last_yes(party, b), last_yes(party, c))

    party.refresh_from_db()
    assert (party.state, party.said_yes) == ("bound", 3)
    assert Shift.objects.get(posting=posting).taken == 3 == Engagement.objects.filter(state="confirmed").count()


def test_the_employer_who_chooses_two_parties_at_once_gets_one_whole():
    posting = four_places(way_in="apply")
    waiting = []
    for party, last in (three(posting), three(posting)):
        waiting.append(last_yes(party, last)())
    boss = queries.owner_of(posting.employer)

    together(*[lambda p=p: deals.choose_party(parties.by_code(p.code), by=boss) for p in waiting])

    assert sorted(Party.objects.values_list("state", flat=True)) == ["applied", "bound"]
    assert Shift.objects.get(posting=posting).taken == 3
    assert list(queries.audit()) == []


def test_without_the_guarded_count_two_parties_of_three_fill_six_of_four_places():
    """The control: who reads the room and then takes it believes there is room for three, twice."""
    shift = Shift.objects.get(posting=four_places())
    read, taken = threading.Barrier(2), []

    def careless():
        here = Shift.objects.get(pk=shift.pk)
        read.wait()
        if here.places - here.taken >= 3:
            taken.extend(range(3))

    together(careless, careless)

    assert len(taken) > shift.places
