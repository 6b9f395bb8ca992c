"""A posting to pass on: a short text for a group, and a poster with a code to scan, drawn here. Never a telephone number.

The picture is drawn with the fonts of the machine; where none knows Chinese there is the SVG alone, which the phone
draws with its own.
"""

import io
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path

import qrcode
import qrcode.image.svg
from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFont

from linggong.postings import contacts
from linggong.postings.models import Posting, Shift
from linggong.web.templatetags.parts import date_words, pay_unit, span, weekday, yuan

FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc", "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", "/usr/share/fonts/truetype/arphic/uming.ttc",
)  # fmt: skip
WIDE, TALL = 750, 1000
EDGE, CODE = 48, 300
LINE_WIDE = 19.0  # of characters as wide as they are high
_PIECES = re.compile(r"[\x21-\x7e–]+|.")
INK, GREEN, PAPER, PALE = "#1c2320", "#0f6b4a", "#ffffff", "#5b6661"


def link(posting: Posting) -> str:
    """The public page."""
    return f"{settings.SITE_URL}/jobs/{posting.code}/"


def lines(posting: Posting, shifts: Sequence[Shift]) -> list[str]:
    """What, when, where, how much: the words of poster and text."""
    first = shifts[0]
    when = f"{date_words(first.starts_at)}（周{weekday(first.starts_at)}）{span(first.starts_at, first.ends_at)}"
    people = _("要 {n} 人").format(n=posting.places)
    if len(shifts) > 1:
        people += _("，一共 {n} 班").format(n=len(shifts))
    told = [when, people, contacts.without(posting.address)]
    extras = [
        {"ONE": _("管一顿"), "TWO": _("管两顿"), "ALL": _("管吃")}.get(posting.meals, ""),
        _("管住") if posting.lodging else "", contacts.without(posting.transport),
    ]  # fmt: skip
    if any(extras):
        told.append("，".join(part for part in extras if part))
    return told


def pay(posting: Posting) -> str:
    """180 元/天."""
    return f"{yuan(posting.pay_fen)} {pay_unit(posting.pay_unit)}"


def group_text(posting: Posting, shifts: Sequence[Shift]) -> str:
    """To paste into a group: five or six short lines and the address of the page."""
    head = f"【{contacts.without(posting.title)}】{pay(posting)}"
    last = _("找活不花钱，点开看清楚再报名：")
    return "\n".join([head, *lines(posting, shifts), posting.employer.name, last, link(posting)])


def svg(posting: Posting, shifts: Sequence[Shift]) -> str:
    """The poster as a drawing; nothing in it comes from elsewhere."""
    matrix = _matrix(link(posting))
    cell, left, top = CODE / len(matrix), EDGE, TALL - CODE - EDGE
    squares = "".join(
        f"M{left + x * cell:.2f} {top + y * cell:.2f}h{cell:.2f}v{cell:.2f}h-{cell:.2f}z"
        for y, row in enumerate(matrix) for x, on in enumerate(row) if on
    )  # fmt: skip
    rows = "".join(
        f'<text x="{x}" y="{y}" font-size="{size}" fill="{ink}" font-weight="{weight}">{escape(words)}</text>'
        for words, x, y, size, ink, weight in _layout(posting, shifts)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {TALL}" role="img" lang="zh-CN" '
        f'font-family="sans-serif"><title>{escape(posting.title)}</title>'
        f'<rect width="{WIDE}" height="{TALL}" fill="{PAPER}"/><rect width="{WIDE}" height="16" fill="{GREEN}"/>'
        f'{rows}<path d="{squares}" fill="#000"/></svg>'
    )


def png(posting: Posting, shifts: Sequence[Shift]) -> bytes | None:
    """The poster as a picture, to send in a group; None where this machine has no Chinese font."""
    path = font_path()
    if path is None:
        return None
    image = Image.new("RGB", (WIDE, TALL), PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDE, 16), fill=GREEN)
    for words, x, y, size, ink, _weight in _layout(posting, shifts):
        draw.text((x, y), words, font=ImageFont.truetype(path, size), fill=ink, anchor="ls")
    matrix = _matrix(link(posting))
    cell = CODE // len(matrix)
    for y, row in enumerate(matrix):
        for x, on in enumerate(row):
            if on:
                corner = (EDGE + x * cell, TALL - CODE - EDGE + y * cell)
                draw.rectangle((*corner, corner[0] + cell - 1, corner[1] + cell - 1), fill="#000")
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


@cache
def font_path() -> str | None:
    """A font of this machine that can write Chinese."""
    return next((path for path in FONTS if Path(path).exists()), None)


def _matrix(text: str) -> list[list[bool]]:
    code = qrcode.QRCode(border=2, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    code.make(fit=True)
    return code.get_matrix()


def _layout(posting: Posting, shifts: Sequence[Shift]) -> list[tuple[str, int, int, int, str, str]]:
    """Every line with its place, size, ink and weight."""
    told = [
        (_cut(contacts.without(posting.title), 10), EDGE, 130, 62, INK, "700"), (pay(posting), EDGE, 240, 76, GREEN, "700"),
    ]  # fmt: skip
    y = 330
    for words in lines(posting, shifts):
        for part in _wrapped(words):
            told.append((part, EDGE, y, 34, INK, "400"))
            y += 50
    beside, y = EDGE + CODE + 24, TALL - CODE
    for words in (_("扫码看清楚"), _("再点“我要去”"), _("找活不花钱"), _cut(posting.employer.name, 12)):
        told.append((words, beside, y, 28, PALE, "400"))
        y += 56
    return told


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"


def _wrapped(words: str) -> list[str]:
    """At most two lines of the poster's width; a figure is never cut in two."""
    rows, room = [""], 0.0
    for piece in _PIECES.findall(words):
        wide = sum(1.0 if ord(char) > 0x2E7F else 0.6 for char in piece)
        if room + wide > LINE_WIDE and rows[-1]:
            rows.append("")
            room = 0.0
        rows[-1] += piece
        room += wide
    return rows if len(rows) <= 2 else [rows[0], rows[1][:-1] + "…"]
