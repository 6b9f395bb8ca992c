"""A real Chromium against a live server, with the worker working beside it."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from linggong.core import clock, journal, outside

TOP = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
DESK = {"viewport": {"width": 1280, "height": 800}}
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


def pytest_collection_modifyitems(items):
    """Everything in this folder drives a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in Path(item.path).parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the whole run; each test gets contexts of its own."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


class Working(threading.Thread):
    """The worker process, as a thread: delivers, sweeps and pumps the pretends' callbacks until stopped."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.stopped = threading.Event()
        self.errors: list[str] = []

    def run(self) -> None:
        """Look every fifth of a second."""
        while not self.stopped.wait(0.2):
            try:
                while journal.deliver():
                    pass
                journal.run_due_jobs()
                outside.pump()
            except Exception as error:  # noqa: BLE001 — shown at the end of the test
                self.errors.append(repr(error))
        connection.close()


@pytest.fixture
def worker(live_server) -> Iterator[Working]:
    """The worker beside the live server."""
    thread = Working()
    thread.start()
    yield thread
    thread.stopped.set()
    thread.join(timeout=10)
    outside.reset()
    assert thread.errors == []


@pytest.fixture
def person(chromium, live_server):
    """Open a device for somebody: `person("phone")` or `person("desk", mode="elder", user=…)` gives a page."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_device(kind: str = "phone", *, user=None, mode: str = "normal", **more) -> Page:
        size = PHONE if kind == "phone" else DESK
        context = chromium.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", base_url=live_server.url, **{**size, **more}
        )
        contexts.append(context)
        cookies = [{"name": "mode", "value": mode, "url": live_server.url}]
        if user is not None:
            cookies.append({"name": "sessionid", "value": signed_in(user), "url": live_server.url})
        context.add_cookies(cookies)
        page = context.new_page()
        page.set_default_timeout(8000)
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" and not expected(m.text) else None)
        page.on("pageerror", lambda e: complaints.append(str(e)))
        return page

    yield open_device
    for context in contexts:
        context.close()
    assert complaints == []


def expected(text: str) -> bool:
    """Chromium reports every 4xx answer as a console error; refusals answer 409 and 422 on purpose."""
    return "status of 409" in text or "status of 422" in text or "status of 404" in text


def signed_in(user) -> str:
    """A session for somebody, made as the sign-in page makes it."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key


def axe(page: Page) -> list[str]:
    """What axe finds wrong, one line each, at full height so that sticky bars hide nothing."""
    size = page.viewport_size
    tall = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(tall + 200, size["height"])})
    page.evaluate((TOP / "node_modules" / "axe-core" / "axe.min.js").read_text())
    found = page.evaluate("async options => (await axe.run(document, options)).violations", AXE)
    page.set_viewport_size(size)
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found]


def overflows(page: Page) -> int:
    """How many px the page is wider than the screen."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.fixture(autouse=True)
def _present(request):
    """Browser tests live at a Monday morning, so that every date on a screen is known."""
    yield
    clock._set_offset(clock.timedelta(0))
