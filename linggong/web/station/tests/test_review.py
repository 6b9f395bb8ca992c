"""Reviewing: the queue by the start of work, one posting, one key."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import linggong.venues.actions as venues
from linggong import make
from linggong.core import clock
from linggong.core.clock import at, today
from linggong.postings import screened
from linggong.postings.background import ring_reviewers
from linggong.postings.models import Shift
from linggong.web.station.tests.conftest import sign_in
from linggong.web.templatetags.parts import yuan

pytestmark = pytest.mark.django_db


def waiting(**facts):
    return make.posting(state="reviewing", **facts)


@pytest.mark.row("GX-07")
def test_the_queue_stands_in_order_of_the_start_of_work_and_tells_the_p90(reviewing):
    late = waiting(title="后天的活", starts_at=at(today() + timedelta(days=2), 8))
    soon = waiting(title="明天的活", starts_at=at(today() + timedelta(days=1), 8))

    page = reviewing.get("/review/").text

    assert page.index("明天的活") < page.index("后天的活")
    assert "九成在 <b>—</b>" in page
    reviewing.post(f"/review/{soon.code}/approve/", {"key": "a"})
    assert "九成在 <b>1</b>" in reviewing.get("/review/").text
    assert late.title in reviewing.get("/review/").text


def test_released_by_one_key_and_out_at_once(reviewing):
    posting = waiting()

    answer = reviewing.post(f"/review/{posting.code}/approve/", {"key": "a"})

    posting.refresh_from_db()
    assert posting.state == "published"
    assert "已放行" in reviewing.get(answer.url).text


def test_the_words_are_marked_and_a_ready_reply_goes_back_to_the_employer(reviewing):
    posting = waiting(content="要两个男的，会切菜")

    page = reviewing.get(f"/review/{posting.code}/").text
    assert '<mark class="bad">' in page

    flag = posting.flags.exclude(severity="HINT").first()
    reviewing.post(f"/review/{posting.code}/return/", {"reply": f"flag-{flag.pk}", "key": "r"})

    posting.refresh_from_db()
    assert posting.state == "returned"
    review = posting.reviews.get()
    assert review.reasons[0]["field"] == flag.field
    assert flag.message.rstrip("。") in review.reasons[0]["text"]


def test_returning_without_a_word_is_refused_and_what_was_typed_is_kept(reviewing):
    posting = waiting()

    answer = reviewing.post(f"/review/{posting.code}/take-down/", {"reply": "", "text": " ", "key": "r"})

    assert answer.status_code == 422
    assert "至少写一条原因" in answer.text


def test_whoever_posted_it_does_not_review_it(db):
    posting = waiting()
    boss = make.lived.owner_of(posting.employer)
    venues.add_staff(make.venue(), boss, "reviewer", by=None)

    answer = sign_in(boss).post(f"/review/{posting.code}/approve/", {"key": "a"})

    assert answer.status_code == 409
    assert "另一位同事" in answer.text


def test_the_second_reviewer_reads_who_was_faster(reviewing, reviewer):
    posting = waiting()
    other = make.staff("reviewer", name="何快手")
    sign_in(other).get(f"/review/{posting.code}/")
    assert "何快手" in reviewing.get(f"/review/{posting.code}/").text
    sign_in(other).post(f"/review/{posting.code}/approve/", {"key": "a"})

    answer = reviewing.post(f"/review/{posting.code}/return/", {"reply": "content", "key": "b"})
    assert answer.status_code == 409
    assert "何快手" in answer.text and "已放行" in answer.text


def test_on_a_phone_the_page_tells_the_time_left_and_who_is_rung_next(reviewing, reviewer):
    with clock.moved_to(at(today() + timedelta(days=1), 5, 30)):
        second = make.staff("reviewer", name="张敏")
        for rank, user in ((1, reviewer), (2, second)):
            start = clock.now() - timedelta(hours=1)
            venues.set_on_call(make.venue(), user, start, start + timedelta(hours=8), rank, by=None)
        posting = waiting(starts_at=at(today(), 7, 30))
        ring_reviewers()

        page = reviewing.get(f"/review/{posting.code}/", headers={"User-Agent": "Android Mobile"}).text

        assert "7:30 开工" in page and "轮到陈审核看" in page and "打给张敏" in page
        assert 'data-density="touch"' in page
        assert 'data-density="desk"' in reviewing.get(f"/review/{posting.code}/").text


def test_anothers_county_and_nonsense_are_not_found(reviewing):
    far = next(d for d in make.reference.children("330200") if d.lat)
    posting = waiting(division=far, employer_=make.employer(division=far))

    assert reviewing.get(f"/review/{posting.code}/").status_code == 404
    assert reviewing.post(f"/review/{posting.code}/approve/", {"key": "a"}).status_code == 404
    assert reviewing.get("/review/nonsense/").status_code == 404


def test_the_queue_costs_the_same_for_two_rows_as_for_nine(reviewing):
    def cost():
        with CaptureQueriesContext(connection) as seen:
            assert reviewing.get("/review/").status_code == 200
        return len(seen)

    boss = make.employer()
    for n in range(2):
        waiting(employer_=boss, title=f"活{n}")
    few = cost()
    for n in range(7):
        waiting(employer_=boss, title=f"又{n}")
    assert cost() == few


def test_the_reviewer_reads_the_hourly_figure_that_is_measured_against_the_minimum(reviewing):
    row = waiting(pay_fen=18000, pay_unit="DAY")
    rate, _certain = screened.facts_of(row, list(Shift.objects.filter(posting=row))).hourly_fen()

    page = reviewing.get(f"/review/{row.code}/").content.decode()

    assert f"一小时约 {yuan(rate)} 元（歇的 60 分钟不算）" in page
