"""From nothing to a county's first posting, on an empty system started as `make run DEMO=0` starts it (decision 38)."""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, Page, expect

from linggong import make
from linggong.core import clock

from .conftest import DESK, PHONE, TOP, axe, expected, overflows

OFF = (
    "帮忙电话没填", "工价检查没开：没有批准的最低工资", "保险没开：没有保险公司，或没有批准的产品", "没有存工钱的机构：工钱线下付",
    "短信没开：用窗口打印的码登录", "网上核身份没开：到窗口看证", "你还没绑动态口令",
)  # fmt: skip


STICKS_OUT = """() => [...document.querySelectorAll('body *')].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.width && box.right > document.documentElement.clientWidth + 1 && !one.closest('.rail, .chips, .scroll');
}).map((one) => one.outerHTML.slice(0, 120))"""


class Market:
    """`manage.py up` on a folder of its own: the address it prints, and one Ctrl-C to end it."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("LINGGONG_", "DATABASE_URL", "DJANGO_"))}
        env = kept | {
            "LINGGONG_MODE": "live", "LINGGONG_MAKE_KEYS": "1", "LINGGONG_HTTPS": "0", "LINGGONG_DATA": str(folder),
            "PORT": str(port), "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        self.url, self.said = f"http://127.0.0.1:{port}", folder.with_suffix(".log")
        self._log = self.said.open("w")
        self._up = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=TOP, env=env, stdout=self._log, stderr=self._log,
            start_new_session=True,
        )  # fmt: skip
        self.link = self._wait(r"(http://\S+/set-up/key/\?k=\S+)")
        self._answering(port)

    def stop(self) -> None:
        """Ctrl-C."""
        self._up.send_signal(signal.SIGINT)
        self._up.wait(timeout=30)
        self._log.close()

    def _wait(self, wanted: str, seconds: int = 240) -> str:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if found := re.search(wanted, self.said.read_text()):
                return found[1]
            if self._up.poll() is not None:
                break
            time.sleep(0.2)
        raise AssertionError(self.said.read_text())

    def _answering(self, port: int, seconds: int = 60) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.2)
        raise AssertionError(self.said.read_text())


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    """The folder of an empty system that was started once and stopped again before anybody set it up."""
    folder = tmp_path_factory.mktemp("county") / "data"
    folder.mkdir()
    market = Market(folder)
    market.stop()
    return folder


@pytest.fixture
def market(prepared, tmp_path) -> Iterator[Market]:
    """An empty system of this test's own."""
    folder = tmp_path / "data"
    shutil.copytree(prepared, folder)
    running = Market(folder)
    yield running
    running.stop()


@pytest.fixture
def device(chromium: Browser, market: Market) -> Iterator[Callable[..., Page]]:
    """Somebody's own browser at this market."""
    contexts, complaints = [], []

    def open_device(size: dict) -> Page:
        context = chromium.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", base_url=market.url, **size)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15000)
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" and not _usual(m.text) else None)
        page.on("pageerror", lambda e: complaints.append(str(e)))
        return page

    yield open_device
    for context in contexts:
        context.close()
    assert complaints == []


def _usual(text: str) -> bool:
    return expected(text) or "status of 403" in text


def phone() -> str:
    """A number as a county has them: demo numbers are refused in earnest. Messages are off, nobody is rung."""
    return f"138{secrets.randbelow(10**8):08}"


def fine(page: Page) -> Page:
    """The page fits the screen and axe finds nothing."""
    assert overflows(page) <= 0, (page.url, page.evaluate(STICKS_OUT))
    assert axe(page) == [], page.url
    return page


def press(page: Page, name: str) -> Page:
    page.get_by_role("button", name=name).first.click()
    page.wait_for_load_state()
    return page


def at(page: Page, path: str) -> Page:
    page.goto(path)
    return fine(page)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390", "1280"])
