"""The station in a real Chromium: axe finds nothing in either mode, nothing sticks out, keys do what they say."""

import os
import shutil
from pathlib import Path

import pytest

import linggong.cases.actions as case_actions
import linggong.engagements.actions as deal_actions
import linggong.engagements.queries as deals
from linggong import make
from linggong.cases.models import Case
from linggong.core.clock import at, today
from linggong.postings.models import Posting

sync_api = pytest.importorskip("playwright.sync_api")

AXE = Path(__file__).resolve().parents[2] / "static" / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
STICKS_OUT = """() => [...document.querySelectorAll('body *')].filter((e) => {
    const box = e.getBoundingClientRect();
    return box.width && box.right > innerWidth + 1 && !e.closest('.chips, .scroll, svg, .sr, .rail, .sheets');
}).map((e) => e.className)"""
PHONE = "Mozilla/5.0 (Linux; Android 10) Mobile"

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

    def opened(path: str, *, user, mode: str = "normal", width: int = 1280, phone: bool = False):
        context = chromium.new_context(
            locale="zh-CN",
            viewport={"width": width, "height": 844 if phone else 800},
            user_agent=PHONE if phone else None,
        )
        kept.append(context)
        client.force_login(user)
        context.add_cookies(
            [
                {"name": "mode", "value": mode, "url": live_server.url},
                {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url},
            ]
        )
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto(f"{live_server.url}{path}")
        return page

    yield opened
    for context in kept:
        context.close()


@pytest.fixture
def hall(later):
    """A market at work: one person with every duty, somebody to send, something to review and to put right."""
    everybody = make.staff("clerk", name="李晓梅")
    for duty in ("head", "reviewer", "mediator"):
        make.venues.add_staff(make.venue(), everybody, duty, by=None)
    tomorrow = at(today(), 24 + 7, 30)
    boss = make.employer(name="福满楼")
    make.posting(employer_=boss, title="食堂帮厨", starts_at=tomorrow)
    out = make.posting(employer_=boss, title="后厨切配", pay_fen=2400, pay_unit="HOUR", starts_at=tomorrow)
    flagged = make.posting(
        state="reviewing", title="货车卸货", content="要四个男的，一天 220，管午饭", starts_at=tomorrow
    )
    make.posting(state="reviewing", title="卖水果")
    worker, free = make.worker(name="刘桂芳"), make.worker(name="王大力")
    deal = deal_actions.dispatch(out, worker, by=everybody)
    later()
    case = _case(deal, everybody)
    return {
        "user": everybody, "worker": free.user.code, "bound": worker.user.code, "deal": deal.code, "out": out.code,
        "flagged": flagged.code, "boss": boss.code, "case": case.code, "draft": make.posting(state="draft").code,
    }  # fmt: skip


def _case(deal, user) -> Case:
    return case_actions.file(
        "dispute", about=make.attendance(deal), facts="老板算 6 小时，工友说 8 小时", by=None, acting_for=deal.worker.user,
        deal=deals.ref(deal), division_code=deal.posting.division_id, claim_fen=5000,
    )  # fmt: skip


PAGES = [
    "/desk/", "/desk/?person={worker}", "/desk/?person={bound}&deal={deal}", "/desk/people/", "/desk/people/{bound}/",
    "/desk/people/{bound}/profile/", "/desk/people/{bound}/deals/{deal}/", "/desk/papers/", "/desk/post/",
    "/desk/post/for/{boss}/", "/desk/post/{draft}/", "/desk/dispatch/", "/desk/dispatch/{out}/", "/review/",
    "/review/{flagged}/", "/desk/employers/", "/desk/employers/{boss}/", "/desk/wages/", "/desk/wages/{bound}/",
    "/desk/cases/", "/desk/cases/{case}/", "/desk/venue/",
]  # fmt: skip
PAPER = ["/desk/slips/{deal}/", "/desk/dispatch/{out}/print/", "/desk/post/{out}/poster/"]


def wrong(page) -> list[str]:
    whole = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": page.viewport_size["width"], "height": whole})  # bars lie over nothing
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "(tags) => axe.run({runOnly: tags, resultTypes: ['violations']}).then((r) => r.violations)", RULES
    )
    return [f"{v['id']}: {[n['html'][:120] for n in v['nodes'][:3]]}" for v in found]


@pytest.mark.parametrize("mode", ["normal", "elder"])
def test_axe_finds_nothing_on_any_page(open_page, hall, mode):
    page = open_page("/desk/", user=hall["user"], mode=mode)
    origin, found = page.url.split("/desk/")[0], {}
    shots = os.environ.get("SHOTS")
    for path in PAGES + (PAPER if mode == "normal" else []):
        page.goto(origin + path.format(**hall))
        if shots:
            name = path.format(**{k: k for k in hall}).strip("/").replace("/", "_").replace("?", "_")
            page.screenshot(path=f"{shots}/{name or 'desk'}-{mode}.png", full_page=True)
        if bad := wrong(page) + ([] if path in PAPER else [f"sticks out: {c}" for c in page.evaluate(STICKS_OUT)]):
            found[path] = bad
    assert found == {}


@pytest.mark.parametrize(("mode", "width"), [("normal", 390), ("elder", 320)])
def test_the_reviewer_on_duty_reads_it_on_a_phone(open_page, hall, mode, width):
    page = open_page(f"/review/{hall['flagged']}/", user=hall["user"], mode=mode, width=width, phone=True)
    if shots := os.environ.get("SHOTS"):
        page.screenshot(path=f"{shots}/phone-{mode}-{width}.png", full_page=True)

    assert (width < 390) or wrong(page) == []
    assert page.evaluate(STICKS_OUT) == []
    page.get_by_role("button", name="退回，让他改").click()
    page.get_by_text("已退回").wait_for()


def test_keys_release_and_register(open_page, hall):
    page = open_page(f"/review/{hall['flagged']}/", user=hall["user"])
    page.keyboard.press("p")
    page.get_by_text("已放行").wait_for()
    assert Posting.objects.get(code=hall["flagged"]).state == "published"

    page.goto(page.url.split("/review/")[0] + f"/desk/?person={hall['worker']}")
    page.keyboard.press("1")
    page.get_by_text("条子打给本人").wait_for()
