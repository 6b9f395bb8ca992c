"""我要去: two taps from the list, on terms that were shown; and every no says what to do next."""

import re
from datetime import timedelta

import pytest

import linggong.agreements.queries as agreements
from linggong import make
from linggong.core.clock import now, today
from linggong.engagements import queries as deals
from linggong.engagements.models import Engagement, State
from linggong.postings import actions as postings
from linggong.postings import queries as posted

pytestmark = pytest.mark.django_db


def field(page, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page.content.decode())[1]


def form_of(client, row) -> dict:
    page = client.get(f"/jobs/{row.code}/apply/")
    said = {"key": field(page, "key"), "seen": field(page, "seen")}
    return said


def test_two_taps_lead_a_signed_in_worker_from_the_list_to_a_bound_deal(client, monday_morning):
    worker, row = make.worker(), make.posting()
    client.force_login(worker.user)
    listed = client.get("/").content.decode()
    first_tap = re.search(rf'href="(/jobs/{row.code}/apply/)"', listed)[1]
    page = client.get(first_tap)
    action = re.search(r'<form id="go" method="post" action="([^"]+)"', page.content.decode())[1]
    second_tap = client.post(action, {"key": field(page, "key"), "seen": field(page, "seen")})
    deal = deals.live(row, worker).get()
    assert deal.state == State.CONFIRMED
    text = client.get(second_tap.url).content.decode()
    for words in ("定下了，明天 8:00–16:00", row.address, "带什么", "王老板", "最晚 11月26日 16:00"):
        assert words in text, words


def test_the_one_page_shows_terms_pay_cover_privacy_and_how_to_leave(client, monday_morning):
    row = make.posting()
    client.force_login(make.worker().user)
    text = client.get(f"/jobs/{row.code}/apply/").content.decode()
    for words in (
        "做什么",
        "在哪里",
        "谁付，什么时候付",
        "线下付",
        "最晚",
        "11月26日 16:00",
        "没有开通保险",
        "身份证号",
        "去不了",
        "不记口碑",
    ):
        assert words in text, words


def test_cover_stands_in_four_lines_where_a_product_is_approved(client, monday_morning):
    make.approved_rules()
    make.approved_products()
    row = make.posting()
    client.force_login(make.worker().user)
    text = client.get(f"/jobs/{row.code}/apply/").content.decode()
    for words in ("保什么", "保多少", "免赔", "电话"):
        assert f"<dt>{words}</dt>" in text, words
    assert "有意外险" in client.get(f"/jobs/{row.code}/").content.decode()


def test_an_age_over_the_limit_of_the_product_is_said_before_the_yes(client, monday_morning):
    make.approved_rules()
    make.approved_products()
    row = make.posting()
    from datetime import date

    client.force_login(make.worker(born=date(1941, 3, 5)).user)
    text = client.get(f"/jobs/{row.code}/apply/").content.decode()
    assert "岁以上这份保险保不了" in text and "<dt>保什么</dt>" not in text


@pytest.mark.row("FJ-08")
def test_nobody_needs_to_be_at_a_desk_for_a_worker_to_take_work(client, monday_morning):
    from linggong.core.clock import moved_to

    worker, row = make.worker(), make.posting()
    client.force_login(worker.user)
    with moved_to(monday_morning - timedelta(hours=3)):
        client.post(f"/jobs/{row.code}/apply/go/", form_of(client, row))
    assert deals.live(row, worker).get().state == State.CONFIRMED


def test_who_is_not_signed_in_reads_everything_and_comes_back_after_the_door(client, monday_morning):
    row = make.posting()
    page = client.get(f"/jobs/{row.code}/apply/").content.decode()
    assert f"/sign-in/?next=/jobs/{row.code}/apply/" in page
    answer = client.post(f"/jobs/{row.code}/apply/go/", {"key": "k"})
    assert answer.url == f"/sign-in/?next=/jobs/{row.code}/apply/"
    client.force_login(make.user())
    assert client.post(f"/jobs/{row.code}/apply/go/", {"key": "k"}).url.startswith("/join/?next=")


def test_the_same_form_sent_twice_and_another_window_give_one_deal(client, monday_morning):
    worker, row = make.worker(), make.posting()
    client.force_login(worker.user)
    said, other = form_of(client, row), form_of(client, row)
    answers = [client.post(f"/jobs/{row.code}/apply/go/", sent) for sent in (said, said, other)]
    assert {answer.url for answer in answers} == {f"/jobs/{row.code}/applied/"}
    assert Engagement.objects.filter(posting=row).count() == 1
    assert client.get(f"/jobs/{row.code}/apply/").url == f"/jobs/{row.code}/applied/"


def test_changed_terms_are_shown_before_and_now_and_nothing_is_promised(client, monday_morning):
    worker, row = make.worker(), make.posting()
    client.force_login(worker.user)
    said = form_of(client, row)
    postings.change(row, {"pay_fen": 17000}, by=deals.owner_of(row.employer))
    row.refresh_from_db()
    if row.state == "reviewing":
        postings.approve(row, by=make.reviewer())
    answer = client.post(f"/jobs/{row.code}/apply/go/", said)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "老板改了这些" in text and "170 元/天" in text and "原来：180 元/天" in text
    assert not deals.live(row, worker).exists()
    said = {"key": field(answer, "key"), "seen": field(answer, "seen")}
    assert client.post(f"/jobs/{row.code}/apply/go/", said).status_code == 302


