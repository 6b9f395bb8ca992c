"""The worker desk in a real Chromium, in both sizes of print: nothing sticks out, axe finds nothing."""

import shutil
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
            said = page.evaluate("(rules) => axe.run({runOnly: rules})", RULES)
            wrong += [f"{path} {v['id']}: {[n['html'][:90] for n in v['nodes'][:2]]}" for v in said["violations"]]
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


@pytest.mark.parametrize(("mode", "width"), [("normal", 390), ("elder", 390), ("elder", 320)])
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


@pytest.mark.parametrize(("mode", "width"), [("normal", 390), ("elder", 390), ("elder", 320)])
def test_the_personal_pages_are_clean(looked_at, mode, width):
    with clock.moved_to(clock.at(clock.today(), 9)):
        deal = make.engagement(upto="rated")
        personal = (
            "/me/", "/me/record/", "/me/skills/", "/me/card/", "/me/profile/", "/me/data/", "/me/data/looks/",
            "/me/data/leave/", "/me/insurance/", "/me/agreements/", "/me/cases/", "/me/training/", "/messages/",
        )  # fmt: skip
        assert looked_at(deal.worker.user, mode, width, *personal) == []
