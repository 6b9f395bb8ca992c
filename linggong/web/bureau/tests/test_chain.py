"""G3: the chain of one deal, and the alerts of what is missing."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

import linggong.engagements.queries as deals
import linggong.oversight.queries as oversight
from linggong import make
from linggong.core.clock import set_now
from linggong.core.journal import seal_chain
from linggong.core.models import Event, Link
from linggong.oversight import lists
from linggong.venues.queries import Reach

ALL = Reach(national=True)


@pytest.mark.row("FJ-42")
def test_the_chain_of_a_paid_deal_shows_every_ring_and_who_did_what(supervising, monday_morning):
    deal = make.engagement(upto="paid")

    page = supervising.get(f"/bureau/chain/{deal.code}/").content.decode()

    for ring in ("发活", "审核", "用工约定", "保险", "到岗", "工钱", "评价", "有意见"):
        assert ring in page
    assert "查证通过" in page
    assert "到岗" in page and deal.employer.name in page


@pytest.mark.row("FJ-42")
def test_a_shift_that_nobody_accounted_for_is_an_alert_and_names_the_ring(supervising, monday_morning):
    deal = make.engagement(upto="confirmed")
    before = supervising.get("/bureau/chain/").content.decode()
    set_now(make.attendance(deal).shift.ends_at + timedelta(hours=1))

    listed = supervising.get("/bureau/chain/").content.decode()
    page = supervising.get(f"/bureau/chain/{deal.code}/").content.decode()

    assert "链条都齐" in before
    assert "1 单缺环" in listed and "缺：到岗" in listed
    assert "缺 1 环" in page


def test_the_alert_list_misses_the_same_rings_as_the_page_of_each_deal(db, monday_morning):
    first = make.engagement(upto="confirmed")
    second = make.engagement(upto="confirmed_done")
    set_now(deals.attendances(engagement=first)[0].shift.ends_at.replace(year=2027))  # unaccounted for, and unpaid

    alerts = {a.deal.pk: a.missing for a in lists.alerts(ALL)}

    for deal in (first, second):
        said = [ring.name for ring in oversight.chain(deals.by_code(deal.code)).missing]
        assert said and sorted(alerts[deal.pk]) == sorted(said)


@pytest.mark.row("FJ-42")
def test_an_event_can_neither_be_changed_nor_removed_and_a_forgery_shows(supervising, monday_morning):
    make.engagement(upto="confirmed")
    seal_chain()
    event = Event.objects.order_by("pk").first()

    for sql in ("UPDATE core_event SET name = 'x' WHERE id = %s", "DELETE FROM core_event WHERE id = %s"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [event.pk])
    page = supervising.get("/bureau/audit/verify/").content.decode()

    assert "记录没被改过" in page
    assert f"查到第 {Link.objects.count()} 条" in page


def test_a_code_is_found_and_a_wrong_one_says_so(supervising, monday_morning):
    deal = make.engagement(upto="confirmed")

    assert supervising.get(f"/bureau/chain/?q={deal.code}").url == f"/bureau/chain/{deal.code}/"
    assert deal.code in supervising.get(f"/bureau/chain/?q={deal.posting.code}").content.decode()
    assert "没有这个号" in supervising.get("/bureau/chain/?q=%00<script>").content.decode()
    assert supervising.get("/bureau/chain/nothing123/").status_code == 404


def test_another_regions_deal_does_not_exist(db, monday_morning):
    from linggong.web.bureau.tests.conftest import browser

    deal = make.engagement(upto="confirmed")
    far = browser(make.supervisor(division_code="110000"))

    assert far.get(f"/bureau/chain/{deal.code}/").status_code == 404
    assert deal.code not in far.get("/bureau/chain/").content.decode()


def test_the_list_asks_as_much_for_one_deal_as_for_four(supervising, monday_morning):
    from django.test.utils import CaptureQueriesContext

    make.engagement(upto="confirmed")
    supervising.get("/bureau/chain/")
    with CaptureQueriesContext(connection) as few:
        supervising.get("/bureau/chain/")
    for _n in range(3):
        make.engagement(upto="confirmed")
    with CaptureQueriesContext(connection) as many:
        supervising.get("/bureau/chain/")

    assert len(many) == len(few)
