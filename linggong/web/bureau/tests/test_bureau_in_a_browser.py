"""The bureau and the wall in a real Chromium: axe finds nothing in either mode, nothing sticks out."""

import os
import shutil
from pathlib import Path

import pytest

from linggong import make

sync_api = pytest.importorskip("playwright.sync_api")

AXE = Path(__file__).resolve().parents[2] / "static" / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
STICKS_OUT = """() => [...document.querySelectorAll('body *')].filter((e) => {
    const box = e.getBoundingClientRect();
    return box.width && box.right > innerWidth + 1 && !e.closest('.chips, .scroll, svg, .sr, .rail');
}).map((e) => e.className)"""

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_bureaus_pages_are_clean_in_both_modes(live_server, client, monkeypatch):
    found = shutil.which("chromium")
    if not found:
        pytest.skip("no chromium on this machine")
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    deal = make.engagement(upto="confirmed")
    client.force_login(make.supervisor())
    paths = [
        "", "chain/", f"chain/{deal.code}/", "rules/", "rules/enter/", "people/", "audit/", "audit/verify/",
        "audit/events/", "settings/", f"employers/{deal.employer.code}/", "list/joined/", "wall/",
    ]  # fmt: skip
    faults = {}
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        for mode in ("normal", "elder"):
            context = browser.new_context(locale="zh-CN")
            context.add_cookies([
                {"name": "mode", "value": mode, "url": live_server.url},
                {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url},
            ])  # fmt: skip
            page = context.new_page()
            for path in paths:
                wall = path == "wall/"
                page.set_viewport_size({"width": 1920, "height": 1080} if wall else {"width": 1280, "height": 800})
                page.goto(f"{live_server.url}/bureau/{path}", wait_until="load")
                page.evaluate(AXE.read_text())
                said = page.evaluate(
                    "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})"
                    ".then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html.slice(0, 160)))", RULES,
                )  # fmt: skip
                said += page.evaluate(STICKS_OUT)
                if said:
                    faults[f"{mode} {path}"] = said
                if shots := os.environ.get("LINGGONG_SHOTS"):
                    name = path.strip("/").replace("/", "_") or "today"
                    page.screenshot(path=f"{shots}/{mode}_{name}.png")
            context.close()
        browser.close()
    assert faults == {}
