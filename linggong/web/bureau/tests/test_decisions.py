"""查证 of a list: within reach only, without a name, and it says when it no longer comes out the same."""

import pytest
from django.db import connection
from django.test import override_settings

import linggong.matching.actions as matching
import linggong.matching.queries as asked
from linggong import make
from linggong.core.clock import now
from linggong.matching import weighing
from linggong.reference.models import RegionRule

pytestmark = pytest.mark.django_db


@pytest.fixture
def decision():
    posting = make.posting()
    make.worker(name="罗桂花")
    return matching.decided(asked.for_posting(posting, now()), posting, purpose="offer", by=None)


@pytest.mark.row("SX-13a")
def test_the_list_is_shown_with_its_points_and_replayed_on_the_spot(supervising, decision):
    page = supervising.get(f"/bureau/decisions/{decision.code}/").content.decode()

    assert "再算一遍，和当时一分不差" in page and str(decision.outcome[0][1]) in page
    assert "罗桂花" not in page and "罗师傅" not in page


def test_a_touched_record_is_called_out(supervising, decision):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE matching_decision SET digest = 'x'")

    assert "和当时对不上" in supervising.get(f"/bureau/decisions/{decision.code}/").content.decode()


def test_outside_ones_reach_there_is_no_such_decision(supervising, decision):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE postings_posting SET division_id = (SELECT code FROM reference_division"
                       " WHERE code LIKE '1101%%' ORDER BY code LIMIT 1)")  # fmt: skip

    assert supervising.get(f"/bureau/decisions/{decision.code}/").status_code == 404
    assert supervising.get("/bureau/decisions/NOSUCHCODE/").status_code == 404


def test_the_chain_of_a_deal_leads_to_it(supervising):
    deal = make.engagement()
    found = asked.for_posting(deal.posting, now())
    kept = matching.decided(found, deal.posting, purpose="offer", by=None)

    assert f"/bureau/decisions/{kept.code}/" in supervising.get(f"/bureau/chain/{deal.code}/").content.decode()


def test_health_says_how_the_live_index_does(running):
    page = running.get("/bureau/settings/").content.decode()
    assert "内存里的撮合" not in page

    with override_settings(ENGINE=True):
        assert "由数据库撮合" in running.get("/bureau/settings/").content.decode()
        matching.report_index(
            process="a:1", built_at=now(), workers=7, postings=3, behind_ms=20, checked=10, drift=0
        )  # fmt: skip
        page = running.get("/bureau/settings/").content.decode()
        assert "7 人，3 个活；核对 10 条，差 0 条" in page and "慢了" not in page
        matching.report_index(
            process="a:1", built_at=now(), workers=7, postings=3, behind_ms=9000, checked=10, drift=2
        )  # fmt: skip
        assert "慢了，现在由数据库撮合" in running.get("/bureau/settings/").content.decode()


def test_the_weights_are_typed_as_people_say_them_and_act_after_the_second_yes(supervising, second):
    typed = "2026.2：近 100、会干 200、干过 300、熟 100、靠谱 150、工钱 100、等活 50"
    facts = {
        "key": "match_weights",
        "division_code": "350400",
        "valid_from": "2026-01-01",
        "document": "明零工〔2026〕2号",
    }

    refused = supervising.post("/bureau/rules/enter/", facts | {"value": "2026.2：近 100"})
    assert refused.status_code == 422 and not RegionRule.objects.filter(key="match_weights").exists()
    assert supervising.post("/bureau/rules/enter/", facts | {"value": typed}).status_code == 302
    rule = RegionRule.objects.get(key="match_weights")
    assert typed in supervising.get("/bureau/rules/?show=waiting").content.decode()
    assert weighing.weights("350402", now()).version == "2026.1"
    second.post(f"/bureau/rules/{rule.pk}/approve/")
    assert weighing.weights("350402", now()).version == "2026.2"
    assert "第 2026.2 版" in supervising.get("/how-sorted/").content.decode()
