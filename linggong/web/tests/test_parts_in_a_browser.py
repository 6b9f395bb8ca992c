"""The living catalogue in a real Chromium: nothing sticks out, nothing is too small to hit, axe finds nothing."""

import shutil
from pathlib import Path

import pytest

sync_api = pytest.importorskip("playwright.sync_api")

AXE = Path(__file__).resolve().parents[1] / "static" / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
STICKS_OUT = """() => [...document.querySelectorAll('body *')].filter((e) => {
    const box = e.getBoundingClientRect();
    return box.width && box.right > innerWidth + 1 && !e.closest('.chips, .scroll, svg, .sr');
}).map((e) => e.className)"""
TOO_SMALL = """(least) => [...document.querySelectorAll('a, button, select, textarea, summary')].filter((e) => {
    const box = e.getBoundingClientRect();
    return box.width && (box.height < least || box.width < 43.5) && !e.matches('h2 a, h3 a, .skip, svg a');
}).map((e) => e.className + ' ' + e.textContent.trim())"""

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
def opened(chromium, live_server, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    pages = []

    def at(query: str, width: int, height: int):
        context = chromium.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": width, "height": height}
        )
        page = context.new_page()
        page.set_default_timeout(8000)
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(f"{live_server.url}/parts/?{query}")
        pages.append(context)
        return page

    yield at
    for context in pages:
        context.close()


@pytest.mark.parametrize("mode", ["normal", "elder"])
@pytest.mark.parametrize("width", [390, 320])
def test_phone_parts_fit_can_be_hit_and_pass_axe(opened, mode, width):
    page = opened(f"mode={mode}", width, 844)

    assert page.evaluate(STICKS_OUT) == []
    assert page.evaluate(TOO_SMALL, 43.5) == []
    page.set_viewport_size({"width": width, "height": page.evaluate("document.documentElement.scrollHeight")})
    assert _violations(page) == []
    assert page.said == []


@pytest.mark.parametrize(("base", "width", "height"), [("desk", 1280, 800), ("wall", 1920, 1080), ("print", 1280, 800)])
def test_the_other_frames_fit_and_pass_axe(opened, base, width, height):
    page = opened(f"base={base}", width, height)

    assert page.evaluate(STICKS_OUT) == []
    assert _violations(page) == []
    assert page.said == []


def test_large_print_changes_the_page_at_once_and_back(opened):
    page = opened("tabs=1", 390, 844)
    button = page.locator("[data-mode-toggle]")

    button.click()
    large = page.evaluate("[document.documentElement.dataset.mode, getComputedStyle(document.body).fontSize]")
    button.click()

    assert large == ["elder", "22px"]
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "17px"


def test_what_was_typed_survives_a_reload(opened):
    page = opened("", 390, 844)

    page.fill("#id_phone", "1380000")
    page.reload()

    assert page.input_value("#id_phone") == "1380000"


def test_a_check_in_without_network_waits_on_the_phone_and_goes_out_later(opened):
    page = opened("", 390, 844)
    sent = []
    page.on("request", lambda request: sent.append(request.post_data) if request.method == "POST" else None)

    page.context.set_offline(True)
    page.evaluate("document.querySelector('form[data-queue]').requestSubmit()")
    told = page.inner_text("#toast")
    with page.expect_request(lambda request: request.method == "POST"):
        page.context.set_offline(False)

    assert told == "已记下，有网自动补"
    assert "pressed_at=20" in sent[0] and "key=k" in sent[0]


def test_desk_keys_need_alt_for_letters_and_stay_out_of_fields(opened):
    page = opened("base=desk", 1280, 800)
    page.evaluate(
        """() => { window.hits = []; document.addEventListener('click', (event) => {
            const found = event.target.closest('[data-key]');
            if (found) { window.hits.push(found.dataset.key); event.preventDefault(); } }); }"""
    )

    for key in ("1", "r", "Alt+r", "Alt+j"):
        page.keyboard.press(key)
    page.focus("#id_phone")
    page.keyboard.press("1")

    assert page.evaluate("window.hits") == ["1", "R", "J"]
    assert page.input_value("#id_phone") == "1"


def _violations(page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async (rules) => (await axe.run(document, {runOnly: rules})).violations", RULES)
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]
