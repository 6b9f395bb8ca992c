"""Choosing, asking, declining, and the find-work cards: E5, E6, FJ-15."""

import pytest

import linggong.accounts.queries as accounts
import linggong.engagements.actions as deals
import linggong.engagements.queries as lived
import linggong.workers.actions as workers
from linggong import make
from linggong.engagements.models import Engagement

pytestmark = pytest.mark.django_db


def test_applicants_come_first_and_one_tap_binds_one_of_them(desk, boss):
    posting = make.posting(employer_=boss, way_in="apply")
    deal = make.engagement(upto="applied", posting_=posting, worker_=make.worker(name="罗桂花"))
    page = desk.get(f"/e/jobs/{posting.code}/people/").content.decode()
    assert "报了名的 1 个人" in page and "选罗师傅" in page
    for _turn in range(2):  # a second tap finds it done
        assert desk.post(f"/e/people/{deal.code}/choose/").status_code == 302
    deal.refresh_from_db()
    assert deal.state == "confirmed"


def test_no_name_phone_age_sex_or_number_is_shown_before_it_is_settled(desk, boss):
    worker = make.worker(name="罗桂花")
    posting = make.posting(employer_=boss, way_in="apply")
    deal = make.engagement(upto="applied", posting_=posting, worker_=worker)
    for path in (f"/e/jobs/{posting.code}/people/", f"/e/people/{deal.code}/"):
        text = desk.get(path).content.decode()
        assert "罗师傅" in text
        for secret in ("罗桂花", worker.user.id_tail4, worker.user.phone_tail4, "1974", "岁"):
            assert secret not in text


def test_why_somebody_suits_is_said_to_the_employer_not_to_the_worker(desk, boss):
    other = next(
        t for t in make.reference.trades()
        if t.code != make.kitchen().code and not make.reference.hard_certificates(t)
    )  # fmt: skip
    posting = make.posting(employer_=boss, way_in="apply", trade=other.code)
    deal = make.engagement(upto="applied", posting_=posting)
    assert any("你没登记" in row["text"] for row in deal.reasons), "what the worker reads of it"
    for path in (f"/e/jobs/{posting.code}/people/", f"/e/people/{deal.code}/"):
        text = desk.get(path).text
        assert f"没登记{posting.trade.name}" in text
        assert "你没登记" not in text and "按时付过" not in text and "你想要的" not in text


@pytest.mark.row("FJ-43b")
def test_declining_needs_a_reason_which_is_recorded_and_told(desk, boss):
    posting = make.posting(employer_=boss, way_in="apply")
    deal = make.engagement(upto="applied", posting_=posting)
    answer = desk.post(f"/e/people/{deal.code}/decline/", {})
    assert answer.status_code == 422 and "选一个原因" in answer.content.decode()
    desk.post(f"/e/people/{deal.code}/decline/", {"because": "enough"})
    deal.refresh_from_db()
    assert (deal.state, deal.end_reason) == ("declined", "enough")


def test_somebody_suggested_is_asked_once_and_nothing_binds_before_the_answer(desk, boss):
    worker = make.worker(name="罗桂花")
    posting = make.posting(employer_=boss)
    page = desk.get(f"/e/jobs/{posting.code}/people/").content.decode()
    assert "请罗师傅来" in page and "怎么排的" in page
    for _turn in range(2):
        assert desk.post(f"/e/jobs/{posting.code}/people/{worker.code}/offer/", {"key": "o1"}).status_code == 302
    deal = Engagement.objects.get(posting=posting)
    assert deal.state == "offered" and posting.shifts.get().taken == 0


def test_a_worker_the_list_does_not_suggest_cannot_be_asked_by_address(desk, boss):
    worker = make.worker(trades=("G001",) if make.kitchen().code != "G001" else ("G002",))
    posting = make.posting(employer_=boss)
    assert desk.post(f"/e/jobs/{posting.code}/people/{worker.code}/offer/").status_code == 404


def test_the_waiting_line_is_counted(desk, boss):
    posting = make.posting(employer_=boss, places=1)
    make.engagement(posting_=posting)
    deals.wait(posting, (w := make.worker()), by=w.user)
    assert "1 个人在排队" in desk.get(f"/e/jobs/{posting.code}/people/").content.decode()