def test_an_empty_system_becomes_a_county_that_posts_and_reviews(market, device, size):
    admin = device(size)
    phones = {who: phone() for who in ("admin", "head", "clerk", "hand", "boss", "imported")}

    _show_the_word(admin, market.link)
    _three_pages(admin, phones)
    _what_is_off(admin)
    _second_factor(admin)
    _bring_people(admin, phones["imported"])
    slips = _rule_by_two(admin)

    clerk, head = device(size), device(size)
    _sign_in(clerk, slips["陈阿妹"])
    _register_worker(clerk, phones["hand"])
    _register_employer(clerk, phones["boss"])
    title = _post(clerk)
    _sign_in(head, slips["李晓梅"])
    _review(head)

    anybody = device(PHONE)
    at(anybody, "/")
    anybody.get_by_role("link", name=re.compile(title)).first.click()
    anybody.wait_for_load_state()
    fine(anybody)
    expect(anybody.get_by_text("钱不经平台").or_(anybody.get_by_text("线下")).first).to_be_visible()
    assert "tel:12333" not in anybody.content()


def _show_the_word(page: Page, link: str) -> None:
    """A stranger is stopped; a wrong word is said; the printed address lets in."""
    at(page, "/set-up/")
    assert page.url.endswith("/set-up/key/")
    page.get_by_label("开门口令").fill("ABCD-EFGH-JKMN-PQRS")
    fine(press(page, "下一步"))
    expect(page.get_by_text("口令不对").first).to_be_visible()
    page.goto(link)
    assert page.url.endswith("/set-up/")


def _three_pages(page: Page, phones: dict[str, str]) -> None:
    fine(page)
    page.get_by_label("哪个县").fill("三元区")
    page.get_by_label("市场叫什么").fill("三元区零工市场")
    page.get_by_label("投诉监督电话").fill("0598-7654321")
    page.get_by_label("人力资源服务许可证").fill("许可证 350404001")
    page.get_by_label("网站备案号").fill("闽ICP备00000001号")
    fine(press(page, "下一步"))
    page.get_by_label("网点名称").fill("三元区零工市场")
    page.get_by_label("地址").fill("新市路 1 号")
    page.get_by_label("几点开门").fill("06:00")
    page.get_by_label("几点关门").fill("18:00")
    fine(press(page, "下一步"))
    for who, title, name in (
        ("admin", "管理员", "林主任"),
        ("head", "站长", "李晓梅"),
        ("clerk", "窗口人员", "陈阿妹"),
    ):
        page.get_by_label(f"{title}姓名").fill(name)
        page.get_by_label(f"{title}手机号").fill(phones[who])
    fine(press(page, "下一步"))
    fine(press(page, "开门"))


def _what_is_off(page: Page) -> None:
    """The list says in words what does not work yet, the footer who runs this."""
    assert page.url.endswith("/set-up/more/")
    for words in OFF:
        expect(page.get_by_text(words)).to_be_visible()
    foot = page.locator("footer.foot")
    for words in ("招聘服务类", "许可证 350404001", "闽ICP备00000001号", "投诉监督打 0598-7654321"):
        expect(foot.get_by_text(words)).to_be_visible()
    assert "12333" not in page.content()
    page.goto("/set-up/key/")
    assert page.url.endswith("/set-up/more/"), "the word is used up"


