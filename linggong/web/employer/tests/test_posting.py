"""One sentence becomes a posting: E2, E3, E4."""

import re
from datetime import timedelta

import pytest

import linggong.employers.actions as employers
import linggong.postings.actions as postings
from linggong import make
from linggong.core import clock
from linggong.core.clock import local
from linggong.employers.models import Commitment
from linggong.postings.models import Posting
from linggong.web.employer import fields, sheet

pytestmark = pytest.mark.django_db

WHOLE = "明天早上8点到下午5点要2个帮厨,180一天,管饭"


def said(client, text=WHOLE, key="k1"):
    return client.post("/e/post/read/", {"text": text, "key": key}, follow=True)


def drafted(client, text=WHOLE, key="k1") -> Posting:
    said(client, text, key)
    return Posting.objects.latest("pk")


def test_one_sentence_fills_the_whole_preview_with_what_was_understood_underlined(desk, boss):
    page = said(desk)
    row = Posting.objects.get(employer=boss)
    assert page.redirect_chain[-1][0] == f"/e/post/check/{row.code}/"
    assert (row.places, row.pay_fen, row.pay_unit, row.meals, row.state) == (2, 18000, "DAY", "ALL", "draft")
    assert (row.address, local(row.first_starts_at).hour) == (boss.address, 8)
    text = page.content.decode()
    assert "<mark>2个</mark>" in text and "180" in text and "360" in text


def test_only_what_is_missing_is_asked_one_question_at_a_time(desk, boss):
    page = said(desk, "明天要2个帮厨,180一天")
    assert page.redirect_chain[-1][0] == "/e/post/check/"
    assert set(page.context["form"].fields) == {"start", "end"}
    page = desk.post("/e/post/answer/", {"start": "08:00", "end": "17:00", "key": "k2"}, follow=True)
    row = Posting.objects.get(employer=boss)
    assert page.redirect_chain[-1][0] == f"/e/post/check/{row.code}/"
    assert (local(row.first_starts_at).hour, local(row.last_ends_at).hour) == (8, 17)


@pytest.mark.row("GX-07")
def test_when_nothing_was_understood_at_most_eight_entries_are_asked(morning, browser_of):
    boss = make.employer(name="没地址的店")
    entries = 0
    client = browser_of(boss)
    page = said(client, "帮个忙吧")
    answers = {"trade": make.kitchen().code, "places": "2", "day": "2099-01-01", "start": "08:00", "end": "17:00", "pay": "180",
               "pay_unit": "DAY", "town": boss.division_id, "address": "江滨路1号"}  # fmt: skip
    answers["day"] = f"{(clock_tomorrow()):%Y-%m-%d}"
    for turn in range(6):
        if page.redirect_chain[-1][0] != "/e/post/check/":
            break
        asked = [name for name, field in page.context["form"].fields.items() if field.required]
        entries += len(asked)
        page = client.post("/e/post/answer/", {**{n: answers[n] for n in asked}, "key": f"a{turn}"}, follow=True)
    assert Posting.objects.filter(employer=boss).count() == 1
    assert len(sheet.REQUIRED) <= 8
    assert 0 < entries <= 8


def clock_tomorrow():
    return clock.today() + timedelta(days=1)


def test_ten_days_and_counted_pay_show_the_shifts_and_the_estimate(desk, boss):
    start = clock_tomorrow()
    page = said(desk, f"{start.day}号起连干10天，早上7点到11点，卸货，6个人，12块一吨，一共450吨")
    row = Posting.objects.get(employer=boss)
    assert (row.pay_unit, row.shifts.count(), row.places) == ("TONNE", 10, 6)
    assert "估 90 元/人" in page.content.decode()


def test_weekends_only_are_kept_when_another_row_is_changed(desk):
    row = drafted(desk, "下周六周日上午9点到12点打扫卫生，1个人，35一小时")
    days = [local(s.starts_at).date() for s in row.shifts.order_by("starts_at")]
    assert {d.weekday() for d in days} <= {5, 6}
    form = fields.When(
        {"shifts": [{"starts_at": s.starts_at, "ends_at": s.ends_at, "break_minutes": 0} for s in row.shifts.all()]},
        row.employer,
    )
    same = {k: v for k, v in form.initial.items() if v not in (None, "")}
    same |= {"start_at": "10:00", "end_at": "12:00", "key": "k9"}
    assert desk.post(f"/e/post/check/{row.code}/row/when/change/", same).status_code == 302
    after = [local(s.starts_at) for s in row.shifts.filter(called_off_at=None).order_by("starts_at")]
    assert [m.date() for m in after] == days and {m.hour for m in after} == {10}


