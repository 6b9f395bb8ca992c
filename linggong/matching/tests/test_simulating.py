"""Simulated days: the same luck for every rule, nobody twice, and measures that say what happened."""

import re
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from linggong.matching import clusters, comparing, drawing, simulating
from linggong.matching.engine import rounds
from linggong.matching.engine.index import WorkerIndex
from linggong.matching.engine.postings import PostingIndex
from linggong.matching.simulating import Behaviour, Rules
from linggong.matching.tests.engine_world import WEIGHTS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "simulator.md"
METHODS = ("first", "waves", "rounds")


@pytest.fixture(scope="module")
def market():
    return simulating.province(3000, 900, 4, seed=5, counties=3)


def rules(method="rounds", **facts):
    return Rules(method, method, WEIGHTS, **facts)


def same(one, other):
    return all(np.array_equal(vars(one)[name], vars(other)[name]) for name in vars(one))


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_and_another_seed_another(market, method):
    first, again, other = (simulating.run(market, rules(method), seed=seed) for seed in (1, 1, 2))

    assert same(first, again)
    assert not same(first, other)


def test_the_same_seed_makes_the_same_province_and_another_seed_another(market):
    again, other = (simulating.province(3000, 900, 4, seed=seed, counties=3) for seed in (5, 6))

    assert np.array_equal(market.postings.shifts, again.postings.shifts)
    assert not np.array_equal(market.workers.lat, other.workers.lat)


def test_first_shifts_lie_on_the_day_after_people_are_looked_for(market):
    rows = market.postings.shifts
    first = np.full(len(market.places), 10**9)
    np.minimum.at(first, rows[:, 0], rows[:, 1])
    after = first * 15 - market.midnight - market.day * 1440

    assert (after >= 1440).all()
    assert (after < 2880).all()
    assert np.array_equal(market.postings.next_start, first * 15)


def test_day_labour_has_one_shift_a_posting():
    made = simulating.province(200, 150, 3, longest=1)

    assert np.array_equal(np.bincount(made.postings.shifts[:, 0]), np.ones(150))
    assert np.array_equal(made.postings.last_start, made.postings.next_start)


@pytest.mark.parametrize("method", METHODS)
def test_no_more_work_is_given_than_there_is_and_what_is_missing_is_told(market, method):
    result = simulating.run(market, rules(method))

    assert 0 < result.worked <= result.filled <= result.places == market.places.sum()
    assert result.worked == result.filled - result.no_shows + result.backfilled
    assert len(result.minutes) == result.filled
    assert len(result.metres) == result.worked
    assert result.metres.max() <= 30_000
    assert result.hours.max() <= 24 * 4 * 7 / 2


def test_nobody_works_twice_at_a_time(market):
    daily = simulating.province(3000, 2400, 4, seed=5, counties=3, longest=1)

    result = simulating.run(daily, rules(), Behaviour(willing=100, no_show=0, no_show_again=0))

    assert result.hours.max() <= 4 * 10  # four days of at most ten hours


def test_points_for_waiting_are_those_of_the_kernels(market):
    index, jobs = WorkerIndex.build(WEIGHTS, market.workers), PostingIndex.build(WEIGHTS, market.postings)
    now = market.midnight + simulating.EVENING
    whole, without = (rounds.pairs(index, jobs, now, weights=WEIGHTS | {"waiting": most}) for most in (600, 0))

    owed = simulating.waiting(index, whole.workers, now, 600)

    assert len(set(owed.tolist())) > 3
    assert np.array_equal(whole.edges.weight - without.edges.weight, np.repeat(owed, np.diff(whole.edges.start)))


def test_where_everybody_comes_nobody_is_missing(market):
    result = simulating.run(market, rules(), Behaviour(no_show=0, no_show_again=0))

    assert (result.no_shows, result.backfilled, result.worked) == (0, 0, result.filled)


def test_without_backfill_places_stay_empty(market):
    with_, without = (simulating.run(market, rules(backfill=backfill)) for backfill in (True, False))

    assert with_.backfilled > 0
    assert without.backfilled == 0


def test_nobody_is_asked_more_often_than_they_may_be(market):
    result = simulating.run(market, rules("waves", backfill=False), Behaviour(pushes_most=1))

    assert result.pushes.max() <= market.days


def test_first_come_pushes_nobody(market):
    assert simulating.run(market, rules("first", backfill=False)).pushes.sum() == 0


def test_who_are_not_willing_get_nothing(market):
    results = [simulating.run(market, rules(method), Behaviour(willing=0)) for method in METHODS]

    assert [result.filled for result in results] == [0, 0, 0]


def test_sharing_spreads_the_hours_and_leaves_fewer_without():
    daily = simulating.province(3000, 1500, 7, seed=5, counties=1, longest=1)
    able, luck = simulating.reachable(daily, WEIGHTS), Behaviour(willing=100, no_show=0, no_show_again=0)

    plain, shared = (
        simulating.run(daily, rules(sharing=points), luck).measures(able, 7) for points in (0, 1000)
    )  # fmt: skip

    assert shared["gini_of_hours"] < 0.85 * plain["gini_of_hours"]
    assert shared["without_work_percent"] < 0.6 * plain["without_work_percent"]
    assert shared["fill_percent"] >= plain["fill_percent"]


