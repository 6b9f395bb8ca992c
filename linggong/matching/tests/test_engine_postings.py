"""The index of postings gives a person the very list that looking at each posting gives."""

from dataclasses import replace

import numpy as np
import pytest

from linggong.matching.engine.postings import PostingColumns, PostingIndex, Seeker
from linggong.matching.tests import engine_world as world
from linggong.matching.tests.engine_world import NOW, QUARTER, WEIGHTS, plain_list, said


def built(jobs):
    return PostingIndex.build(WEIGHTS, world.job_columns(jobs))


def same(index, jobs, rng, questions, k=20):
    found = 0
    for _ in range(questions):
        seeker = world.seeker(rng)
        plain = plain_list(jobs, seeker, k)
        assert said(index.best(seeker, k)) == plain, seeker
        found += len(plain)
    assert found > questions // 2


@pytest.mark.parametrize("k", [1, 20, 300])
def test_nothing_better_is_overlooked(k):
    rng = np.random.default_rng(k)
    jobs = [world.job(rng, key) for key in range(10, 1510)]

    same(built(jobs), jobs, rng, 60, k)


def test_it_stays_exact_while_postings_come_change_and_go():
    rng = np.random.default_rng(4)
    jobs = {key: world.job(rng, key) for key in range(600)}
    index = built(list(jobs.values()))

    for _turn in range(5):
        for _ in range(300):
            change(index, jobs, rng)
        same(index, list(jobs.values()), rng, 20)


def change(index, jobs, rng):
    """One change of any kind, to the index and to the plain postings."""
    key, kind = int(rng.choice(list(jobs))), rng.integers(0, 4)
    if kind == 0:
        jobs[key].open = not jobs[key].open
        assert index.toggle(key, jobs[key].open) == 1
    elif kind == 1:
        employer = jobs[key].employer
        jobs[key] = replace(world.job(rng, key), employer=employer)
        index.put(world.job_columns([jobs[key]]))
    elif kind == 2 and len(jobs) > 300:
        del jobs[key]
        assert index.remove(key) == 1
    else:
        new = max(jobs) + 1
        jobs[new] = world.job(rng, new)
        index.put(world.job_columns([jobs[new]]))


def one(**facts):
    start = QUARTER + 10
    usual = {"key": [1], "lat": [26.0], "lng": [117.0], "trade": [2], "employer": [7], "next_start": [start * 15],
             "last_start": [start * 15], "shifts": [[0, start, start + 8]]}  # fmt: skip
    return PostingColumns(**usual | facts)


HERE = Seeker(26.0, 117.0, 5000, NOW)


def test_a_posting_without_a_place_is_nobodys_neighbour():
    index = PostingIndex.build(WEIGHTS, one(lat=[None], lng=[None]))

    assert said(index.best(HERE)) == []
    assert said(index.best(replace(HERE, lat=117.0, lng=26.0))) == []


def test_an_empty_index_has_nothing_to_offer():
    assert said(PostingIndex(WEIGHTS).best(HERE)) == []


def test_a_certificate_that_ends_before_the_work_does_not_open_it():
    index = PostingIndex.build(WEIGHTS, one(papers=[[0, 4]], papers_at=[QUARTER + 18]))

    def keys(*papers):
        return index.best(replace(HERE, papers=papers)).keys.tolist()

    assert keys() == [] and keys((4, 0, QUARTER + 18)) == [] and keys((1, 0, QUARTER + 99)) == []
    assert keys((4, 0, QUARTER + 19)) == [1]


def test_a_posting_is_over_after_its_last_start():
    index = PostingIndex.build(WEIGHTS, one())

    assert index.best(replace(HERE, now=(QUARTER + 10) * 15 - 1)).keys.tolist() == [1]
    assert index.best(replace(HERE, now=(QUARTER + 10) * 15)).keys.tolist() == []


def test_an_employer_of_thousands_of_postings_is_liked_in_each():
    count = 3000
    columns = one(
        key=np.arange(count), lat=26 + np.arange(count) * 1e-5, lng=np.full(count, 117.0), trade=np.full(count, 2),
        employer=np.full(count, 7), next_start=np.full(count, NOW + 99), last_start=np.full(count, NOW + 99), shifts=[],
    )  # fmt: skip
    index = PostingIndex.build(WEIGHTS, columns)

    found = index.best(replace(HERE, ties=[(7, 2, 1, 0)]))

    assert found.keys.tolist() == list(range(20))
    assert found.points[0] - index.best(HERE).points[0] == 80
    assert said(index.best(replace(HERE, ties=[(7, 2, 1, 1)]))) == []
