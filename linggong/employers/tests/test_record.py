"""诚信企业: published points, every gain and loss with its cause; one upheld complaint ends the fast pass at once."""

from datetime import timedelta

import pytest

import linggong.employers.actions as employers
from linggong.core import clock
from linggong.core.clock import now
from linggong.core.models import Event
from linggong.employers import background, queries, record
from linggong.employers.models import Recognition

pytestmark = pytest.mark.django_db


def live_through(made, kind, times, start=0):
    for n in range(start, start + times):
        employers.give_points(made, kind, cause=f"settlement:{kind}{n}", by=None)


@pytest.fixture
def trusted(verified):
    """A verified employer that reached 诚信企业 by the rule."""
    made = verified()
    live_through(made, "paid_on_time", 15)
    return made


@pytest.mark.row("FJ-22a")
def test_paying_in_time_leads_over_candidate_to_recognised_with_the_cause_logged(verified):
    made = verified()

    live_through(made, "paid_on_time", 4)
    assert queries.recognition(made) == "normal"
    live_through(made, "paid_on_time", 1, start=4)
    assert queries.recognition(made) == "candidate"
    live_through(made, "paid_on_time", 10, start=5)
    assert queries.recognition(made) == "recognised"

    log = list(Recognition.objects.filter(employer=made).order_by("pk"))
    assert [(row.state, row.cause) for row in log] == [
        ("candidate", "达到公布的条件"), ("recognised", "达到公布的条件"),
    ]  # fmt: skip
    events = Event.objects.filter(name="employer.recognition").order_by("pk")
    assert [event.data["state"] for event in events] == ["candidate", "recognised"]


@pytest.mark.row("FJ-22a")
def test_the_rule_is_published_in_words():
    text = "".join(str(line) for line in record.RULES_IN_WORDS)

    assert str(record.LADDER.recognised.points) in text
    assert str(record.LADDER.recognised.at_least["paid_on_time"]) in text
    assert str(record.LADDER.candidate.points) in text
    assert all(rule.points and str(rule.words) for rule in record.POINTS.values())
    assert set(record.CAUSES) >= set(record.POINTS)


@pytest.mark.row("FJ-22a", "FJ-23")
def test_one_upheld_complaint_suspends_recognition_and_fast_pass_at_once(trusted):
    assert queries.is_trusted(trusted)

    employers.give_points(trusted, "upheld_complaint", cause="case:A", by=None)

    assert not queries.is_trusted(trusted)
    assert queries.recognition(trusted) == "suspended"
    latest = queries.latest_recognition(trusted)
    assert (latest.state, latest.cause) == ("suspended", "被投诉，查实了")
    assert "免审快办暂停" in trusted.members.get().user.notices.latest("pk").text


@pytest.mark.row("FJ-22a")
def test_a_suspension_goes_back_to_normal_when_the_complaint_is_a_year_old(trusted):
    employers.give_points(trusted, "upheld_complaint", cause="case:A", by=None)

    with clock.moved_to(now() + timedelta(days=366)):
        background.reassess_records()
        assert queries.recognition(trusted) == "normal"
        assert queries.latest_recognition(trusted).cause == "暂停的原因已经过去"


@pytest.mark.row("FJ-22a")
def test_paying_late_loses_it_and_says_why(trusted):
    employers.give_points(trusted, "late_pay", cause="settlement:X", by=None)

    assert queries.recognition(trusted) == "candidate"
    assert queries.latest_recognition(trusted).cause == "近一年不再满足公布的条件"
    assert not queries.is_trusted(trusted)


def test_the_fast_pass_needs_verified_papers_too(trusted):
    employers.ask_recheck(trusted)

    assert queries.recognition(trusted) == "recognised"
    assert not queries.is_trusted(trusted)


def test_a_complaint_found_wrong_gives_everything_back(trusted, clerk):
    employers.give_points(trusted, "upheld_complaint", cause="case:A", by=clerk)

    assert employers.correct_point(trusted, "upheld_complaint", cause="case:A", because="复核：投诉不属实", by=clerk)
    assert not employers.correct_point(trusted, "upheld_complaint", cause="case:A", by=clerk)

    assert queries.is_trusted(trusted)
    assert Event.objects.filter(name="employer.corrected").count() == 1


def test_what_a_person_suspended_comes_back_by_a_person_and_never_past_the_rule(trusted, verified, clerk):
    employers.suspend_recognition(trusted, because="收到线索，正在查", by=clerk)
    live_through(trusted, "paid_on_time", 2, start=50)
    assert queries.recognition(trusted) == "suspended"

    employers.recognise(trusted, because="查清了", by=clerk)
    assert queries.is_trusted(trusted)

    beginner = verified()
    with pytest.raises(employers.NotEarned):
        employers.recognise(beginner, because="是大企业", by=clerk)
    assert queries.recognition(beginner) == "normal"


def test_one_event_counts_once_however_often_it_is_told(verified):
    made = verified()

    first = employers.give_points(made, "paid_on_time", cause="settlement:A", by=None)

    assert employers.give_points(made, "paid_on_time", cause="settlement:A", by=None) == first
    assert made.points.count() == 1


def test_workers_read_facts_in_words_and_no_sum(verified):
    made = verified()
    live_through(made, "paid_on_time", 3)
    for kind in ("late_pay", "wasted_trip", "cancelled_late"):
        employers.give_points(made, kind, cause="settlement:X", by=None)

    said = queries.standing(made)

    assert (said["paid_on_time"], said["late_pay"]) == (3, 1)
    assert said["reasons"] == [
        "近一年 3 次按时付工钱",
        "近一年 1 次付晚了",
        "近一年 1 次让人白跑",
        "近一年 1 次临时取消",
    ]
    assert "分" not in "".join(said["reasons"])


def test_a_new_employer_is_described_as_new(employer):
    assert queries.standing(employer())["reasons"] == ["刚来，还没有用工记录"]


def test_many_standings_cost_as_much_as_one(verified, django_assert_num_queries):
    made = [verified() for _ in range(4)]

    with django_assert_num_queries(1):
        queries.standings(made[:1])
    with django_assert_num_queries(1):
        assert len(queries.standings(made)) == 4


def test_the_own_record_lists_every_event_until_when_it_counts(verified):
    made = verified()
    employers.give_points(made, "late_pay", cause="settlement:A", by=None)

    row = queries.record_of(made)[0]

    assert (row.words, row.points, row.cause, row.counts) == ("工钱付晚了", -6, "settlement:A", True)
    with clock.moved_to(now() + timedelta(days=366)):
        assert not queries.record_of(made)[0].counts
