"""Two windows on one posting: the later one is told, nothing is overwritten unseen, and a repeat is only a repeat."""

import re

import pytest

from linggong import make

pytestmark = pytest.mark.django_db

PAY = {"pay_unit": "DAY", "pay_cycle": "DAILY", "pay_within_hours": "24"}


def seen_on(page: str) -> str:
    return re.search(r'name="seen" value="(\d+)"', page)[1]


def test_the_later_of_two_windows_is_told_and_overwrites_nothing(desk, boss):
    posting = make.posting(employer_=boss)
    url = f"/e/jobs/{posting.code}/edit/pay/change/"
    seen = seen_on(desk.get(f"/e/jobs/{posting.code}/edit/?edit=pay").content.decode())

    first = desk.post(url, PAY | {"pay": "200", "seen": seen, "key": "one"})
    later = desk.post(url, PAY | {"pay": "190", "seen": seen, "key": "two"})
    page = later.content.decode()

    assert first.status_code == 302
    assert later.status_code == 409
    assert "这条活在别的窗口改过了" in page and 'value="190"' in page, "what was typed is still there"
    posting.refresh_from_db()
    assert (posting.pay_fen, posting.version) == (20000, 2)

    again = desk.post(url, PAY | {"pay": "190", "seen": seen_on(page), "key": "three"})
    assert again.status_code == 302
    posting.refresh_from_db()
    assert (posting.pay_fen, posting.version) == (19000, 3)


def test_the_same_change_sent_twice_is_one_change(desk, boss):
    posting = make.posting(employer_=boss)
    url = f"/e/jobs/{posting.code}/edit/pay/change/"
    said = PAY | {"pay": "200", "seen": "1", "key": "one"}

    answers = [desk.post(url, said) for _ in range(2)]

    assert [answer.url for answer in answers] == [f"/e/jobs/{posting.code}/"] * 2
    posting.refresh_from_db()
    assert posting.version == 2


def draft_of(boss):
    return make.posting(employer_=boss, state="draft")


def test_the_later_of_two_windows_on_a_draft_is_told_too(desk, boss):
    posting = draft_of(boss)
    page = f"/e/post/check/{posting.code}/"
    seen = re.search(r'name="seen" value="(\w+)"', desk.get(f"{page}?edit=pay").text)[1]

    first = [desk.post(f"{page}row/pay/change/", PAY | {"pay": "210", "seen": seen, "key": "one"}) for _ in range(2)]
    later = desk.post(f"{page}row/pay/change/", PAY | {"pay": "220", "seen": seen, "key": "two"})

    assert [answer.status_code for answer in first] == [302, 302], "a double tap is one change"
    assert later.status_code == 409
    assert "这条活在别的窗口改过了" in later.text and 'value="220"' in later.text
    posting.refresh_from_db()
    assert posting.pay_fen == 21000


def test_a_discarded_draft_is_not_called_done_and_another_window_cannot_publish_it(desk, boss):
    posting = draft_of(boss)
    page = f"/e/post/check/{posting.code}/"

    said = desk.post(f"{page}discard/", follow=True).text
    again = desk.post(f"{page}discard/")
    published = desk.post(f"{page}publish/", {"wages": "offline", "key": "p"}, follow=True).text

    posting.refresh_from_db()
    assert posting.state == "closed" and again.status_code == 302
    assert "不发了，草稿收掉了" in said and "这条没有发出去" in published
    listed = desk.get("/e/jobs/?tab=done").text
    assert "没发，收掉了" in listed and "干完了" not in listed and "没发，收掉了" in published


def test_what_was_published_and_closed_before_its_day_is_not_called_done(desk, boss):
    posting = make.posting(employer_=boss)

    desk.post(f"/e/jobs/{posting.code}/close/")

    listed = desk.get("/e/jobs/?tab=done").text
    assert "不招了，收掉了" in listed and "干完了" not in listed
