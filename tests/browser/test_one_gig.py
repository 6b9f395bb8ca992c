"""One gig in a real Chromium: a shopkeeper posts by one sentence, a reviewer releases, a worker goes, works, is paid."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

import linggong.oversight.queries as oversight
from linggong import make
from linggong.core import clock
from linggong.engagements import queries
from linggong.engagements.models import Attendance
from linggong.payments import queries as paid
from linggong.postings.models import Posting

from .conftest import axe, overflows

SENTENCE = "今天早上8点到下午5点要2个电商打包员，180一天，管饭"


@pytest.fixture(autouse=True)
def _world(monday_morning, worker):
    make.approved_rules()
    make.approved_products()


def fine(page: Page) -> Page:
    """The page fits the screen and axe finds nothing."""
    assert overflows(page) <= 0, page.url
    assert axe(page) == [], page.url
    return page


@pytest.mark.parametrize("mode", ["normal", "elder"])
def test_one_gig_from_posting_to_paid(person, mode):
    packer = next(t for t in make.reference.trades() if t.name == "电商打包员")
    boss = make.employer(name="肖师傅网店")
    owner, reviewer = queries.owner_of(boss), make.reviewer()
    hand = make.worker(trades=(packer.code,), name="张桂芳")
    shop, look, phone = person(user=owner, mode=mode), person("desk", user=reviewer), person(user=hand.user, mode=mode)

    _post(shop)
    posting = Posting.objects.get(employer=boss)
    assert (posting.state, posting.places, posting.pay_fen, posting.trade_id) == ("reviewing", 2, 18000, packer.code)

    look.goto("/review/")
    look.get_by_role("link", name="打包").first.click()
    look.get_by_role("button", name="放行").first.click()
    until(look, lambda: Posting.objects.get(pk=posting.pk).state, "published")

    _take(phone)
    one = Attendance.objects.get(engagement__worker=hand)
    _settled(phone, one)

    clock.set_now(one.shift.starts_at - timedelta(minutes=15))
    fine(at(shop, "/e/today/"))
    shop.get_by_role("button", name="到了").first.click()
    until(shop, lambda: queries.attendance_by_code(one.code).state, "checked_in")

    clock.set_now(one.shift.ends_at + timedelta(minutes=1))
    fine(at(phone, "/today/"))
    phone.get_by_role("button", name="收工").first.click()
    until(phone, lambda: queries.attendance_by_code(one.code).state, "work_done")

    fine(at(shop, "/e/confirm/"))
    shop.get_by_role("button", name="对，确认").first.click()
    until(shop, lambda: queries.attendance_by_code(one.code).state, "pay_due")
    fine(at(shop, "/e/pay/"))
    shop.get_by_role("button", name="付了").first.click()
    until(shop, lambda: paid.by_ref(queries.ref(one)).state, "declared_paid")

    fine(at(phone, "/wages/"))
    expect(phone.get_by_text("老板说付了").first).to_be_visible()
    phone.get_by_role("button", name="我收到了").first.click()
    until(phone, lambda: paid.by_ref(queries.ref(one)).state, "acknowledged")

    _rate(phone, f"/rate/{one.engagement.code}/")
    _rate(shop, f"/e/rate/{one.engagement.code}/")
    until(shop, one.engagement.ratings.count, 2)

    assert _missing(one.engagement.code) == []


def until(page: Page, ask, wanted) -> None:
    """Wait, at most eight seconds, until the platform says what it should."""
    for _ in range(40):
        if ask() == wanted:
            return
        page.wait_for_timeout(200)
    assert ask() == wanted, page.url


def _missing(code: str) -> list[str]:
    """What the bureau's chain misses. In a thread: the signature library wants the event loop that Playwright holds."""

    def look() -> list[str]:
        try:
            return [f"{ring.name}: {ring.words}" for ring in oversight.chain(queries.by_code(code)).missing]
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(look).result()


def at(page: Page, path: str) -> Page:
    page.goto(path)
    return page


def _post(shop: Page) -> None:
    """E1 to E4: one sentence, what is missing, what it became, out."""
    fine(at(shop, "/e/"))
    fine(at(shop, "/e/post/"))
    shop.locator("#say textarea").fill(SENTENCE)
    shop.get_by_role("button", name="看看对不对").click()
    shop.wait_for_load_state()
    expect(shop.locator("mark").first).to_be_visible()
    fine(shop)
    shop.get_by_role("button", name="发布").click()
    shop.wait_for_load_state()
    fine(shop)


def _take(phone: Page) -> None:
    """W1 to W6 in two taps: 我要去 on the card, 我要去 on the one page."""
    fine(at(phone, "/"))
    phone.get_by_role("link", name="我要去").first.click()
    phone.wait_for_load_state()
    fine(phone)
    phone.get_by_role("button", name="我要去").click()
    expect(phone.get_by_text("定下了").first).to_be_visible()
    fine(phone)


def _settled(phone: Page, one: Attendance) -> None:
    """Within seconds the worker process binds the cover; then everything is ready."""
    for _ in range(50):
        if queries.readiness(queries.attendance_by_code(one.code)).ready:
            return
        phone.wait_for_timeout(200)
    raise AssertionError(queries.readiness(queries.attendance_by_code(one.code)).missing)


def _rate(page: Page, path: str) -> None:
    page.goto(path)
    page.locator("input[name=stars]").last.check(force=True)
    page.get_by_role("button", name="好了").click()
    page.wait_for_load_state()
