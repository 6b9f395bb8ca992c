"""The same questions asked of databases: the peers of the matching kernels. Rows come out of the index itself."""

import math
import os
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from linggong.matching.engine import generate, grid
from linggong.matching.engine.facts import BITS, KINDS, QUARTERS, WEEK
from linggong.matching.engine.index import Asked, WorkerIndex
from linggong.matching.engine.postings import PostingIndex, Seeker
from linggong.reference.geo import EARTH_M, box_degrees, cell

COLUMNS = (
    "trade integer, cy integer, cx integer, worker integer, lat double precision, lng double precision,"
    " reach integer, floor integer, last integer, base integer, mask bigint, never bigint"
)
JOB_COLUMNS = (
    "cy integer, cx integer, posting integer, lat double precision, lng double precision, trade integer,"
    " fen integer, minutes integer, next integer, until integer, base integer, mask bigint"
)
POSTGIS_MOST_M = 30_000
PRAGMAS = ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1000000", "mmap_size=2000000000")


def rows_of(index: WorkerIndex | PostingIndex) -> np.ndarray:
    """The numbers of every row in use."""
    count = int(index.grid.counts[grid.BLOCKS])
    used = index.grid.heads["count"][:count]
    return (np.arange(count)[:, None] * grid.BLOCK + np.arange(grid.BLOCK))[np.arange(grid.BLOCK) < used[:, None]]


def table(index: WorkerIndex) -> list[np.ndarray]:
    """Everything of each worker and trade, as columns in the order of COLUMNS."""
    which = rows_of(index)
    rows, items = index.grid.rows[which], index.grid.items[index.grid.rows["item"][which]]
    cy, cx = (np.floor(items[side] / grid.CELL).astype(np.int64) for side in ("lat", "lng"))
    return [index.grid.groups[which], cy, cx, items["key"], items["lat"], items["lng"], items["reach"], items["floor"],
            np.maximum(rows["last"], 0), rows["base"], rows["mask"].view(np.int64), rows["never"]]  # fmt: skip


def job_table(index: PostingIndex) -> list[np.ndarray]:
    """Everything of each posting, as columns in the order of JOB_COLUMNS."""
    which = rows_of(index)
    rows, items = index.grid.rows[which], index.grid.items[index.grid.rows["item"][which]]
    cy, cx = (np.floor(items[side] / grid.CELL).astype(np.int64) for side in ("lat", "lng"))
    return [cy, cx, items["key"], items["lat"], items["lng"], items["trade"], items["fen"], items["minutes"],
            items["next"], items["until"], items["trust"], rows["mask"].view(np.int64)]  # fmt: skip


def links_of(index: WorkerIndex | PostingIndex) -> list[np.ndarray]:
    """(key, kind, from, until) of every fact."""
    items, links = index.grid.items[: index.grid.counts[grid.ITEMS]], index.grid.links
    keys, at, found = items["key"], items["link"], []
    while len(at):
        alive = at >= 0
        keys, at = keys[alive], at[alive]
        found.append([keys, links["kind"][at], links["a"][at], links["b"][at]])
        at = links["next"][at]
    return [np.concatenate(column) for column in zip(*found, strict=True)]


