"""The employer desk in a real Chromium, in both sizes of print: nothing sticks out, axe finds nothing."""

import os
import shutil
from pathlib import Path

import pytest
from django.test import Client

from linggong import make
from linggong.core import clock
from linggong.engagements import queries as lived
from linggong.payments import queries as paid
from linggong.postings.models import Posting

sync_api = pytest.importorskip("playwright.sync_api")

AXE = Path(__file__).resolve().parents[2] / "static" / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
STICKS_OUT = """() => [...document.querySelectorAll('body *')].filter((e) => {
    const box = e.getBoundingClientRect();
    return box.width && box.right > innerWidth + 1 && !e.closest('.chips, .scroll, svg, .sr');
}).map((e) => e.className)"""
SIZES = [("normal", 390), ("elder", 320)]  # large print at 390: tests/browser/test_every_screen.py

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def chromium():
    found = shutil.which("chromium")
    if not found:
        pytest.skip("no chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def looked_at(chromium, live_server, monkeypatch):
    """Open addresses as a signed-in client; returns what is wrong with them."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

    def look(visitor: Client, mode: str, width: int, *paths: str) -> list[str]:
        context = chromium.new_context(locale="zh-CN", viewport={"width": width, "height": 844})
        cookies = {"mode": mode} | {name: morsel.value for name, morsel in visitor.cookies.items()}
        context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in cookies.items()])
        wrong: list[str] = []
        note = wrong.append
        for path in paths:
            page = context.new_page()
            page.on("pageerror", lambda error, path=path, note=note: note(f"{path}: {error}"))
            answer = page.goto(live_server.url + path)
            if answer.status != 200:
                wrong.append(f"{path}: {answer.status} {page.url}")
            if page.evaluate("document.querySelectorAll('*').length") > 800 and "edit=work" not in path:
                wrong.append(f"{path}: too many elements")
            if page.locator("h1").count() != 1:
                wrong.append(f"{path}: {page.locator('h1').count()} h1")
            wrong += [f"{path} sticks out: {name}" for name in page.evaluate(STICKS_OUT)]
            page.set_viewport_size({"width": width, "height": page.evaluate("document.documentElement.scrollHeight")})
            page.evaluate(AXE.read_text(encoding="utf-8"))
            run = "(rules) => axe.run({runOnly: rules, resultTypes: ['violations']}).then((r) => r.violations)"
            said = page.evaluate(run, RULES)
            wrong += [f"{path} {v['id']}: {[n['html'][:90] for n in v['nodes'][:2]]}" for v in said]
            _keep(page, path, mode, width)
            page.close()
        context.close()
        return wrong

    return look


def _keep(page, path, mode, width):
    """Pictures for whoever wants to look: set LINGGONG_SHOTS to a folder."""
    if folder := os.environ.get("LINGGONG_SHOTS"):
        name = path.strip("/").replace("/", "-").replace("?", "-") or "home"
        page.screenshot(path=f"{folder}/{name}-{mode}-{width}.png")


@pytest.mark.parametrize(("mode", "width"), SIZES)
def test_the_way_from_a_sentence_to_a_posting_is_clean(looked_at, browser_of, mode, width):
    with clock.moved_to(clock.at(clock.today(), 9)):
        boss = make.employer()
        client = browser_of(boss)
        assert looked_at(client, mode, width, "/e/", "/e/post/", "/e/relation/", "/e/promise/") == []
        client.post("/e/post/read/", {"text": "要2个帮厨，180一天", "key": "a"})
        assert looked_at(client, mode, width, "/e/post/check/") == []
        client.post("/e/post/read/", {"text": "明天早上8点到下午5点要2个帮厨,180一天,管饭，限男性", "key": "b"})
        row = Posting.objects.latest("pk")
        rows = [f"/e/post/check/{row.code}/?edit={name}" for name in ("work", "when", "where", "pay", "cover")]
        assert looked_at(client, mode, width, f"/e/post/check/{row.code}/", *rows) == []
        client.post(f"/e/post/check/{row.code}/publish/", {"wages": "offline", "key": "c"})
        assert looked_at(client, mode, width, f"/e/post/done/{row.code}/", f"/e/jobs/{row.code}/") == []


@pytest.mark.parametrize(("mode", "width"), SIZES)
def test_the_pages_of_people_are_clean(looked_at, browser_of, mode, width):
    with clock.moved_to(clock.at(clock.today(), 9)):
        boss = make.employer()
        client = browser_of(boss)
        make.worker(name="陈小花")
        posting = make.posting(employer_=boss, way_in="apply", days=10)
        deal = make.engagement(upto="applied", posting_=posting)
        grab = make.posting(employer_=boss)
        make.engagement(posting_=grab)
        base = f"/e/jobs/{posting.code}/"
        shift = posting.shifts.first()
        pages = (
            "/e/jobs/", "/e/jobs/?tab=done", base, f"{base}people/", f"{base}edit/", f"{base}edit/?edit=when",
            f"{base}call-off/{shift.code}/", f"{base}store/", f"/e/people/{deal.code}/", f"/e/deals/{deal.code}/",
            f"/e/jobs/{grab.code}/people/", "/e/cards/", "/e/me/", "/e/record/", "/e/messages/", "/e/verify/",
            "/e/verify/kind/", "/e/verify/name/", "/e/verify/place/",
        )  # fmt: skip
        assert looked_at(client, mode, width, *pages) == []


@pytest.mark.parametrize(("mode", "width"), SIZES)
def test_the_pages_of_a_day_and_its_money_are_clean(looked_at, browser_of, mode, width):
    with clock.moved_to(clock.at(clock.today(), 9)):
        boss = make.employer()
        client = browser_of(boss)
        posting = make.posting(employer_=boss)
        deals = [make.engagement(posting_=posting) for _n in range(2)]
        one = make.attendance(deals[0])
        clock.set_now(one.shift.starts_at + clock.timedelta(minutes=40))
        day = ("/e/", "/e/today/", f"/e/jobs/{posting.code}/code/", f"/e/today/{one.code}/")
        assert looked_at(client, mode, width, *day) == []
        for step in ("checked_in", "in_progress", "work_done"):
            for deal in deals:
                make.live(deal, step)
        assert looked_at(client, mode, width, "/e/confirm/", f"/e/today/{one.code}/", "/e/") == []
        make.live(deals[0], "confirmed_done")
        wage = paid.by_ref(lived.ref(one))
        money = ("/e/pay/", "/e/money/", f"/e/money/{wage.code}/", f"/e/rate/{deals[0].code}/")
        assert looked_at(client, mode, width, *money) == []


@pytest.fixture
def draft_page(chromium, live_server, monkeypatch):
    """A page of a signed-in employer on the first row of a draft, and their session to put back."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    boss = make.employer()
    posting = make.posting(employer_=boss, state="draft")
    visitor = Client()
    visitor.force_login(lived.owner_of(boss))
    context = chromium.new_context(locale="zh-CN")
    cookies = [{"name": n, "value": m.value, "url": live_server.url} for n, m in visitor.cookies.items()]
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(f"{live_server.url}/e/post/check/{posting.code}/?edit=work")
    yield page, cookies
    context.close()


def test_what_was_typed_into_a_row_outlives_the_session(draft_page):
    page, session = draft_page
    here = page.url
    page.fill("[name=title]", "后厨洗切帮工")
    page.context.clear_cookies(name="sessionid")

    page.click("form[data-draft^=row-] button.btn--primary")
    page.wait_for_url("**/sign-in/**")
    told = page.inner_text("[role=status]")
    page.context.add_cookies(session)
    page.goto(here)

    assert "刚才那一下没交上去" in told and "填的字还在" in told
    assert page.input_value("[name=title]") == "后厨洗切帮工"


def test_a_box_says_how_much_it_still_takes_and_that_it_is_full(draft_page):
    page, _session = draft_page
    page.fill("[name=title]", "帮" * 35)
    near = page.inner_text("[data-counted]")
    page.fill("[name=title]", "帮" * 40)
    full = page.inner_text("[data-counted]")
    page.fill("[name=title]", "帮")

    assert "还能写 5 个字" in near and "最多 40 个字" in full
    assert not page.is_visible("[data-counted]")
