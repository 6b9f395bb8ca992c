"""The measures of the matching kernels. Ours and the peer's questions alternate; CPU time, because machines are shared."""

import os
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np

from benchmarks import rivals
from linggong.matching import score
from linggong.matching.engine import generate
from linggong.matching.engine.index import Asked, WorkerIndex
from linggong.matching.engine.postings import PostingIndex, Seeker

WORKERS = int(os.environ.get("BENCH_WORKERS", "1000000"))
JOBS = int(os.environ.get("BENCH_JOBS", "100000"))
QUESTIONS = int(os.environ.get("BENCH_QUESTIONS", "300"))
CHANGES = int(os.environ.get("BENCH_CHANGES", "1000000"))
TURN = 50
EXACT = int(os.environ.get("BENCH_EXACT", "10000"))
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000)
GIVEN = {c.name: c.most for c in score.default_weights().components}


def line(name: str, ratio: float, peer: str, figures: str) -> str:
    """The one line of a measure."""
    return f"bench {name}: ratio {ratio:.3g} against {peer} ({figures})"


def timed(do: Callable[[], Any]) -> tuple[float, Any]:
    """Microseconds of CPU, and what came of it."""
    began = time.process_time_ns()
    result = do()
    return (time.process_time_ns() - began) / 1000, result


def asked(province: generate.Province, count: int, seed: int = 1) -> Iterator[Asked]:
    """Real postings of the province, as questions."""
    jobs, rng = province.postings, np.random.default_rng(seed)
    order = np.argsort(jobs.shifts[:, 0], kind="stable")
    shifts, first = jobs.shifts[order], np.searchsorted(jobs.shifts[order, 0], np.arange(len(jobs.key) + 1))
    papers: dict[int, list[int]] = {}
    for row, paper in jobs.papers.tolist():
        papers.setdefault(row, []).append(paper)
    for n in rng.integers(0, len(jobs.key), count).tolist():
        yield Asked(
            float(jobs.lat[n]), float(jobs.lng[n]), int(jobs.trade[n]), generate.NOW,
            [(a, b) for _row, a, b in shifts[first[n] : first[n + 1]].tolist()], papers.get(n, []),
            int(jobs.papers_at[n]), int(jobs.shift_fen[n]), int(jobs.shift_minutes[n]),
        )  # fmt: skip


def seekers(province: generate.Province, count: int) -> Iterator[Seeker]:
    """People of the province who look for work in their own trades."""
    w, rng = province.workers, np.random.default_rng(2)
    for n in rng.integers(0, len(w.key), count).tolist():
        trades = [tuple(row[1:]) for row in w.trades[w.trades[:, 0] == n].tolist()]
        yield Seeker(
            float(w.lat[n]), float(w.lng[n]), int(w.reach_m[n]), generate.NOW, trades, [row[0] for row in trades],
            int(w.floor_fen[n]), w.busy[w.busy[:, 0] == n][:, 1:].tolist(), w.papers[w.papers[:, 0] == n][:, 1:].tolist(),
        )  # fmt: skip


def alternate(
    questions: list[Any], plain_ours: Callable[[Any], Any], peer: Callable[[Any], Any], ours: Callable[[Any], Any]
) -> tuple[list[float], list[float], int]:
    """(our microseconds, the peer's, how many answers differ): fifty questions to the one, the same to the other.

    In turns of fifty, so that both are measured in the same minutes and each with its own warm caches.
    """
    mine, theirs, differ = [], [], 0
    for start in range(0, len(questions), TURN):
        turn = questions[start : start + TURN]
        # A question of ours is too short to be timed once on a busy machine: its middle one of five.
        five = [[timed(lambda q=q: ours(q))[0] for q in turn] for _ in range(5)]
        mine += np.median(five, axis=0).tolist()
        answers = [timed(lambda q=q: peer(q)) for q in turn]
        theirs += [spent for spent, _answer in answers]
        differ += sum(plain_ours(q) != answer for q, (_spent, answer) in zip(turn, answers, strict=True))
    return mine, theirs, differ


@cache
def world() -> tuple[generate.Province, WorkerIndex]:
    """The province and its index of workers, made once."""
    province = rivals.made(WORKERS, JOBS)
    return province, WorkerIndex.build(GIVEN, province.workers)


def rows(found: Any) -> list[tuple[int, int, int]]:
    """What an index found, as SQL gives it."""
    return list(zip(found.keys.tolist(), found.points.tolist(), found.metres.tolist(), strict=True))


def top_workers_sqlite() -> str:
    """The 20 best workers for a posting, of a million."""
    province, index = world()
    sqlite = rivals.Sqlite(workers=index)
    questions = list(asked(province, QUESTIONS))
    index.best(questions[0])
    ours, theirs, differ = alternate(
        questions, lambda q: rows(index.best(q)), lambda q: sqlite.best(q, index.most), lambda q: index.best(q)
    )
    mid, tail = np.median(ours), np.percentile(ours, 99)
    figures = (
        f"p50 {mid:.1f} us, p99 {tail:.0f} us, p99/p50 {tail / mid:.2f}, SQLite p50 {np.median(theirs):.0f} us,"
        f" p99 {np.percentile(theirs, 99):.0f} us; {differ} of {QUESTIONS} answers differ; {WORKERS} workers,"
        f" {index.nbytes / 1e6:.0f} MB"
    )
    return line("top_workers", np.median(theirs) / mid, "SQLite (trade, cy, cx)", figures)


