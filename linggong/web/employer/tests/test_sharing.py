"""发到群里 and E14: what is passed on holds no number; who was liked is asked first."""

import io

import pytest
from PIL import Image

import linggong.matching.actions as matching
from linggong import make
from linggong.engagements.models import Engagement
from linggong.matching import team
from linggong.web import posters

pytestmark = pytest.mark.django_db


def test_the_words_for_a_group_say_what_when_where_and_how_much_and_no_number(desk, boss):
    posting = make.posting(employer_=boss, title="食堂帮厨", places=3)

    page = desk.get(f"/e/jobs/{posting.code}/share/")

    text = page.context["text"]
    assert (
        "【食堂帮厨】180 元/天" in text
        and "要 3 人" in text
        and posting.address in text
        and f"/jobs/{posting.code}/" in text
    )
    assert len(text) < 300 and posters.contacts.spans(text) == []
    assert desk.get(f"/e/post/done/{posting.code}/").text.count(f"/e/jobs/{posting.code}/share/") == 1


def test_the_poster_is_a_drawing_and_a_picture_of_the_size_of_a_phone(desk, boss):
    posting = make.posting(employer_=boss, title="<b>帮厨</b>&两个")

    drawing = desk.get(f"/e/jobs/{posting.code}/share/poster.svg")
    picture = desk.get(f"/e/jobs/{posting.code}/share/poster.png")

    assert drawing["Content-Type"].startswith("image/svg") and "<b>" not in drawing.text and "&lt;b&gt;" in drawing.text
    if posters.font_path() is None:
        assert picture.status_code == 404
    else:
        assert Image.open(io.BytesIO(picture.content)).size == (posters.WIDE, posters.TALL)
        assert len(picture.content) < 120_000


def test_without_a_chinese_font_the_drawing_stands_alone(desk, boss, settings):
    posting = make.posting(employer_=boss)
    before, posters.FONTS = posters.FONTS, ("/nowhere.ttc",)
    posters.font_path.cache_clear()
    try:
        assert desk.get(f"/e/jobs/{posting.code}/share/poster.png").status_code == 404
        assert "poster.svg" in desk.get(f"/e/jobs/{posting.code}/share/").text
    finally:
        posters.FONTS = before
        posters.font_path.cache_clear()


def test_only_what_is_out_and_one_s_own_is_passed_on(desk, boss):
    draft, other = make.posting(employer_=boss, state="draft"), make.posting()

    for posting in (draft, other):
        assert desk.get(f"/e/jobs/{posting.code}/share/").status_code == 404
        assert desk.get(f"/e/jobs/{posting.code}/share/poster.svg").status_code == 404


def liked(boss, name):
    worker = make.worker(name=name)
    matching.like(worker, boss, by=None)
    return worker


def test_liked_people_are_listed_the_last_first_without_name_or_age_and_go_with_one_tap(desk, boss):
    first, second = liked(boss, "陈阿水"), liked(boss, "罗桂花")
    refused = liked(boss, "不想来")
    matching.block(refused, boss, side="worker", by=None)

    page = desk.get("/e/team/")

    assert [row["code"] for row in page.context["people"]] == [second.code, first.code]
    assert "罗桂花" not in page.text and "罗" in page.text
    assert desk.post(f"/e/team/{second.code}/drop/").url == "/e/team/"
    assert [row.pk for row in team.liked(boss)] == [first.pk]
    assert desk.post(f"/e/team/{make.worker().code}/drop/").status_code == 404


def test_asking_them_first_asks_those_who_can_once_and_binds_nobody(desk, boss):
    able, busy = liked(boss, "陈阿水"), liked(boss, "罗桂花")
    posting = make.posting(employer_=boss)
    make.deals.grab(make.posting(), busy, by=busy.user)

    for _turn in range(2):
        answer = desk.post("/e/team/ask/", {"posting": posting.code, "key": "t1"})

    assert answer.url == "/e/team/?asked=1"
    deal = Engagement.objects.get(posting=posting)
    assert (deal.worker, deal.state) == (able, "offered")
    assert "叫了 1 位" in desk.get(answer.url).text


def test_nobody_is_asked_to_another_employer_s_posting_and_an_empty_list_says_what_to_do(desk):
    other = make.posting()

    assert desk.post("/e/team/ask/", {"posting": other.code, "key": "t"}).status_code == 404
    assert "还没有说好的师傅" in desk.get("/e/team/").text
