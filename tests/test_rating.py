"""Both sides speak once, neither first; nobody erases; a bad word opens a case within a minute."""

from datetime import timedelta

import pytest

import linggong.engagements.actions as deals
from linggong import make
from linggong.cases.models import Case
from linggong.core import clock, journal
from linggong.engagements import queries
from linggong.engagements.models import Rating
from linggong.engagements.refusals import BadFigures, NotRatable, RatedAlready

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(monday_morning):
    make.approved_rules()
    make.approved_products()


@pytest.fixture
def deal():
    return make.engagement(upto="paid")


@pytest.mark.row("FJ-21")
def test_neither_side_sees_the_other_before_both_spoke(deal):
    deals.rate(deal, "worker", stars=4, by=deal.worker.user)
    assert not queries.visible_ratings(about_employer=deal.employer).exists()

    deals.rate(deal, "employer", stars=5, by=queries.owner_of(deal.employer))

    assert queries.visible_ratings(about_employer=deal.employer).count() == 1
    assert queries.visible_ratings(about_worker=deal.worker).count() == 1


@pytest.mark.row("FJ-21")
def test_after_seven_days_one_word_shows_alone(deal):
    deals.rate(deal, "worker", stars=4, by=deal.worker.user)
    clock.set_now(clock.now() + timedelta(days=6, hours=23))
    journal.run_due_jobs()
    assert not queries.visible_ratings(about_employer=deal.employer).exists()

    clock.set_now(clock.now() + timedelta(hours=3))
    journal.run_due_jobs()

    assert queries.visible_ratings(about_employer=deal.employer).count() == 1


@pytest.mark.row("FJ-21")
def test_one_rating_per_side_and_it_can_only_be_hidden_with_a_reason(deal):
    rating = deals.rate(deal, "worker", stars=1, tags=["insult"], by=deal.worker.user)
    with pytest.raises(RatedAlready):
        deals.rate(deal, "worker", stars=5, by=deal.worker.user)
    with pytest.raises(BadFigures):
        deals.hide(rating, because=" ", by=make.reviewer())

    deals.hide(rating, because="骂人的话", by=make.reviewer())

    rating.refresh_from_db()
    assert rating.hidden_reason == "骂人的话" and rating.stars == 1
    assert Rating.objects.filter(engagement=deal).count() == 1


def test_nothing_is_rated_before_work_is_confirmed():
    deal = make.engagement()

    with pytest.raises(NotRatable):
        deals.rate(deal, "worker", stars=5, by=deal.worker.user)


@pytest.mark.row("FJ-24")
@pytest.mark.parametrize(("stars", "tags"), [(2, []), (1, []), (5, ["wage"])])
def test_a_bad_word_opens_a_case_with_an_owner_and_a_day(deal, stars, tags):
    said_at = clock.now()
    deals.rate(deal, "worker", stars=stars, tags=tags, by=deal.worker.user)
    make.settle_down()  # what the worker process does at once; the sweep below is due every minute

    [case] = Case.objects.filter(kind="bad_rating")
    assert case.owner is not None
    assert case.filed_at - said_at < timedelta(minutes=1)
    assert case.due_at == case.filed_at + timedelta(hours=24)


def test_a_good_word_opens_nothing(deal):
    deals.rate(deal, "worker", stars=3, by=deal.worker.user)
    make.settle_down()

    assert not Case.objects.exists()
