"""The style sheets keep their promises: one home for raw values, old browsers, small files, no inline code."""

import gzip
import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
WEB = ROOT / "linggong" / "web"
CSS = WEB / "static" / "css"
assets = runpy.run_path(str(ROOT / "scripts" / "assets.py"))

SHEETS = sorted(CSS.glob("*.css"))
TEMPLATES = sorted(WEB.rglob("templates/**/*.html"))
TOO_NEW = {
    ":has()": r":has\(",
    "nesting": r"(?m)^\s*&",
    "cascade layers": r"@layer",
    "container queries": r"@container|container-type",
    "dvh": r"\d[dsl]v[hw]\b",
    "oklch": r"oklch\(|oklab\(|color-mix\(",
    "inset": r"[\s;{]inset:",
    "subgrid": r"subgrid",
    ":is() and :where()": r":(is|where)\(",
}


def _without_comments(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


def _gzip_bytes(text: str) -> int:
    return len(gzip.compress(text.encode(), 9))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
@pytest.mark.parametrize("what", TOO_NEW)
def test_no_sheet_asks_for_more_than_chromium_86_knows(sheet, what):
    assert not re.search(TOO_NEW[what], _without_comments(sheet.read_text(encoding="utf-8")))


@pytest.mark.parametrize("sheet", [s for s in SHEETS if s.name != "tokens.css"], ids=lambda path: path.name)
def test_raw_colours_and_type_sizes_live_in_the_tokens_only(sheet):
    css = _without_comments(sheet.read_text(encoding="utf-8"))

    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", css) == []
    assert re.findall(r"font(?:-size)?:\s*\d+(?:\.\d+)?(?:px|pt|rem)", css) == []


@pytest.mark.parametrize("sheet", [s for s in SHEETS if s.name != "tokens.css"], ids=lambda path: path.name)
def test_every_token_in_use_is_defined(sheet):
    defined = set(re.findall(r"(--[a-z0-9-]+):", (CSS / "tokens.css").read_text(encoding="utf-8")))

    used = set(re.findall(r"var\((--[a-z0-9-]+)", sheet.read_text(encoding="utf-8")))

    assert used - defined == set()


def test_the_stylesheet_of_every_page_stays_under_12_kb():
    assert _gzip_bytes(assets["bundle_css"]()) <= 12 * 1024


def test_the_script_of_every_page_stays_under_6_kb():
    assert _gzip_bytes(assets["bundle_js"]()) <= 6 * 1024


@pytest.mark.parametrize("script", sorted((WEB / "static/js").glob("*.js")), ids=lambda path: path.name)
def test_a_behaviour_is_one_short_file_that_imports_no_other(script):
    text = script.read_text(encoding="utf-8")

    assert len(text.splitlines()) < 100
    assert not re.search(r"^\s*(import|export)\b", text, flags=re.MULTILINE)
    assert not re.search(r"\beval\(|new Function\(|\.innerHTML\s*=", text)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_inline_style_or_script(template):
    html = template.read_text(encoding="utf-8")

    assert not re.search(
        r"\sstyle=|<style\b|\son[a-z]+=|javascript:|<script(?![^>]*(?:\bsrc=|application/ld\+json))", html
    )


def test_each_mode_keeps_the_sizes_of_the_design():
    css = (CSS / "tokens.css").read_text(encoding="utf-8")
    blocks = {
        "normal": css.split(":root {")[1].split("}")[0],
        "elder": css.split("[data-mode=elder] {")[1].split("}")[0],
        "desk": css.split("[data-density=desk] {")[1].split("}")[0],
        "wall": css.split("[data-theme=wall] {")[1].split("}")[0],
    }
    sizes = {
        mode: [re.search(rf"--f-{step}: (\d+)px", block)[1] for step in ("xs", "sm", "md", "lg", "xl", "2xl", "3xl")]
        for mode, block in blocks.items()
    }

    assert sizes == {
        "normal": ["13", "15", "17", "20", "24", "30", "40"],
        "elder": ["18", "20", "22", "25", "28", "36", "46"],
        "desk": ["13", "14", "15", "18", "22", "28", "38"],
        "wall": ["18", "20", "22", "26", "34", "44", "58"],
    }


def test_a_button_inside_the_dark_toast_keeps_its_own_ink():
    css = (CSS / "ui.css").read_text(encoding="utf-8")

    links = re.findall(r"^(\.toast a[^{]*)\{[^}]*color: inherit", css, flags=re.MULTILINE)

    assert [selector.strip() for selector in links] == [".toast a:not(.btn)"]


@pytest.mark.parametrize(
    ("rule", "needs"),
    [
        (".badge", "white-space: nowrap"),
        (".row + .steps", "margin-top"),
        (".job__head + .fill", "margin-top"),
        (".ledger .pay small", "display: inline"),
    ],
)
def test_figures_neither_break_nor_touch_what_stands_below(rule, needs):
    css = (CSS / "ui.css").read_text(encoding="utf-8")
    bodies = [
        body for heads, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css) if rule in map(str.strip, heads.split(","))
    ]

    assert any(needs in body for body in bodies)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("ink", "surface"), ("ink-2", "surface"), ("ink-3", "surface"), ("ink-2", "bg"), ("ink-3", "bg"),
        ("brand", "surface"), ("brand", "brand-tint"), ("pay", "surface"), ("on-brand", "brand"),
        ("on-deep-2", "brand-deep"), ("on-amber", "amber"), ("info", "info-tint"), ("warn", "warn-tint"),
        ("danger", "danger-tint"), ("on-water", "water"),
        *((f"t-{t}", f"t-{t}-bg") for t in ("load", "clean", "food", "farm", "build", "factory", "care", "fix")),
    ],
)  # fmt: skip
def test_text_stands_out_from_its_ground(ink, ground):
    root = (CSS / "tokens.css").read_text(encoding="utf-8").split(":root {")[1].split("}")[0]
    tokens = dict(re.findall(r"--([a-z0-9-]+): (#[0-9A-F]{6});", root))

    assert _contrast(tokens[ink], tokens[ground]) >= 4.5
