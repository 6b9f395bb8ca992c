"""A round gives the places to whom they bring most, within a bound that holds, and never twice."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow
from scipy.optimize import linear_sum_assignment

from linggong.matching.engine import generate, rounds
from linggong.matching.engine.assignment import Edges, assign, bound, components
from linggong.matching.engine.index import Asked, WorkerIndex
from linggong.matching.engine.postings import PostingIndex
from linggong.matching.tests import engine_world as world
from linggong.matching.tests.engine_world import NOW, QUARTER, WEIGHTS, plainly


def best_by_flow(edges, capacities):
    """The most points in all, by OR-tools: the judge."""
    flow, workers = SimpleMinCostFlow(), len(edges.start) - 1
    source, sink = workers + len(capacities), workers + len(capacities) + 1
    for w in range(workers):
        flow.add_arc_with_capacity_and_unit_cost(source, w, 1, 0)
        flow.add_arc_with_capacity_and_unit_cost(w, sink, 1, 0)
    for w, p, points in zip(edges.workers.tolist(), edges.posting.tolist(), edges.weight.tolist(), strict=True):
        flow.add_arc_with_capacity_and_unit_cost(w, workers + p, 1, -points)
    for p, many in enumerate(capacities):
        flow.add_arc_with_capacity_and_unit_cost(workers + p, sink, int(many), 0)
    flow.set_node_supply(source, workers)
    flow.set_node_supply(sink, -workers)
    assert flow.solve() == flow.OPTIMAL
    return -flow.optimal_cost()


def checked(edges, capacities, **facts):
    """An assignment that keeps every rule."""
    result = assign(edges, capacities, **facts)
    pairs = dict(
        zip(zip(edges.workers.tolist(), edges.posting.tolist(), strict=True), edges.weight.tolist(), strict=True)
    )
    made = [(w, p) for w, p in enumerate(result.places.tolist()) if p >= 0]
    assert sum(pairs[pair] for pair in made) == result.value
    assert (np.bincount([p for _w, p in made], minlength=len(capacities)) <= np.asarray(capacities)).all()
    return result


@st.composite
def markets(draw):
    workers, postings = draw(st.integers(0, 12)), draw(st.integers(1, 8))
    pairs = st.tuples(st.integers(0, max(workers - 1, 0)), st.integers(0, postings - 1))
    chosen = draw(st.lists(pairs, unique=True, max_size=40)) if workers else []
    weights = draw(st.lists(st.integers(0, 30), min_size=len(chosen), max_size=len(chosen)))
    capacities = draw(st.lists(st.integers(0, 4), min_size=postings, max_size=postings))
    edges = Edges.of([w for w, _p in chosen], [p for _w, p in chosen], weights, workers=workers)
    return edges, capacities


@given(markets(), st.sampled_from([0.001, 0.1, 3]))
@settings(max_examples=150, deadline=None)
def test_the_bound_is_never_below_the_best_and_the_value_never_far_under_it(market, step):
    edges, capacities = market
    result, best = checked(edges, capacities, step=step), best_by_flow(edges, capacities)

    assert result.value <= best <= result.bound + 1e-9
    assert best - result.value <= step * sum(result.places >= 0) + 1e-9
    assert bound(edges, capacities, np.zeros(len(capacities))) >= best


def test_with_small_steps_it_is_the_assignment_of_scipy():
    rng = np.random.default_rng(3)
    points = rng.integers(1, 1000, (60, 80))
    worker, posting = np.indices(points.shape).reshape(2, -1)

    result = checked(Edges.of(worker, posting, points.reshape(-1)), np.ones(80), step=0.01)

    rows, columns = linear_sum_assignment(points, maximize=True)
    assert result.value == points[rows, columns].sum()
    assert result.gap < 1e-4


def random_market(rng, workers=400, postings=90, pairs=4000):
    pair = rng.choice(workers * postings, pairs, replace=False)
    edges = Edges.of(pair // postings, pair % postings, rng.integers(1, 1000, pairs), workers=workers)
    return edges, rng.integers(0, 7, postings)


def test_a_market_of_hundreds_is_solved_within_its_certificate():
    edges, capacities = random_market(np.random.default_rng(8))

    result = checked(edges, capacities)

    assert result.value <= best_by_flow(edges, capacities) <= result.bound
    assert result.gap < 3e-4


def test_parts_that_do_not_touch_give_together_what_the_whole_gives():
    rng = np.random.default_rng(9)
    parts = [random_market(rng, 60, 20, 200) for _ in range(5)]
    worker = np.concatenate([edges.workers + 60 * n for n, (edges, _c) in enumerate(parts)])
    posting = np.concatenate([edges.posting + 20 * n for n, (edges, _c) in enumerate(parts)])
    weight = np.concatenate([edges.weight for edges, _c in parts])
    whole, capacities = Edges.of(worker, posting, weight, workers=300), np.concatenate([c for _e, c in parts])

    labels = components(whole, len(capacities))
    result = assign(whole, capacities, step=0.1)

    each = [assign(whole.only(labels[whole.workers] == n), capacities, step=0.1) for n in range(labels.max() + 1)]
    assert len(each) >= 5
    assert sum(part.value for part in each) == result.value
    assert sum((part.places + 1).astype(int) for part in each).tolist() == (result.places + 1).tolist()


def test_a_posting_of_five_thousand_places_takes_everybody_who_gains():
    edges = Edges.of(np.arange(6000), np.zeros(6000), np.arange(6000))

    result = checked(edges, [5000])

    assert result.value == sum(range(1000, 6000))
    assert 999 <= result.prices[0] <= 1001


def test_nobody_and_nothing_is_a_round_too():
    none = assign(Edges.of([], [], []), [])

    assert (none.value, none.bound, none.gap, len(none.places)) == (0, 0, 0, 0)
    assert assign(Edges.of([0, 1], [0, 0], [5, 5]), [0]).places.tolist() == [-1, -1]
    assert assign(Edges.of([0], [0], [-5]), [3]).places.tolist() == [-1]
    with pytest.raises(ValueError, match="not there"):
        assign(Edges.of([0], [2], [5]), [1, 1])


def test_between_equals_the_salt_decides_and_not_the_older_account():
    edges = Edges.of(np.arange(50), np.zeros(50), np.full(50, 7))

    winners = {int(np.argmax(assign(edges, [1], salt=salt).places)) for salt in range(20)}

    assert len(winners) > 5
    assert assign(edges, [1], salt=4).places.tolist() == assign(edges, [1], salt=4).places.tolist()


# --- from the indexes ------------------------------------------------------------------------------------------


def both(rng, people=500, jobs=120):
    people, jobs = [world.person(rng, key) for key in range(people)], [world.job(rng, key) for key in range(jobs)]
    workers = WorkerIndex.build(WEIGHTS, world.columns(people))
    return people, jobs, workers, PostingIndex.build(WEIGHTS, world.job_columns(jobs))


def as_asked(job):
    to_come = [shift for shift in job.shifts if shift[0] * 15 > NOW]
    return Asked(job.lat, job.lng, job.trade, NOW, to_come, job.papers, job.papers_at, job.shift_fen, job.shift_minutes,
                 job.employer)  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_the_pairs_are_those_that_each_posting_would_find_with_the_same_points(seed):
    people, jobs, workers, postings = both(np.random.default_rng(seed))

    found = rounds.pairs(workers, postings, NOW)

    made = zip(found.workers[found.edges.workers], found.postings[found.edges.posting], found.edges.weight, strict=True)
    live = [job for job in jobs if job.open and job.last_start > NOW]
    plain = {(key, job.key, points) for job in live for key, points, _m in plainly(people, as_asked(job), 10**6)}
    assert {tuple(map(int, row)) for row in made} == plain
    assert len(found.edges.posting) == len(plain) > 300


def test_the_buffer_keeps_away_who_would_have_to_hurry():
    rng = np.random.default_rng(3)
    people, jobs, workers, postings = both(rng)
    wider = [replace(p, busy=[(a - 6, b + 6) for a, b in p.busy]) for p in people]

    near = rounds.pairs(workers, postings, NOW, buffer=6)
    all_ = rounds.pairs(workers, postings, NOW)

    live = [job for job in jobs if job.open and job.last_start > NOW]
    keys = {
        (int(w), int(p))
        for w, p in zip(near.workers[near.edges.workers], near.postings[near.edges.posting], strict=True)
    }
    assert keys == {(key, job.key) for job in live for key, _p, _m in plainly(wider, as_asked(job), 10**6)}
    assert len(keys) < len(all_.edges.posting)


def test_more_points_for_waiting_change_the_order_but_not_who_may():
    _people, _jobs, workers, postings = both(np.random.default_rng(4))

    usual = rounds.pairs(workers, postings, NOW)
    fair = rounds.pairs(workers, postings, NOW, weights=WEIGHTS | {"waiting": 600})

    assert fair.edges.posting.tolist() == usual.edges.posting.tolist()
    assert (fair.edges.weight >= usual.edges.weight).all() and fair.edges.weight.max() > usual.edges.weight.max()


def test_nobody_is_in_two_places_at_a_time_and_the_way_between_stays_free():
    _people, jobs, workers, postings = both(np.random.default_rng(5), 150, 200)
    places = {job.key: 3 for job in jobs}
    found = rounds.pairs(workers, postings, NOW, buffer=4)

    once = rounds.solve(found, postings, places, NOW, buffer=4)
    days = rounds.solve(found, postings, places, NOW, buffer=4, sitting=rounds.days_of(found, postings))

    assert len(set(once.worker.tolist())) == len(once.worker) and once.gap < 1e-3
    shifts = {job.key: [s for s in job.shifts if s[0] > QUARTER] for job in jobs}
    for who in set(days.worker.tolist()):
        taken = sorted(s for key in days.posting[days.worker == who].tolist() for s in shifts[key])
        assert all(a[1] + 4 <= b[0] for a, b in pairwise(taken))
    assert days.value == days.points.sum() > once.value
    assert days.value <= days.bound
    assert np.bincount(days.posting).max() <= 3


def test_a_round_without_anybody_or_anything_is_empty():
    _people, _jobs, workers, postings = both(np.random.default_rng(6))

    for w, p in (
        (WorkerIndex(WEIGHTS), postings),
        (workers, PostingIndex(WEIGHTS)),
        (WorkerIndex(WEIGHTS), PostingIndex(WEIGHTS)),
    ):
        found = rounds.pairs(w, p, NOW)
        assert len(rounds.solve(found, p, {1: 3}, NOW).worker) == 0


def test_the_made_up_province_is_the_same_for_the_same_seed():
    one, same, other = (generate.province(2000, 300, seed=seed) for seed in (5, 5, 6))

    assert (one.workers.trades == same.workers.trades).all() and (one.postings.lat == same.postings.lat).all()
    assert (one.workers.lat != other.workers.lat).any()
    assert 3 < one.places.mean() < 5 and 1.6 < len(one.workers.trades) / 2000 < 2
    assert one.workers.reach_m.min() >= 3000 and one.workers.reach_m.max() <= 30_000
