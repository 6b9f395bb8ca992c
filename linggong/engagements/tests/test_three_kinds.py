"""Three kinds of work from real life, from post to paid: by the day, by the tonne, by the piece."""

from datetime import timedelta
from decimal import Decimal

import pytest

import linggong.engagements.actions as deals
from linggong import make
from linggong.core import clock, journal
from linggong.engagements import queries
from linggong.ledger import queries as ledger
from linggong.payments import queries as paid
from linggong.payments import wage_audit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(monday_morning):
    make.approved_rules()
    make.approved_products()


def trade_named(name):
    return next(t for t in make.reference.trades() if t.name == name)


def live_shift(deal, number, *, quantity=None):
    """One shift from check-in to the wage acknowledged."""
    one = make.attendance(deal, number)
    boss = queries.owner_of(deal.employer)
    clock.set_now(one.shift.starts_at - timedelta(minutes=5))
    make.settle_down()
    deals.check_in(one, how="boss", by=boss)
    clock.set_now(one.shift.ends_at)
    deals.check_out(one, by=deal.worker.user, quantity=quantity)
    deals.confirm(make.attendance(deal, number), by=boss)
    make.pay(make.attendance(deal, number))
    make.settle_down()
    return make.attendance(deal, number)


def test_a_welder_for_ten_days_by_the_day():
    welder = trade_named("电焊工")
    posting = make.posting(trade=welder.code, title="焊架子", content="二保焊", pay_fen=35000, days=10, places=1)
    deal = make.engagement(posting_=posting, worker_=make.worker(trades=(welder.code,)))

    shifts = [live_shift(deal, number) for number in range(10)]

    assert [s.state for s in shifts] == ["paid"] * 10
    assert sum(s.pay_fen for s in shifts) == 350_000
    assert [paid.by_ref(queries.ref(s)).state for s in shifts] == ["acknowledged"] * 10


def test_four_people_unload_thirty_tonnes():
    loader = trade_named("搬运工")
    posting = make.posting(
        trade=loader.code, title="卸瓷砖", content="一车瓷砖三十吨", pay_fen=1200, pay_unit="TONNE",
        quantity=Decimal(30), places=4, hours=4,
    )  # fmt: skip
    crew = [make.engagement(posting_=posting, worker_=make.worker(trades=(loader.code,))) for _ in range(4)]

    estimate = paid.by_ref(queries.ref(make.attendance(crew[0]))).share_fen
    done = [live_shift(deal, 0, quantity=Decimal("7.5")) for deal in crew]

    assert estimate == 9000
    assert [d.pay_fen for d in done] == [9000] * 4


@pytest.mark.slow
def test_eight_people_by_the_piece_for_forty_days():
    tying = trade_named("编烟工")
    posting = make.posting(
        trade=tying.code, title="编烟", content="烤房编烟上竿", pay_fen=50, pay_unit="RACK", quantity=Decimal(128_000),
        places=8, days=40, form="SEASONAL", pay_cycle="DAILY",
    )  # fmt: skip
    people = [make.engagement(posting_=posting, worker_=make.worker(trades=(tying.code,))) for _ in range(8)]

    wages = [live_shift(people[0], number, quantity=Decimal(400)).pay_fen for number in range(40)]
    others = [live_shift(deal, 39, quantity=Decimal(410)).pay_fen for deal in people[1:]]

    assert wages == [20_000] * 40
    assert others == [20_500] * 7
    assert journal.deliver() == 0
    assert [*ledger.audit(), *wage_audit.audit(), *queries.audit()] == []
