"""Every door in a real Chromium, in both sizes of print: nothing sticks out, axe finds nothing."""

import shutil
from pathlib import Path

import pytest
from django.test import Client

from linggong import make
from linggong.core import outside
from linggong.web.public import console_secret

sync_api = pytest.importorskip("playwright.sync_api")

AXE = Path(__file__).resolve().parents[2] / "static" / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
STICKS_OUT = """() => [...document.querySelectorAll('body *')].filter((e) => {
    const box = e.getBoundingClientRect();
    return box.width && box.right > innerWidth + 1 && !e.closest('.chips, .scroll, svg, .sr');
}).map((e) => e.className)"""

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def worlds():
    """Empty pretend providers for every test."""
    outside.reset()
    yield
    outside.reset()


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
    """Open addresses as the visitor of a test client would; returns what is wrong with them."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

    def look(visitor: Client, mode: str, *paths: str) -> list[str]:
        context = chromium.new_context(locale="zh-CN", viewport={"width": 390, "height": 844})
        visitor.cookies["mode"] = mode
        context.add_cookies([{"name": k, "value": m.value, "url": live_server.url} for k, m in visitor.cookies.items()])
        wrong = []
        for path in paths:
            page = context.new_page()
            page.on("pageerror", lambda error, path=path, wrong=wrong: wrong.append(f"{path}: {error}"))
            answer = page.goto(live_server.url + path)
            if answer.status != 200 or not page.url.endswith(path):
                wrong.append(f"{path}: {answer.status} {page.url}")
            wrong += [f"{path} sticks out: {name}" for name in page.evaluate(STICKS_OUT)]
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": 390, "height": height})
            page.evaluate(AXE.read_text(encoding="utf-8"))
            run = "(rules) => axe.run({runOnly: rules, resultTypes: ['violations']}).then((r) => r.violations)"
            said = page.evaluate(run, RULES)
            wrong += [f"{path} {v['id']}: {[n['html'][:90] for n in v['nodes'][:2]]}" for v in said]
            page.close()
        context.close()
        return wrong

    return look


@pytest.mark.parametrize("mode", ["normal", "elder"])
def test_strangers_and_newcomers_find_clean_pages(looked_at, later, mode):
    visitor, phone = Client(), make.phone()
    make.venue()
    visitor.post("/sign-in/", {"phone": phone})
    later()
    anybody = ("/sign-in/", "/sign-in/check/", "/sign-in/code/", "/staff/", "/staff/shift/")
    assert looked_at(visitor, mode, *anybody) == []

    code = outside.in_process("sms").messages(phone)[0]["params"]["code"]
    visitor.post("/sign-in/check/", {"code": code})
    visitor.post("/join/who/", {"name": "罗桂花", "id_number": make.id_number()})
    visitor.post("/join/area/", {"area": make.county().code})
    visitor.post("/join/trades/", {"trades": [make.kitchen().code]})
    assert looked_at(visitor, mode, "/join/who/", "/join/area/", "/join/trades/", "/join/check/") == []

    visitor.post("/join/check/", {"key": "k1", "agree_service": "1"})
    assert looked_at(visitor, mode, "/join/done/", "/join/verify/", "/sign-in/") == []


@pytest.mark.parametrize("mode", ["normal", "elder"])
def test_staff_find_clean_pages(looked_at, mode):
    visitor = Client()
    visitor.force_login(make.clerk())
    assert looked_at(visitor, mode, "/staff/", "/staff/second/enrol/", "/staff/pin/") == []


@pytest.mark.parametrize("mode", ["normal", "elder"])
def test_setting_up_and_the_demo_are_clean(looked_at, mode, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    visitor = Client()
    assert looked_at(visitor, mode, "/set-up/key/") == []
    visitor.post("/set-up/key/", {"secret": console_secret.current()})
    visitor.post("/set-up/county/", {"county": "三元区", "market_name": "三元区零工市场", "hotline": "0598-1234567"})
    visitor.post("/set-up/venue/", {"name": "市场", "address": "新市路 1 号", "opens": "06:00", "closes": "18:00"})
    names = {"admin_name": "林主任", "head_name": "李晓梅", "clerk_name": "陈阿妹"}
    visitor.post("/set-up/people/", names | {f"{who}_phone": make.phone() for who in ("admin", "head", "clerk")})
    steps = ("/set-up/county/", "/set-up/venue/", "/set-up/people/", "/set-up/check/")
    assert looked_at(visitor, mode, *steps) == []

    visitor.post("/set-up/check/", {"key": "k1"})
    settings.DEMO = True
    assert looked_at(visitor, mode, "/set-up/more/", "/set-up/rules/", "/set-up/people-list/", "/demo/") == []
