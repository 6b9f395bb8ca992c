"""The public desk in a real Chromium, in both modes: axe finds nothing, nothing sticks out, two taps are two taps."""

import os
import shutil
from pathlib import Path

import pytest

from linggong import make
from linggong.core.clock import at, local, now
from linggong.engagements import queries as deals

sync_api = pytest.importorskip("playwright.sync_api")

AXE = Path(__file__).resolve().parents[2] / "static" / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
STICKS_OUT = """() => [...document.querySelectorAll('body *')].filter((e) => {
    const box = e.getBoundingClientRect();
    return box.width && box.right > innerWidth + 1 && !e.closest('.chips, .scroll, svg, .sr');
}).map((e) => e.className)"""
NODES_MOST = 800

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
def open_page(chromium, live_server, client, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    kept = []

    def opened(path: str, *, mode: str = "normal", width: int = 390, user=None):
        context = chromium.new_context(locale="zh-CN", viewport={"width": width, "height": 844})
        kept.append(context)
        cookies = [{"name": "mode", "value": mode, "url": live_server.url}]
        if user is not None:
            client.force_login(user)
            cookies.append({"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url})
        context.add_cookies(cookies)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.goto(f"{live_server.url}{path}")
        return page

    yield opened
    for context in kept:
        context.close()


@pytest.fixture
def town():
    """A morning with work: a worker, a station, jobs of several kinds around."""
    county = make.county()
    boss = make.employer(name="顺达物流货站")
    tomorrow = at(local(now()).date(), 24 + 7, 30)
    rows = [
        make.posting(employer_=boss, title="食堂帮厨", starts_at=tomorrow),
        make.posting(employer_=boss, title="后厨切配", pay_fen=2400, pay_unit="HOUR", lat=county.lat + 0.01),
        make.posting(employer_=boss, title="十天帮厨", days=10, lng=county.lng - 0.015),
    ]
    return {"rows": rows, "venue": make.venue(), "worker": make.worker(), "job": rows[0].code}


PAGES = [
    "/", "/?view=map", "/?group=farm", "/place/", "/trades/", "/jobs/{job}/", "/jobs/{job}/apply/",
    "/jobs/{job}/report/", "/stations/", "/stations/{venue}/", "/how-sorted/", "/rules/", "/privacy/",
]  # fmt: skip


@pytest.mark.parametrize("mode", ["normal", "elder"])
def test_every_page_is_clean_whole_and_light_in_both_modes(open_page, town, mode):
    shots = os.environ.get("LINGGONG_SHOTS")
    page = open_page("/", mode=mode, user=town["worker"].user)
    origin = page.url.rstrip("/")
    for pattern in PAGES:
        path = pattern.format(job=town["job"], venue=town["venue"].code)
        page.said.clear()
        for width in (320, 390):
            page.set_viewport_size({"width": width, "height": 844})
            page.goto(origin + path)
            assert page.evaluate(STICKS_OUT) == [], (path, width)
            assert page.evaluate("document.querySelectorAll('h1').length") == 1, path
            assert page.evaluate("document.querySelectorAll('*').length") <= NODES_MOST, path
            assert not [said for said in page.said if "Content Security" in said], (path, page.said)
            if width == 390:
                if shots:
                    name = pattern.strip("/").replace("/", "-").replace("?", "") or "home"
                    page.screenshot(path=f"{shots}/{name}-{mode}.png", full_page=True)
                whole = page.evaluate("document.documentElement.scrollHeight")
                page.set_viewport_size({"width": width, "height": whole})  # bars lie over nothing at full height
                page.evaluate(AXE.read_text(encoding="utf-8"))
                found = page.evaluate(
                    "(tags) => axe.run({runOnly: tags, resultTypes: ['violations']}).then((r) => r.violations.map("
                    "(v) => [v.id, v.nodes.map((n) => n.html.slice(0, 160))]))", RULES,
                )  # fmt: skip
                assert found == [], (path, found)


def test_two_taps_from_open_to_taken(open_page, town):
    page = open_page("/", user=town["worker"].user)
    page.locator(f"#job-{town['job']} .btn--primary").click()
    page.get_by_role("button", name="我要去").click()
    page.wait_for_url("**/applied/")
    assert "定下了" in page.locator("h1").inner_text()
    assert deals.live(town["rows"][0], town["worker"]).exists()


def test_a_chip_swaps_the_list_and_writes_the_address(open_page, town):
    page = open_page("/")
    page.get_by_role("link", name="管饭", exact=True).first.click()
    page.wait_for_url("**/?meals=1")
    assert page.locator(".job").count() == 3
    page.reload()
    assert page.locator(".chip[aria-current=true]").inner_text() == "管饭"


@pytest.mark.row("FJ-19")
def test_a_refused_position_ends_at_the_list_of_places(open_page, town):
    page = open_page("/place/")
    page.get_by_role("button", name="用我现在的位置").click()
    page.wait_for_url("**/place/?refused=1")
    assert page.get_by_text("不要紧").is_visible()
