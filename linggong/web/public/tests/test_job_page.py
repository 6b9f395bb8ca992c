"""One job: every fact, aloud too, and for search engines; ended ones; reports; stations; what is public about us."""

import json
import re
from datetime import timedelta

import pytest
from django.core.cache import cache

from linggong import make
from linggong.cases import queries as cases
from linggong.cases.models import Case
from linggong.core.clock import moved_to, now
from linggong.postings import actions as postings
from linggong.reference.models import PayUnit

pytestmark = pytest.mark.django_db


def json_ld(page) -> dict:
    return json.loads(re.search(r'application/ld\+json">(.*?)</script>', page.content.decode(), re.S)[1])


def test_the_page_says_pay_place_time_cover_and_the_latest_day_of_pay(client, monday_morning):
    row = make.posting()
    text = client.get(f"/jobs/{row.code}/").content.decode()
    for words in (
        "180",
        "元/天",
        "最晚 11月26日",
        "明天 8:00–16:00",
        "中间歇 1 小时",
        "线下付",
        row.address,
        "找活不花钱",
    ):
        assert words in text, words
    assert "工钱已存好" not in text and "当天到账" not in text and "保险已买好" not in text


def test_what_is_read_aloud_holds_every_fact_of_the_page(client, monday_morning):
    row = make.posting(tools="自带手套", transport="早上有车接")
    text = client.get(f"/jobs/{row.code}/").content.decode()
    aloud = re.search(r'data-text="([^"]*)"', text)[1]
    for fact in (row.title, row.employer.name, "180 元/天", "最晚 11月26日 16:00", "线下付", row.content, "管一顿饭",
                 "自带手套", "早上有车接", "明天 8:00–16:00", row.address, "还要 2 人", "30 元"):  # fmt: skip
        assert fact in aloud, fact


@pytest.mark.parametrize("unit", ["HOUR", "DAY", "TONNE", "MONTH", "FIXED"])
def test_search_engines_get_a_job_posting_with_every_required_property(client, monday_morning, unit):
    row = make.posting(
        pay_unit=unit, pay_fen=600000 if unit == "MONTH" else 30000, quantity=20 if unit == "TONNE" else None
    )
    data = json_ld(client.get(f"/jobs/{row.code}/"))
    assert data["@context"] == "https://schema.org/" and data["@type"] == "JobPosting"
    for name in (
        "title",
        "description",
        "datePosted",
        "validThrough",
        "employmentType",
        "hiringOrganization",
        "jobLocation",
    ):
        assert data[name]
    address = data["jobLocation"]["address"]
    assert (
        address["@type"] == "PostalAddress"
        and address["addressCountry"] == "CN"
        and address["addressRegion"] == "福建省"
    )
    pay = data["baseSalary"]
    assert pay["@type"] == "MonetaryAmount" and pay["currency"] == "CNY"
    assert pay["value"]["@type"] == "QuantitativeValue" and pay["value"]["value"] > 0
    assert pay["value"]["unitText"] in {"HOUR", "DAY", "WEEK", "MONTH", "YEAR"}
    assert data["datePosted"] < data["validThrough"]


def test_a_script_in_the_words_of_an_employer_stays_words(client, monday_morning):
    row = make.posting(content="洗菜</script><script>alert(1)</script>切菜")
    page = client.get(f"/jobs/{row.code}/")
    assert b"<script>alert" not in page.content
    assert "alert(1)" in json_ld(page)["description"]


def test_a_job_that_ended_says_so_and_shows_others_like_it(client, monday_morning):
    boss = make.employer()
    old = make.posting(employer_=boss)
    with moved_to(now() + timedelta(days=3)):
        other = make.posting(employer_=boss)
        text = client.get(f"/jobs/{old.code}/").content.decode()
    assert "过期了" in text and f"job-{other.code}" in text and "我要去，" in text


@pytest.mark.parametrize("code", ["nothere123", "0", "x" * 300])
def test_what_never_was_is_not_found(client, code):
    for path in ("", "apply/", "applied/", "report/", "reported/"):
        assert client.get(f"/jobs/{code}/{path}").status_code == 404
    assert client.get(f"/stations/{code}/").status_code == 404
    assert client.get(f"/agreements/{code}/check/").status_code == 404


def test_a_draft_is_nobodys_business(client, monday_morning):
    assert client.get(f"/jobs/{make.posting(state='draft').code}/").status_code == 404


