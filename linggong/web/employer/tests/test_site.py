"""The site today, what was done, what is paid, and what is said after: E8, E9, E10, E12."""

import csv
import io
from decimal import Decimal

import openpyxl
import pytest

import linggong.accounts.queries as accounts
import linggong.engagements.actions as deals
import linggong.engagements.queries as lived
import linggong.payments.queries as paid
from linggong import make
from linggong.core import clock
from linggong.engagements.models import Rating
from linggong.payments.models import Funding

pytestmark = pytest.mark.django_db


def lived_to(boss, upto, **changes):
    deal = make.engagement(upto=upto, posting_=make.posting(employer_=boss, **changes))
    return deal, make.attendance(deal)


def test_the_site_shows_the_code_of_this_minute_and_a_scan_with_it(desk, boss):
    deal, one = lived_to(boss, "confirmed")
    clock.set_now(one.shift.starts_at)
    six = lived.current_site_code(deal.posting, clock.now())
    page = desk.get(f"/e/jobs/{deal.posting.code}/code/").content.decode()
    assert six in page and "<svg" in page and "<style" not in page
    assert six in desk.get("/e/today/").content.decode()
    fragment = desk.get(f"/e/jobs/{deal.posting.code}/code/", headers={"HX-Request": "true"}).content.decode()
    assert six in fragment and "<html" not in fragment and len(fragment) < 16_000


def test_the_employer_ticks_somebody_off_once_however_often_pressed(desk, boss):
    _deal, one = lived_to(boss, "confirmed")
    clock.set_now(one.shift.starts_at)
    for _turn in range(2):
        assert desk.post(f"/e/today/{one.code}/check-in/").status_code == 302
    one.refresh_from_db()
    assert (one.state, one.checked_in_how) == ("checked_in", "boss")


def test_too_early_is_said_in_words_with_the_hour(desk, boss):
    _deal, one = lived_to(boss, "confirmed")
    answer = desk.post(f"/e/today/{one.code}/check-in/")
    assert answer.status_code == 409 and "开始能打" in answer.content.decode()


def test_who_is_late_comes_first_and_absence_is_said_only_after_half_an_hour(desk, boss):
    _deal, one = lived_to(boss, "confirmed")
    clock.set_now(one.shift.starts_at + clock.timedelta(minutes=10))
    assert "迟了，还没到" in desk.get("/e/today/").content.decode()
    assert desk.post(f"/e/today/{one.code}/no-show/").status_code == 409
    clock.set_now(one.shift.starts_at + clock.timedelta(minutes=31))
    assert desk.post(f"/e/today/{one.code}/no-show/").status_code == 302
    one.refresh_from_db()
    assert one.state == "no_show_worker"


def test_no_cover_today_needs_a_reason_and_the_workers_nod(desk, boss):
    _deal, one = lived_to(boss, "confirmed")
    clock.set_now(one.shift.starts_at - clock.timedelta(minutes=20))
    assert desk.post(f"/e/today/{one.code}/uncover/", {"because": ""}).status_code == 422
    desk.post(f"/e/today/{one.code}/uncover/", {"because": "保险系统坏了"})
    page = desk.get(f"/e/today/{one.code}/").content.decode()
    assert "保险系统坏了" in page and "等本人点头" in page
    assert desk.post(f"/e/today/{one.code}/check-in/").status_code == 409


def test_stopping_early_keeps_the_hours_so_far(desk, boss):
    _deal, one = lived_to(boss, "in_progress")
    clock.set_now(one.shift.starts_at + clock.timedelta(hours=2))
    desk.post(f"/e/today/{one.code}/stop/", {"because": "下大雨"})
    one.refresh_from_db()
    assert (one.state, one.minutes) == ("ended_early", 120)
    told = [notice.text for notice in accounts.inbox(_deal.worker.user)]
    assert any("提前收工" in text and "照算钱" in text for text in told), "the worker hears it too"


def test_confirming_as_reported_makes_the_wage_due_and_paying_by_hand_is_said(desk, boss):
    _deal, one = lived_to(boss, "work_done")
    page = desk.get("/e/confirm/").content.decode()
    assert "180" in page and "最晚" in page and "没说话，就按工友报的算" in page
    for _turn in range(2):
        assert desk.post(f"/e/confirm/{one.code}/confirm/", {"key": "cf", "hours": ""}).status_code == 302
    one.refresh_from_db()
    assert (one.state, one.pay_fen) == ("pay_due", 18000)
    wage = paid.by_ref(lived.ref(one))
    assert "等你付" in desk.get(f"/e/money/{wage.code}/").content.decode()
    page = desk.get("/e/pay/").content.decode()
    assert "付了" in page and "180" in page
    assert desk.post(f"/e/pay/{wage.code}/declare/", {"how": "gold"}).status_code == 422
    for _turn in range(2):
        assert desk.post(f"/e/pay/{wage.code}/declare/", {"how": "cash"}).status_code == 302
    wage.refresh_from_db()
    assert wage.state == "declared_paid"
    told = desk.get(desk.post(f"/e/pay/{wage.code}/declare/", {"how": "cash"}).url).text
    assert "记下了，你说付了" in told and f"/e/rate/{_deal.code}/" in told
    page = desk.get(f"/e/money/{wage.code}/").content.decode()
    assert "老板说付了" in page and "到账了" not in page


