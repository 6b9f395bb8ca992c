"""U12: new people can have a share of the places, for a stated time; off unless a region says so."""

from datetime import timedelta

import pytest

import linggong.engagements.actions as deals
import linggong.matching.queries as suits
import linggong.postings.actions as postings
import linggong.reference.actions as reference
from linggong import make
from linggong.core import clock
from linggong.core.clock import local, now
from linggong.engagements import background, newcomers
from linggong.engagements.models import Engagement

pytestmark = pytest.mark.django_db


def share(percent):
    rule = reference.enter_rule(
        key="newcomer_share", value=percent, division_code="350400", valid_from=local(now()).date(),
        document="三明零工〔2026〕12号", document_url="https://example.org/12", by=make.supervisor(),
    )  # fmt: skip
    reference.approve_rule(rule, by=make.supervisor())


@pytest.fixture
def job(monday_morning):
    return make.posting(places=4, starts_at=now() + timedelta(days=2))


def seasoned(upto="work_done"):
    """Somebody who worked here once; the day of that work is over."""
    with clock.moved_to(now() - timedelta(days=9)):
        return make.engagement(upto=upto).worker


def grabs(job, worker):
    return deals.grab(job, worker, by=worker.user)


def test_without_a_rule_no_place_is_held(job):
    old = [seasoned() for _ in range(4)]
    for one in old:
        grabs(job, one)

    assert newcomers.is_new(make.worker()) and not newcomers.is_new(old[0])
    assert job.shifts.get().taken == 4


def test_u12_a_share_of_the_places_waits_for_new_people_and_takes_nothing_else(job):
    share(50)
    old = [seasoned() for _ in range(3)]
    grabs(job, old[0])
    grabs(job, old[1])

    with pytest.raises(postings.HeldForNew, match="第一回"):
        grabs(job, old[2])
    assert job.shifts.get().taken == 2
    assert not Engagement.objects.filter(worker=old[2], posting=job).exists()
    grabs(job, make.worker())
    grabs(job, make.worker())
    with pytest.raises(postings.Full):
        grabs(job, make.worker())


def test_new_people_count_towards_the_share_and_a_place_they_leave_is_held_again(job):
    share(25)
    first = grabs(job, make.worker())
    for _ in range(2):
        grabs(job, seasoned())
    deals.cancel_by_worker(first, because="busy", by=first.worker.user)

    grabs(job, seasoned())
    with pytest.raises(postings.HeldForNew):
        grabs(job, seasoned())


def test_when_the_time_comes_what_is_left_is_open_to_all_and_the_line_moves_up(job):
    share(50)
    for _ in range(2):
        grabs(job, seasoned())
    late, waiting = seasoned(), seasoned()
    deals.wait(job, waiting, by=waiting.user)
    background.open_what_was_held()
    assert Engagement.objects.get(worker=waiting, posting=job).state == "waitlisted"

    with clock.moved_to(job.shifts.get().starts_at - timedelta(hours=12)):
        background.open_what_was_held()
        grabs(job, late)

    assert Engagement.objects.get(worker=waiting, posting=job).state == "confirmed"
    assert job.shifts.get().taken == 4


def test_who_is_new_is_marked_so_for_whoever_chooses(job):
    new, old = make.worker(), seasoned(upto="confirmed_done")

    said = {c.worker.pk: [row["word"] for row in c.reasons] for c in suits.for_posting(job, now())}

    assert "第一回" in said[new.pk] and "第一回" not in said[old.pk]
