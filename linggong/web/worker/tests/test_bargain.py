from datetime import timedelta

import pytest

from linggong import make
from linggong.accounts import queries as people
from linggong.core import clock
from linggong.core.queries import timeline
from linggong.engagements import actions as living
from linggong.engagements import queries as deals
from linggong.postings import actions as postings
from linggong.postings import queries as posted
from linggong.workers import queries as workers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]


@pytest.fixture
def offered():
    """An employer asked a worker to come."""
    posting, worker = make.posting(way_in="apply"), make.worker()
    return living.offer(posting, worker, by=deals.owner_of(posting.employer))


@pytest.fixture
def bound():
    return make.engagement(upto="confirmed")


def fresh(deal):
    return deals.by_code(deal.code)


def test_yes_to_an_offer_binds_to_the_terms_that_were_shown(offered, browser_of):
    page = browser_of(offered.worker)
    seen = posted.current_version(offered.posting).terms_hash
    assert seen in page.get(f"/shifts/{offered.code}/answer/").content.decode()

    for _ in range(2):
        answer = page.post(f"/shifts/{offered.code}/answer/go/", {"key": "k", "said": "yes", "seen": seen})

    assert (fresh(offered).state, answer.url) == ("confirmed", f"/shifts/{offered.code}/?done=go")
    assert [e.name for e in timeline(offered)].count("engagement.confirmed") == 1


def test_no_to_an_offer_costs_nothing(offered, browser_of):
    browser_of(offered.worker).post(f"/shifts/{offered.code}/answer/go/", {"key": "k", "said": "no"})

    assert fresh(offered).state == "withdrawn"
    assert workers.record_of(offered.worker) == []


def test_terms_that_changed_since_are_not_agreed_to(offered, browser_of):
    answer = browser_of(offered.worker).post(
        f"/shifts/{offered.code}/answer/go/", {"key": "k", "said": "yes", "seen": "0" * 64}
    )

    assert answer.status_code == 409 and "老板刚改了条件" in answer.content.decode()
    assert fresh(offered).state == "offered"


def test_changed_terms_are_shown_side_by_side_and_accepted_again(bound, browser_of):
    owner = deals.owner_of(bound.employer)
    postings.change(bound.posting, {"address": "三元区列东街18号"}, by=owner)
    posting = posted.by_code(bound.posting.code)
    if posting.state == "reviewing":
        postings.approve(posting, by=make.reviewer())
    make.settle_down()
    page = browser_of(bound.worker)

    shown = page.get(f"/shifts/{bound.code}/answer/").content.decode()
    seen = posted.current_version(posting).terms_hash
    answer = page.post(f"/shifts/{bound.code}/answer/go/", {"key": "k", "said": "yes", "seen": seen})

    assert "原来：" in shown and "江滨路8号" in shown and "列东街18号" in shown
    assert answer.url.endswith("done=again") and fresh(bound).state == "confirmed"
    assert fresh(bound).terms["address"] == "三元区列东街18号"


@pytest.mark.parametrize(
    ("before", "words", "points"), [(20, "不记口碑", 0), (5, "不记口碑", 0), (1, "口碑记 -3 分", -3)]
)
def test_cancelling_says_beforehand_what_it_does_to_the_record(bound, browser_of, before, words, points):
    page, one = browser_of(bound.worker), make.attendance(bound)
    clock.set_now(one.shift.starts_at - timedelta(hours=before))

    first = page.get(f"/shifts/{bound.code}/cancel/").content.decode()
    check = page.get(f"/shifts/{bound.code}/cancel/?because=sick").content.decode()
    answer = page.post(f"/shifts/{bound.code}/cancel/go/", {"key": "k", "because": "sick"})

    assert words in first and words in check and fresh(bound).state == "cancelled_by_worker"
    assert sum(row.points for row in workers.record_of(bound.worker)) == points
    after = page.get(answer.url).content.decode()
    assert "取消了，老板知道了" in after and "位子空出来了" in after and "让给了别人" not in after


def test_a_reason_is_needed_and_a_second_cancelling_changes_nothing(bound, browser_of):
    page = browser_of(bound.worker)
    assert page.post(f"/shifts/{bound.code}/cancel/go/", {"key": "k"}).status_code == 422

    page.post(f"/shifts/{bound.code}/cancel/go/", {"key": "a", "because": "far"})
    late = page.post(f"/shifts/{bound.code}/cancel/go/", {"key": "b", "because": "far"})

    assert late.status_code == 409 and fresh(bound).state == "cancelled_by_worker"


def test_an_application_is_taken_back(browser_of):
    deal = make.engagement(upto="applied", way_in="apply")

    browser_of(deal.worker).post(f"/shifts/{deal.code}/withdraw/", {"key": "k"})

    assert fresh(deal).state == "withdrawn"


def test_a_no_show_is_contested_and_does_not_count_meanwhile(bound, browser_of):
    one, page = make.attendance(bound), browser_of(bound.worker)
    clock.set_now(one.shift.starts_at + timedelta(minutes=40))
    living.no_show(one, by=deals.owner_of(bound.employer))
    assert "老板说你没到" in page.get(f"/shifts/{bound.code}/").content.decode()

    answer = page.post(f"/shifts/at/{one.code}/contest/go/", {"key": "k", "facts": "7 点 50 到的\x00" + "长" * 900})

    assert answer.url.endswith("done=contested")
    assert not any(row.counts for row in workers.record_of(bound.worker))


def test_figures_of_the_employer_are_agreed_to_after_a_look(browser_of):
    deal = make.engagement(upto="work_done", pay_unit="HOUR", pay_fen=2000)
    one, page = make.attendance(deal), browser_of(deal.worker)
    living.confirm(one, minutes=300, by=deals.owner_of(deal.employer))
    shown = page.get(f"/shifts/at/{one.code}/agree/").content.decode()

    page.post(f"/shifts/at/{one.code}/agree/go/", {"key": "k"})

    assert "140.00" in shown and "40.00" in shown
    assert (deals.attendance_by_code(one.code).state, deals.attendance_by_code(one.code).pay_fen) == ("pay_due", 10000)


def test_the_employers_number_opens_with_a_tap_and_the_look_is_noted(bound, browser_of, stranger):
    page, owner = browser_of(bound.worker), deals.owner_of(bound.employer)
    assert "tel:" + make.DEMO_PREFIX not in page.get(f"/shifts/{bound.code}/call/").content.decode()

    shown = page.post(f"/shifts/{bound.code}/call/open/", {"key": "k"}).content.decode()

    assert f"tel:{make.DEMO_PREFIX}" in shown
    assert [look.what for look in people.looks_at(owner)] == ["phone"]
    assert stranger.post(f"/shifts/{bound.code}/call/open/").status_code == 404


def test_before_a_deal_the_number_stays_closed(offered, browser_of):
    answer = browser_of(offered.worker).post(f"/shifts/{offered.code}/call/open/", {"key": "k"})

    assert answer.status_code == 409 and "定下了才看得到" in answer.content.decode()
    assert people.looks_at(deals.owner_of(offered.employer)).count() == 0


def test_another_cannot_answer_cancel_or_contest(bound, stranger):
    one = make.attendance(bound)
    for path in (f"{bound.code}/answer/go/", f"{bound.code}/cancel/go/", f"{bound.code}/withdraw/",
                 f"at/{one.code}/contest/go/", f"at/{one.code}/agree/go/"):  # fmt: skip
        assert stranger.post(f"/shifts/{path}", {"key": "k", "said": "yes", "because": "sick"}).status_code == 404
    assert fresh(bound).state == "confirmed"
