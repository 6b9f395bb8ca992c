"""The rows and the number of the public list as JSON: Litestar, asyncpg, msgspec, SQL by hand. No Django in here.

`?point=lat,lng` or nothing for a whole county; the other parameters as the page has them. `PEER_NOW` is the moment.
"""

import math
import os
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec
from litestar import Litestar, get
from litestar.datastructures import State
from litestar.response import Response

EARTH_M, CELL, SPEED = 6_371_008, 0.04, int(os.environ.get("PEER_SPEED", "250"))
METRE = math.radians(1) * EARTH_M
MOMENT = datetime.fromisoformat(os.environ["PEER_NOW"])
GROUPS = msgspec.json.decode(os.environ["PEER_GROUPS"], type=dict[str, list[str]])
DIVISION = os.environ["PEER_DIVISION"]
FLAT = (
    "((p.lat - $1) * {metre} * ((p.lat - $1) * {metre})"
    " + (p.lng - $2) * {metre} * cos(radians($1)) * ((p.lng - $2) * {metre} * cos(radians($1))))"
).format(metre=repr(METRE))
ROWS = """
SELECT p.code, p.title, p.lat, p.lng, p.pay_fen, p.pay_unit, p.shift_fen, p.custody, p.funded_at IS NOT NULL AS funded,
 p.meals, p.circle_m, p.certificates, e.name AS employer, e.state, t.pictogram, t."group", d.short_name,
 s.starts_at, s.ends_at, s.left AS shifts_left, s.places_left
FROM (SELECT * FROM postings_posting p WHERE {where} ORDER BY {order} LIMIT 10) p
JOIN employers_employer e ON e.id = p.employer_id JOIN reference_trade t ON t.code = p.trade_id
JOIN reference_division d ON d.code = p.division_id
LEFT JOIN LATERAL (
 SELECT min(starts_at) AS starts_at, (array_agg(ends_at ORDER BY starts_at))[1] AS ends_at, count(*) AS left,
 max(places - taken) AS places_left
 FROM postings_shift WHERE posting_id = p.id AND called_off_at IS NULL AND starts_at > {now}
) s ON true ORDER BY {order}"""
COUNT = "SELECT count(*) FROM (SELECT 1 FROM postings_posting p WHERE {where} LIMIT 1001) found"


class Row(msgspec.Struct):
    """One card's facts."""

    code: str
    title: str
    lat: float
    lng: float
    pay_fen: int
    pay_unit: str
    shift_fen: int
    custody: str
    funded: bool
    meals: str
    circle_m: int
    certificates: str
    employer: str
    state: str
    pictogram: str
    group: str
    short_name: str
    starts_at: datetime | None
    ends_at: datetime | None
    shifts_left: int
    places_left: int | None
    distance_m: int | None = None


class Page(msgspec.Struct):
    """What the page shows."""

    count: int
    rows: list[Row]


def _distance(lat: float, lng: float, row: Row) -> int:
    up = math.sin(math.radians(row.lat - lat) / 2)
    across = math.sin(math.radians(row.lng - lng) / 2)
    part = up * up + math.cos(math.radians(lat)) * math.cos(math.radians(row.lat)) * across * across
    return round(2 * EARTH_M * math.asin(math.sqrt(min(1.0, part))))


def _asked(said: Any, moment: datetime) -> tuple[str, str, list[Any], str]:
    """The condition, the order, the values, and where the present moment stands among them."""
    values: list[Any] = []

    def value(given: Any) -> str:
        values.append(given)
        return f"${len(values)}"

    point = [float(part) for part in said["point"].split(",")] if "point" in said else None
    order = said.get("order") or ("near" if point else "soon")
    where = []
    if point:
        lat, lng = point
        value(lat), value(lng)
        reach = int(said.get("within", "10")) * 1000
        tall = math.degrees(reach / EARTH_M)
        wide = tall / math.cos(math.radians(lat + tall))
        where += [
            f"p.cell_y BETWEEN {value(math.floor((lat - tall) / CELL))} AND {value(math.floor((lat + tall) / CELL))}",
            f"p.cell_x BETWEEN {value(math.floor((lng - wide) / CELL))} AND {value(math.floor((lng + wide) / CELL))}",
            f"{FLAT} <= {value(float(reach) ** 2)}",
        ]  # fmt: skip
    now = value(moment)
    where += ["p.state = 'published'", "p.listed", f"p.last_starts_at > {now}"]
    if point:
        steps = [f"p.last_starts_at > {value(moment + timedelta(hours=2))}"]
        for minutes in range(0, 120, 15):
            way = float(SPEED * max(minutes, 5)) ** 2
            steps.append(
                f"(p.last_starts_at > {value(moment + timedelta(minutes=minutes))} AND {FLAT} <= {value(way)})"
            )
        where += [
            f"({' OR '.join(steps)})",
            f"(p.circle_until IS NULL OR p.circle_until <= {now} OR {FLAT} <= p.circle_m * p.circle_m)",
        ]
    else:
        where += [
            f"(p.circle_until IS NULL OR p.circle_until <= {now})",
            f"p.division_id IN (SELECT code FROM reference_division WHERE path >= {value(DIVISION)}"
            f" AND path < {value(str(int(DIVISION) + 1))})",
        ]  # fmt: skip
    if "group" in said:
        where.append(f"p.trade_id = ANY({value(GROUPS[said['group']])})")
    if "pay" in said:
        where.append(f"p.shift_fen >= {value(int(said['pay']) * 100)}")
    if "half" in said:
        where.append("p.shift_minutes <= 300")
    if "meals" in said:
        where.append("p.meals <> 'NONE'")
    if "day" in said:
        day = datetime.fromisoformat(said["day"] + "T00:00:00+08:00")
        begins, ends = value(day), value(day + timedelta(days=1))
        where.append(
            f"p.next_starts_at < {ends} AND p.last_starts_at >= {begins} AND EXISTS (SELECT 1 FROM postings_shift s"
            f" WHERE s.posting_id = p.id AND s.starts_at > {now} AND s.called_off_at IS NULL AND s.taken < s.places"
            f" AND s.starts_at >= {begins} AND s.starts_at < {ends})"
        )
    far = f"{FLAT}, " if point else ""
    orders = {
        "near": f"{far}p.next_starts_at, p.id", "soon": f"p.next_starts_at, {far}p.id",
        "pay": f"p.shift_fen DESC, {far or 'p.next_starts_at, '}p.id",
    }  # fmt: skip
    return " AND ".join(where), orders[order], values, now


@get("/")
async def page(request: Any, state: State) -> Response:
    """One page of rows."""
    said = dict(request.query_params)
    where, order, values, now = _asked(said, MOMENT)
    async with state.pool.acquire() as connection:
        found = await connection.fetch(ROWS.format(where=where, order=order, now=now), *values)
        count = 0 if "rows_only" in said else await connection.fetchval(COUNT.format(where=where), *values)
    rows = [Row(*record) for record in found]
    if "point" in said:
        lat, lng = map(float, said["point"].split(","))
        for row in rows:
            row.distance_m = _distance(lat, lng, row)
    return Response(msgspec.json.encode(Page(count, rows)), media_type="application/json")


async def _open(app: Litestar) -> None:
    app.state.pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=2, max_size=4)


async def _close(app: Litestar) -> None:
    await app.state.pool.close()


app = Litestar(
    [page], on_startup=[_open], on_shutdown=[_close], openapi_config=None, debug=bool(os.environ.get("PEER_DEBUG"))
)
