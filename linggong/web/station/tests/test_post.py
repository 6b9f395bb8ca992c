"""A posting for somebody who walked in, from the card on the counter to the poster."""

from datetime import timedelta

import pytest

import linggong.accounts.queries as people
import linggong.employers.queries as employers
from linggong import make
from linggong.core.clock import today
from linggong.employers.models import Employer
from linggong.postings.models import Posting

pytestmark = pytest.mark.django_db


def boss(**changes):
    town = make.reference.children(make.county().code)[0]
    said = {
        "key": "b1", "kind": "MERCHANT", "name": "老赵货站", "person": "赵铁柱", "id_number": make.id_number(),
        "phone": make.phone(), "division": town.code, "address": "物流园3号门", "paper": "plate", "number": "闽G12345",
        "seen": "on",
    }  # fmt: skip
    return said | changes


def work(**changes):
    town = make.reference.children(make.county().code)[0]
    said = {
        "key": "w1", "text": "要两个人洗菜", "trade": make.kitchen().code, "places": "2",
        "first": (today() + timedelta(days=2)).isoformat(), "start": "08:00", "end": "17:00",
        "pay": "180", "pay_unit": "DAY", "meals": "ONE", "division": town.code, "address": "江滨路8号", "way_in": "grab",
    }  # fmt: skip
    return said | changes


@pytest.mark.row("SX-12a")
def test_a_walk_in_employer_is_checked_in_one_screen_and_entered_once(window, clerk):
    said = boss()
    first = window.post("/desk/post/register/", said)
    again = window.post("/desk/post/register/", said)

    employer = Employer.objects.get()
    assert first.url == again.url == f"/desk/post/for/{employer.code}/"
    assert (employer.state, employer.source, employer.registered_by) == ("prelim_checked", "counter", clerk)
    assert employers.limits(employer).people == 5


def test_a_sentence_fills_the_form_and_keeps_the_rest(window):
    employer = make.employer()

    page = window.post(
        f"/desk/post/for/{employer.code}/read/",
        {"text": "明天早上8点到下午5点要2个帮厨，180一天", "address": "江滨路9号"},
    )

    form = page.context["form"]
    assert (form["places"].value(), form["pay"].value(), form["pay_unit"].value()) == (2, "180", "DAY")
    assert form["start"].value() == "08:00" and form["address"].value() == "江滨路9号"
    assert "<mark>" in page.text


def test_read_back_promised_published_and_printed(window, clerk):
    window.post("/desk/post/register/", boss())
    employer = Employer.objects.get()
    check = window.post(f"/desk/post/for/{employer.code}/draft/", work())
    posting = Posting.objects.get()
    assert check.url == f"/desk/post/{posting.code}/"
    assert (posting.source, posting.posted_by, posting.venue) == ("COUNTER", clerk, make.venue())

    unpromised = window.post(f"/desk/post/{posting.code}/publish/", {"key": "p1"})
    assert unpromised.status_code == 409 and "承诺书念过了" in unpromised.text and "点“我承诺”" not in unpromised.text

    window.post(f"/desk/post/{posting.code}/publish/", {"key": "p2", "promised": "1"})
    posting.refresh_from_db()
    assert posting.state == "reviewing"
    assert people.assisted_for(employer.members.get().user).get(act="post").acted_by == clerk
    assert "在审" in window.get(check.url).text
    poster = window.get(f"/desk/post/{posting.code}/poster/").text
    assert "180" in poster and "最晚" in poster and "江滨路8号" in poster


def test_a_verified_walk_in_is_out_at_once(window):
    employer = make.employer()
    window.post(f"/desk/post/for/{employer.code}/draft/", work(text="洗菜切菜，打扫厨房"))
    posting = Posting.objects.get()

    window.post(f"/desk/post/{posting.code}/publish/", {"key": "p"})

    posting.refresh_from_db()
    assert posting.state == "published"
    assert posting.reviews.get().kind == "after"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pay": "面议"}, "金额"),
        ({"pay": "-1"}, "金额"),
        ({"places": "0"}, "1 到 500"),
        ({"places": "9" * 30}, "1 到 500"),
        ({"first": "2020-01-01"}, "已经过了"),
        ({"first": "昨天"}, "日期写成"),
        ({"trade": "nope"}, "从列表里选一种活"),
        ({"text": "菜" * 10000}, "写得太长了"),
        ({"address": ""}, "写到门牌"),
    ],
)
def test_bad_figures_are_said_and_nothing_is_lost(window, changes, words):
    employer = make.employer()

    answer = window.post(f"/desk/post/for/{employer.code}/draft/", work(**changes))

    assert answer.status_code == 422
    assert not Posting.objects.exists()
    assert "江滨路8号" in answer.text or "address" in changes
    assert words in answer.text


def test_employers_of_another_county_are_not_found(window):
    far = make.employer(division=next(d for d in make.reference.children("330200") if d.lat))

    assert window.get(f"/desk/post/for/{far.code}/").status_code == 404
    assert window.post("/desk/post/find/", {"q": far.name}).context["found"] == []


def test_a_number_said_at_the_counter_stays_out_of_the_public_text(window):
    employer = make.employer()

    window.post(
        f"/desk/post/for/{employer.code}/draft/", work(text="要两个人洗菜，会切配，电话 138 0013 8000", title="洗菜")
    )

    posting = Posting.objects.get()
    assert posting.content == "要两个人洗菜，会切配"
    assert "0013" in posting.source_text


def test_days_apart_stay_apart_and_what_has_no_field_is_kept(window):
    employer = make.employer()
    first = today() + timedelta(days=7 - today().weekday())
    text = "下周一三五早上8点到下午5点要2个帮厨，180一天，有车接送，中午休息一小时，周结"

    window.post(
        f"/desk/post/for/{employer.code}/draft/",
        work(text=text, first=first.isoformat(), last=(first + timedelta(days=4)).isoformat()),
    )

    posting = Posting.objects.get()
    days = [shift.starts_at.astimezone().weekday() for shift in posting.shifts.order_by("starts_at")]
    assert (len(days), posting.shifts.first().break_minutes) == (3, 60)
    assert (posting.transport, posting.pay_cycle) == ("有车接送", "WEEKLY")


def test_what_is_too_long_for_the_posting_is_refused_not_cut(window):
    employer = make.employer()

    answer = window.post(f"/desk/post/for/{employer.code}/draft/", work(text="洗菜切菜，" * 121))

    assert answer.status_code == 422 and "最多写 600 个字" in answer.text
    assert not Posting.objects.exists()
