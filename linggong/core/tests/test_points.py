"""Explainable sums: what counts, until when, and where the ladder ends, whatever the path."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from linggong.core.points import COUNTS_FOR, Bar, Ladder, counting, meets, steps, times, total

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
LADDER = Ladder(
    candidate=Bar(points=4, at_least={"good": 2}),
    recognised=Bar(points=8, at_least={"good": 4}, none_of=frozenset({"bad", "awful"})),
    suspending=frozenset({"awful"}),
)
WEIGHTS = {"good": 2, "bad": -3, "awful": -9}


@dataclass
class Row:
    kind: str
    points: int
    at: datetime
    counts_until: datetime
    corrected_at: datetime | None = None


def row(kind, days_ago=1, corrected=False):
    at = NOW - timedelta(days=days_ago)
    return Row(kind, WEIGHTS[kind], at, at + COUNTS_FOR, NOW if corrected else None)


rows = st.lists(st.builds(row, st.sampled_from(sorted(WEIGHTS)), st.integers(0, 500), st.booleans()), max_size=12)
states = st.sampled_from(["normal", "candidate", "recognised", "suspended"])


def test_what_is_corrected_expired_or_yet_to_come_does_not_count():
    live = row("good")
    others = [row("good", days_ago=366), row("good", corrected=True), row("good", days_ago=-1)]

    assert counting([live, *others], NOW) == [live]
    assert total([live, *others], NOW) == 2
    assert times([live, *others], "good", NOW) == 1


def test_an_event_counts_to_the_last_moment_and_not_longer():
    one = row("good", days_ago=365)

    assert total([one], one.counts_until - timedelta(microseconds=1)) == 2
    assert total([one], one.counts_until) == 0


def test_the_steps_up_go_over_candidate():
    assert [s.to for s in steps(LADDER, "normal", [row("good")] * 4, NOW)] == ["candidate", "recognised"]


def test_a_suspending_event_suspends_what_was_recognised_and_only_that():
    bad = [*[row("good")] * 9, row("awful")]

    assert [(s.to, s.cause) for s in steps(LADDER, "recognised", bad, NOW)] == [("suspended", "awful")]
    assert [s.to for s in steps(LADDER, "candidate", bad, NOW)] == ["normal"]
    assert list(steps(LADDER, "normal", bad, NOW)) == []


def test_what_a_person_holds_no_rule_lifts():
    good = [row("good")] * 9

    assert list(steps(LADDER, "suspended", good, NOW, held=True)) == []
    assert [s.to for s in steps(LADDER, "suspended", good, NOW)] == ["normal", "candidate", "recognised"]


@given(rows, states)
def test_the_ladder_always_ends_and_a_second_look_gives_no_step(points, state):
    taken = list(steps(LADDER, state, points, NOW))

    end = taken[-1].to if taken else state
    assert len(taken) <= 4
    assert list(steps(LADDER, end, points, NOW)) == []


@given(rows, states)
def test_recognised_means_that_the_rule_holds_now(points, state):
    end = state
    for step in steps(LADDER, state, points, NOW):
        end = step.to

    if end == "recognised":
        assert meets(LADDER.recognised, points, NOW)
    if meets(LADDER.recognised, points, NOW):
        assert end == "recognised"


@given(rows)
def test_the_end_does_not_depend_on_where_the_record_stood(points):
    ends = set()
    for state in ("normal", "candidate"):
        end = state
        for step in steps(LADDER, state, points, NOW):
            end = step.to
        ends.add(end)

    assert len(ends) == 1
