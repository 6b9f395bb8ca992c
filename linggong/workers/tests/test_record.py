"""口碑: published rules, twelve months, corrections; recognition given and lost with its cause; no score for others."""

from datetime import timedelta

import pytest

import linggong.workers.actions as workers
from linggong.core import clock
from linggong.core.clock import now
from linggong.core.models import Event
from linggong.workers import background, queries, record
from linggong.workers.models import Point, Recognition

pytestmark = pytest.mark.django_db


def live_through(somebody, kind, times, start=0):
    for n in range(start, start + times):
        workers.give_points(somebody, kind, cause=f"attendance:{kind}{n}", by=None)


@pytest.fixture
def excellent(worker):
    """A worker who reached 优秀零工 by the rule."""
    somebody = worker()
    live_through(somebody, "worked", 15)
    return somebody


@pytest.mark.row("FJ-22b")
def test_good_work_leads_over_candidate_to_excellent_with_the_cause_logged(worker):
    somebody = worker()

    live_through(somebody, "worked", 4)
    assert queries.recognition(somebody) == "normal"
    live_through(somebody, "worked", 1, start=4)
    assert queries.recognition(somebody) == "candidate"
    live_through(somebody, "worked", 10, start=5)
    assert queries.recognition(somebody) == "recognised"

    log = list(Recognition.objects.filter(worker=somebody).order_by("pk"))
    assert [row.state for row in log] == ["candidate", "recognised"]
    assert all(row.cause == "达到公布的条件" for row in log)
    assert Event.objects.filter(name="worker.recognition").count() == 2
    assert record.BENEFITS, "what it brings is published"


@pytest.mark.row("FJ-22b")
def test_a_no_show_takes_the_recognition_and_says_why(excellent):
    workers.give_points(excellent, "no_show", cause="attendance:X", by=None)

    assert queries.recognition(excellent) == "candidate"
    assert queries.latest_recognition(excellent).cause == "近一年不再满足公布的条件"
    assert "优秀零工没有了" in excellent.user.notices.latest("pk").text


@pytest.mark.row("FJ-22b")
def test_an_upheld_complaint_suspends_and_twelve_months_later_it_is_over(excellent):
    workers.give_points(excellent, "upheld_complaint", cause="case:A", by=None)

    assert queries.recognition(excellent) == "suspended"
    assert queries.latest_recognition(excellent).cause == "被投诉，查实了"

    with clock.moved_to(now() + timedelta(days=366)):
        background.reassess_records()
        assert queries.recognition(excellent) == "normal"
        assert queries.latest_recognition(excellent).cause == "暂停的原因已经过去"


@pytest.mark.row("FJ-22b")
def test_employers_read_no_penalty_but_the_no_show_count(worker):
    somebody = worker()
    live_through(somebody, "worked", 3)
    for kind in ("late_cancel", "left_early", "upheld_complaint", "no_show"):
        workers.give_points(somebody, kind, cause=f"attendance:{kind}", by=None)

    said = queries.standing(somebody)

    assert set(said) == {"recognised", "label", "worked", "no_shows", "reasons"}
    assert said["no_shows"] == 1
    words = "".join(said["reasons"])
    for kind in ("late_cancel", "left_early", "upheld_complaint"):
        assert str(record.POINTS[kind].words) not in words
    total = sum(point.points for point in somebody.points.all())
    assert str(total) not in words
    assert "分" not in words


def test_a_new_worker_is_described_as_new(worker):
    assert queries.standing(worker())["reasons"] == ["第一回接活"]


def test_work_done_and_praise_are_said_in_words(worker, kitchen):
    somebody = worker()
    for n in range(3):
        workers.worked(somebody, kitchen, by=None)
        workers.give_points(somebody, "five_star", cause=f"engagement:{n}", by=None)

    assert queries.standing(somebody)["reasons"] == ["干完 3 个活", "近一年 3 次五颗星", "近一年没有不到岗"]


def test_one_event_counts_once_however_often_it_is_told(worker):
    somebody = worker()

    first = workers.give_points(somebody, "worked", cause="attendance:A", by=None)
    second = workers.give_points(somebody, "worked", cause="attendance:A", by=None)

    assert first == second
    assert Event.objects.filter(name="worker.counted").count() == 1


def test_everything_stops_counting_after_twelve_months(worker):
    somebody = worker()
    workers.give_points(somebody, "no_show", cause="attendance:A", by=None)

    assert queries.standing(somebody)["no_shows"] == 1
    with clock.moved_to(now() + timedelta(days=366)):
        assert queries.standing(somebody)["no_shows"] == 0
        assert [row.counts for row in queries.record_of(somebody)] == [False]


def test_recognition_is_lost_when_the_work_behind_it_is_a_year_old(excellent):
    with clock.moved_to(now() + timedelta(days=366)):
        background.reassess_records()

        states = [row.state for row in queries.recognitions_of(excellent)]
        assert states == ["normal", "candidate", "recognised", "candidate"]


def test_a_corrected_event_stays_readable_and_gives_the_recognition_back(excellent, clerk):
    workers.give_points(excellent, "no_show", cause="attendance:X", by=None)

    assert workers.correct_point(excellent, "no_show", cause="attendance:X", because="门卫作证到了", by=clerk)

    assert queries.recognition(excellent) == "recognised"
    assert queries.standing(excellent)["no_shows"] == 0
    corrected = queries.record_of(excellent)[0]
    assert (corrected.words, corrected.corrected, corrected.counts) == ("定下了没到岗，也没打招呼", True, False)
    assert Event.objects.get(name="worker.corrected").data["because"] == "门卫作证到了"


def test_correcting_twice_or_nothing_changes_nothing(worker, clerk):
    somebody = worker()
    workers.give_points(somebody, "no_show", cause="attendance:X", by=None)

    assert workers.correct_point(somebody, "no_show", cause="attendance:X", by=clerk)
    assert not workers.correct_point(somebody, "no_show", cause="attendance:X", by=clerk)
    assert not workers.correct_point(somebody, "no_show", cause="attendance:Y", by=clerk)

    assert Event.objects.filter(name="worker.corrected").count() == 1


def test_what_a_person_suspended_only_a_person_lifts(excellent, clerk):
    workers.suspend_recognition(excellent, because="正在查一件事", by=clerk)
    live_through(excellent, "worked", 3, start=100)
    assert queries.recognition(excellent) == "suspended"

    assert workers.lift_recognition(excellent, because="查清了", by=clerk) == "recognised"
    assert [row.cause for row in queries.recognitions_of(excellent)][2:4] == ["查清了", "正在查一件事"]


def test_an_unknown_kind_is_a_bug(worker):
    with pytest.raises(KeyError):
        workers.give_points(worker(), "bad_mood", cause="x", by=None)

    assert not Point.objects.exists()


def test_every_kind_has_points_and_words():
    assert all(rule.points and str(rule.words) for rule in record.POINTS.values())
    assert record.LADDER.suspending <= set(record.POINTS)
    assert set(record.LADDER.recognised.at_least) | set(record.LADDER.recognised.none_of) <= set(record.POINTS)