def test_the_page_asks_at_most_eight_questions_for_one_day_or_ten(
    client, monday_morning, django_assert_max_num_queries
):
    one, ten = make.posting(), make.posting(days=10)
    client.get(f"/jobs/{one.code}/")
    with django_assert_max_num_queries(8) as few:
        client.get(f"/jobs/{one.code}/")
    with django_assert_max_num_queries(8) as many:
        client.get(f"/jobs/{ten.code}/")
    assert len(few) == len(many)


def test_counted_pay_shows_its_estimate_for_one_person(client, monday_morning):
    row = make.posting(pay_unit=PayUnit.TONNE, pay_fen=1200, quantity=30, places=4)
    text = client.get(f"/jobs/{row.code}/").content.decode()
    assert "元/吨" in text and "估 90 元/人" in text and "一共约 30 吨" in text


# --- reports -------------------------------------------------------------------------------------------------


def test_anybody_may_report_and_a_case_with_a_due_time_stands(client, monday_morning):
    row = make.posting()
    answer = client.post(f"/jobs/{row.code}/report/", {"key": "k1", "what": "fee", "text": "让先交 200 押金"})
    assert answer.url == f"/jobs/{row.code}/reported/"
    case = cases.open_about("report", row)
    assert "押金" in case.facts and case.filed_by is None and case.due_at > now()
    assert "一天内" in client.get(answer.url).content.decode()


def test_a_second_report_joins_the_open_case_and_the_same_sent_twice_counts_once(client, monday_morning):
    row = make.posting()
    for key, text in (("a", "一"), ("b", "二"), ("b", "二")):
        client.post(f"/jobs/{row.code}/report/", {"key": key, "what": "fake", "text": text})
    assert Case.objects.count() == 1
    assert [step.text for step in cases.open_about("report", row).steps.all()] == ["活是假的：二"]


@pytest.mark.parametrize("said", [{}, {"what": "nonsense"}, {"what": "fee", "text": "长" * 10_000}])
def test_a_report_that_cannot_be_sent_keeps_what_was_typed(client, monday_morning, said):
    row = make.posting()
    answer = client.post(f"/jobs/{row.code}/report/", said)
    assert answer.status_code == 422 and Case.objects.count() == 0
    if "text" in said:
        assert "长长长" in answer.content.decode()


def test_one_address_cannot_flood_the_desk(client, monday_morning):
    cache.clear()
    row = make.posting()
    said = [
        client.post(f"/jobs/{row.code}/report/", {"key": str(n), "what": "other", "text": str(n)}) for n in range(12)
    ]
    assert said[9].status_code == 302 and said[11].status_code == 429


# --- stations and what is public about us --------------------------------------------------------------------


def test_stations_say_whether_somebody_is_there(client, monday_morning):
    venue = make.venue()
    assert "开着门" in client.get("/stations/").content.decode()
    text = client.get(f"/stations/{venue.code}/").content.decode()
    assert "天天" in text and "6:00–18:00" in text and "0598-0000000" in text and "18:00 关门" in text
    with moved_to(monday_morning.replace(hour=20)):
        text = client.get(f"/stations/{venue.code}/").content.decode()
        assert "关着门" in text and "明天 6:00 开门" in text


def test_the_weights_are_published_and_so_is_what_never_counts(client):
    text = client.get("/how-sorted/").content.decode()
    for words in ("最多占 30%", "会干", "年龄、男女", "不卖位置"):
        assert words in text


@pytest.mark.parametrize("path", ["/rules/", "/privacy/"])
def test_rules_and_privacy_are_public(client, path):
    assert client.get(path).status_code == 200


def test_a_paper_is_checked_without_telling_who_it_is_about(client, monday_morning):
    import linggong.agreements.queries as agreements
    from linggong.engagements import queries as deals

    deal = make.engagement()
    agreement = agreements.live(deals.ref(deal))
    text = client.get(f"/agreements/{agreement.code}/check/").content.decode()
    assert "这份约定是真的" in text and "张师傅" in text and agreement.terms_hash[:12] in text
    assert "张大山" not in text and agreement.terms_hash not in text


def test_health_says_what_stands_and_what_is_stuck(client):
    said = client.get("/healthz").json()
    assert said["database"] == "up" and said["worker"] == "silent" and said["deliveries_stuck"] == 0


def test_a_posting_taken_down_says_so(client, monday_morning):
    row = make.posting()
    postings.take_down(row, because="虚假信息", by=make.reviewer())
    assert "被撤下来了" in client.get(f"/jobs/{row.code}/").content.decode()