def test_less_than_reported_asks_only_about_the_difference(desk, boss):
    deal = make.engagement(upto="in_progress", posting_=make.posting(employer_=boss, pay_unit="HOUR", pay_fen=2500))
    one = make.attendance(deal)
    clock.set_now(one.shift.ends_at)
    deals.check_out(one, by=deal.worker.user)
    assert "只有差的那部分有人来问" in desk.get("/e/confirm/").content.decode()
    answer = desk.post(f"/e/confirm/{one.code}/confirm/", {"hours": "6", "key": "less"}, follow=True)
    one.refresh_from_db()
    assert (one.state, one.disputed_fen) == ("quantity_disputed", 2500)
    assert "没争议的照付" in answer.content.decode()


def test_counted_work_takes_a_quantity_and_hours_are_not_asked(desk, boss):
    posting = make.posting(employer_=boss, pay_unit="TONNE", pay_fen=1200, quantity="30", places=2)
    deal = make.engagement(upto="in_progress", posting_=posting)
    one = make.attendance(deal)
    clock.set_now(one.shift.ends_at)
    deals.check_out(one, by=deal.worker.user, quantity=Decimal("15"))
    page = desk.get("/e/confirm/").content.decode()
    assert "15.00 吨" in page or "15 吨" in page
    assert (
        desk.post(f"/e/confirm/{one.code}/confirm/", {"quantity": "15.5", "extra": "20", "key": "q"}).status_code == 302
    )
    one.refresh_from_db()
    assert one.pay_fen == 15500 * 12 // 10 + 2000


@pytest.mark.parametrize("value", ["-1", "99", "1e9", "NaN", "😀", "x" * 5000, "\x00", "7.123"])
def test_no_figure_breaks_confirming(desk, boss, value):
    _deal, one = lived_to(boss, "work_done")
    answer = desk.post(f"/e/confirm/{one.code}/confirm/", {"hours": value, "extra": value})
    assert answer.status_code == 422
    one.refresh_from_db()
    assert one.state == "work_done"


def test_all_right_confirms_everybody_ticked_each_by_itself(desk, boss):
    posting = make.posting(employer_=boss)
    both = [make.engagement(posting_=posting) for _n in range(2)]
    for step in ("checked_in", "in_progress", "work_done"):
        for deal in both:
            make.live(deal, step)
    codes = [make.attendance(deal).code for deal in both]
    assert "2 个人都按他们报的算" in desk.get("/e/confirm/").content.decode()
    assert desk.post("/e/confirm/all/confirm/", {"rows": codes, "key": "all"}).url == "/e/pay/"
    assert [make.attendance(deal).state for deal in both] == ["pay_due", "pay_due"]
    assert desk.post("/e/confirm/all/confirm/", {"rows": ["nothinghere"]}).status_code == 404


def test_three_faces_and_a_few_words_are_kept_once(desk, boss):
    deal, _one = lived_to(boss, "confirmed_done")
    answer = desk.post(f"/e/rate/{deal.code}/rate/", {"tags": ["punctual"], "text": "不错"})
    assert answer.status_code == 422 and "点一个脸再交" in answer.content.decode() and "不错" in answer.content.decode()
    for _turn in range(2):
        assert desk.post(f"/e/rate/{deal.code}/rate/", {"stars": "5", "tags": ["punctual", "again"]}).status_code == 302
    assert "评好了" in desk.post(f"/e/rate/{deal.code}/rate/", {"stars": "5"}, follow=True).text
    assert Rating.objects.get(engagement=deal, side="employer").tags == ["punctual", "again"]
    assert desk.post(f"/e/rate/{deal.code}/rate/", {"stars": "9"}).status_code == 422


def test_nobody_is_rated_before_the_work_was_confirmed(desk, boss):
    deal, _one = lived_to(boss, "confirmed")
    answer = desk.post(f"/e/rate/{deal.code}/rate/", {"stars": "5"})
    assert answer.status_code == 409 and "干完确认了才能评价" in answer.content.decode()