def test_another_employers_people_do_not_exist_here(desk, boss, stranger):
    posting = make.posting(employer_=boss, way_in="apply")
    deal = make.engagement(upto="applied", posting_=posting)
    for path in (f"/e/jobs/{posting.code}/people/", f"/e/people/{deal.code}/", f"/e/deals/{deal.code}/"):
        assert stranger.get(path).status_code == 404
    for path in (f"/e/people/{deal.code}/choose/", f"/e/people/{deal.code}/decline/", f"/e/deals/{deal.code}/cancel/"):
        assert stranger.post(path).status_code == 404
    deal.refresh_from_db()
    assert deal.state == "applied"


def carded(name="罗桂花"):
    worker = make.worker(name=name)
    card = workers.save_card(
        worker,
        trades=[make.kitchen()],
        pay_fen=18000,
        pay_unit="DAY",
        times="每天早上",
        area=worker.division,
        text="手脚快",
        by=worker.user,
    )
    workers.submit_card(card, by=worker.user)
    workers.approve_card(card, by=make.clerk())
    return worker, card


@pytest.mark.row("FJ-15")
def test_a_card_is_browsed_without_name_or_phone_and_its_worker_is_asked(desk, boss):
    worker, card = carded()
    posting = make.posting(employer_=boss)
    page = desk.get("/e/cards/").content.decode()
    assert "手脚快" in page and "每天早上" in page
    for secret in ("罗", worker.user.phone_tail4, worker.user.id_tail4, worker.user.code, worker.code):
        assert secret not in page
    for _turn in range(2):
        answer = desk.post(f"/e/cards/{card.code}/ask/", {"posting": posting.code, "key": "c1"})
        assert answer.status_code == 302
    deal = Engagement.objects.get(posting=posting, worker=worker)
    assert deal.state == "offered"
    deals.answer_offer(lived.by_code(deal.code), yes=True, by=worker.user)
    deal.refresh_from_db()
    assert deal.state == "confirmed"


@pytest.mark.row("FJ-15")
def test_a_hidden_card_is_gone_at_once(desk, boss):
    worker, card = carded()
    posting = make.posting(employer_=boss)
    workers.hide_card(card, by=worker.user)
    assert "手脚快" not in desk.get("/e/cards/").content.decode()
    assert desk.post(f"/e/cards/{card.code}/ask/", {"posting": posting.code}).status_code == 404


def test_a_card_is_asked_only_for_a_posting_of_ones_own(desk, stranger, boss):
    _worker, card = carded()
    posting = make.posting(employer_=boss)
    assert stranger.post(f"/e/cards/{card.code}/ask/", {"posting": posting.code}).status_code == 404
    assert desk.post(f"/e/cards/{card.code}/ask/", {"posting": "\x00'\""}).status_code == 404


def test_a_list_of_applicants_costs_the_same_for_one_as_for_six(desk, boss, django_assert_max_num_queries):
    posting = make.posting(employer_=boss, way_in="apply", places=10)
    make.engagement(upto="applied", posting_=posting)
    desk.get(f"/e/jobs/{posting.code}/people/")
    with django_assert_max_num_queries(60) as few:
        desk.get(f"/e/jobs/{posting.code}/people/")
    for _n in range(5):
        make.engagement(upto="applied", posting_=posting)
    with django_assert_max_num_queries(60) as many:
        desk.get(f"/e/jobs/{posting.code}/people/")
    assert len(many) <= len(few)


def test_the_phone_is_opened_only_when_it_is_settled_and_the_look_is_written_down(desk, boss):
    posting = make.posting(employer_=boss, way_in="apply")
    deal = make.engagement(upto="applied", posting_=posting)
    assert desk.post(f"/e/deals/{deal.code}/call/open/").status_code == 409
    desk.post(f"/e/people/{deal.code}/choose/")
    assert "tel:" in desk.post(f"/e/deals/{deal.code}/call/open/").content.decode()
    assert accounts.looks_at(deal.worker.user).filter(viewer=lived.owner_of(boss)).count() == 1
