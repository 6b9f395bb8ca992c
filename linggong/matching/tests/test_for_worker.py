"""Work for a worker, workers for work: limits first, reasons in words, an order without a person, no dead end."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import linggong.matching.actions as matching
import linggong.workers.actions as workers
from linggong import make
from linggong.core.clock import now
from linggong.matching import queries
from linggong.postings.queries import Filters, near

pytestmark = pytest.mark.django_db

LAT, LNG = 26.27, 117.63
KM = 1 / 111.2


@pytest.fixture
def boss():
    return make.employer()


@pytest.fixture
def out(boss):
    return lambda **changes: make.posting(employer_=boss, **{"lat": LAT, "lng": LNG, **changes})


@pytest.fixture
def worker(able):
    return able(lat=LAT, lng=LNG)


def titles(matches):
    return [m.posting.title for m in matches]


@pytest.mark.row("SX-13a")
def test_every_rank_has_readable_reasons(out, worker):
    out(title="近", lat=LAT + KM)
    out(title="远", lat=LAT + 8 * KM)
    out(title="不会", trade="G114", lat=LAT + 8 * KM)

    matches = queries.for_worker(worker, now())

    assert titles(matches) == ["近", "远", "不会"]
    for match in matches:
        assert match.hard_ok and 1 <= len(match.reasons) <= 4
        assert all(row["mark"] in "✓—✕" and row["word"] and row["text"] for row in match.reasons)
    assert {"mark": "✓", "word": "近", "text": "1 公里，骑车 7 分钟"} in matches[0].reasons
    assert any(row["mark"] == "—" and row["word"] == "工种" for row in matches[2].reasons)


@pytest.mark.row("SX-13a")
@pytest.mark.parametrize("order", ["near", "soon", "pay"])
def test_an_order_without_a_person_is_the_same_for_everybody(out, worker, order):
    for n in range(6):
        trade = "G114" if n % 2 else make.kitchen().code
        out(title=f"活{n}", lat=LAT + (n * 7 % 5) * KM, pay_fen=18000 + n * 100, trade=trade)
    other = make.worker(lat=LAT, lng=LNG, trades=("G114",), pay_floor_fen=50000)

    mine = queries.for_worker(worker, now(), order=order)
    theirs = queries.for_worker(other, now(), order=order)

    assert titles(mine) == titles(theirs) == [p.title for p in near(LAT, LNG, worker.reach_m, now(), order=order)]


def test_fit_leaves_out_what_the_law_forbids_and_the_plain_order_says_what_is_missing(out, worker):
    out(title="电焊", trade="G013")
    out(title="帮厨")

    assert titles(queries.for_worker(worker, now())) == ["帮厨"]
    welding = next(m for m in queries.for_worker(worker, now(), order="near") if m.posting.title == "电焊")
    assert not welding.hard_ok and welding.missing[0].code == "certificate:TZ-HJ-RH"
    assert welding.reasons[0]["mark"] == "✕" and welding.reasons[0]["word"] == "证"


@pytest.mark.row("PR-05")
def test_the_view_for_older_workers_lists_only_what_this_person_may_do(out, worker):
    out(title="看门", suitable_for=["OLDER"], trade="G114")
    out(title="电焊", suitable_for=["OLDER"], trade="G013")
    out(title="别的")

    matches = queries.for_worker(worker, now(), filters=Filters(suitable_for="OLDER"), order="near", only_ok=True)

    assert titles(matches) == ["看门"]


def test_working_together_before_and_a_liking_count(out, worker):
    other = make.employer()
    make.posting(employer_=other, lat=LAT, lng=LNG, title="熟人家")
    out(title="生人家")
    matching.worked_together(worker, other)
    matching.worked_together(worker, other)

    matches = queries.for_worker(worker, now())

    assert titles(matches)[0] == "熟人家"
    assert {"mark": "✓", "word": "熟", "text": "给这家干过 2 次"} in matches[0].reasons


@pytest.mark.row("FJ-17")
def test_nothing_within_reach_says_so_and_offers_to_widen(out, worker):
    out(lat=LAT + 15 * KM)

    matches = queries.for_worker(worker, now())

    assert matches == [] and "10 公里" in matches.nothing.words
    step = matches.nothing.steps[0]
    assert step.count == 1 and "放宽" in step.words and step.radius_m > worker.reach_m
    assert len(queries.for_worker(worker, now(), filters=step.filters, radius_m=step.radius_m)) == 1


@pytest.mark.row("FJ-17")
@pytest.mark.parametrize(
    ("filters", "code"),
    [(Filters(trades=("G114",)), "trade"), (Filters(pay_low_fen=90000), "pay"), (Filters(dayparts=("night",)), "time"),
     (Filters(lodging=True), "extras")],
)  # fmt: skip
def test_the_condition_that_emptied_the_list_is_named_and_each_offer_keeps_its_word(out, worker, filters, code):
    out()

    nothing = queries.for_worker(worker, now(), filters=filters).nothing

    assert nothing.code == code and nothing.words
    for step in nothing.steps:
        assert len(queries.for_worker(worker, now(), filters=step.filters, radius_m=step.radius_m)) == step.count > 0


@pytest.mark.row("FJ-17")
def test_one_hard_limit_that_stops_everything_is_said_with_the_way_out(out):
    fresh = make.worker(state="light", lat=LAT, lng=LNG)
    out()
    out(title="又一个")

    nothing = queries.for_worker(fresh, now()).nothing

    assert nothing.code == "worker_not_checked" and "2 个活" in nothing.words and nothing.change


@pytest.mark.row("FJ-17")
def test_no_work_at_all_is_said_honestly(worker):
    nothing = queries.for_worker(worker, now()).nothing

    assert nothing.code == "no_work" and nothing.steps == []


def test_the_same_question_gets_the_same_answer(out, worker):
    for n in range(8):
        out(title=f"活{n}")

    assert titles(queries.for_worker(worker, now())) == titles(queries.for_worker(worker, now()))


def test_a_place_given_for_the_moment_is_used_and_kept_nowhere(out, worker):
    out(title="那边", lat=LAT + 50 * KM)

    assert titles(queries.for_worker(worker, now(), place=(LAT + 50 * KM, LNG))) == ["那边"]
    worker.refresh_from_db()
    assert (worker.lat, worker.lng) != (LAT + 50 * KM, LNG)


def asked(do):
    with CaptureQueriesContext(connection) as queries_asked:
        found = do()
    return len(queries_asked), len(found)


def test_a_match_costs_the_same_for_three_postings_as_for_twelve(out, worker):
    for n in range(3):
        out(title=f"活{n}")
    few = asked(lambda: queries.for_worker(worker, now()))
    for n in range(9):
        out(title=f"又{n}")
    many = asked(lambda: queries.for_worker(worker, now()))

    assert (few[1], many[1]) == (3, 12) and few[0] == many[0]


def test_candidates_come_with_reasons_and_cost_the_same_for_more(out, worker, able):
    posting = out()
    nearby = [worker, able(lat=LAT + 3 * KM, lng=LNG)]
    few = asked(lambda: queries.for_posting(posting, now()))
    able(lat=LAT + 90 * KM, lng=LNG)
    able(lat=LAT, lng=LNG, trades=("G114",))
    able(lat=LAT, lng=LNG, state="light")
    busy = able(lat=LAT, lng=LNG)
    shift = posting.shifts.get()
    workers.book(busy, starts_at=shift.starts_at, ends_at=shift.ends_at, ref="engagement:X")
    nearby += [able(lat=LAT + n * KM, lng=LNG) for n in (5, 6)]

    candidates = queries.for_posting(posting, now())
    many = asked(lambda: queries.for_posting(posting, now()))

    assert [c.worker for c in candidates] == nearby
    assert (few[1], many[1]) == (2, 4) and few[0] == many[0]
    assert all(1 <= len(c.reasons) <= 4 for c in candidates)
    words = "".join(row["text"] for c in candidates for row in c.reasons)
    assert not any(secret in words for secret in ("岁", "男", "女", "籍"))