def masks(asked: Asked) -> tuple[int, int, int]:
    """(bits that must be clear, bits that need a second look, days of the week), as SQL takes them."""
    hard, soft, week = -(2**63), 0, 0
    for a, b in asked.shifts:
        for number in range(a // QUARTERS, (b - 1) // QUARTERS + 1):
            soft |= 1 << number % BITS
        for number in range((a + 32) // QUARTERS, (b - 1 + 32) // QUARTERS + 1):
            week |= 1 << (number + 12) % WEEK
    for paper in asked.papers:
        hard |= 1 << (BITS + paper % KINDS)
    return hard, soft, week


def question(
    asked: Asked, most: np.ndarray, near: str, *, sign: str = "?", least: str = "MAX"
) -> tuple[str, list[Any]]:
    """The k best in SQL: the same limits and the same whole points. `near` is how the dialect narrows the place."""
    hard, soft, week = masks(asked)
    worst = "MIN" if least == "MAX" else "LEAST"
    rad = "0.017453292519943295"
    half_y, half_x = f"sin((lat - {asked.lat!r}) * {rad} / 2)", f"sin((lng - {asked.lng!r}) * {rad} / 2)"
    cosines = f"cos({asked.lat!r} * {rad}) * cos(lat * {rad})"
    metres = f"round({2 * EARTH_M} * asin(sqrt({half_y} * {half_y} + {cosines} * {half_x} * {half_x})))"
    minutes = min(asked.shift_minutes or 480, 480)
    percent = f"(100 * {asked.shift_fen} / (floor * {minutes} / 480))"
    pay = (f"CASE WHEN floor * {minutes} / 480 = 0 OR {asked.shift_fen} = 0 THEN {most[5] * 50 // 100}"
           f" WHEN {percent} > 100 THEN {most[5]} * {worst}(100, 50 + ({percent} - 100) * 5) / 100"
           f" ELSE {most[5]} * {least}(0, 50 - ((100 - {percent}) * 25 + 9) / 10) / 100 END")  # fmt: skip
    days = f"{least}(0, {worst}(7, ({asked.now} - last) / 1440) - 1)"
    way = f"{most[0]} * {least}(0, 100 - 100 * metres / {least}(reach, 1)) / 100"
    busy = " OR ".join(f"(f.a < {b} AND f.b > {a})" for a, b in asked.shifts) or "FALSE"
    checks = [f"(mask & CAST('{soft}' AS bigint) = 0 OR NOT EXISTS (SELECT 1 FROM fact f WHERE f.worker = near.worker AND f.kind = 0"
              f" AND ({busy})))"]  # fmt: skip
    checks += [
        f"EXISTS (SELECT 1 FROM fact f WHERE f.worker = near.worker AND f.kind = {paper + 1}"
        f" AND f.a <= {asked.papers_at} AND f.b > {asked.papers_at})"
        for paper in asked.papers
    ]
    sql = (
        f"SELECT worker, base + {way} + {pay} + {most[6]} * {worst}(100, 100 * {days} / 6) / 100 AS points, metres"
        f" FROM (SELECT worker, reach, floor, last, base, mask, CAST({metres} AS integer) AS metres FROM worker"
        f" WHERE trade = {sign} AND {near} AND mask & CAST('{hard}' AS bigint) = 0 AND never & {week} = 0) near"
        f" WHERE metres <= {worst}(reach, {POSTGIS_MOST_M}) AND {' AND '.join(checks)}"
        f" ORDER BY points DESC, metres, worker LIMIT 20"
    )
    return sql, [asked.trade]


def in_cells(lat: float, lng: float, metres: int) -> str:
    """The squares around a place, for a b-tree on (trade, cy, cx)."""
    tall, wide = box_degrees(lat, metres)
    (south, west), (north, east) = cell(lat - tall, lng - wide), cell(lat + tall, lng + wide)
    return f"cy BETWEEN {south} AND {north} AND cx BETWEEN {west} AND {east}"


class Sqlite:
    """SQLite with a table clustered by (trade, cy, cx), everything in memory."""

    def __init__(self, workers: WorkerIndex | None = None, postings: PostingIndex | None = None) -> None:
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        for pragma in PRAGMAS:
            self.db.execute(f"PRAGMA {pragma}")
        self.db.execute("BEGIN")
        if workers is not None:
            self._fill("worker", COLUMNS, "trade, cy, cx, worker", table(workers))
            self._fill(
                "fact", "worker integer, kind integer, a integer, b integer", "worker, kind, a, b", links_of(workers)
            )
        if postings is not None:
            self._fill("posting", JOB_COLUMNS, "cy, cx, posting", job_table(postings))
            self._fill(
                "need", "posting integer, kind integer, a integer, b integer", "posting, kind, a, b", links_of(postings)
            )
        self.db.execute("COMMIT")
        self.db.execute("ANALYZE")

    def _fill(self, name: str, columns: str, key: str, values: list[np.ndarray]) -> None:
        self.db.execute(f"CREATE TABLE {name} ({columns}, PRIMARY KEY ({key})) WITHOUT ROWID")
        marks = ", ".join("?" * len(values))
        rows = zip(*(column.tolist() for column in values), strict=True)
        self.db.executemany(f"INSERT OR IGNORE INTO {name} VALUES ({marks})", rows)

    def best(self, asked: Asked, most: np.ndarray) -> list[tuple[int, int, int]]:
        """The 20 best workers."""
        sql, values = question(asked, most, in_cells(asked.lat, asked.lng, POSTGIS_MOST_M))
        return self.db.execute(sql, values).fetchall()

    def list(self, seeker: Seeker, most: np.ndarray) -> list[tuple[int, int, int]]:
        """The 20 best postings."""
        return self.db.execute(list_question(seeker, most)).fetchall()


def list_question(seeker: Seeker, most: np.ndarray) -> str:
    """The best postings for a person in SQL, by the same limits and points. Every certificate of the province is valid."""
    busy = " OR ".join(f"(n.a < {b} AND n.b > {a})" for a, b in seeker.busy) or "FALSE"
    held = " OR ".join(f"n.kind = {number + 1}" for number, _since, _until in seeker.papers) or "FALSE"
    rad = "0.017453292519943295"
    lat, lng = seeker.lat, seeker.lng
    half_y, half_x = f"sin((lat - {lat!r}) * {rad} / 2)", f"sin((lng - {lng!r}) * {rad} / 2)"
    cosines = f"cos({lat!r} * {rad}) * cos(lat * {rad})"
    metres = (
        f"CAST(round({2 * EARTH_M} * asin(sqrt({half_y} * {half_y} + {cosines} * {half_x} * {half_x}))) AS integer)"
    )
    metre = math.radians(1) * EARTH_M
    north, east = f"(lat - {lat!r}) * {metre!r}", f"(lng - {lng!r}) * {metre * math.cos(math.radians(lat))!r}"
    flat = f"{north} * {north} + {east} * {east}"
    worth = " ".join(
        f"WHEN {t} THEN {most[1] * min(100, 50 + (25 if s else 0) + min(25, 10 * y)) // 100 + most[2] * min(100, 10 * n) // 100}"
        for t, s, y, n in seeker.trades
    )
    trade = f"CASE trade {worth} ELSE 0 END" if worth else "0"
    only = f"AND trade IN ({', '.join(map(str, seeker.only))})" if seeker.only else ""
    wish = f"({seeker.floor_fen} * (CASE WHEN minutes = 0 THEN 480 ELSE minutes END) / 480)"
    percent = f"(100 * fen / {wish})"
    pay = (f"CASE WHEN {wish} = 0 OR fen = 0 THEN {most[5] * 50 // 100}"
           f" WHEN {percent} > 100 THEN {most[5]} * MIN(100, 50 + ({percent} - 100) * 5) / 100"
           f" ELSE {most[5]} * MAX(0, 50 - ((100 - {percent}) * 25 + 9) / 10) / 100 END")  # fmt: skip
    return (
        f"SELECT posting, base + {trade} + {pay} + {most[0]} * MAX(0, 100 - 100 * metres / {max(seeker.reach_m, 1)}) / 100"
        f" AS points, metres FROM (SELECT *, {metres} AS metres FROM posting WHERE"
        f" {in_cells(lat, lng, seeker.reach_m)} AND mask >= 0 AND until > {seeker.now} {only}"
        f" AND {flat} <= {float(seeker.reach_m) ** 2!r}) p"
        f" WHERE NOT EXISTS (SELECT 1 FROM need n WHERE n.posting = p.posting AND n.kind = 0 AND ({busy}))"
        f" AND NOT EXISTS (SELECT 1 FROM need n WHERE n.posting = p.posting AND n.kind > 0 AND NOT ({held}))"
        f" ORDER BY points DESC, metres, next, posting LIMIT 20"
    )


class Postgis:
    """PostGIS with GiST(trade, place): the box by the index, then the exact limits."""

    def __init__(self, workers: WorkerIndex) -> None:
        import psycopg

        self.db = psycopg.connect(os.environ["BENCH_POSTGIS"], autocommit=True)
        self.db.execute("SET max_parallel_workers_per_gather = 0; SET jit = off; SET work_mem = '64MB'")
        self.db.execute("CREATE EXTENSION postgis; CREATE EXTENSION btree_gist")
        self._copy("worker", COLUMNS, table(workers))
        self._copy("fact", "worker integer, kind integer, a integer, b integer", links_of(workers))
        self.db.execute("ALTER TABLE worker ADD place geometry(Point)")
        self.db.execute("UPDATE worker SET place = ST_MakePoint(lng, lat)")
        self.db.execute("CREATE INDEX ON worker USING gist (trade, place)")
        self.db.execute("CREATE INDEX ON fact (worker, kind)")
        self.db.execute("VACUUM FULL ANALYZE")
        self.backend = self.db.info.backend_pid

    def _copy(self, name: str, columns: str, values: list[np.ndarray]) -> None:
        self.db.execute(f"CREATE UNLOGGED TABLE {name} ({columns})")
        with self.db.cursor().copy(f"COPY {name} FROM STDIN") as copy:
            for row in zip(*(column.tolist() for column in values), strict=True):
                copy.write_row(row)

    def best(self, asked: Asked, most: np.ndarray) -> list[tuple[int, int, int]]:
        """The 20 best workers."""
        tall, wide = box_degrees(asked.lat, POSTGIS_MOST_M)
        box = f"ST_MakeEnvelope({asked.lng - wide}, {asked.lat - tall}, {asked.lng + wide}, {asked.lat + tall})"
        sql, values = question(asked, most, f"place && {box}", sign="%s", least="GREATEST")
        return self.db.execute(sql, values).fetchall()

    def cpu(self) -> float:
        """Seconds of CPU the server has spent for us."""
        spent = Path(f"/proc/{self.backend}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
        return sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")


class Plain:
    """Everybody of the trade looked at, with NumPy: no squares, no bounds, no blocks. Reads the items and their facts."""

    def __init__(self, index: WorkerIndex) -> None:
        self.index, which = index, rows_of(index)
        order = np.argsort(index.grid.groups[which], kind="stable")
        self.trade, self.rows = index.grid.groups[which][order], which[order]

    def best(self, asked: Asked, k: int = 20) -> list[tuple[int, int, int]]:
        """The k best, by the definition."""
        g, most = self.index.grid, self.index.most
        rows = self.rows[slice(*np.searchsorted(self.trade, [asked.trade, asked.trade + 1]))]
        items = g.items[g.rows["item"][rows]]
        part = np.radians(items["lat"] - asked.lat) / 2, np.radians(items["lng"] - asked.lng) / 2
        share = np.sin(part[0]) ** 2 + np.cos(np.radians(asked.lat)) * items["cos"] * np.sin(part[1]) ** 2
        metres = np.rint(2 * EARTH_M * np.arcsin(np.sqrt(share))).astype(np.int64)
        fits = (metres <= np.minimum(items["reach"], POSTGIS_MOST_M)) & (items["flags"] == 3)
        fits &= items["never"] & masks(asked)[2] == 0
        rows, items, metres = rows[fits], items[fits], metres[fits]
        last, free = self._facts(items, asked)
        wish = items["floor"].astype(np.int64) * min(asked.shift_minutes or 480, 480) // 480
        percent = 100 * asked.shift_fen // np.maximum(wish, 1)
        pay = 50 + (percent - 100) * np.where(percent > 100, 50, 25) // 10
        pay = most[5] * np.where((wish == 0) | (asked.shift_fen == 0), 50, np.clip(pay, 0, 100)) // 100
        way = most[0] * np.maximum(0, 100 - 100 * metres // np.maximum(items["reach"], 1)) // 100
        idle = np.clip((asked.now - last) // 1440, 0, 7)
        points = g.rows["base"][rows] + way + pay + most[6] * np.minimum(100, 100 * np.maximum(idle - 1, 0) // 6) // 100
        order = np.lexsort((items["key"], metres, -points))
        order = order[free[order]][:k]
        return list(zip(items["key"][order].tolist(), points[order].tolist(), metres[order].tolist(), strict=True))

    def _facts(self, items: np.ndarray, asked: Asked) -> tuple[np.ndarray, np.ndarray]:
        """The last promised minute of each, and who is free with every certificate."""
        links, at = self.index.grid.links, items["link"].copy()
        last, free = np.full(len(items), -(10**12)), np.ones(len(items), np.bool_)
        held = np.zeros((len(items), len(asked.papers)), np.bool_)
        while (at >= 0).any():
            fact = links[at]
            busy = (at >= 0) & (fact["kind"] == 0)
            last[busy] = np.maximum(last[busy], fact["b"][busy].astype(np.int64) * 15 - 15)
            for a, b in asked.shifts:
                free &= ~(busy & (fact["a"] < b) & (a < fact["b"]))
            for n, paper in enumerate(asked.papers):
                counts = (fact["a"] <= asked.papers_at) & (asked.papers_at < fact["b"])
                held[:, n] |= (at >= 0) & (fact["kind"] == paper + 1) & counts
            at = np.where(at >= 0, fact["next"], -1)
        return last, free & held.all(axis=1)


def can_postgis() -> bool:
    """Whether a throw-away PostGIS can be started here."""
    return any(Path("/usr/share/postgresql").glob("*/extension/postgis.control"))


@contextmanager
def postgres() -> Iterator[str]:
    """A throw-away cluster; gives its address."""
    top = Path(__file__).resolve().parent.parent
    with tempfile.TemporaryDirectory() as folder:
        ready, done = Path(folder) / "ready", Path(folder) / "done"
        script = (
            f'echo "$DATABASE_URL" > {ready}.part; mv {ready}.part {ready}; while [ ! -e {done} ]; do sleep 0.2; done'
        )
        process = subprocess.Popen([top / "scripts/postgres.sh", "bash", "-c", script])
        try:
            while not ready.exists():
                if process.poll() is not None:
                    raise RuntimeError("the throw-away PostgreSQL did not start")
                time.sleep(0.2)
            yield ready.read_text().strip().replace("postgres://", "postgresql://")
        finally:
            done.touch()
            process.wait()


def made(workers: int, postings: int, **facts: Any) -> generate.Province:
    """The province of the benchmarks."""
    return generate.province(workers, postings, seed=20, **facts)
