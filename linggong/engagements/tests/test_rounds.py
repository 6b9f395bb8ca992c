"""统一撮合: everybody and every open place at once, cut by labour markets, says whom the next wave asks first."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import override_settings

import linggong.engagements.actions as deals
import linggong.matching.actions as matching
import linggong.workers.actions as people
from linggong import make
from linggong.core import clock
from linggong.core.models import Event
from linggong.engagements import background, invited
from linggong.engagements.models import Filling, Invitation
from linggong.matching import cutting, proposing, queries, solving
from linggong.matching.models import Decision, Proposal, Round, RoundPart
from linggong.matching.score import default_weights
from linggong.reference import queries as reference

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(monday_morning):
    make.approved_rules()
    make.approved_products()
    with override_settings(ENGINE=True, ENGINE_THREAD=False):
        yield


def counties(count):
    """Counties of different cities, so far apart that nobody goes from one to another for work."""
    cities = ["350100", "350200", "350300", "350400", "350500", "350600", "350700", "350800", "350900"]
    found = [next(c for c in reference.children(city) if c.lat) for city in cities]
    return found[:count]


def at_nine():
    return clock.at(clock.local(clock.now()).date(), 9)


def around(place, *, people=4, jobs=2, **changes):
    """A few people and a few jobs of one county, each a little farther out."""
    workers = [
        make.worker(division=place, lat=place.lat + 0.004 * n, lng=place.lng, reach_m=12_000) for n in range(people)
    ]
    boss = make.employer(division=place)
    work = [
        make.posting(
            employer_=boss, division=place, lat=place.lat + 0.002 * n, lng=place.lng, starts_at=at_nine(), **changes
        )
        for n in range(jobs)
    ]
    return workers, work


def held(**how) -> Round:
    """A round, begun and solved by whoever delivers."""
    row = matching.begin_round(**how)
    make.settle_down()
    row.refresh_from_db()
    return row


def rows_of(round_):
    found = Proposal.objects.filter(part__round=round_).order_by("posting_id", "worker_id")
    return list(found.values_list("posting_id", "worker_id", "points", "day"))


# --- the round -----------------------------------------------------------------------------------------------


def test_a_round_comes_by_itself_every_so_many_minutes_where_the_engine_is_on():
    around(make.county())
    make.settle_down()

    background.rounds_are_held()
    make.settle_down()
    first = Round.objects.get()
    background.rounds_are_held()
    assert (first.state, Round.objects.count()) == ("done", 1)

    clock.set_now(clock.now() + timedelta(minutes=reference.default("round_minutes")))
    with override_settings(ENGINE=False):
        background.rounds_are_held()
    assert Round.objects.count() == 1, "a county that matches in its database holds none"
    background.rounds_are_held()
    assert Round.objects.count() == 2


def test_counties_that_nothing_joins_are_parts_of_their_own_and_those_people_cross_stay_together():
    far = counties(3)
    for place in far:
        around(place, people=2, jobs=1)
    boss = make.employer(division=far[1])
    commuter = make.worker(division=far[0])

    apart = cutting.cut(clock.now(), people_most=1000)
    matching.worked_together(commuter, boss)

    assert apart == [[place.code] for place in far]
    assert cutting.cut(clock.now(), people_most=1000) == [[far[0].code, far[1].code], [far[2].code]]
    assert len(cutting.cut(clock.now(), people_most=1)) == 3, "what is too large for one part is cut all the same"


def test_each_person_gets_at_most_one_place_a_day_and_no_posting_more_than_it_has():
    workers, work = around(make.county(), people=6, jobs=3, places=1)

    round_ = held_without_waves()

    rows = rows_of(round_)
    assert len(rows) == 3 == len({posting for posting, *_ in rows}) == len({worker for _, worker, *_ in rows})
    part = RoundPart.objects.get()
    assert (part.state, part.given, part.pairs) == ("done", 3, len(workers) * len(work))
    assert part.value == sum(points for *_, points, _ in rows) <= part.bound


def test_whoever_was_asked_said_no_or_switched_it_off_does_not_come_out_again():
    [first, second, third], [job] = around(make.county(), people=3, jobs=1, places=1)
    people.change_profile(first, by=first.user, invites="off")
    make.settle_down()  # the first wave goes out by the published order
    asked = Invitation.objects.filter(posting=job)
    assert {row.worker_id for row in asked} == {second.pk, third.pk}
    late = make.worker(lat=second.lat + 0.03, lng=second.lng, reach_m=12_000)

    round_ = held()

    assert [worker for _, worker, *_ in rows_of(round_)] == [late.pk]


def test_the_same_seed_and_moment_give_the_same_and_another_part_draws_otherwise():
    around(make.county(), people=8, jobs=2)
    moment, weights = clock.now(), default_weights()
    once, again, other = (
        solving.read([make.county().code], moment, weights, salt=solving.salt_of(seed, 0)) for seed in (1, 1, 2)
    )

    assert once.digest == again.digest != other.digest
    assert solving.solve(once).rows == solving.solve(again).rows
    assert solving.Inputs.unpack(once.pack()).digest == once.digest


# --- nothing by halves ---------------------------------------------------------------------------------------


def test_a_part_is_taken_by_one_and_after_its_time_by_another_whose_word_alone_counts():
    around(make.county())
    matching.begin_round()
    part = RoundPart.objects.get()
    slow = matching.claim_part(part)

    assert matching.claim_part(RoundPart.objects.get()) is None, "its time is not over"
    assert list(proposing.left(clock.now())) == []
    clock.set_now(clock.now() + matching.PART_LEASE)
    background.rounds_are_held()

    brought_out = RoundPart.objects.get()
    assert (brought_out.state, brought_out.claims) == ("done", 2)
    rows = rows_of(brought_out.round)
    inputs = solving.read(part.counties, slow.round.at, default_weights(), salt=7)
    assert matching.bring_out(slow, inputs, solving.solve(inputs), took_ms=1) is False
    assert rows_of(brought_out.round) == rows and Round.objects.get().state == "done"


def test_what_breaks_while_a_part_is_brought_out_leaves_nothing_of_it(monkeypatch):
    around(make.county())
    matching.begin_round()
    monkeypatch.setattr(Round.objects.__class__, "get", lambda *a, **k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        matching.solve_part(RoundPart.objects.first())
    monkeypatch.undo()

    assert not Proposal.objects.exists()
    assert RoundPart.objects.get().state == "waiting" and Round.objects.get().solved == 0


def test_a_round_that_is_never_solved_whole_is_given_up_and_the_next_is_right():
    around(make.county())
    stuck = matching.begin_round()
    matching.claim_part(RoundPart.objects.get())
    assert matching.begin_round() is None, "one at a time"

    clock.set_now(clock.now() + matching.ROUND_LONGEST)
    background.rounds_are_held()
    make.settle_down()

    stuck.refresh_from_db()
    assert stuck.state == "dropped" and rows_of(stuck) == []
    assert Round.objects.exclude(pk=stuck.pk).get().state == "done"


# --- what it changes -----------------------------------------------------------------------------------------


def wave(posting):
    filling = invited.filling_of(posting) or deals.fill(posting, why="soon", by=None)
    sent = deals.send_wave(Filling.objects.select_related("posting__trade", "posting__employer").get(pk=filling.pk))
    return [invitation.worker_id for invitation in sent]


def two_for_two():
    """One who fits both best, and another who can only do the first: by the fit alone both ask the same one."""
    place = make.county()
    both = make.worker(lat=place.lat, lng=place.lng, reach_m=12_000)
    people.worked(both, make.kitchen(), by=None)
    only = make.worker(lat=place.lat - 0.02, lng=place.lng, reach_m=2_300)
    boss = make.employer()
    first = make.posting(employer_=boss, lat=place.lat, lng=place.lng, starts_at=at_nine(), places=1)
    second = make.posting(employer_=boss, lat=place.lat + 0.01, lng=place.lng, starts_at=at_nine(), places=1)
    return both, only, first, second


def test_the_next_wave_asks_first_whom_the_round_gave_the_place_and_last_whom_it_gave_another():
    both, only, first, second = two_for_two()
    moment = clock.now()
    filling = deals.fill(first, why="soon", by=None)
    assert [one.worker.pk for one in invited.could_be_asked(filling, moment)] == [both.pk, only.pk]

    round_ = held_without_waves()

    assert {(posting, worker) for posting, worker, *_ in rows_of(round_)} == {(first.pk, only.pk), (second.pk, both.pk)}
    moment = clock.now()
    people_ = invited.could_be_asked(filling, moment, queries.proposed(first, moment))
    assert [one.worker.pk for one in sorted(people_, key=lambda one: one.round)] == [only.pk, both.pk]


def held_without_waves():
    """A round while nothing else that is owed is delivered."""
    row = matching.begin_round(seed=5)
    for part in RoundPart.objects.filter(round=row):
        assert matching.solve_part(part, passed_over=invited.passed_over)
    row.refresh_from_db()
    return row


def test_a_round_that_is_too_old_says_nothing_any_more():
    _both, _only, first, _second = two_for_two()
    held_without_waves()
    moment = clock.now()

    assert queries.proposed(first, moment).here
    assert queries.proposed(first, moment + 2 * timedelta(minutes=reference.default("round_minutes"))) is None


def test_the_waves_keep_their_own_rules_and_the_decision_of_the_round_is_kept_and_replays():
    _both, only, first, _second = two_for_two()
    people.change_profile(only, by=only.user, invites="day")
    round_ = held_without_waves()

    sent = wave(first)

    assert only.pk in sent
    decision = Decision.objects.get(posting=first, purpose="round")
    assert queries.replayed(queries.decision_by_code(decision.code)) == []
    assert decision.part.round == round_ and [row[0] for row in decision.outcome] == [only.pk]
    said = Event.objects.get(name="filling.wave")
    assert (said.data["by_round"], said.data["decision"]) == (1, decision.code)
    assert only.pk not in wave(first), "nobody is asked twice for one place"


def test_a_changed_record_of_a_round_does_not_replay():
    _both, _only, first, _second = two_for_two()
    held_without_waves()
    wave(first)
    decision = queries.decision_by_code(Decision.objects.get(posting=first, purpose="round").code)

    decision.outcome = [[decision.outcome[0][0], decision.outcome[0][1] + 1, []]]
    wrong = queries.replayed(decision)

    assert wrong == ["the record was changed after it was written", "the round gives this posting other people"]


def test_a_round_nothing_stands_on_goes_after_a_day_and_one_a_wave_went_by_stays():
    two_for_two()
    loose = held_without_waves()
    clock.set_now(clock.now() + timedelta(minutes=1))
    kept = held_without_waves()
    wave(queries.Posting.objects.order_by("pk").first())
    clock.set_now(clock.now() + matching.KEEP_ROUNDS)

    assert matching.let_go()["rounds"]
    assert list(Round.objects.values_list("pk", flat=True)) == [kept.pk] and loose.pk != kept.pk


def test_people_whom_the_law_keeps_out_are_not_asked_though_a_round_names_them():
    place = make.county()
    old = clock.local(clock.now()).date().replace(year=1950)
    worker = make.worker(lat=place.lat, lng=place.lng, born=old)
    boss = make.employer(owner=worker.user)
    job = make.posting(employer_=boss, lat=place.lat, lng=place.lng, starts_at=at_nine(), places=1)
    round_ = held_without_waves()

    assert [row[1] for row in rows_of(round_)] == [worker.pk], "the index knows nothing of whose shop it is"
    assert wave(job) == [] and not Decision.objects.exists()


# --- bad input -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lat", "lng"), [(117.63, 26.27), (22.0, 125.0), (None, None)], ids=["swapped", "sea", "missing"]
)
def test_a_place_that_cannot_be_is_given_to_nobody_and_spoils_no_round(lat, lng):
    [worker, lost], [job] = around(make.county(), people=2, jobs=1, places=2)
    with connection.cursor() as cursor:  # below the actions, as an import would
        cursor.execute("UPDATE workers_worker SET lat = %s, lng = %s WHERE id = %s", [lat, lng, lost.pk])

    round_ = held_without_waves()

    assert [(posting, who) for posting, who, *_ in rows_of(round_)] == [(job.pk, worker.pk)]


def test_a_posting_of_five_thousand_places_and_a_reach_of_nothing_are_only_extreme():
    [at_home, near], [job] = around(make.county(), people=2, jobs=1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE postings_shift SET places = 5000")
        cursor.execute("UPDATE workers_worker SET reach_m = 0 WHERE id = %s", [near.pk])
        cursor.execute(
            "UPDATE postings_posting SET lat = (SELECT lat FROM workers_worker WHERE id = %s),"
            " lng = (SELECT lng FROM workers_worker WHERE id = %s)", [at_home.pk, at_home.pk],
        )  # fmt: skip

    round_ = held_without_waves()

    assert [who for _posting, who, *_ in rows_of(round_)] == [at_home.pk]
    assert wave(job) == [at_home.pk]


def test_the_night_of_new_year_is_one_day_of_a_round_and_the_morning_after_another():
    evening = clock.at(date(2026, 12, 31), 22)
    clock.set_now(evening - timedelta(hours=3))
    worker, boss = make.worker(), make.employer()
    night = make.posting(employer_=boss, starts_at=evening, hours=8)
    into_it = make.posting(employer_=boss, starts_at=clock.at(date(2027, 1, 1), 5), hours=4)
    after = make.posting(employer_=boss, starts_at=clock.at(date(2027, 1, 1), 8), hours=4)

    round_ = held_without_waves()

    given = {posting: (who, day) for posting, who, _points, day in rows_of(round_)}
    assert given == {night.pk: (worker.pk, date(2026, 12, 31)), after.pk: (worker.pk, date(2027, 1, 1))}
    assert into_it.pk not in given, "the night is not over at five"


def test_the_rules_page_says_that_rounds_are_held_where_they_are(client):
    said = "每 10 分钟把一片地方的人和空位一起排一遍"

    assert said in client.get("/rules/").content.decode()
    with override_settings(ENGINE=False):
        assert said not in client.get("/rules/").content.decode()