def test_every_row_can_be_changed_without_javascript(desk):
    row = drafted(desk)
    for name in fields.ROWS:
        page = desk.get(f"/e/post/check/{row.code}/?edit={name}").content.decode()
        assert f'action="/e/post/check/{row.code}/row/{name}/change/"' in page
    desk.post(f"/e/post/check/{row.code}/row/pay/change/", {
        "pay": "200", "pay_unit": "DAY", "pay_cycle": "DAILY", "pay_within_hours": "24", "key": "p"})  # fmt: skip
    row.refresh_from_db()
    assert row.pay_fen == 20000


def test_what_was_typed_wrong_stays_with_a_sentence_beside_it(desk):
    row = drafted(desk)
    answer = desk.post(f"/e/post/check/{row.code}/row/pay/change/", {
        "pay": "面议", "pay_unit": "DAY", "pay_cycle": "DAILY", "pay_within_hours": "24", "pay_note": "加班另算"})  # fmt: skip
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "金额没看懂" in text and "加班另算" in text


@pytest.mark.row("GX-25")
def test_an_unlawful_wish_is_marked_and_the_lawful_wording_is_one_tap_away(desk):
    row = drafted(desk, WHOLE + "，限男性")
    page = desk.get(f"/e/post/check/{row.code}/").content.decode()
    assert '<mark class="bad">' in page and "就这样改" in page
    assert "查过了，可以发" not in page
    desk.post(f"/e/post/check/{row.code}/rewrite/", {"field": "content"})
    row.refresh_from_db()
    assert "限男" not in row.content
    assert '<mark class="bad">' not in desk.get(f"/e/post/check/{row.code}/").content.decode()


@pytest.mark.row("GX-25")
def test_a_lawful_wish_is_not_marked(desk):
    row = drafted(desk, WHOLE + "，男女不限")
    page = desk.get(f"/e/post/check/{row.code}/").content.decode()
    assert '<mark class="bad">' not in page and "查过了，可以发" in page


@pytest.mark.row("FJ-43b")
def test_cover_is_on_by_default_and_declining_it_needs_a_reason(desk):
    row = drafted(desk)
    assert row.insured
    answer = desk.post(f"/e/post/check/{row.code}/row/cover/change/", {"insured": "no", "uninsured_reason": " "})
    assert answer.status_code == 422 and "不买要写一句原因" in answer.content.decode()
    row.refresh_from_db()
    assert row.insured
    desk.post(f"/e/post/check/{row.code}/row/cover/change/", {"insured": "no", "uninsured_reason": "自己有雇主责任险"})
    row.refresh_from_db()
    assert (row.insured, row.uninsured_reason) == (False, "自己有雇主责任险")
    assert "自己有雇主责任险" in desk.get(f"/e/post/check/{row.code}/").content.decode()


@pytest.mark.row("GX-26")
def test_the_promise_is_read_and_given_before_the_first_posting(morning, browser_of):
    boss = make.employer(state="new")
    for paper in ("licence", "agent_id"):
        employers.show_paper(boss, paper, number="1", by=make.clerk())
    employers.prelim_check(boss, by=make.clerk())
    desk = browser_of(boss)
    row = drafted(desk)
    answer = desk.post(f"/e/post/check/{row.code}/publish/", {"wages": "offline", "key": "x"})
    assert answer.url == f"/e/post/check/{row.code}/promise/"
    row.refresh_from_db()
    assert row.state == "draft"
    assert "我承诺" in desk.get(answer.url).content.decode()
    desk.post(f"/e/post/check/{row.code}/promise/accept/")
    assert Commitment.objects.filter(employer=boss).count() == 1
    answer = desk.post(f"/e/post/check/{row.code}/publish/", {"wages": "offline", "key": "x2"})
    row.refresh_from_db()
    assert row.state == "reviewing" and answer.url == f"/e/post/done/{row.code}/"


