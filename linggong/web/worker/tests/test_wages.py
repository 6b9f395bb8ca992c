from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from linggong import make
from linggong.accounts.models import Consent
from linggong.cases.models import Case
from linggong.core import clock, outside
from linggong.core.queries import timeline
from linggong.engagements import actions as living
from linggong.engagements import queries as deals
from linggong.payments import actions as paying
from linggong.payments import queries as wages
from linggong.web.worker.wages import _sums

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]

CARD = "6222021001122334455"


def luhn(body):
    for last in "0123456789":
        digits = [int(c) for c in reversed(body + last)]
        doubled = [d * (2 if i % 2 else 1) for i, d in enumerate(digits)]
        if sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0:
            return body + last
    raise AssertionError


@pytest.fixture
def owed():
    """A wage that is confirmed and not paid, and its deal."""
    deal = make.engagement(upto="confirmed_done")
    return wages.by_ref(deals.ref(make.attendance(deal)))


@pytest.fixture
def declared(owed):
    """The employer says it is paid."""
    paying.declare_paid(owed, how="cash", by=deals.owner_of(owed.employer))
    return owed


def fresh(wage):
    return wages.by_code(wage.code)


def test_where_a_wage_is_and_by_when_it_comes(owed, browser_of):
    shown = browser_of(owed.worker).get("/wages/").content.decode()

    due = clock.local(owed.due_at)
    assert "还没到的" in shown and "等老板付" in shown
    assert f"{due.month}月{due.day}日 {due.hour}:{due.minute:02d}" in shown
    assert "我收到了" not in shown


def test_what_needs_a_tap_stands_first_with_its_two_answers(declared, browser_of):
    shown = browser_of(declared.worker).get("/wages/").content.decode()

    assert "老板说付了" in shown and "给的现金" in shown
    assert (
        f'action="/wages/{declared.code}/acknowledge/"' in shown
        and f'href="/wages/{declared.code}/not-received/"' in shown
    )


def test_the_tap_makes_it_arrived_once_and_counts_in_the_month(declared, browser_of):
    page = browser_of(declared.worker)

    for _ in range(2):
        answer = page.post(f"/wages/{declared.code}/acknowledge/", {"key": "k"})

    assert (fresh(declared).state, answer.status_code) == ("acknowledged", 302)
    assert [e.name for e in timeline(declared)].count("settlement.acknowledged") == 1
    assert "到账 1 笔" in page.get("/wages/").content.decode()


def test_not_received_is_asked_once_more_and_then_a_mediator_has_it(declared, browser_of):
    page = browser_of(declared.worker)
    check = page.get(f"/wages/{declared.code}/not-received/").content.decode()

    page.post(f"/wages/{declared.code}/deny/", {"key": "k"})
    make.settle_down()

    assert "调解员" in check and "180" in check
    assert fresh(declared).state == "denied"
    assert Case.objects.get(kind="arrears").filed_by == declared.worker.user


def test_a_wage_nobody_paid_cannot_be_acknowledged_twice_over(declared, browser_of):
    page = browser_of(declared.worker)
    page.post(f"/wages/{declared.code}/acknowledge/", {"key": "a"})

    late = page.post(f"/wages/{declared.code}/deny/", {"key": "b"})

    assert late.status_code == 409 and "情况变了" in late.content.decode()
    assert fresh(declared).state == "acknowledged"


@pytest.mark.parametrize(
    ("facts", "minutes"),
    [
        ({}, None),
        ({"pay_unit": "HOUR", "pay_fen": 2250}, None),
        ({"pay_unit": "PIECE", "pay_fen": 333, "quantity": 100}, None),
    ],
)
def test_how_it_was_worked_out_adds_up_to_what_one_gets(browser_of, facts, minutes):
    deal = make.engagement(upto="work_done", **facts)
    one = make.attendance(deal)
    living.confirm(one, by=deals.owner_of(deal.employer), extra_fen=1500)
    wage = wages.by_ref(deals.ref(one))

    rows, total = _sums(wage, make.attendance(deal))
    shown = browser_of(deal.worker).get(f"/wages/{wage.code}/").content.decode()

    assert sum(row["fen"] for row in rows if "fen" in row) == total["fen"] == wage.net_fen
    assert "平台收费" in shown and "另外加的" in shown and "15.00" in shown