def test_another_employers_shift_and_wage_do_not_exist_here(boss, stranger):
    deal, one = lived_to(boss, "confirmed_done")
    wage = paid.by_ref(lived.ref(one))
    for path in (f"/e/today/{one.code}/", f"/e/money/{wage.code}/", f"/e/rate/{deal.code}/"):
        assert stranger.get(path).status_code == 404
    for path in (f"today/{one.code}/check-in", f"today/{one.code}/no-show", f"today/{one.code}/uncover", f"today/{one.code}/stop",
                 f"confirm/{one.code}/confirm", f"pay/{wage.code}/declare", f"rate/{deal.code}/rate"):  # fmt: skip
        assert stranger.post(f"/e/{path}/").status_code == 404
    assert stranger.post("/e/confirm/all/confirm/", {"rows": [one.code]}).status_code == 404


def test_the_wage_ledger_has_exactly_the_columns_of_the_law_and_runs_no_formula(morning, browser_of):
    boss = make.employer(name="=SUM(1,1)面馆")
    desk = browser_of(boss)
    deal = make.engagement(upto="paid", posting_=make.posting(employer_=boss))
    month = f"{make.attendance(deal).shift.starts_at:%Y-%m}"
    rows = list(csv.reader(io.StringIO(desk.get(f"/e/money/ledger.csv?month={month}").content.decode("utf-8-sig"))))
    assert rows[0] == list(paid.COLUMNS.values()) and len(rows) == 2
    assert rows[1][0].startswith("'=SUM")
    assert deal.worker.user.id_tail4 in rows[1][4] and rows[1][4].startswith("*")
    book = openpyxl.load_workbook(io.BytesIO(desk.get(f"/e/money/ledger.xlsx?month={month}").content))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert [c.value for c in cells[:11]] == list(paid.COLUMNS.values()) and all(c.data_type != "f" for c in cells)


@pytest.mark.parametrize(
    "path", ["ledger.csv", "ledger.csv?month=2026-99", "ledger.pdf?month=2026-11", "ledger.csv?month=%00"]
)
def test_no_such_month_or_kind_is_not_found(desk, path):
    assert desk.get(f"/e/money/{path}").status_code == 404


def test_money_names_each_sum_apart_and_costs_the_same_for_more_rows(desk, boss, django_assert_max_num_queries):
    posting = make.posting(employer_=boss, places=20)
    make.engagement(posting_=posting)
    desk.get("/e/money/")
    with django_assert_max_num_queries(8) as few:
        page = desk.get("/e/money/").content.decode()
    assert "还要付" in page and "你说付了，等工友点" in page
    for _n in range(4):
        make.engagement(posting_=posting)
    with django_assert_max_num_queries(8) as many:
        desk.get("/e/money/")
    assert len(few) == len(many)


def test_today_costs_the_same_for_one_as_for_five(desk, boss, django_assert_max_num_queries):
    posting = make.posting(employer_=boss, places=20)
    one = make.attendance(make.engagement(posting_=posting))
    clock.set_now(one.shift.starts_at)
    desk.get("/e/today/")
    with django_assert_max_num_queries(8) as few:
        desk.get("/e/today/")
    clock.set_now(one.shift.starts_at - clock.timedelta(hours=3))
    for _n in range(4):
        make.engagement(posting_=posting)
    clock.set_now(one.shift.starts_at)
    with django_assert_max_num_queries(8) as many:
        desk.get("/e/today/")
    assert len(few) == len(many)


def test_storing_wages_names_the_account_and_one_key_makes_one_order(desk, boss, stranger):
    posting = make.posting(employer_=boss)
    page = desk.get(f"/e/jobs/{posting.code}/store/").content.decode()
    assert "存 360 元" in page and "不在平台手里" in page
    urls = {desk.post(f"/e/jobs/{posting.code}/store/fund/", {"key": "f1"}).url for _turn in range(2)}
    funding = Funding.objects.get()
    assert urls == {f"/e/funding/{funding.code}/"}
    waiting = desk.get(f"/e/funding/{funding.code}/").content.decode()
    assert 'hx-trigger="every 1s"' in waiting
    assert (
        f"/e/funding/{funding.code}/" in desk.get("/e/money/").content.decode()
    )  # where the bank's page leads back to
    assert stranger.get(f"/e/funding/{funding.code}/").status_code == 404
    desk.post(f"/e/funding/{funding.code}/cancel/")
    assert "工钱线下付" in desk.get(f"/e/funding/{funding.code}/").content.decode()
    posting.refresh_from_db()
    assert (posting.state, posting.custody) == ("published", "offline")
