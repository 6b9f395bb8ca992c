"""One posting after it went out: pausing, changing, calling off, repeating."""

import pytest

import linggong.engagements.queries as lived
from linggong import make
from linggong.core import clock
from linggong.postings.models import Posting

pytestmark = pytest.mark.django_db


def test_it_is_paused_and_taken_up_again_and_a_stale_tap_is_told(desk, boss):
    posting = make.posting(employer_=boss)
    desk.post(f"/e/jobs/{posting.code}/pause/")
    posting.refresh_from_db()
    assert posting.state == "paused"
    assert desk.post(f"/e/jobs/{posting.code}/pause/").status_code == 409
    desk.post(f"/e/jobs/{posting.code}/resume/")
    posting.refresh_from_db()
    assert posting.state == "published"


def test_doing_it_again_takes_three_taps(desk, boss):
    posting = make.posting(employer_=boss)
    day = clock.today() + clock.timedelta(days=3)
    assert "再发一次" in desk.get(f"/e/jobs/{posting.code}/").content.decode()  # one: open it
    answer = desk.post(f"/e/jobs/{posting.code}/repeat/", {"starts_on": day.isoformat(), "key": "r"})  # two: again
    again = Posting.objects.latest("pk")
    assert answer.url == f"/e/post/check/{again.code}/" and again.pk != posting.pk
    assert desk.post(f"/e/jobs/{posting.code}/repeat/", {"starts_on": day.isoformat(), "key": "r"}).url == answer.url
    desk.post(f"/e/post/check/{again.code}/publish/", {"wages": "offline", "key": "p"})  # three: publish
    again.refresh_from_db()
    assert again.state == "reviewing" and clock.local(again.first_starts_at).date() == day


@pytest.mark.parametrize("day", ["", "2001-01-01", "nonsense", "2199-12-31", "\x00"])
def test_a_day_that_cannot_be_is_told(desk, boss, day):
    posting = make.posting(employer_=boss)
    assert desk.post(f"/e/jobs/{posting.code}/repeat/", {"starts_on": day}).status_code in (409, 422)


def test_changing_says_who_is_asked_again_and_asks_them(desk, boss, later):
    posting = make.posting(employer_=boss)
    deal = make.engagement(posting_=posting)
    page = desk.get(f"/e/jobs/{posting.code}/edit/?edit=pay").content.decode()
    assert "改了要问已定下的 1 个人" in page
    answer = desk.post(f"/e/jobs/{posting.code}/edit/pay/change/", {
        "pay": "200", "pay_unit": "DAY", "pay_cycle": "DAILY", "pay_within_hours": "24", "key": "ch"})  # fmt: skip
    assert answer.status_code == 302
    posting.refresh_from_db()
    assert (posting.pay_fen, posting.version) == (20000, 2)
    later()
    deal.refresh_from_db()
    assert deal.state == "reaccept"


def test_calling_off_says_what_it_costs_and_tells_everybody(desk, boss, later):
    posting = make.posting(employer_=boss)
    deal = make.engagement(posting_=posting)
    shift = posting.shifts.get()
    assert "现在说来得及" in desk.get(f"/e/jobs/{posting.code}/call-off/{shift.code}/").content.decode()
    url = f"/e/jobs/{posting.code}/call-off/{shift.code}/confirm/"
    assert desk.post(url, {"because": ""}).status_code == 422
    assert desk.post(url, {"because": "下大雨"}).status_code == 302
    assert desk.post(url, {"because": "下大雨"}).status_code == 409
    later()
    assert make.attendance(deal).state == "called_off"


def test_told_too_late_the_published_sum_stands_on_the_page(desk, boss):
    posting = make.posting(employer_=boss)
    make.engagement(posting_=posting)
    shift = posting.shifts.get()
    with clock.moved_to(shift.starts_at - clock.timedelta(minutes=30)):
        assert "要补 30 元" in desk.get(f"/e/jobs/{posting.code}/call-off/{shift.code}/").content.decode()


def test_tabs_hold_what_their_names_say(desk, boss):
    make.posting(employer_=boss, title="在招的活")
    assert "在招的活" in desk.get("/e/jobs/").content.decode()
    assert "在招的活" not in desk.get("/e/jobs/?tab=done").content.decode()
    assert desk.get("/e/jobs/?tab=<x>&from=-1").status_code == 200


def test_a_price_in_the_list_carries_its_unit(desk, boss):
    make.posting(employer_=boss, pay_fen=2600, pay_unit="HOUR")

    assert "<b>26</b><small>元/小时</small>" in desk.get("/e/jobs/").content.decode()


def test_the_list_costs_the_same_for_three_as_for_twelve(desk, boss, django_assert_max_num_queries):
    for _n in range(3):
        make.posting(employer_=boss)
    desk.get("/e/jobs/")
    with django_assert_max_num_queries(8) as few:
        desk.get("/e/jobs/")
    for _n in range(9):
        make.posting(employer_=boss)
    with django_assert_max_num_queries(8) as many:
        page = desk.get("/e/jobs/")
    assert len(many) == len(few)
    assert len(page.context["rows"]) == 10 and "再看 10 个" in page.content.decode()
    more = desk.get("/e/jobs/?tab=open&from=10", headers={"HX-Request": "true"})
    assert more.status_code == 200 and "<html" not in more.content.decode()


def test_another_employers_posting_does_not_exist_here(boss, stranger):
    posting = make.posting(employer_=boss)
    shift = posting.shifts.get()
    for path in ("", "edit/", "people/", "store/", "code/", f"call-off/{shift.code}/"):
        assert stranger.get(f"/e/jobs/{posting.code}/{path}").status_code == 404
    for path in (
        "pause/",
        "resume/",
        "close/",
        "repeat/",
        "edit/pay/change/",
        "store/fund/",
        f"call-off/{shift.code}/confirm/",
    ):
        assert stranger.post(f"/e/jobs/{posting.code}/{path}").status_code == 404
    posting.refresh_from_db()
    assert posting.state == "published"


def test_home_shows_what_waits_and_nothing_else(desk, boss):
    assert "现在没有要办的" in desk.get("/e/").content.decode()
    posting = make.posting(employer_=boss, way_in="apply")
    make.engagement(upto="applied", posting_=posting)
    page = desk.get("/e/").content.decode()
    assert "1 个人报了名，等你挑" in page and f"/e/jobs/{posting.code}/people/" in page


def test_cancelling_one_deal_needs_a_reason_and_frees_the_place(desk, boss):
    posting = make.posting(employer_=boss)
    deal = make.engagement(posting_=posting)
    assert desk.post(f"/e/deals/{deal.code}/cancel/", {"because": ""}).status_code == 422
    for _turn in range(2):
        assert desk.post(f"/e/deals/{deal.code}/cancel/", {"because": "货没到"}).status_code == 302
    assert lived.by_code(deal.code).state == "cancelled_by_employer"
    assert posting.shifts.get().taken == 0
