"""行情: the middle of what people really accepted here last week, shown while posting and while taking."""

from datetime import timedelta

import pytest
from django.test import Client

import linggong.engagements.actions as deals
from linggong import make
from linggong.core import clock
from linggong.core.clock import at, now, today
from linggong.engagements.going_rate import going_rate
from linggong.engagements.queries import owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    make.approved_rules()
    make.approved_products()
    return make.employer()


def accepted(boss, sums, *, days_ago=2, **facts):
    """One deal at each sum, made some days ago."""
    with clock.moved_to(now() - timedelta(days=days_ago)):
        for fen in sums:
            job = make.posting(employer_=boss, pay_fen=fen, **facts)
            make.engagement(posting_=job)


def rate(job):
    return going_rate(job.trade_id, job.division_id, job.pay_unit, before=today())


def test_the_middle_of_ten_accepted_offers_is_shown_while_taking_and_while_posting(boss, monday_morning):
    accepted(boss, [16000, 17000, 18000, 18000, 19000, 19500, 20000, 21000, 22000, 30000])
    job = make.posting(employer_=boss, starts_at=at(today() + timedelta(days=3), 8))

    assert (rate(job).count, rate(job).median_fen) == (10, 19000)
    page = Client().get(f"/jobs/{job.code}/").content.decode()
    assert "中间价 190 元/天" in page and "10 份" in page

    draft = make.posting(employer_=boss, state="draft")
    owner = Client()
    owner.force_login(owner_of(boss))
    assert "行情：中间价 190 元/天" in owner.get(f"/e/post/check/{draft.code}/").content.decode()


def test_nine_are_too_few_and_that_is_said(boss, monday_morning):
    accepted(boss, [18000] * 9)
    job = make.posting(employer_=boss, starts_at=at(today() + timedelta(days=3), 8))

    assert (rate(job).count, rate(job).median_fen) == (9, None)
    page = Client().get(f"/jobs/{job.code}/").content.decode()
    assert "样本不足" in page and "不到 10 份" in page and "中间价" not in page


def test_other_weeks_other_units_and_deals_taken_back_do_not_count(boss, monday_morning):
    accepted(boss, [18000], days_ago=2)
    accepted(boss, [40000], days_ago=9)
    accepted(boss, [2500], days_ago=3, pay_unit="HOUR")
    with clock.moved_to(now() - timedelta(days=3)):
        late = make.posting(employer_=boss, pay_fen=50000, starts_at=at(today() + timedelta(days=5), 8))
        deal = make.engagement(posting_=late)
    deals.cancel_by_worker(deal, because="家里有事", by=deal.worker.user)
    job = make.posting(employer_=boss, starts_at=at(today() + timedelta(days=3), 8))

    assert rate(job).count == 1
