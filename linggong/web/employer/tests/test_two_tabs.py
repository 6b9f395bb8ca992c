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
