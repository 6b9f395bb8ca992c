"""What a deal says is what is so: why it suited, whether there is cover, where the wage is, what may be put in."""

import pytest

import linggong.agreements.queries as agreements
import linggong.insurance.actions as insurance
import linggong.payments.actions as payments
import linggong.payments.queries as wages
from linggong import make
from linggong.core.clock import now
from linggong.engagements import actions, queries
from linggong.engagements.refusals import NothingToStore
from linggong.matching import score
from linggong.payments.models import Funding

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("way", ["grab", "apply", "dispatch"])
def test_why_it_suited_is_kept_with_the_version_of_the_rule_when_somebody_joins(way):
    worker = make.worker()
    posting = make.posting(way_in=way)
    if way == "dispatch":
        deal = actions.dispatch(posting, worker, by=make.clerk())
    else:
        deal = getattr(actions, way)(posting, worker, by=worker.user)

    deal.refresh_from_db()
    assert any(row["word"] == "会干" for row in deal.reasons) and {"mark", "word", "text"} == set(deal.reasons[0])
    assert deal.fit["version"] and deal.fit["total"] == sum(deal.fit["parts"].values())
    assert set(deal.fit["parts"]) == {c.name for c in score.default_weights().components}


def insurance_line(deal):
    agreement = agreements.live(queries.ref(deal))
    return next(line.words for line in agreements.front(agreement) if "保险" in line.words or "意外险" in line.words)


def test_the_agreement_says_there_is_no_cover_where_nobody_sells_any():
    bare = make.engagement(upto="confirmed")
    insurance.approve_samples(by=make.supervisor())
    covered = make.engagement(upto="confirmed")

    assert "今天没保险" in insurance_line(bare) and "买意外险" not in insurance_line(bare)
    assert "买意外险" in insurance_line(covered) and "今天没保险" not in insurance_line(covered)


def test_a_wage_the_employer_agreed_to_and_has_not_paid_waits_for_payment_not_for_a_yes():
    before, after = make.engagement(upto="work_done"), make.engagement(upto="confirmed_done")

    words = [
        str(wages.where(wages.of_deal(queries.ref(deal)).first(), now(), finished=True).words)
        for deal in (before, after)
    ]

    assert words == ["等老板确认", "老板认了，等他付"]


def test_no_more_is_put_in_than_the_whole_wage_and_the_same_tap_is_one(settings):
    settings.WAGE_ACCOUNT_PROVIDER = "pretend"
    posting = make.posting(places=2)
    owner = queries.owner_of(posting.employer)
    first = actions.fund_posting(posting, key="k1", by=owner)
    payments.hear_funding(first, provider_ref="ZH1", fen=first.wages_fen, message_id="m1")

    assert actions.fund_posting(posting, key="k1", by=owner) == first
    with pytest.raises(payments.StoredEnough, match="不能超过全部工钱 360 元，已经存了 360 元"):
        actions.fund_posting(posting, key="k2", by=owner)
    assert Funding.objects.count() == 1


def test_counted_work_without_an_amount_says_what_to_write_before_wages_are_stored(settings):
    settings.WAGE_ACCOUNT_PROVIDER = "pretend"
    posting = make.posting(pay_unit="TONNE", pay_fen=1200, quantity=None)

    with pytest.raises(NothingToStore, match="写上大概数量"):
        actions.fund_posting(posting, key="k", by=queries.owner_of(posting.employer))
