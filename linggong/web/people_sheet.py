"""The bureau's Excel of people: read without trusting it, row by row, nothing written. Pure but for look-ups.

Columns: 姓名 手机号 身份证号 工种 乡镇. A cell that is a formula is an error, never a value: what stands in it was
computed by somebody else's program. The list of errors that goes back cannot run as a formula either.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

import linggong.accounts.queries as accounts
import linggong.reference.queries as reference
from linggong.accounts import ids
from linggong.accounts.actions.people import AGE_MIN, clean_name
from linggong.core.clock import today
from linggong.core.refusals import Refused
from linggong.reference.models import Level

COLUMNS = ("姓名", "手机号", "身份证号", "工种", "乡镇")
BYTES_MAX = 5 * 1024 * 1024
UNPACKED_MAX = 80 * 1024 * 1024
ROWS_MAX = 3000


class BadSheet(Refused):
    """Not a sheet we can read."""

    message = _("这个文件读不了。请存成 Excel（.xlsx），第一行写列名，从第二行开始写")
    status = 422


@dataclass(frozen=True)
class Line:
    """One row: `number` as Excel counts. `wrong` says why it cannot go in; `known`: the person is here already."""

    number: int
    name: str = ""
    phone: str = ""
    id_number: str = ""
    trade: str = ""
    division: str = ""
    wrong: str = ""
    known: bool = False


def read(data: bytes, county: str) -> list[Line]:
    """Every row with something in it, checked. Raises BadSheet."""
    rows = rows_of(data)
    places = _places(county)
    columns = _columns(next(rows, (0, [])))
    lines: list[Line] = []
    seen: dict[str, int] = {}
    for number, cells in rows:
        texts = {name: _text(cells[at]) if at < len(cells) else "" for name, at in columns.items()}
        if not any(texts.values()):
            continue
        if len(lines) >= ROWS_MAX:
            raise BadSheet(_("一次最多 {n} 人，请分成几个文件，一个一个传").format(n=ROWS_MAX))
        lines.append(_line(number, texts, county, places, seen))
    if not lines:
        raise BadSheet(_("表里没有人。第一行是列名，从第二行开始写人"))
    return lines


def errors_csv(lines: list[Line]) -> bytes:
    """The rows that cannot go in, for Excel: number, name, reason; never the ID number or the phone."""
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow([_("行"), _("姓名"), _("为什么")])
    write.writerows([line.number, _harmless(line.name), _harmless(line.wrong)] for line in lines if line.wrong)
    return out.getvalue().encode("utf-8-sig")


def rows_of(data: bytes) -> Iterator[tuple[int, list[Any]]]:
    """Row number and cells of the first sheet. Raises BadSheet for what cannot be read or is too large."""
    if len(data) > BYTES_MAX:
        raise BadSheet(_("文件太大了，最多 5 MB。请分成几个文件"))
    import openpyxl  # half a second that only who brings a sheet should pay

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED_MAX:
                raise BadSheet(_("文件太大了，请只留要用的列，分成几个文件"))
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(values_only=True, max_col=40), start=1):
            yield number, list(cells)
    except BadSheet:
        raise
    except Exception as error:  # a file from outside can be broken in any way
        raise BadSheet from error


def _columns(first: tuple[int, list[Any]]) -> dict[str, int]:
    named = {_text(cell).replace(" ", ""): at for at, cell in reversed(list(enumerate(first[1])))}
    if missing := [name for name in COLUMNS if name not in named]:
        raise BadSheet(_("第一行少了这几列：{names}").format(names="、".join(missing)))
    return {name: named[name] for name in COLUMNS}


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)  # Excel turns a phone number into a number
    return str(cell).strip()[:200]


def _places(county: str) -> dict[str, str]:
    towns = reference.children(county)
    return {name: town.code for town in towns for name in (town.short_name, town.name)}


def _line(number: int, texts: dict[str, str], county: str, places: dict[str, str], seen: dict[str, int]) -> Line:
    name, phone, card, trade, place = (texts[column] for column in COLUMNS)
    try:
        if any(text.startswith("=") for text in texts.values()):
            raise BadSheet(_("有一格是公式，请改成普通文字"))
        name = clean_name(name)
        phone = ids.valid_phone(phone) if phone else ""
        card = ids.clean_id(card)
        if card and (not ids.valid_id(card) or ids.birth_of(card) > today()):
            raise BadSheet(_("身份证号不对，请对着证件再看。Excel 里要设成“文本”，不然后几位会变 0"))
        if card and ids.age_on(ids.birth_of(card), today()) < AGE_MIN:
            raise BadSheet(_("不满 16 周岁，不能登记，这一行不存"))
        if not (phone or card):
            raise BadSheet(_("手机号和身份证号至少写一个"))
        for value in filter(None, (phone, card)):
            if value in seen:
                raise BadSheet(_("和第 {n} 行重复").format(n=seen[value]))
        found = [t for t in reference.find_trades(trade, limit=1) if trade]
        if not found:
            raise BadSheet(_("没有“{word}”这个工种，换个叫法").format(word=trade[:12]))
        town = places.get(place, "" if place else county)
        if not town:
            near = [p for p in reference.find_place(place, county, limit=1) if p.level == Level.TOWN]
            if not near:
                raise BadSheet(_("本县没有“{word}”这个乡镇街道").format(word=place[:12]))
            town = near[0].code
    except Refused as refusal:
        return Line(number, name=name[:20], wrong=str(refusal))
    for value in filter(None, (phone, card)):
        seen[value] = number
    known = bool((card and accounts.by_id_number(card)) or (phone and accounts.by_phone(phone)))
    return Line(number, name, phone, card, found[0].code, town, known=known)


def _harmless(text: str) -> str:
    """A text that a spreadsheet will not run."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
