"""The measures of the simulator: what sharing work costs and gives, and what a land loses when it is cut."""

import os

import numpy as np

from benchmarks.kernels import GIVEN, line
from linggong.matching import clusters, simulating
from linggong.matching.engine.assignment import assign
from linggong.matching.simulating import Behaviour, Market, Result, Rules

PEOPLE = int(os.environ.get("BENCH_SIMULATED", "20000"))
CUT_PEOPLE = int(os.environ.get("BENCH_PEOPLE", "100000"))
DAYS = 14
DENSE = 3  # counties for 20,000 people: a metropolis
COUNTIES = 80
SHARING = 1000
PARTS = (2, 4, 9, 20, COUNTIES)
ALL_COME = Behaviour(willing=100, no_show=0, no_show_again=0)


def fairness() -> str:
    """A fortnight of day labour in rounds: fewest hours first, against points alone."""
    market = simulating.province(PEOPLE, PEOPLE, DAYS, seed=3, counties=DENSE, longest=1)
    able = simulating.reachable(market, GIVEN)
    plain, shared = both(market, ALL_COME)
    told = f"{change(plain, shared, able)}; with people who refuse and stay away: {change(*both(market), able=able)}"
    ratio = shared.measures(able, DAYS)["gini_of_hours"] / plain.measures(able, DAYS)["gini_of_hours"]
    figures = f"{told}; {PEOPLE} people, {DAYS} days"
    return line("fairness", ratio, "the same rounds without points for waiting or few hours, Gini of hours", figures)


def both(market: Market, behaviour: Behaviour | None = None) -> tuple[Result, Result]:
    """By points without those for waiting, and with those and as many as may be for few hours."""
    alone, shared = GIVEN | {"waiting": 0}, GIVEN
    return (
        simulating.run(market, Rules("alone", "rounds", alone), behaviour),
        simulating.run(market, Rules("shared", "rounds", shared, sharing=SHARING), behaviour),
    )


def change(plain: Result, shared: Result, able: np.ndarray) -> str:
    """What sharing changed."""
    before, after = plain.measures(able, DAYS), shared.measures(able, DAYS)

    def by(name: str) -> str:
        return f"{after[name] / max(before[name], 1e-9) - 1:+.1%}"

    return (
        f"Gini {before['gini_of_hours']:.3f} to {after['gini_of_hours']:.3f} ({by('gini_of_hours')}),"
        f" without any work {before['without_work_percent']:.1f}% to {after['without_work_percent']:.1f}%"
        f" ({by('without_work_percent')}), other points {by('utility')}, places filled {shared.filled - plain.filled:+d}"
    )


def shards() -> str:
    """One round on parts that are solved apart, against the whole, cut by where people go to work."""
    market = simulating.province(CUT_PEOPLE, CUT_PEOPLE * 3 // 10, DAYS, seed=20, counties=COUNTIES)
    found = simulating.everything(market, GIVEN)
    edges, places = found.edges, market.places[found.postings - 1]
    lived, worked, counties = simulating.homes_and_work(market, found)
    flow, whole = clusters.flows(lived, worked, counties), assign(edges, places)
    said, lost = [], {}
    for parts in PARTS:
        part = clusters.cut(flow, parts)
        lost[parts] = 1 - assign(edges.only(part[lived] == part[worked]), places).value / whole.value
        said.append(f"{parts} parts {lost[parts]:.2%} ({clusters.lost(flow, part):.2%} of the pairs cut)")
    return line("shards", lost[4] / 0.015, "1.5% of the points lost at 4 parts", "; ".join(said))


ALL = (fairness, shards)
