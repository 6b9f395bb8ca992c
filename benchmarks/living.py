"""The best workers for a posting, reasons and all, through the function every page calls: live index against SQL.

A hundred thousand people stand in the tables, spread as in `generate.province`; their rows are copies of one real worker.
"""

import os
import time
from datetime import timedelta
from statistics import median, quantiles
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.test import override_settings

from benchmarks import city
from linggong import make
from linggong.accounts.models import User
from linggong.core import clock, codes
from linggong.matching import queries
from linggong.matching.engine import generate
from linggong.matching.live import running
from linggong.postings.models import Posting, Shift
from linggong.reference.geo import cell
from linggong.reference.queries import trades
from linggong.workers.models import Quarter, Worker, WorkerTrade

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "100000"))
QUESTIONS = int(os.environ.get("BENCH_LIVE_QUESTIONS", "60"))
AT_ONCE = 5_000


def candidates() -> str:
    """Top-20 with reasons among very many, half of the questions to each path in turn; the answers are the same."""
    city.found()
    city.morning()
    province = generate.province(PEOPLE, QUESTIONS, trades=80)
    kinds = [trade.code for trade in trades()[:80]]
    with transaction.atomic():
        _people(province.workers, kinds)
        postings = _postings(province.postings, kinds)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    live = running.here()
    began = time.perf_counter()
    live.step()
    built = time.perf_counter() - began
    ours, theirs, wall = [], [], []
    with override_settings(ENGINE=True, ENGINE_THREAD=False):
        for posting in postings:
            live.catch_up()
            cpu, seconds, found = _timed(posting)
            with override_settings(ENGINE=False):
                plain_cpu, _seconds, plain = _timed(posting)
            assert [(c.worker.pk, c.points, c.reasons) for c in found] == [
                (c.worker.pk, c.points, c.reasons) for c in plain
            ]
            assert (found.source, plain.source) == ("index", "database")
            ours.append(cpu)
            theirs.append(plain_cpu)
            wall.append(seconds)
    drift = live.check().drift
    figures = (
        f"top-20 with reasons among {PEOPLE}: {median(ours):.1f} ms CPU ({median(wall):.1f} ms wall, p95"
        f" {quantiles(wall, n=20)[-1]:.1f}), SQL {median(theirs):.1f} ms; {len(ours)} equal answers, read in {built:.1f} s,"
        f" drift {drift}"
    )
    return f"bench candidates: ratio {median(theirs) / median(ours):.3g} against the SQL path ({figures})"


def _timed(posting: Posting) -> tuple[float, float, Any]:
    """Milliseconds of CPU and of wall, and the answer."""
    cpu, wall = time.process_time(), time.perf_counter()
    found = queries.for_posting(posting, clock.now())
    return (time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000, found


def _people(columns: Any, kinds: list[str]) -> None:
    """Every person of the province as rows; promised hours too."""
    real = make.worker()
    user, worker = city._facts(real.user), city._facts(real)
    blank = {"phone_sealed": "", "phone_hash": None, "id_sealed": "", "id_hash": None}
    user |= blank
    first = clock.at(clock.date(2026, 11, 23), 0)
    shift = first - _moment(generate.QUARTER * 900) - timedelta(days=1)
    keys = np.empty(len(columns.key), np.int64)
    for start in range(0, len(columns.key), AT_ONCE):
        some = range(start, min(start + AT_ONCE, len(columns.key)))
        users = User.objects.bulk_create([User(**user, code=codes.new_code()) for _ in some])
        rows = Worker.objects.bulk_create([
            Worker(**worker | {
                "user_id": users[n - start].pk, "code": codes.new_code(), "lat": float(columns.lat[n]),
                "lng": float(columns.lng[n]), "reach_m": int(columns.reach_m[n]),
                "pay_floor_fen": int(columns.floor_fen[n]) or None, "taking_work": bool(columns.taking[n]),
                "state": "prelim_checked" if columns.checked[n] else "light",
            }) for n in some
        ])  # fmt: skip
        keys[start : start + len(rows)] = [row.pk for row in rows]
    WorkerTrade.objects.bulk_create(
        [
            WorkerTrade(
                worker_id=int(keys[row]), trade_id=kinds[kind], skilled=bool(skilled), years=int(years), times=int(times)
            )
            for row, kind, skilled, years, times in columns.trades.tolist()
        ],
        batch_size=AT_ONCE, ignore_conflicts=True,
    )  # fmt: skip
    Quarter.objects.bulk_create(
        [
            Quarter(worker_id=int(keys[row]), starts_at=_moment(at * 900) + shift, ref="engagement:BENCH")
            for row, begins, ends in columns.busy.tolist() for at in range(begins, ends, 4)
        ],
        batch_size=AT_ONCE, ignore_conflicts=True,
    )  # fmt: skip


def _postings(columns: Any, kinds: list[str]) -> list[Posting]:
    """As many postings as are asked, where the province has them, each a copy of a real one."""
    [source] = city.real(1)
    shift = Shift.objects.filter(posting=source).get()
    made = []
    for number, (lat, lng, kind) in enumerate(zip(columns.lat, columns.lng, columns.trade, strict=True)):
        cell_y, cell_x = cell(lat, lng)
        posting = Posting(
            **city._facts(source) | {"trade_id": kinds[kind], "certificates": []}, code=codes.new_code(), lat=float(lat),
            lng=float(lng), cell_y=cell_y, cell_x=cell_x,
        )  # fmt: skip
        posting.save(force_insert=True)
        city._shift(shift, posting, number).save(force_insert=True)
        made.append(posting)
    return made


def _moment(seconds: int) -> Any:
    return clock.datetime.fromtimestamp(seconds, clock.timezone.get_default_timezone())


ALL = (candidates,)