def test_parts_keep_people_on_their_side(market):
    alone = simulating.run(market, rules(parts=np.arange(3)))
    whole = simulating.run(market, rules(parts=np.zeros(3, np.int64)))

    assert same(replace(whole, rules=""), replace(simulating.run(market, rules()), rules=""))
    assert alone.worked <= whole.worked


def test_an_unknown_method_or_unknown_counties_are_refused(market):
    with pytest.raises(ValueError, match="no method"):
        simulating.run(market, rules("lottery"))
    with pytest.raises(ValueError, match="cannot be cut"):
        simulating.run(replace(market, lived=None), rules(parts=np.zeros(3, np.int64)))


@pytest.mark.parametrize(
    ("hours", "spread"), [([], 0), ([0, 0], 0), ([5, 5, 5], 0), ([0, 0, 0, 8], 0.75), ([1, 2, 3, 4], 0.25)]
)
def test_the_spread_of_hours_is_the_gini_coefficient(hours, spread):
    assert simulating.gini(np.array(hours)) == pytest.approx(spread)


# --- clusters ------------------------------------------------------------------------------------------------


def two_valleys():
    """Counties 0–2 and 3–5 are tied among themselves; only a path goes from 2 to 3."""
    flow = np.zeros((6, 6), np.int64)
    for side in ((0, 1, 2), (3, 4, 5)):
        for one in side:
            flow[one, one] = 100
            for other in side:
                flow[one, other] += 20 * (one != other)
    flow[2, 3] = 3
    return flow


def test_a_land_is_cut_where_the_fewest_cross():
    part = clusters.cut(two_valleys(), 2)

    assert part[:3].tolist() == [part[0]] * 3
    assert part[3:].tolist() == [part[3]] * 3
    assert part[0] != part[3]
    assert clusters.lost(two_valleys(), part) == pytest.approx(3 / two_valleys().sum())


@pytest.mark.parametrize("parts", [1, 2, 3, 6])
def test_there_are_as_many_parts_as_asked_for(parts):
    assert sorted(set(clusters.cut(two_valleys(), parts).tolist())) == list(range(parts))


@pytest.mark.parametrize("parts", [0, 7])
def test_more_parts_than_counties_or_none_are_refused(parts):
    with pytest.raises(ValueError, match="cannot be cut"):
        clusters.cut(two_valleys(), parts)


def test_flows_count_pairs_from_home_to_work():
    assert clusters.flows(np.array([0, 0, 1]), np.array([1, 1, 0]), 2).tolist() == [[0, 2], [1, 0]]


def test_four_parts_of_a_province_lose_little():
    whole = simulating.province(8000, 2400, 3, seed=20, counties=40)
    wanted = [comparing.read(text, WEIGHTS) for text in ("rounds", "rounds,parts=4")]

    one, four = comparing.compare(whole, wanted).results

    assert four.utility >= 0.985 * one.utility


# --- rules as written, tables, pictures -----------------------------------------------------------------------


def test_rules_are_read_as_written():
    wanted = comparing.read("rounds, waiting=200,sharing=600,every=30,backfill=0,parts=4", WEIGHTS)

    assert wanted.parts == 4
    assert wanted.rules.weights == WEIGHTS | {"waiting": 200}
    assert (wanted.rules.sharing, wanted.rules.every, wanted.rules.backfill) == (600, 30, False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lottery",
        "rounds,luck=1",
        "rounds,pay",
        "rounds,pay=-1",
        "rounds,pay=1001",
        "rounds,every=0",
        "rounds,pay=²",
    ],
)
def test_rules_that_make_no_sense_are_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match=r"\.$"):
        comparing.read(text, WEIGHTS)


def test_the_table_the_file_and_the_plots_say_every_measure(market):
    compared = comparing.compare(market, [comparing.read(text, WEIGHTS) for text in ("first", "rounds")])

    table, rows, pictures = comparing.told(compared), comparing.as_csv(compared), comparing.plots(compared)

    assert all(word in table for word in comparing.WORDS.values())
    assert rows.splitlines()[0] == "measure,first,rounds"
    assert [row.split(",")[0] for row in rows.splitlines()[1:]] == list(comparing.WORDS)
    assert sorted(pictures) == ["spread.svg", "time_to_fill.svg"]
    assert all(picture.count("<polyline") == 2 for picture in pictures.values())


def test_a_picture_escapes_names_and_stays_inside_its_frame():
    picture = drawing.lines("a < b", "x", "y", {"<script>": [(0, 0), (2, 900)]}, most=(1, 100))

    assert "<script>" not in picture
    assert "616.0,48.0" in picture  # the farthest corner


def test_a_long_line_is_thinned_to_what_can_be_seen():
    line = drawing.thinned([(float(n), 0.0) for n in range(10_000)])

    assert len(line) == drawing.POINTS_MOST
    assert (line[0][0], line[-1][0]) == (0, 9_999)


def test_the_page_gives_what_people_usually_do_as_it_is_in_the_code():
    written = re.findall(r"^\| `(\w+)`: [^|]+ \| (\d+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert [(name, int(number)) for name, number in written] == [
        (part.name, part.default) for part in fields(Behaviour)
    ]


def test_the_page_explains_every_word_that_rules_can_say():
    page = PAGE.read_text(encoding="utf-8")

    assert all(f"| `{method}` |" in page for method in METHODS)
    assert all(f"| `{word}=` |" in page for word in ("sharing", "every", "backfill", "parts"))
