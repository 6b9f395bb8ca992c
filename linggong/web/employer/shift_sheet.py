"""E15: an employer's Excel of work, read without trusting it, row by row; nothing is written here.

One row is one posting: 工种 几个人 哪天 到哪天 几点 到几点 工钱 怎么算 地点 管饭 说明. 到哪天, 管饭 and 说明 may be
missing, and an empty place is the employer's own.
"""

import csv
import io
import re
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

import linggong.reference.queries as reference
from linggong.core.clock import today
from linggong.core.money import BadAmount, parse_yuan
from linggong.employers.models import Employer
from linggong.postings import contacts, entry
from linggong.reference.models import PayUnit
from linggong.web.people_sheet import BadSheet, rows_of
from linggong.web.posting_sheet import shifts_on

NEEDED = ("工种", "几个人", "哪天", "几点", "到几点", "工钱", "怎么算")
MAYBE = ("到哪天", "地点", "管饭", "说明")
ROWS_MAX = 100
MEALS = {"": "NONE", "不管": "NONE", "不管饭": "NONE", "管一顿": "ONE", "一顿": "ONE", "管两顿": "TWO", "两顿": "TWO",
         "管饭": "ALL", "三顿": "ALL", "三顿都管": "ALL"}  # fmt: skip
_UNITS = {str(unit.label): unit.value for unit in PayUnit} | {"整活": "FIXED", "一口价": "FIXED", "个": "PIECE"}
_DAY = re.compile(r"^(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?$")
_CLOCK = re.compile(r"^(\d{1,2})[::点](\d{2}|半)?(?:分|:00)?$")


class WrongCell(ValueError):
    """One cell cannot be; the sentence says which and how."""


def read(data: bytes, employer: Employer) -> list[dict[str, Any]]:
    """Every row with something in it: {"number", "what", "facts", "wrong"}, plain data. Raises BadSheet."""
    rows = rows_of(data)
    columns = _columns(next(rows, (0, [])))
    found: list[dict[str, Any]] = []
    for number, cells in rows:
        said = {name: cells[at] if at < len(cells) else None for name, at in columns.items()}
        if not any(_text(cell) for cell in said.values()):
            continue
        if len(found) >= ROWS_MAX:
            raise BadSheet(_("一次最多 {n} 行，请分成几个文件").format(n=ROWS_MAX))
        found.append(_row(number, said, employer))
    if not found:
        raise BadSheet(_("表里没有活。第一行是列名，从第二行开始写"))
    return found


def errors_csv(rows: list[dict[str, Any]]) -> bytes:
    """The rows that cannot go out, for Excel; no cell of it can run as a formula."""
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow([_("行"), _("活"), _("为什么")])
    write.writerows([row["number"], _harmless(row["what"]), _harmless(row["wrong"])] for row in rows if row["wrong"])
    return out.getvalue().encode("utf-8-sig")


def facts(kept: dict[str, Any]) -> dict[str, Any]:
    """The facts for `postings.draft` out of a kept row."""
    said = dict(kept)
    days = entry.days_between(date.fromisoformat(said.pop("first")), date.fromisoformat(said.pop("last")))
    start, end = time.fromisoformat(said.pop("start")), time.fromisoformat(said.pop("end"))
    return said | {"shifts": shifts_on(days, start, end, 0)}


def _columns(first: tuple[int, list[Any]]) -> dict[str, int]:
    named = {_text(cell).replace(" ", ""): at for at, cell in reversed(list(enumerate(first[1])))}
    if missing := [name for name in NEEDED if name not in named]:
        raise BadSheet(_("第一行少了这几列：{names}").format(names="、".join(missing)))
    return {name: named[name] for name in (*NEEDED, *MAYBE) if name in named}


def _row(number: int, said: dict[str, Any], employer: Employer) -> dict[str, Any]:
    texts = {name: _text(cell) for name, cell in said.items()}
    what = f"{texts['工种']} {texts['哪天']}"[:60]
    try:
        if any(text.startswith("=") for text in texts.values()):
            raise WrongCell(_("有一格是公式，请改成普通文字"))
        return {"number": number, "what": what, "facts": _facts(said, texts, employer), "wrong": ""}
    except (WrongCell, BadAmount) as error:
        return {"number": number, "what": what, "facts": {}, "wrong": str(error)}


def _facts(said: dict[str, Any], texts: dict[str, str], employer: Employer) -> dict[str, Any]:
    trade = next(iter(reference.find_trades(texts["工种"], limit=1)), None) if texts["工种"] else None
    if trade is None:
        raise WrongCell(_("工种没找到，换个说法，比如帮厨、搬运工"))
    people = texts["几个人"]
    if not (people.isascii() and people.isdecimal() and 1 <= int(people[:6]) <= entry.PLACES_MOST):
        raise WrongCell(_("几个人要写 1 到 500 的整数"))
    unit = _UNITS.get(texts["怎么算"].removeprefix("按").removeprefix("一").removesuffix("算"))
    if unit is None:
        raise WrongCell(_("怎么算写：天、小时、班、件、斤、吨、平方、趟、单、整活"))
    meals = MEALS.get(texts.get("管饭", ""))
    if meals is None:
        raise WrongCell(_("管饭写：不管、管一顿、管两顿、管饭"))
    first = _day(said["哪天"])
    last = _day(said["到哪天"]) if texts.get("到哪天") else first
    if last < first:
        raise WrongCell(_("到哪天比哪天还早，只干一天就空着"))
    return {
        "trade": trade.code, "places": int(people), "first": first.isoformat(), "last": last.isoformat(),
        "start": _clock(said["几点"]).isoformat("minutes"), "end": _clock(said["到几点"]).isoformat("minutes"),
        "pay_fen": parse_yuan(texts["工钱"]), "pay_unit": unit, "meals": meals,
        "address": texts.get("地点", "") or employer.address, "content": contacts.without(texts.get("说明", "")) or None,
    }  # fmt: skip


def _day(cell: Any) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    found = _DAY.match(_text(cell))
    if found is None:
        raise WrongCell(_("日子写成 2026-12-01 或 12月1日"))
    try:
        day = date(int(found[1] or today().year), int(found[2]), int(found[3]))
    except ValueError as error:
        raise WrongCell(_("没有这一天，请核对日子")) from error
    # Without a year the next such day is meant: 1月3日 written in December.
    return day if found[1] or day >= today() - timedelta(days=30) else day.replace(year=day.year + 1)


def _clock(cell: Any) -> time:
    if isinstance(cell, datetime):
        return cell.time().replace(second=0, microsecond=0)
    if isinstance(cell, time):
        return cell.replace(second=0, microsecond=0)
    found = _CLOCK.match(_text(cell))
    if found is None or int(found[1]) > 24 or ((found[2] or "0").isdecimal() and int(found[2] or 0) > 59):
        raise WrongCell(_("几点写成 8:00 这样，24 小时制"))
    return time(int(found[1]) % 24, 30 if found[2] == "半" else int(found[2] or 0))


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).replace("\x00", "").split())[:600]


def _harmless(text: str) -> str:
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


COLUMNS_IN_WORDS = __(
    "第一行写列名：工种、几个人、哪天、几点、到几点、工钱、怎么算。到哪天、地点、管饭、说明可以不写。"
)