def test_a_clash_shows_both_jobs_and_what_to_do(client, monday_morning):
    deal = make.engagement()
    row = make.posting(title="晚来的帮厨")
    client.force_login(deal.worker.user)
    answer = client.post(f"/jobs/{row.code}/apply/go/", form_of(client, row))
    text = answer.content.decode()
    assert answer.status_code == 409
    assert (
        "时间撞了" in text and deal.posting.title in text and f"/shifts/{deal.code}/" in text and "晚来的帮厨" in text
    )


def test_a_missing_certificate_says_which_and_where(client, monday_morning):
    row = make.posting()
    client.force_login(make.worker(papers=False).user)
    page = client.get(f"/jobs/{row.code}/apply/").content.decode()
    assert "现在还不能定" in page and "健康证明" in page and "/me/skills/" in page
    answer = client.post(f"/jobs/{row.code}/apply/go/", form_of(client, row))
    assert answer.status_code == 409 and "健康证明" in answer.content.decode()


def test_a_full_job_offers_the_line_and_a_place_in_it(client, monday_morning):
    row = make.posting(places=1)
    make.engagement(posting_=row)
    late = make.worker(name="李小河")
    client.force_login(late.user)
    assert "排队" in client.get(f"/jobs/{row.code}/").content.decode()
    page = client.get(f"/jobs/{row.code}/apply/")
    assert f"/jobs/{row.code}/wait/" in page.content.decode()
    answer = client.post(f"/jobs/{row.code}/wait/", {"key": field(page, "key"), "seen": field(page, "seen")})
    assert deals.live(row, late).get().state == State.WAITLISTED
    assert "排上队了" in client.get(answer.url).content.decode()


def test_the_last_place_taken_meanwhile_is_said_with_others_like_it(client, monday_morning):
    row, other = make.posting(places=1), make.posting(title="另一家帮厨")
    late = make.worker(name="李小河")
    client.force_login(late.user)
    said = form_of(client, row)
    make.engagement(posting_=row)
    answer = client.post(f"/jobs/{row.code}/apply/go/", said)
    text = answer.content.decode()
    assert answer.status_code == 409 and "刚刚招满了" in text and "排队" in text and f"job-{other.code}" in text


def test_an_application_waits_for_the_employer_and_says_until_when(client, monday_morning):
    worker, row = make.worker(), make.posting(way_in="apply")
    client.force_login(worker.user)
    answer = client.post(f"/jobs/{row.code}/apply/go/", form_of(client, row))
    assert deals.live(row, worker).get().state == State.APPLIED
    text = client.get(answer.url).content.decode()
    assert "等老板定" in text and "最晚" in text and "告诉你" in text


def test_some_days_of_many_are_taken_and_none_is_not_all(client, monday_morning):
    worker, row = make.worker(), make.posting(days=4)
    client.force_login(worker.user)
    days = [shift.code for shift in posted.shifts_to_come(row, now())]
    said = form_of(client, row) | {"pick": "1"}
    none = client.post(f"/jobs/{row.code}/apply/go/", said)
    assert none.status_code == 409 and "至少选一天" in none.content.decode()
    foreign = client.post(f"/jobs/{row.code}/apply/go/", said | {"shifts": ["notmine000"]})
    assert foreign.status_code == 409
    client.post(f"/jobs/{row.code}/apply/go/", said | {"shifts": days[1:3]})
    deal = deals.live(row, worker).get()
    assert {a.shift.code for a in deals.expected(deal)} == set(days[1:3])


def test_another_persons_result_is_not_shown(client, monday_morning):
    deal = make.engagement()
    client.force_login(make.worker(name="李小河").user)
    assert client.get(f"/jobs/{deal.posting.code}/applied/").url == f"/jobs/{deal.posting.code}/"


@pytest.mark.parametrize(
    "said", [{}, {"key": ""}, {"key": "x" * 9000}, {"key": "k", "seen": "🐟" * 500}, {"key": "a\x00b"}]
)
def test_a_form_that_makes_no_sense_takes_nothing_and_breaks_nothing(client, monday_morning, said):
    worker, row = make.worker(), make.posting()
    client.force_login(worker.user)
    assert client.post(f"/jobs/{row.code}/apply/go/", said).status_code == 409
    assert not deals.live(row, worker).exists()


def test_work_that_ended_while_the_page_was_open_says_so(client, monday_morning):
    from linggong.core.clock import moved_to

    worker, row = make.worker(), make.posting()
    client.force_login(worker.user)
    said = form_of(client, row)
    with moved_to(now() + timedelta(days=2)):
        answer = client.post(f"/jobs/{row.code}/apply/go/", said)
    assert answer.status_code == 409 and "过期" in answer.content.decode()


@pytest.mark.parametrize("stored", [False, True])
def test_who_pays_is_read_before_the_yes_as_it_is_frozen_after_it(client, monday_morning, stored):
    worker, row = make.worker(), make.posting()
    if stored:
        postings.mark_funded(row)
    client.force_login(worker.user)
    page = client.get(f"/jobs/{row.code}/apply/")
    client.post(f"/jobs/{row.code}/apply/go/", {"key": field(page, "key"), "seen": field(page, "seen")})

    terms = deals.live(row, worker).get().terms
    frozen = agreements.preview(agreements.template_kind(terms, 40, row.employer.kind), terms, today())
    paid_by = next(line.words for line in frozen if line.label == "谁来付")
    assert f"<dd>{paid_by}</dd>" in page.content.decode()
    assert ("专户" in paid_by) is stored