def _second_factor(page: Page) -> None:
    page.get_by_role("link", name=re.compile("你还没绑动态口令")).click()
    page.wait_for_load_state()
    fine(page)
    secret = re.sub(r"\s", "", page.locator("p.center.num b").inner_text())
    page.get_by_role("textbox", name="动态口令").fill(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    fine(press(page, "绑好"))
    at(page, "/set-up/more/")
    expect(page.get_by_text("你绑了动态口令")).to_be_visible()


def _bring_people(page: Page, number: str) -> None:
    """One Excel: tried first, then brought in."""
    book = openpyxl.Workbook()
    book.active.append(["姓名", "手机号", "身份证号", "工种", "乡镇"])
    book.active.append(["罗桂花", number, make.id_number(), "保洁员", ""])
    book.active.append(["小明", phone(), make.id_number(born=clock.today() - timedelta(days=12 * 365)), "保洁员", ""])
    file = BytesIO()
    book.save(file)
    at(page, "/set-up/people-list/")
    page.get_by_label("选 Excel 文件").set_input_files(
        {"name": "people.xlsx", "mimeType": "application/octet-stream", "buffer": file.getvalue()}
    )
    fine(press(page, "先试一遍"))
    expect(page.get_by_text("能进 1 人")).to_be_visible()
    expect(page.get_by_text("不满 16 周岁").first).to_be_visible()
    fine(press(page, "登记没问题的"))
    expect(page.get_by_text("登记了 1 人")).to_be_visible()


def _rule_by_two(page: Page) -> dict[str, str]:
    """One rule, by two people; and the slips with which the others sign in."""
    at(page, "/set-up/rules/")
    page.get_by_label(re.compile("非全日制")).first.check()
    fine(press(page, "我对过原文"))
    slips = _print(page)
    page.goto("/set-up/rules/")
    page.get_by_label("第二个人的登录码").fill(slips["李晓梅"])
    fine(press(page, "批准"))
    expect(page.get_by_text("两个人批了").first).to_be_visible()
    return _print(page)


def _print(page: Page) -> dict[str, str]:
    page.goto("/set-up/more/")
    fine(press(page, "打登录码"))
    rows = page.locator("dl.dl > div")
    return {row.locator("dt").inner_text(): row.locator("dd").inner_text() for row in rows.all()}


def _sign_in(page: Page, code: str) -> None:
    """Messages are off: a slip."""
    at(page, "/sign-in/code/")
    page.get_by_label("验证码").fill(code)
    press(page, "登录")
    assert page.url.endswith("/desk/"), page.url
    fine(page)


def _register_worker(page: Page, number: str) -> None:
    for name, value in (("name", "张大山"), ("id_number", make.id_number()), ("phone", number), ("other", "保洁员")):
        page.locator(f"main [name={name}]").fill(value)
    page.locator("main [name=division]").select_option(index=1)
    page.locator("main [name=id_seen]").check()
    page.locator("main [name=agreed]").check()
    fine(press(page, "存好"))
    assert "person=" in page.url, page.inner_text("main")[:400]
    expect(page.get_by_text("张大山").first).to_be_visible()


def _register_employer(page: Page, number: str) -> None:
    at(page, "/desk/post/")
    page.locator("main [name=kind]").select_option("HOUSEHOLD")
    card = make.id_number(born=date(1980, 5, 6))
    words = {"name": "王春兰", "person": "王春兰", "id_number": card, "phone": number, "address": "新市路 8 号"}
    for name, value in words.items():
        page.locator(f"main [name={name}]").fill(value)
    page.locator("main [name=division]").select_option(index=1)
    page.locator("main [name=paper][value=agent_id]").check()
    page.locator("main [name=seen]").check()
    fine(press(page, "存好，写活"))
    assert "/desk/post/for/" in page.url, page.inner_text("main")[:400]


def _post(page: Page) -> str:
    page.locator("main [name=text]").fill("后天上午9点到11点要1个保洁员，60一小时，新市路8号")
    fine(press(page, "读一下，填进去"))
    fine(press(page, "看看对不对"))
    title = page.locator(".job__head h3").inner_text()
    page.locator("main [name=promised]").check()
    fine(press(page, "发布"))
    expect(page.get_by_text("在审").first).to_be_visible()
    return title


def _review(page: Page) -> None:
    at(page, "/review/")
    page.get_by_role("link", name=re.compile("保洁")).first.click()
    page.wait_for_load_state()
    fine(page)
    fine(press(page, "放行"))