def test_publishing_twice_with_one_key_publishes_once_and_says_when_an_answer_comes(desk):
    row = drafted(desk)
    for _turn in range(2):
        answer = desk.post(f"/e/post/check/{row.code}/publish/", {"wages": "offline", "key": "same"}, follow=True)
        assert answer.status_code == 200
    row.refresh_from_db()
    assert row.state == "reviewing" and row.reviews.count() == 1
    assert re.search(r"最晚.*给你回话", answer.content.decode().replace("\n", ""))


def test_the_same_sentence_sent_twice_makes_one_draft(desk, boss):
    said(desk, key="dd")
    said(desk, key="dd")
    assert Posting.objects.filter(employer=boss).count() == 1


def test_storing_wages_is_a_choice_that_leads_on_after_publishing(desk):
    row = drafted(desk)
    answer = desk.post(f"/e/post/check/{row.code}/publish/", {"wages": "store", "key": "s"})
    assert answer.url == f"/e/jobs/{row.code}/store/"
    row.refresh_from_db()
    assert row.custody == "offline"


@pytest.mark.row("SX-37")
def test_an_employer_nobody_checked_is_told_where_to_go(morning, browser_of):
    boss = make.employer(state="new")
    employers.accept_commitment(boss, by=boss.registered_by)
    client = browser_of(boss)
    row = drafted(client)
    answer = client.post(f"/e/post/check/{row.code}/publish/", {"wages": "offline", "key": "n"})
    row.refresh_from_db()
    assert row.state == "draft" and answer.status_code == 409
    assert "/e/verify/" in answer.content.decode()


def test_an_end_before_the_start_is_asked_again_with_both_hours_still_there(desk):
    said(desk, "明天早上8点要2个电商打包员，180一天，管饭")

    page = desk.post("/e/post/answer/", {"end": "07:00", "key": "wrong-end"})

    words = page.content.decode()
    assert page.status_code == 422
    assert "08:00 开工，干到 07:00 就是第二天了" in words
    assert 'value="08:00"' in words and 'value="07:00"' in words


def test_a_past_time_is_asked_again_with_the_reason(desk, boss):
    page = said(desk, "昨天早上8点到下午5点要2个帮厨,180一天")
    assert page.status_code in (200, 409, 422)
    assert not Posting.objects.filter(employer=boss).exists() or Posting.objects.get(employer=boss).first_starts_at


@pytest.mark.parametrize(
    "text", ["", "😀" * 300, "一" * 10_000, "<script>alert(1)</script>", "a\x00b", "-1个人 99999999999元一天", "=1+1"]
)
def test_no_text_breaks_the_sentence(desk, text):
    answer = desk.post("/e/post/read/", {"text": text, "key": "b"}, follow=True)
    assert answer.status_code in (200, 409, 422)
    assert "<script>alert" not in answer.content.decode()


@pytest.mark.parametrize("row", list(fields.ROWS))
@pytest.mark.parametrize(
    "value", ["", "😀" * 400, "x" * 10_000, "\x00", "-5", "9" * 40, "<script>alert(1)</script>", "nan"]
)
def test_no_value_breaks_a_row(desk, row, value):
    posting = drafted(desk)
    form = fields.ROWS[row](fields_of(posting), posting.employer)
    answer = desk.post(f"/e/post/check/{posting.code}/row/{row}/change/", dict.fromkeys(form.fields, value))
    assert answer.status_code in (302, 409, 422)
    assert "<script>alert" not in answer.content.decode()


def fields_of(posting):
    return postings.facts_of(posting)


def test_another_employers_draft_does_not_exist_here(desk, stranger):
    row = drafted(desk)
    for path in (f"/e/post/check/{row.code}/", f"/e/post/done/{row.code}/", f"/e/post/check/{row.code}/promise/"):
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"/e/post/check/{row.code}/publish/").status_code == 404
    assert desk.get("/e/post/check/nothinghere/").status_code == 404
    assert desk.post(f"/e/post/check/{row.code}/row/nothing/change/").status_code == 404


