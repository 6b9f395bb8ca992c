"""The index of workers finds the very people, points and metres that looking at everybody finds."""

from dataclasses import replace

import numpy as np
import pytest

from linggong.matching.engine import changes
from linggong.matching.engine.index import Asked, Columns, WorkerIndex
from linggong.matching.tests import engine_world as world
from linggong.matching.tests.engine_world import QUARTER, WEIGHTS, plainly, said


def built(people):
    return WorkerIndex.build(WEIGHTS, world.columns(people))


def same(index, people, rng, questions, k=20):
    found = 0
    for _ in range(questions):
        asked = world.asked(rng)
        plain = plainly(people, asked, k)
        assert said(index.best(asked, k)) == plain, asked
        found += len(plain)
    assert found > questions // 2


@pytest.mark.parametrize("k", [1, 20, 300])
def test_nobody_better_is_overlooked(k):
    rng = np.random.default_rng(k)
    people = [world.person(rng, key) for key in range(10, 2010)]

    same(built(people), people, rng, 60, k)


def test_it_stays_exact_through_thousands_of_changes():
    rng = np.random.default_rng(5)
    people = {key: world.person(rng, key) for key in range(800)}
    index = built(list(people.values()))

    for turn in range(6):
        for _ in range(500):
            change(index, people, rng)
        same(index, list(people.values()), rng, 20)
        assert turn or index.nbytes > 0


def change(index, people, rng):
    """One change of any kind, to the index and to the plain people."""
    key = int(rng.choice(list(people)))
    p = people[key]
    kind = rng.integers(0, 8)
    if kind == 0:
        p.taking = not p.taking
        index.toggle(key, p.taking)
    elif kind == 1:
        p.checked = not p.checked
        index.toggle(key, p.checked, flag=changes.CHECKED)
    elif kind == 2:
        begins = QUARTER + int(rng.integers(-700, 400))
        if (begins, begins + 30) not in p.busy:
            p.busy.append((begins, begins + 30))
        index.take(key, begins, begins + 30)
    elif kind == 3 and p.busy:
        hours = p.busy.pop()
        index.free(key, *hours)
    elif kind == 4:
        tie = (int(rng.integers(0, 4)), bool(rng.random() < 0.5), bool(rng.random() < 0.2))
        employer = int(rng.integers(0, 8))
        p.ties[employer] = tie
        index.tie(key, employer, together=tie[0], liked=tie[1], blocked=tie[2])
    elif kind == 5:
        people[key] = world.person(rng, key)
        index.put(world.columns([people[key]]))
    elif kind == 6 and len(people) > 500:
        del people[key]
        assert index.remove(key) == 1
    else:
        new = max(people) + 1
        people[new] = world.person(rng, new)
        index.put(world.columns([people[new]]))


def test_hours_long_past_are_forgotten_without_changing_an_answer():
    rng = np.random.default_rng(6)
    people = [world.person(rng, key) for key in range(600)]
    index = built(people)

    index.forget(QUARTER - 7 * world.DAY)

    same(index, people, rng, 30)


def test_a_limit_of_ones_own_passes_over_people_without_losing_a_place():
    rng = np.random.default_rng(7)
    people = [world.person(rng, key) for key in range(1500)]
    index, asked = built(people), replace(world.asked(rng), shifts=[], papers=[])

    found = index.first(asked, 10, lambda key: key % 3 == 0)

    assert said(found) == plainly([p for p in people if p.key % 3 == 0], asked, 10)
    assert len(found.keys) > 1


def one(**facts):
    usual = {"key": [1], "lat": [26.0], "lng": [117.0], "reach_m": [5000], "trades": [[0, 2, 0, 0, 0]]}
    return Columns(**usual | facts)


HERE = Asked(26.0, 117.0, 2, world.NOW)


def test_who_will_go_nowhere_is_found_at_the_door_only():
    index = WorkerIndex.build(WEIGHTS, one(reach_m=[0]))

    assert said(index.best(HERE))[0][0] == 1
    assert said(index.best(replace(HERE, lat=26.0001))) == []


@pytest.mark.parametrize(("lat", "lng"), [(None, None), (117.0, 26.0), (26.0, 260.0), (float("nan"), 117.0), (0, 0)])
def test_a_place_that_is_missing_swapped_or_at_sea_is_nobodys_neighbour(lat, lng):
    index = WorkerIndex.build(WEIGHTS, one(key=[1, 2], lat=[lat, 26.0], lng=[lng, 117.0], reach_m=[200_000, 5000],
                                           trades=[[0, 2, 0, 0, 0], [1, 2, 0, 0, 0]]))  # fmt: skip

    assert index.best(HERE).keys.tolist() == [2]
    if lat is not None and lat == lat and lat != 0:
        assert index.best(replace(HERE, lat=lat, lng=lng)).keys.tolist() == []


def test_a_worker_of_two_hundred_trades_is_found_in_each_and_leaves_all():
    trades = [[0, trade, 1, 3, 0] for trade in range(200)]
    index = WorkerIndex.build(WEIGHTS, one(trades=trades))

    everywhere = [index.best(replace(HERE, trade=trade)).keys.tolist() for trade in range(201)]
    index.toggle(1, False)
    resting = index.best(replace(HERE, trade=150)).keys.tolist()
    index.remove(1)

    assert everywhere == [[1]] * 200 + [[]]
    assert resting == [] and index.best(HERE).keys.tolist() == []


def test_an_empty_index_answers_nobody():
    index = WorkerIndex(WEIGHTS)

    assert said(index.best(HERE)) == []
    assert index.toggle([1, 2], True) == 0
    assert index.remove([3]) == 0


def test_of_equal_people_the_nearer_then_the_smaller_key_comes_first():
    columns = one(key=[9, 4, 7], lat=[26.0, 26.0, 26.001], lng=[117.0] * 3, reach_m=[30_000] * 3,
                  trades=[[n, 2, 0, 0, 0] for n in range(3)])  # fmt: skip

    found = WorkerIndex.build(WEIGHTS, columns).best(HERE)

    assert found.keys.tolist() == [4, 9, 7]


def test_missing_weights_are_an_error_at_once():
    with pytest.raises(KeyError):
        WorkerIndex({"way": 300})
