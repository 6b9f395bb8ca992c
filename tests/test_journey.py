"""docs/journey.md, lived: one deal from posting to paid and rated, each step by the verb of its row."""

from datetime import timedelta

import pytest

import linggong.agreements.queries as agreements
import linggong.engagements.actions as deals
import linggong.insurance.queries as insurance
import linggong.matching.queries as matching
import linggong.payments.actions as payments
import linggong.payments.queries as wages
import linggong.postings.actions as postings
from linggong import make
from linggong.core import clock
from linggong.engagements import queries as lived


@pytest.mark.django_db
def test_a_deal_lives_the_whole_table(monday_morning, later):
    make.approved_rules()
    make.approved_products()
    employer, worker = make.employer(), make.worker(state="verified")
    boss, hand = lived.owner_of(employer), worker.user

    posting = postings.draft(employer, make.facts(), by=boss)
    assert posting.state == "draft"
    postings.submit(posting, by=boss)
    assert posting.state == "reviewing"
    postings.approve(posting, by=make.reviewer())
    assert posting.state == "published"
    assert later() > 0

    found = matching.for_worker(worker, clock.now())
    assert [match.posting for match in found] == [posting]

    deal = deals.grab(posting, worker, by=hand)
    later()
    one = make.attendance(deal)
    assert deal.state == "confirmed"
    assert agreements.live(lived.ref(deal)).state == "effective"
    assert insurance.cover_of(lived.ref(one)).state == "bound"

    clock.set_now(one.shift.starts_at - timedelta(minutes=10))
    deals.check_in(one, how="boss", by=boss, as_told=True)
    assert one.state == "checked_in"
    clock.set_now(one.shift.starts_at)
    deals.begin_work(one)
    assert one.state == "in_progress"
    clock.set_now(one.shift.ends_at)
    deals.check_out(one, by=hand)
    assert one.state == "work_done"
    deals.confirm(one, by=boss)
    assert one.state == "pay_due"

    payments.declare_paid(wages.by_ref(lived.ref(one)), how="wechat", by=boss)
    assert wages.by_ref(lived.ref(one)).state == "declared_paid"
    payments.acknowledge(wages.by_ref(lived.ref(one)), how="tap", by=hand)
    assert wages.by_ref(lived.ref(one)).state == "acknowledged"
    later()
    assert make.attendance(deal).state == "paid"

    deals.rate(deal, "worker", stars=5, by=hand)
    deals.rate(deal, "employer", stars=5, by=boss)
    assert lived.visible_ratings(about_worker=worker).count() == 1
    assert list(lived.audit()) == []
