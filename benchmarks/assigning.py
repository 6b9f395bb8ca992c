"""The measures of a round: the auction against OR-tools, and what looking at everybody buys against first come."""

import os
import resource
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from benchmarks import rivals
from benchmarks.kernels import GIVEN, line
from linggong.matching.engine import generate, rounds
from linggong.matching.engine.assignment import Edges, assign
from linggong.matching.engine.index import WorkerIndex
from linggong.matching.engine.postings import PostingIndex

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "100000"))
LARGE = int(os.environ.get("BENCH_LARGE", "0"))  # 1000000: the largest round too
METRO = 9  # counties: more than five million pairs, about as dense as a metropolis
GAP = 0.0003
BUFFER = 2  # quarters


def spent(do: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of CPU, and what came of it."""
    began = time.process_time()
    result = do()
    return time.process_time() - began, result


@cache
def market(people: int, counties: int = 80) -> tuple[float, rounds.Pairs, np.ndarray]:
    """(seconds of the join, the possible pairs, the places of each posting)."""
    province = rivals.made(people, people * 3 // 10, counties=counties)
    workers, postings = WorkerIndex.build(GIVEN, province.workers), PostingIndex.build(GIVEN, province.postings)
    if people < 1_000_000:
        rounds.pairs(workers, postings, generate.NOW)  # compiled once
    seconds, found = spent(lambda: rounds.pairs(workers, postings, generate.NOW, buffer=BUFFER))
    return seconds, found, province.places[found.postings - 1]


def by_flow(edges: Edges, places: np.ndarray) -> tuple[float, int]:
    """(seconds of solving alone, the best value there is), by OR-tools."""
    flow, workers, postings = SimpleMinCostFlow(), len(edges.start) - 1, len(places)
    source, sink = workers + postings, workers + postings + 1
    everyone, jobs = np.arange(workers), workers + np.arange(postings)
    flow.add_arcs_with_capacity_and_unit_cost(np.full(workers, source), everyone, np.ones(workers), np.zeros(workers))
    flow.add_arcs_with_capacity_and_unit_cost(everyone, np.full(workers, sink), np.ones(workers), np.zeros(workers))
    flow.add_arcs_with_capacity_and_unit_cost(
        edges.workers, workers + edges.posting, np.ones(len(edges.posting)), -edges.weight.astype(np.int64)
    )
    flow.add_arcs_with_capacity_and_unit_cost(jobs, np.full(postings, sink), places, np.zeros(postings))
    flow.set_nodes_supplies(np.array([source, sink]), np.array([workers, -workers]))
    seconds, status = spent(flow.solve)
    if status != flow.OPTIMAL:
        raise RuntimeError("OR-tools found no optimum")
    return seconds, -flow.optimal_cost()


def against_flow(name: str, people: int, counties: int) -> str:
    """One round: the auction with its certificate, join told apart, against the solver alone."""
    join, found, places = market(people, counties)
    assign(Edges.of([0], [0], [1]), [1])
    tries = []
    for step in (1.0, 0.1):
        seconds = sorted(spent(lambda step=step: assign(found.edges, places, step=step))[0] for _ in range(3))[1]
        tries.append((step, seconds, assign(found.edges, places, step=step)))
    peer, best = by_flow(found.edges, places)
    said = "; ".join(
        f"step {step:g}: {seconds:.3f} s, certified gap {result.gap:.4%}, true gap {best / result.value - 1:.5%},"
        f" {peer / seconds:.0f}x, with join {peer / (seconds + join):.1f}x"
        for step, seconds, result in tries
    )
    figures = (
        f"{said}; join {join:.2f} s, OR-tools {peer:.2f} s; {people} people x {people * 3 // 10} postings,"
        f" {len(found.edges.posting) / 1e6:.2f} million pairs"
    )
    seconds = next(seconds for _step, seconds, result in tries if result.gap <= GAP)
    return line(name, peer / seconds, "OR-tools SimpleMinCostFlow, solve only", figures)


def round_province() -> str:
    """A province at once."""
    return against_flow("round", PEOPLE, 80)


def round_metropolis() -> str:
    """As many people on a ninth of the land."""
    return against_flow("round_metropolis", PEOPLE, METRO)


def round_large() -> str:
    """A million people and three hundred thousand postings: seconds and memory."""
    if not LARGE:
        return "bench round_large: skipped, BENCH_LARGE=1000000 runs it (about a minute, 2 GB)"
    began = time.perf_counter()
    province = rivals.made(LARGE, LARGE * 3 // 10)
    workers, postings = WorkerIndex.build(GIVEN, province.workers), PostingIndex.build(GIVEN, province.postings)
    places = province.places
    del province
    built = time.perf_counter() - began
    began = time.perf_counter()
    join, found = spent(lambda: rounds.pairs(workers, postings, generate.NOW, buffer=BUFFER))
    seconds, result = spent(lambda: assign(found.edges, places[found.postings - 1], step=1.0))
    whole = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    figures = (
        f"join {join:.1f} s and auction {seconds:.1f} s of CPU, {whole:.1f} s by the clock, certified gap {result.gap:.4%},"
        f" {len(found.edges.posting) / 1e6:.0f} million pairs, peak {peak:.2f} GB, made and indexed in {built:.0f} s"
    )
    return line("round_large", 35 / (join + seconds), "the 35 s asked for", figures)


def first_come(edges: Edges, places: np.ndarray, seed: int = 1) -> tuple[int, int]:
    """(places filled, points) when postings come one by one and each takes its best people who are still free."""
    worker = edges.workers
    order = np.lexsort((worker, -edges.weight, edges.posting))
    first = np.searchsorted(edges.posting[order], np.arange(len(places) + 1))
    people, points = worker[order].tolist(), edges.weight[order].tolist()
    taken, filled, value = bytearray(len(edges.start)), 0, 0
    for posting in np.random.default_rng(seed).permutation(len(places)).tolist():
        left = int(places[posting])
        for e in range(first[posting], first[posting + 1]):
            if not left:
                break
            if not taken[people[e]]:
                taken[people[e]] = 1
                left -= 1
                filled += 1
                value += points[e]
    return filled, value


def filled_places() -> str:
    """Places filled when everybody is looked at at once, against first come, first served with the same pairs."""
    said, ratios = [], []
    for name, counties in (("province", 80), ("metropolis", METRO)):
        _join, found, places = market(PEOPLE, counties)
        result = assign(found.edges, places)
        filled, value = first_come(found.edges, places)
        ours = int((result.places >= 0).sum())
        ratios.append(ours / filled)
        said.append(
            f"{name}: {ours} against {filled} places ({ours / filled - 1:+.1%}), points {result.value / value - 1:+.1%}"
        )
    return line("filled_places", ratios[0], "first come, first served", "; ".join(said))


ALL = (round_province, round_metropolis, filled_places, round_large)
