"""The worker desk in a real Chromium, in both sizes of print: nothing sticks out, axe finds nothing."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from linggong import make
from linggong.core import clock
from linggong.engagements import queries as deals
from linggong.payments import queries as wages

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
    """Open addresses as somebody signed in; returns what is wrong with them."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

    def look(user, mode: str, width: int, *paths: str) -> list[str]:
        visitor = Client()
        visitor.force_login(user)
        visitor.cookies["mode"] = mode
        context = chromium.new_context(locale="zh-CN", viewport={"width": width, "height": 844})
        context.add_cookies([{"name": k, "value": m.value, "url": live_server.url} for k, m in visitor.cookies.items()])
        wrong = []
        for path in paths:
            page = context.new_page()
            page.on("pageerror", lambda error, path=path, wrong=wrong: wrong.append(f"{path}: {error}"))
            answer = page.goto(live_server.url + path)
            if answer.status != 200:
                wrong.append(f"{path}: {answer.status} {page.url}")
            wrong += [f"{path} sticks out: {name}" for name in page.evaluate(STICKS_OUT)]
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate(AXE.read_text(encoding="utf-8"))
            run = "(rules) => axe.run({runOnly: rules, resultTypes: ['violations']}).then((r) => r.violations)"
            said = page.evaluate(run, RULES)
            wrong += [f"{path} {v['id']}: {[n['html'][:90] for n in v['nodes'][:2]]}" for v in said]
            _keep(page, path, mode)
            page.close()
        context.close()
        return wrong

    return look


def _keep(page, path, mode):
    """Pictures for whoever wants to look: set LINGGONG_SHOTS to a folder."""
    import os

    folder = os.environ.get("LINGGONG_SHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{path.strip('/').replace('/', '-') or 'home'}-{mode}.png")


@pytest.mark.parametrize(("mode", "width"), SIZES)
def test_the_pages_of_a_deal_are_clean_from_the_morning_to_the_money(looked_at, mode, width):
    with clock.moved_to(clock.at(clock.today(), 9)):
        deal = make.engagement(upto="confirmed")
        user, one = deal.worker.user, make.attendance(deal)
        clock.set_now(one.shift.starts_at)
        morning = ("/today/", f"/today/{one.code}/code/", f"/today/{one.code}/wasted/", f"/shifts/{deal.code}/cancel/")
        assert looked_at(user, mode, width, *morning, f"/shifts/{deal.code}/call/", "/shifts/", "/sos/") == []
        for step in ("checked_in", "in_progress"):
            make.live(deal, step)
        assert looked_at(user, mode, width, "/today/", f"/today/{one.code}/early/", "/sos/") == []
        for step in ("work_done", "confirmed_done"):
            make.live(deal, step)
        wage = wages.by_ref(deals.ref(one))
        money = ("/wages/", f"/wages/{wage.code}/", f"/wages/{wage.code}/slip/", f"/help/money/{wage.code}/")
        assert looked_at(user, mode, width, *money, f"/shifts/at/{one.code}/", f"/shifts/{deal.code}/") == []
        assert looked_at(user, mode, width, f"/rate/{deal.code}/", "/today/", "/wages/account/", "/help/money/") == []


@pytest.mark.parametrize(("mode", "width"), SIZES)
def test_the_personal_pages_are_clean(looked_at, mode, width):
    with clock.moved_to(clock.at(clock.today(), 9)):
        deal = make.engagement(upto="rated")
        personal = (
            "/me/", "/me/record/", "/me/skills/", "/me/card/", "/me/profile/", "/me/data/", "/me/data/looks/",
            "/me/data/leave/", "/me/insurance/", "/me/agreements/", "/me/cases/", "/me/training/", "/messages/",
        )  # fmt: skip
        assert looked_at(deal.worker.user, mode, width, *personal) == []


THREE_G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}


def _context(chromium, live_server, user, **more):
    visitor = Client()
    visitor.force_login(user)
    context = chromium.new_context(locale="zh-CN", **more)
    context.add_cookies([{"name": k, "value": m.value, "url": live_server.url} for k, m in visitor.cookies.items()])
    return context


@pytest.mark.row("SX-18")
def test_the_first_screens_can_be_used_on_a_small_phone_over_a_slow_network(chromium, live_server, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with clock.moved_to(clock.at(clock.today(), 9)):
        deal = make.engagement(upto="confirmed")
        make.posting(title="码货工", starts_at=clock.at(clock.today(), 56))
        clock.set_now(make.attendance(deal).shift.starts_at)
        context = _context(chromium, live_server, deal.worker.user, viewport={"width": 360, "height": 640})
        page = context.new_page()
        context.new_cdp_session(page).send("Network.emulateNetworkConditions", THREE_G)

        page.goto(live_server.url + "/", wait_until="commit")
        page.get_by_role("link", name="我要去").first.wait_for(state="visible", timeout=6000)
        wide = page.evaluate("document.documentElement.scrollWidth")
        page.goto(live_server.url + "/today/", wait_until="commit")
        page.get_by_role("button", name="到岗打卡").wait_for(state="visible", timeout=6000)

        assert wide <= 360
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        context.close()


def test_a_check_in_without_network_is_kept_and_counts_from_the_press(chromium, live_server, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    deal = make.engagement(upto="confirmed", starts_at=clock.now() + timedelta(minutes=20))
    one, posting = make.attendance(deal), deal.posting
    context = _context(
        chromium, live_server, deal.worker.user, viewport={"width": 390, "height": 844}, permissions=["geolocation"],
        geolocation={"latitude": posting.lat, "longitude": posting.lng},
    )  # fmt: skip
    page = context.new_page()
    page.goto(live_server.url + "/today/")

    context.set_offline(True)
    page.get_by_role("button", name="到岗打卡").click()
    page.get_by_text("已记下，有网自动补").wait_for(timeout=8000)
    assert deals.attendance_by_code(one.code).state == "expected"
    with page.expect_response(lambda answer: "/check-in/" in answer.url):
        context.set_offline(False)

    assert deals.attendance_by_code(one.code).state == "checked_in"
    context.close()


def test_everything_that_looks_like_a_button_can_be_hit(chromium, live_server, monkeypatch):
    """Nothing invisible lies over a control: what is drawn in its middle is the control itself."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    covered = """() => [...document.querySelectorAll('main a, main button, main label.chip')].filter((e) => {
        const box = e.getBoundingClientRect();
        if (!box.width || e.closest('.sr, details:not([open])')) return false;
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return top && !e.contains(top) && !top.contains(e);
    }).map((e) => e.textContent.trim())"""
    with clock.moved_to(clock.at(clock.today(), 9)):
        deal = make.engagement(upto="confirmed")
        one = make.attendance(deal)
        clock.set_now(one.shift.starts_at)
        wage = wages.by_ref(deals.ref(one))
        context = _context(chromium, live_server, deal.worker.user, viewport={"width": 390, "height": 5000})
        page, wrong = context.new_page(), {}
        for path in (
            "/today/",
            f"/shifts/{deal.code}/",
            f"/shifts/at/{one.code}/",
            f"/wages/{wage.code}/",
            "/me/",
            "/me/skills/",
        ):
            page.goto(live_server.url + path)
            wrong |= {path: found} if (found := page.evaluate(covered)) else {}
        context.close()

    assert wrong == {}