def test_stopping_early_shows_what_was_not_worked(browser_of):
    deal = make.engagement(upto="checked_in")
    one = make.attendance(deal)
    clock.set_now(one.shift.starts_at + timedelta(hours=3))
    living.end_early(one, because="unwell", by=deal.worker.user)
    living.confirm(make.attendance(deal), by=deals.owner_of(deal.employer))
    wage = wages.by_ref(deals.ref(one))

    rows, total = _sums(wage, make.attendance(deal))

    assert [row["label"] for row in rows if row.get("fen", 0) < 0] == ["提前收工，没干的"]
    assert sum(row["fen"] for row in rows if "fen" in row) == total["fen"] == wage.net_fen > 0


def test_coming_for_nothing_is_not_called_work(browser_of):
    deal = make.engagement(upto="confirmed")
    one = make.attendance(deal)
    clock.set_now(one.shift.starts_at + timedelta(minutes=10))
    living.wasted_trip(one, by=deal.worker.user)
    wage = wages.by_ref(deals.ref(one))

    shown = browser_of(deal.worker).get(f"/wages/{wage.code}/").content.decode()

    assert "白跑一趟补的" in shown and "30.00" in shown


def test_the_slip_fits_the_narrow_printer(owed, browser_of):
    shown = browser_of(owed.worker).get(f"/wages/{owed.code}/slip/").content.decode()

    assert 'class="roll"' in shown and "180.00" in shown and owed.code in shown


def test_the_wage_of_another_does_not_exist(declared, stranger):
    for path in ("", "slip/", "not-received/"):
        assert stranger.get(f"/wages/{declared.code}/{path}").status_code == 404
    for path in ("acknowledge/", "deny/"):
        assert stranger.post(f"/wages/{declared.code}/{path}", {"key": "k"}).status_code == 404
    assert fresh(declared).state == "declared_paid"


def test_the_list_asks_the_same_questions_for_three_wages_as_for_twelve(browser_of):
    worker, counts = make.worker(), []
    page = browser_of(worker)
    for number in range(12):
        make.engagement(worker_=worker, starts_at=clock.at(clock.today(), 24 * (2 + number) + 8))
        if number in (2, 11):
            page.get("/wages/")
            with CaptureQueriesContext(connection) as asked:
                page.get("/wages/")
            counts.append(len(asked))

    assert counts[0] == counts[1] <= 8


def test_a_newcomer_reads_how_wages_are_paid(stranger):
    assert "到时间没付，我们帮你要" in stranger.get("/wages/").content.decode()


# --- where wages go ------------------------------------------------------------------------------------------


def test_a_card_is_checked_before_it_counts_and_only_its_tail_stays_readable(browser_of):
    worker = make.worker()
    page, number = browser_of(worker), luhn(CARD[:-1])
    said = {"kind": "bank", "number": number, "bank": "农业银行"}

    check = page.post("/wages/account/check/", said).content.decode()
    assert wages.pay_account(worker, clock.now()) is None
    for _ in range(2):
        page.post("/wages/account/choose/", {"key": "k", **said})

    account = wages.pay_account(worker, clock.now())
    assert f"**** {number[-4:]}" in check and "名字不一样到不了账" in check
    assert account.tail4 == number[-4:] and number not in account.number_sealed
    assert number not in page.get("/wages/account/").content.decode()
    assert Consent.objects.filter(user=worker.user, purpose="wage_account").count() == 1


@pytest.mark.parametrize("number", ["", "12", "6222021001122334450", "abc", "一二三四五六七八九十一二"])
def test_a_wrong_number_is_said_beside_the_field_and_kept(browser_of, number):
    page = browser_of(make.worker())

    answer = page.post("/wages/account/choose/", {"key": "k", "kind": "bank", "number": number})

    said = answer.content.decode()
    assert answer.status_code == 422 and ("卡号没对上" in said or "卡号没填" in said)
    assert number in said


def test_a_change_waits_a_day_and_says_so(browser_of):
    worker = make.worker()
    page = browser_of(worker)
    page.post("/wages/account/choose/", {"key": "a", "kind": "wechat"})

    answer = page.post("/wages/account/choose/", {"key": "b", "kind": "counter"})

    assert wages.pay_account(worker, clock.now()).kind == "wechat"
    assert wages.pay_account(worker, clock.now() + timedelta(hours=25)).kind == "counter"
    assert "起收到新的地方" in page.get(answer.url).content.decode()


# --- 有意见 --------------------------------------------------------------------------------------------------


