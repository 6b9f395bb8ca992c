"""The published points: whole, bounded, explained, blind to what may not count."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linggong.matching import score
from linggong.matching.score import Pair

PAIRS = st.builds(
    Pair,
    distance_m=st.none() | st.integers(0, 60_000), reach_m=st.integers(500, 60_000), has_trade=st.booleans(),
    skilled=st.booleans(), years=st.integers(0, 50), times=st.integers(0, 500), together=st.integers(0, 100),
    liked=st.booleans(), trusted=st.booleans(), kept=st.integers(0, 500), broken=st.integers(0, 50),
    shift_fen=st.integers(0, 1_000_000), wished_fen=st.none() | st.integers(1, 1_000_000),
    days_without_work=st.none() | st.integers(0, 400),
)  # fmt: skip


@given(PAIRS)
def test_every_part_lies_between_nothing_and_its_published_most(pair):
    points = score.score(pair)

    most = {c.name: c.most for c in score.default_weights().components}
    assert all(isinstance(part, int) and 0 <= part <= most[name] for name, part in points.parts.items())
    assert points.total == sum(points.parts.values())
    assert points.version == score.default_weights().version


@given(PAIRS)
def test_nearer_never_counts_less(pair):
    if pair.distance_m:
        nearer = dataclasses.replace(pair, distance_m=pair.distance_m - 1)
        assert score.score(nearer).total >= score.score(pair).total


@pytest.mark.row("SX-13a")
@given(PAIRS, st.lists(st.tuples(st.just("证"), st.just("要健康证")), max_size=6))
def test_there_is_always_a_readable_reason_and_never_more_than_four(pair, blockers):
    for reasons in (
        score.reasons_for_worker(pair, trade="帮厨", blockers=blockers), score.reasons_for_employer(pair, trade="帮厨"),
    ):  # fmt: skip
        assert 1 <= len(reasons) <= 4
        assert all(row["mark"] in "✓—✕" and row["word"] and row["text"] for row in reasons)
        assert all(not any(char.isascii() and char.isalpha() for char in row["text"]) for row in reasons)


def test_age_sex_and_origin_are_no_inputs():
    names = {f.name for f in dataclasses.fields(Pair)}
    said = Path(score.__file__).with_name("weights.json").read_text(encoding="utf-8")

    barred = {"age", "born", "birth_on", "sex", "gender", "origin", "division", "ethnicity", "hukou", "health"}
    assert not names & barred
    assert not any(word in said for word in ("年龄", "岁", "性别", "男", "女", "户籍", "籍贯", "民族", "健康"))


def test_the_order_is_the_same_whatever_order_the_pairs_came_in():
    pairs = [(n, Pair(distance_m=100 * n, has_trade=n % 3 == 0, times=n % 7)) for n in range(60)]

    there = [thing for thing, _, _ in score.rank(pairs)]
    back = [thing for thing, _, _ in score.rank(pairs[::-1])]

    assert there == back


def test_the_way_is_said_as_people_say_it():
    assert score.way_words(1200) == "1.2 公里，骑车 8 分钟"
    assert score.way_words(300) == "300 米，走路 6 分钟"
    assert score.way_words(110_300) == "110.3 公里", "nobody rides for twelve hours"


def test_weights_that_forget_a_component_are_refused():
    with pytest.raises(ValueError):
        score.Weights.read({"version": "x", "components": []})
