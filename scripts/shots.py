"""Pictures of the main screens of every desk into docs/screens, small enough to be kept: `make shots`.

    python scripts/shots.py http://127.0.0.1:8765 [part of a name]

A screen may be named by a link on another one: "/shifts/ >> a[href^='/shifts/at/']" follows the first such link. A screen
that is not there fails the run: a picture in the README that shows an error page helps nobody.
"""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

TOP = Path(__file__).resolve().parent.parent
FOLDER = TOP / "docs" / "screens"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run"]
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
DESK = {"viewport": {"width": 1280, "height": 800}}
WALL = {"viewport": {"width": 1920, "height": 1080}}
COLOURS = 96

# Name, who enters, where, the size, and what the picture shows.
SCREENS = [
    ("public-list", "", "/", PHONE, "谁都能看：附近的活"),
    ("public-map", "", "/?view=map", PHONE, "附近的活，按方向和远近"),
    ("public-job", "", "/ >> a[href^='/jobs/']", PHONE, "一份活：干什么、给多少、在哪"),
    ("public-how-sorted", "", "/how-sorted/", PHONE, "怎么排的"),
    ("worker-home", "worker", "/", PHONE, "工友：找活"),
    ("worker-today", "worker", "/today/", PHONE, "工友：今天"),
    ("worker-shifts", "worker", "/shifts/", PHONE, "工友：我的活"),
    ("worker-wages", "worker", "/wages/", PHONE, "工友：工钱"),
    ("worker-me", "worker", "/me/", PHONE, "工友：我"),
    ("worker-help", "worker", "/sos/", PHONE, "工友：求助"),
    ("employer-home", "employer", "/e/", PHONE, "老板：首页"),
    ("employer-post", "employer", "/e/post/", PHONE, "老板：一句话发活"),
    ("employer-people", "employer", "/e/ >> a[href$='/people/']", PHONE, "老板：谁报了名，谁合适"),
    (
        "employer-waves",
        "employer",
        "/e/jobs/ >> a.job__link, main a[href^='/e/jobs/'] >> a[href$='/waves/']",
        PHONE,
        "老板：一批一批叫人",
    ),
    ("employer-confirm", "employer", "/e/confirm/", PHONE, "老板：确认工时"),
    ("employer-pay", "employer", "/e/pay/", PHONE, "老板：付工钱"),
    ("station-window", "clerk", "/desk/", DESK, "窗口：登记"),
    ("station-dispatch", "clerk", "/desk/dispatch/", DESK, "窗口：派工"),
    ("station-calls", "clerk", "/desk/calls/", DESK, "窗口：要打的电话"),
    ("station-digest", "clerk", "/desk/digest/", DESK, "窗口：每天的用工信息"),
    ("station-wages", "clerk", "/desk/wages/", DESK, "窗口：工钱没到的"),
    ("station-review", "reviewer", "/review/", DESK, "审活"),
    ("bureau-home", "supervisor", "/bureau/", DESK, "人社局：监管"),
    ("bureau-wall", "supervisor", "/bureau/wall/", WALL, "人社局：大屏"),
]


def main(site: str, only: str = "") -> int:
    """Take every picture whose name holds `only`; 1 when one of the screens was not there."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    missing = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name, role, where, size, _words in SCREENS:
            if only not in name:
                continue
            for mode in ("normal", "elder") if size is PHONE else ("normal",):
                picture = FOLDER / f"{name}{'-elder' if mode == 'elder' else ''}.png"
                why = take(browser, site, role, where, size, mode, picture)
                if why:
                    missing.append(f"{picture.name}: {why}")
        browser.close()
    index()
    for line in missing:
        print(line, file=sys.stderr)
    total = sum(file.stat().st_size for file in FOLDER.glob("*.png"))
    print(f"{len(list(FOLDER.glob('*.png')))} pictures, {total / 1e6:.1f} MB in {FOLDER.relative_to(TOP)}")
    return 1 if missing else 0


def take(browser: Browser, site: str, role: str, where: str, size: dict, mode: str, picture: Path) -> str:
    """One picture; answers why there is none."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", base_url=site, **size)
    context.add_cookies([{"name": "mode", "value": mode, "url": site}])
    page = context.new_page()
    page.set_default_timeout(15000)
    try:
        if role:
            enter(page, role)
        address, *links = where.split(" >> ")
        answer = page.goto(address)
        for link in links:
            found = page.locator(link).first
            if not found.count():
                return f"nothing to follow on {page.url}"
            answer = page.goto(found.get_attribute("href"))
        if answer is None or answer.status != 200:
            return f"{page.url} answered {answer and answer.status}"
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        kept(page.screenshot(), picture)
        return ""
    finally:
        context.close()


def enter(page: Page, role: str) -> None:
    """Press the button of a demo person."""
    page.goto("/demo/")
    with page.expect_navigation():
        page.locator(f"form[action='/demo/enter/{role}/'] button").first.click()


def kept(shot: bytes, picture: Path) -> None:
    """Flat screens need few colours: a quarter of the bytes, and no difference to the eye."""
    image = Image.open(io.BytesIO(shot)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(picture, optimize=True)


def index() -> None:
    """docs/screens/README.md: every picture with its words."""
    lines = ["# 界面", "", "`make shots` 从演示城市拍下；每张手机图有普通版和大字版。", ""]
    for name, _role, _where, size, words in SCREENS:
        pictures = [f"{name}.png", *([f"{name}-elder.png"] if size is PHONE else [])]
        there = [picture for picture in pictures if (FOLDER / picture).exists()]
        if there:
            lines += [f"## {words}", "", *[f"![{words}]({picture})" for picture in there], ""]
    (FOLDER / "README.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
