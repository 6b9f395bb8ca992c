"""One gig from posting to paid and rated, on both ways of paying."""

import pytest

from linggong import make
from linggong.core import clock
from linggong.engagements import queries
from linggong.payments import queries as paid

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(monday_morning):
    make.approved_rules()
    make.approved_products()


def test_a_deal_is_bound_in_one_step():
    deal = make.engagement()

    assert deal.state == "confirmed"
    assert deal.terms["pay_fen"] == 18000
    [one] = queries.attendances(engagement=deal)
    assert queries.readiness(one).ready
    assert list(queries.audit()) == []


def test_a_deal_lives_to_its_end_with_pay_by_hand():
    with clock.moved_to(clock.now()):
        deal = make.engagement(upto="rated")

    [one] = queries.attendances(engagement=deal)
    assert one.state == "paid"
    assert one.pay_fen == 18000
    assert paid.by_ref(queries.ref(one)).state == "acknowledged"
    assert {r.side for r in queries.visible_ratings(about_worker=deal.worker)} == {"employer"}
    assert list(queries.audit()) == []
