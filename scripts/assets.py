"""Puts the browser's files in place: run after `npm ci`, and after a change in static/css or static/js.

Writes only into linggong/web/static/vendor/, which git ignores:

    htmx.min.js, axe.min.js    copied from node_modules, byte for byte (axe is for the tests)
    app.css                    tokens.css + ui.css, comments and indents taken out
    app.js                     every file of static/js, each in a scope of its own
    icons.json                 the Tabler icons that the code names, one path each
    TABLER-LICENSE             the notice the icons ask for

    .venv/bin/python scripts/assets.py
"""

import json
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "linggong" / "web" / "static"
VENDOR = STATIC / "vendor"
MODULES = ROOT / "node_modules"

COPIES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "axe-core/axe.min.js": "axe.min.js",
    "@tabler/icons/LICENSE": "TABLER-LICENSE",
}
SCANNED = ("*.py", "*.html", "*.json", "*.csv")
WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SHAPE = re.compile(r"<(?:path|circle|rect|line|polyline|polygon|ellipse)\b[^>]*/?>")


def main() -> int:
    """Build everything; 1 when node_modules is missing."""
    if not (MODULES / "htmx.org").is_dir():
        sys.stderr.write("node_modules is missing: run npm ci first\n")
        return 1
    VENDOR.mkdir(parents=True, exist_ok=True)
    for source, target in COPIES.items():
        shutil.copyfile(MODULES / source, VENDOR / target)
    (VENDOR / "app.css").write_text(bundle_css(), encoding="utf-8")
    (VENDOR / "app.js").write_text(bundle_js(), encoding="utf-8")
    icons = {name: icon_markup(name) for name in sorted(named_icons())}
    (VENDOR / "icons.json").write_text(json.dumps(icons, separators=(",", ":")), encoding="utf-8")
    return 0


def bundle_css() -> str:
    """The one stylesheet of every page: the tokens, then the components."""
    sheets = (STATIC / "css" / "tokens.css", STATIC / "css" / "ui.css")
    return "".join(lighten(sheet.read_text(encoding="utf-8")) for sheet in sheets)


def lighten(css: str) -> str:
    """Drop comments, indents and line ends. Spaces inside a declaration stay: calc() needs them."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s*\n\s*", "", css)
    css = re.sub(r"\s*([{};])\s*", r"\1", css)
    return css.replace(";}", "}") + "\n"


def bundle_js() -> str:
    """Every behaviour in one file; the braces keep the names of one out of the others."""
    parts = [path.read_text(encoding="utf-8") for path in sorted((STATIC / "js").glob("*.js"))]
    return "".join(f"{{\n{uncomment(part)}}}\n" for part in parts)


def uncomment(script: str) -> str:
    """Drop whole-line comments and indents; code lines are left alone."""
    lines = (line.strip() for line in script.splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith(("//", "/*", "*")))


def named_icons() -> set[str]:
    """Every word in our code and data that is also the name of a Tabler icon."""
    known = {path.stem for path in (MODULES / "@tabler/icons/icons/outline").glob("*.svg")}
    known |= {f"{path.stem}-filled" for path in (MODULES / "@tabler/icons/icons/filled").glob("*.svg")}
    words: set[str] = set()
    for pattern in SCANNED:
        for path in (ROOT / "linggong").rglob(pattern):
            if VENDOR not in path.parents:
                words.update(WORD.findall(path.read_text(encoding="utf-8")))
    return known & words


def icon_markup(name: str) -> str:
    """The drawing inside one icon's <svg>, as a single path where it is made of paths only."""
    folder, stem = ("filled", name.removesuffix("-filled")) if name.endswith("-filled") else ("outline", name)
    svg = (MODULES / "@tabler/icons/icons" / folder / f"{stem}.svg").read_text(encoding="utf-8")
    shapes = [shape for shape in SHAPE.findall(svg) if "M0 0h24v24H0z" not in shape]
    lines = [re.search(r'\bd="([^"]+)"', shape) for shape in shapes]
    if all(line and line[1].startswith("M") for line in lines):
        joined = "".join(line[1] for line in lines if line)
        return f'<path d="{joined}"/>'
    return "".join(re.sub(r"\s+", " ", shape).replace(" />", "/>") for shape in shapes)


if __name__ == "__main__":
    sys.exit(main())
