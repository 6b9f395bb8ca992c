import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linggong import make
from linggong.agreements import queries as agreements
from linggong.core import clock
from linggong.engagements import queries as deals
from linggong.payments import queries as wages
from linggong.web.templatetags.parts import yuan

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]


@pytest.mark.row("FJ-02")
def test_a_deal_shows_its_post_why_it_suits_its_cover_and_its_pay(browser_of):
    make.approved_products()
    deal = make.engagement(upto="confirmed")
    policy_words, wage = "保什么", wages.by_ref(deals.ref(make.attendance(deal)))

    shown = browser_of(deal.worker).get(f"/shifts/{deal.code}/").content.decode()

    assert f'href="/jobs/{deal.posting.code}/"' in shown
    assert "为什么合适" in shown and "走路" in shown
    assert policy_words in shown and 'href="/me/insurance/"' in shown
    assert f'href="/wages/{wage.code}/"' in shown
    assert f'href="/agreements/{agreements.live(deals.ref(deal)).code}/"' in shown


def test_deals_lie_in_the_pile_where_one_looks_for_them(browser_of):
    worker = make.worker()
    coming = make.engagement(worker_=worker, title="要去的活")
    asked = make.engagement(
        upto="applied", worker_=worker, title="等回话的活", way_in="apply", starts_at=clock.at(clock.today(), 72)
    )
    page = browser_of(worker)

    def titles(tab):
        return page.get(f"/shifts/?tab={tab}").content.decode()

    assert coming.code in titles("coming") and asked.code not in titles("coming")
    assert asked.code in titles("waiting") and coming.code not in titles("waiting")
    assert "还没有干完的" in titles("done")
    clock.set_now(coming.attendances.get().shift.ends_at)
    assert coming.code in titles("done")


@pytest.mark.parametrize("upto", ["confirmed", "checked_in"])
def test_an_hourly_price_carries_its_unit_until_the_sum_is_known(browser_of, upto):
    deal = make.engagement(upto=upto, pay_fen=2600, pay_unit="HOUR")

    shown = browser_of(deal.worker).get("/shifts/?tab=coming").content.decode()

    assert '<span class="pay"><b>26</b><small>元/小时</small></span>' in shown


def test_work_that_is_over_shows_what_it_came_to(browser_of):
    deal = make.engagement(upto="paid", pay_fen=2600, pay_unit="HOUR")
    came_to = make.attendance(deal).pay_fen

    shown = browser_of(deal.worker).get("/shifts/?tab=done").content.decode()

    assert came_to > 2600
    assert f'<span class="pay"><b>{yuan(came_to)}</b><small>元</small></span>' in shown


def test_the_list_asks_the_same_questions_for_three_rows_as_for_twelve(browser_of):
    worker = make.worker()
    page = browser_of(worker)
    counts = []
    for number in range(12):
        day = clock.at(clock.today(), 24 * (2 + number) + 8)
        make.engagement(worker_=worker, starts_at=day)
        if number in (2, 11):
            page.get("/shifts/")  # place and settings are asked once per process
            with CaptureQueriesContext(
                connection,
            ) as asked:
                page.get("/shifts/")
            counts.append(len(asked))

    assert counts[0] == counts[1] <= 8


def test_ten_at_a_time_with_and_without_javascript(browser_of):
    worker = make.worker()
    for number in range(12):
        make.engagement(worker_=worker, starts_at=clock.at(clock.today(), 24 * (2 + number) + 8))
    page = browser_of(worker)

    def rows(answer):
        return answer.content.decode().count('class="ledger__a"')

    assert rows(page.get("/shifts/")) == 10
    assert rows(page.get("/shifts/?tab=coming&upto=20")) == 12
    fragment = page.get("/shifts/?tab=coming&upto=20", headers={"HX-Request": "true"})
    assert rows(fragment) == 2 and "<html" not in fragment.content.decode() and len(fragment.content) < 8_000
    for junk in ("x", "-1", "9" * 30, "²"):
        assert page.get("/shifts/", {"upto": junk}).status_code == 200


def test_every_step_is_told_with_its_time(browser_of):
    deal = make.engagement(upto="confirmed_done")

    shown = browser_of(deal.worker).get(f"/shifts/at/{make.attendance(deal).code}/").content.decode()

    assert [words for words in ("到岗打卡", "开工", "收工", "老板确认了", "等付工钱") if words not in shown] == []
    assert "7:50" in shown and "16:20" in shown


def test_the_deal_of_another_does_not_exist(stranger):
    deal = make.engagement(upto="confirmed")
    one = make.attendance(deal)

    for path in (f"/shifts/{deal.code}/", f"/shifts/at/{one.code}/", f"/shifts/{deal.code}/call/", "/shifts/nonsense/",
                 f"/agreements/{agreements.live(deals.ref(deal)).code}/", f"/shifts/{deal.code}/cancel/"):  # fmt: skip
        assert stranger.get(path).status_code == 404, path


def test_a_visitor_is_asked_to_sign_in_and_a_person_who_is_no_worker_to_join(client, browser_of):
    assert client.get("/shifts/").url.startswith("/sign-in/")
    assert browser_of(make.user()).get("/shifts/").url.startswith("/join/")


def test_the_agreement_reads_in_plain_words_and_its_paper_is_asked_for(browser_of):
    deal = make.engagement(upto="confirmed")
    row = agreements.live(deals.ref(deal))
    page = browser_of(deal.worker)

    shown = page.get(f"/agreements/{row.code}/").content.decode()
    asked = page.post(f"/agreements/{row.code}/want/")

    assert "180" in shown and "看全文" in shown and "生效了" in shown
    assert "在做" in page.get(asked.url).content.decode()
    assert page.get(f"/agreements/{row.code}/paper/").status_code == 404