def test_returned_for_a_reason_it_is_changed_and_sent_again(desk):
    row = drafted(desk)
    desk.post(f"/e/post/check/{row.code}/publish/", {"wages": "offline", "key": "r1"})
    row.refresh_from_db()
    postings.return_(row, reasons=[{"field": "content", "text": "写清楚洗什么"}], by=make.reviewer())
    assert "写清楚洗什么" in desk.get(f"/e/post/done/{row.code}/").content.decode()
    assert "写清楚洗什么" in desk.get("/e/").content.decode() or "要改一下" in desk.get("/e/").content.decode()
    desk.post(
        f"/e/post/check/{row.code}/row/work/change/", {"trade": row.trade_id, "title": "帮厨", "content": "洗菜洗碗"}
    )
    desk.post(f"/e/post/check/{row.code}/publish/", {"wages": "offline", "key": "r2"})
    row.refresh_from_db()
    assert (row.state, row.content) == ("reviewing", "洗菜洗碗")


def test_the_helper_only_suggests(desk):
    page = desk.get(
        "/e/relation/?hirer=FIRM&sets_time=HIRER&sets_method=HIRER&owns_tools=HIRER&disciplined=True&duration=LONG"
    )
    text = page.content.decode()
    assert page.status_code == 200 and "建议考虑" in text and "认定" not in text
    assert desk.get("/e/relation/?hirer=<x>").status_code == 422


PUBLIC_TEXTS = ("title", "content", "address", "meeting_point", "pay_note", "transport", "tools", "contact_name")


@pytest.mark.parametrize("number", ["13800138000", "138 0013 8000", "0598-8223344", "微信lao_wang88"])
def test_a_telephone_number_in_the_sentence_reaches_nothing_the_public_reads(desk, boss, number):
    row = drafted(desk, f"明天早上8点到下午5点要2个帮厨，180一天，要手脚快会切配，联系王师傅{number}")

    public = " ".join([*(getattr(row, name) for name in PUBLIC_TEXTS), str(row.requirements)])
    assert "手脚快" in public and row.pay_fen == 18000
    assert not any(part in public for part in (number, "13800138000", "8223344", "lao_wang88"))
    assert number in row.source_text


def test_a_telephone_number_typed_into_a_row_is_refused_with_what_to_do(desk, boss):
    row = drafted(desk)

    page = desk.post(
        f"/e/post/check/{row.code}/row/work/change/",
        {"trade": row.trade_id, "title": "帮厨", "content": "洗菜，电话13800138000", "key": "w"},
    )

    assert page.status_code == 422 and "别写电话" in page.content.decode()
    assert "13800138000" in page.content.decode()


def test_fertiliser_is_loaded_by_a_loader_and_paid_at_the_end_of_the_month(desk, boss):
    row = drafted(desk, "明天早上7点到11点装化肥，6个人，12块一吨，一共300吨，月底结")

    assert (row.trade.name, row.pay_cycle, row.shifts.count()) == ("搬运工", "MONTHLY", 1)


def test_a_sum_for_a_trip_made_for_nothing_is_suggested_and_the_row_shows_it(desk, boss):
    row = drafted(desk)
    page = desk.get(f"/e/post/check/{row.code}/?edit=rain")
    assert "建议补 54 元" in desk.get(f"/e/post/check/{row.code}/").text
    assert page.context["form"]["wasted"].value() == "54" and "建议 54 元" in page.text

    desk.post(f"/e/post/check/{row.code}/row/rain/change/", {"call_off_minutes": "120", "wasted": "54", "key": "r"})

    assert "说晚了，每人补 54 元" in desk.get(f"/e/post/check/{row.code}/").text


def test_what_the_sentence_says_of_sex_stands_in_the_text_and_is_screened(desk, boss):
    row = drafted(desk, "明天早上9点到下午5点要2个女服务员,30一小时,列东街")
    assert row.content == "要女的"
    page = desk.get(f"/e/post/check/{row.code}/").content.decode()
    assert "没有违规的要求" not in page and "<mark" in page


def test_no_pay_and_a_day_that_is_over_are_asked_again_with_the_reason(desk, boss):
    page = said(desk, "明天8点到17点要1个帮厨,0元一天")
    assert "工钱不能是 0 元" in page.content.decode() and set(page.context["form"].fields) >= {"pay"}

    page = said(desk, "昨天8点到17点要1个帮厨,200一天", key="k3").content.decode()
    assert "过" in page and not Posting.objects.filter(employer=boss, source_text__contains="昨天").exists()
