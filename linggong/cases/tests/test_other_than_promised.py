"""U05: who finds other work than was promised says so on arriving, and somebody owns it."""

from datetime import timedelta

import pytest

import linggong.engagements.actions as deals
from linggong import make
from linggong.cases.models import Case
from linggong.core import clock
from linggong.engagements import queries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(monday_morning):
    make.approved_rules()
    make.approved_products()


def arrive(deal, as_told):
    one = make.attendance(deal)
    clock.set_now(one.shift.starts_at - timedelta(minutes=10))
    deals.check_in(one, how="boss", by=queries.owner_of(deal.employer), as_told=as_told)
    make.settle_down()


@pytest.mark.parametrize(("as_told", "cases"), [(True, 0), (None, 0), (False, 1)])
def test_u05_other_than_promised_opens_a_case_with_an_owner_and_a_due_time(as_told, cases):
    make.staff("mediator")
    deal = make.engagement()

    arrive(deal, as_told)

    found = list(Case.objects.filter(kind="mismatch"))
    assert len(found) == cases
    assert all(case.owner and case.due_at == case.filed_at + timedelta(hours=24) for case in found)