def test_a_complaint_goes_step_by_step_is_kept_and_reaches_a_mediator_once(owed, browser_of):
    page, here = browser_of(owed.worker), f"/help/money/{owed.code}/"
    assert page.get(f"{here}check/").url == here

    assert page.post(f"{here}what/keep/", {"answer": "less"}).url == f"{here}amount/"
    assert page.post(f"{here}amount/keep/", {"answer": "220"}).url == f"{here}say/"
    assert page.post(f"{here}say/keep/", {"answer": "说好加班 2 小时另算<script>"}).url == f"{here}check/"
    check = page.get(f"{here}check/").content.decode()
    answers = {page.post(f"{here}file/", {"key": "k"}).url for _ in range(2)}

    assert "付少了" in check and "220 元" in check and "<script>" not in check.split("<main")[1]
    case = Case.objects.get(kind="dispute")
    assert answers == {f"/me/cases/{case.code}/?done=filed"}
    assert case.claim_fen == 22000 and case.owner_role and case.due_at


@pytest.mark.parametrize(
    ("step", "given"),
    [("what", "nonsense"), ("amount", "一百"), ("amount", "-3"), ("amount", "9" * 40), ("say", "长" * 501)],
)
def test_wrong_answers_stay_on_their_step_in_words(owed, browser_of, step, given):
    answer = browser_of(owed.worker).post(f"/help/money/{owed.code}/{step}/keep/", {"answer": given})

    assert answer.status_code == 422 and 'role="alert"' in answer.content.decode()


def test_before_the_employer_confirms_only_the_difference_is_stopped(browser_of):
    deal = make.engagement(upto="work_done")
    one, page = make.attendance(deal), browser_of(deal.worker)
    here = f"/help/money/{one.code}/"
    wage = wages.by_ref(deals.ref(one))
    page.post(f"{here}what/keep/", {"answer": "extra"})
    page.post(f"{here}amount/keep/", {"answer": "220"})

    page.post(f"{here}file/", {"key": "k"})

    assert deals.attendance_by_code(one.code).state == "quantity_disputed"
    assert (fresh(wage).disputed_fen, fresh(wage).net_fen) == (4000, 22000)


def test_nobody_complains_about_the_wage_of_another(owed, stranger):
    here = f"/help/money/{owed.code}/"
    assert {stranger.get(here).status_code, stranger.post(f"{here}file/").status_code} == {404}
    assert stranger.post(f"{here}what/keep/", {"answer": "less"}).status_code == 404


# --- held wages ----------------------------------------------------------------------------------------------


def test_held_wages_are_said_to_be_stored_and_then_taken_with_one_tap(browser_of):
    outside.reset()
    posting = make.posting()
    funding = living.fund_posting(posting, key="f1", by=deals.owner_of(posting.employer))
    paying.hear_funding(funding, provider_ref="P1", fen=funding.wages_fen, message_id="m1")
    make.settle_down()
    posting.refresh_from_db()
    deal = make.engagement(posting_=posting)
    page, one = browser_of(deal.worker), make.attendance(deal)
    assert "已存好" in page.get("/wages/").content.decode()

    for step in ("checked_in", "in_progress", "work_done"):
        make.live(deal, step)
    living.confirm(make.attendance(deal), by=deals.owner_of(deal.employer))
    wage = wages.by_ref(deals.ref(one))
    paying.hear_payout(
        wages.payouts_of(wage).get(), outcome="waiting", provider_ref="B1", message_id="m2", tap_url="/pretend/tap/"
    )
    outside.reset()

    first, detail = page.get("/wages/").content.decode(), page.get(f"/wages/{wage.code}/").content.decode()
    assert "点一下收钱" in first and f'href="/wages/{wage.code}/"' in first
    assert 'href="/pretend/tap/"' in detail and "收钱" in detail


def test_the_months_sum_promises_no_way_of_paying_that_was_not_used(browser_of):
    deal = make.engagement(upto="paid")

    page = browser_of(deal.worker).get("/wages/").content.decode()

    assert "到账 1 笔" in page and "钱不经过平台" in page and "微信、银行卡" not in page


def test_a_number_that_is_no_card_is_told_before_the_page_to_look_once_more(owed, browser_of):
    answer = browser_of(owed.worker).post("/wages/account/check/", {"kind": "bank", "number": "123", "key": "k"})

    assert answer.status_code == 422 and "12 到 19 位" in answer.text and "再看一下" not in answer.text


def test_denying_what_was_received_in_another_window_is_answered(declared, browser_of):
    client = browser_of(declared.worker)
    client.post(f"/wages/{declared.code}/acknowledge/", {"key": "got"})

    page = client.get(f"/wages/{declared.code}/not-received/", follow=True)

    assert "点过“我收到了”" in page.text and f"/help/money/{declared.code}/" in page.text