def top_workers_postgis() -> str:
    """The same, against GiST (trade, place): CPU of client and server."""
    if not rivals.can_postgis():
        return "bench top_workers_postgis: skipped, PostGIS is not installed here (postgresql-15-postgis-3)"
    province, index = world()
    with rivals.postgres() as address:
        os.environ["BENCH_POSTGIS"] = address
        peer = rivals.Postgis(index)
        ours, walls, differ, server, client = [], [], 0, peer.cpu(), 0.0
        for question in asked(province, QUESTIONS):
            spent, found = timed(lambda question=question: index.best(question))
            ours.append(spent)
            began = time.perf_counter()
            spent, plain = timed(lambda question=question: peer.best(question, index.most))
            walls.append((time.perf_counter() - began) * 1e6)
            client += spent
            differ += rows(found) != plain
        mean = (peer.cpu() - server) * 1e6 / QUESTIONS + client / QUESTIONS
        peer.db.close()
    figures = (
        f"mean {np.mean(ours):.0f} us of CPU, PostGIS {mean:.0f} us, its wall p50 {np.median(walls):.0f} us;"
        f" {differ} of {QUESTIONS} answers differ"
    )
    return line("top_workers_postgis", mean / np.mean(ours), "PostGIS GiST (trade, place) + exact filter", figures)


def top_postings() -> str:
    """The 20 best postings for a person, of a hundred thousand."""
    province = rivals.made(20_000, JOBS)
    index = PostingIndex.build(GIVEN, province.postings)
    sqlite = rivals.Sqlite(postings=index)
    people = list(seekers(province, QUESTIONS))
    index.best(people[0])
    ours, theirs, differ = alternate(
        people, lambda p: rows(index.best(p)), lambda p: sqlite.list(p, index.most), lambda p: index.best(p)
    )
    figures = (
        f"p50 {np.median(ours):.0f} us, p99 {np.percentile(ours, 99):.0f} us, SQLite p50 {np.median(theirs):.0f} us,"
        f" {differ} of {QUESTIONS} answers differ, {JOBS} postings, {index.nbytes / 1e6:.0f} MB"
    )
    return line("top_postings", np.median(theirs) / np.median(ours), "SQLite (cy, cx)", figures)


def growth() -> str:
    """How the time of a question grows from ten thousand to three million workers: the slope, log against log."""
    sizes = [size for size in SIZES if size <= 3 * WORKERS]
    mids = []
    for size in sizes:
        province = rivals.made(size, 3000)
        index = WorkerIndex.build(GIVEN, province.workers)
        index.best(next(asked(province, 1)))
        mids.append(np.median([timed(lambda q=q, index=index: index.best(q))[0] for q in asked(province, 3000)]))
    slope = float(np.polyfit(np.log(sizes), np.log(mids), 1)[0])
    figures = ", ".join(f"{size:,}: {mid:.1f} us" for size, mid in zip(sizes, mids, strict=True))
    return line("growth", slope, "a scan, whose slope is 1", figures)


def changes() -> str:
    """Availability changes a second, one call each, and what they do to the median of a question."""
    province, index = world()
    rng, questions = np.random.default_rng(4), list(asked(province, 2000))
    before = np.median([timed(lambda q=q: index.best(q))[0] for q in questions])
    keys, on = rng.integers(1, WORKERS + 1, CHANGES), rng.random(CHANGES) < 0.85
    spent, _ = timed(lambda: index.toggle(keys, on))
    singles = list(zip(keys[:100_000].tolist(), on[:100_000].tolist(), strict=True))
    single, _ = timed(lambda: [index.toggle(key, yes) for key, yes in singles])
    after, batch = [], 50  # between any two questions fifty changes
    for n, q in enumerate(questions):
        index.toggle(keys[n * batch : n * batch + batch], on[n * batch : n * batch + batch])
        after.append(timed(lambda q=q: index.best(q))[0])
    mixed = np.median(after)
    begins = generate.QUARTER + rng.integers(0, 900, 100_000)
    held, _ = timed(lambda: index.take(keys[:100_000], begins, begins + 16))
    index.free(keys[:100_000], begins, begins + 16)
    figures = (
        f"{len(singles) / single:.3g} million changes/s one by one, {CHANGES / spent:.3g} million/s by the array,"
        f" {0.1 / held * 1e6:.3g} million promised hours/s; question p50 {before:.1f} us before, {mixed:.1f} us between changes"
    )
    return line("changes", len(singles) / single * 1e6 / 50_000, "the 50,000 a second asked for", figures)


def exact() -> str:
    """Differences from looking at everybody, half of the questions before and half after very many random changes."""
    province, index = world()
    rng, wrong, lonely = np.random.default_rng(5), 0, rivals.Plain(index)
    for turn, question in enumerate(asked(province, EXACT, 6)):
        if turn % (EXACT // 100 or 1) == 0:
            shake(index, rng, CHANGES // 100)
        wrong += rows(index.best(question)) != lonely.best(question)
    return line(
        "exact",
        wrong,
        "looking at everybody of the trade",
        f"{wrong} of {EXACT} answers differ, {CHANGES} changes between",
    )


def shake(index: WorkerIndex, rng: np.random.Generator, count: int) -> None:
    """Changes of every kind in place: taking work or not, checked or not, hours promised and freed."""
    part = count // 4
    key = rng.integers(1, WORKERS + 1, (4, part))
    index.toggle(key[0], rng.random(part) < 0.85)
    index.toggle(key[1], rng.random(part) < 0.92, flag=2)
    begins = generate.QUARTER + rng.integers(-600, 1200, part)
    index.take(key[2], begins, begins + 16)
    index.free(key[2][: part // 2], begins[: part // 2], begins[: part // 2] + 16)
    index.toggle(key[3], True)


ALL = (top_workers_sqlite, top_workers_postgis, exact, changes, top_postings, growth)
