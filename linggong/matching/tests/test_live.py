"""The live index gives the answers of the database, keeps in step with it, and answers nobody when in doubt."""

import copy
import logging
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

import linggong.matching.actions as actions
import linggong.postings.actions as postings
import linggong.reference.actions as reference
import linggong.workers.actions as workers
from linggong import make
from linggong.core.clock import at, local, moved_to, now, timedelta
from linggong.matching import queries, score
from linggong.matching.live import index, running, watching
from linggong.matching.live.index import Live
from linggong.matching.models import Changed
from linggong.matching.tests.live_world import LAT, LNG, World, everybody, work
from linggong.postings.queries import Filters
from linggong.reference.queries import trades

pytestmark = pytest.mark.django_db


@pytest.fixture
def live(monkeypatch):
    """An index in the hands of the test: no thread, steps by hand; off until it is built."""
    mine = Live()
    monkeypatch.setattr(running, "here", lambda: mine)
    monkeypatch.setattr(index, "STALE_S", 600.0)  # a busy machine is no reason to fail
    with override_settings(ENGINE=True, ENGINE_THREAD=False):
        yield mine


def said(found):
    return [(c.worker.pk, c.points.total, c.distance_m, c.reasons) for c in found]


def same_for_every_posting(live, limit=20):
    """Compare both paths over all work; returns how many rows were compared."""
    rows = 0
    for posting in work():
        ours = queries.for_posting(posting, now(), limit=limit)
        with override_settings(ENGINE=False):
            plain = queries.for_posting(posting, now(), limit=limit)
        assert (ours.source, plain.source) == ("index", "database")
        assert said(ours) == said(plain)
        rows += len(plain)
    return rows


def same_for_every_worker(filters=None):
    rows = 0
    for worker in everybody():
        ours = queries.for_worker(worker, now(), filters=filters, limit=8)
        with override_settings(ENGINE=False):
            plain = queries.for_worker(worker, now(), filters=filters, limit=8)
        assert [(m.posting.pk, m.points.total, m.reasons) for m in ours] == [
            (m.posting.pk, m.points.total, m.reasons) for m in plain
        ]
        rows += len(plain)
    return rows


@pytest.mark.row("SX-13a")
@pytest.mark.parametrize("seed", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_both_paths_give_the_same_people_points_and_order_through_every_kind_of_change(live, monday_morning, seed):
    world = World(seed)
    live.step()

    assert same_for_every_posting(live) > 10
    assert same_for_every_posting(live, limit=2) > 5
    assert same_for_every_worker() > 10
    assert same_for_every_worker(Filters(trades=(make.kitchen().code,))) > 5
    kinds = set()
    for _turn in range(3):
        for _ in range(25):
            kinds.add(world.change())
        live.catch_up()
        same_for_every_posting(live)
        same_for_every_worker()
        assert live.check().drift == 0
    assert len(kinds) > 7


def near(**facts):
    return make.worker(lat=LAT, lng=LNG, **facts)


def job(**facts):
    return make.posting(lat=LAT, lng=LNG, **facts)


def keys(posting):
    return [c.worker.pk for c in queries.for_posting(posting, now())]


def test_a_change_is_in_the_index_after_one_look(live):
    worker, posting = near(), job()
    live.step()

    assert keys(posting) == [worker.pk]
    workers.change_profile(worker, by=worker.user, taking_work=False)
    assert live.catch_up() == 1
    assert live.best_workers(posting, list(posting.shifts.all()), now(), 5) == []
    workers.change_profile(worker, by=worker.user, taking_work=True)
    live.catch_up()
    assert live.best_workers(posting, list(posting.shifts.all()), now(), 5) == [worker.pk]


def test_what_the_index_has_not_heard_of_is_still_not_offered(live):
    worker, posting = near(), job()
    live.step()

    workers.change_profile(worker, by=worker.user, taking_work=False)

    assert live.best_workers(posting, list(posting.shifts.all()), now(), 5) == [worker.pk]
    assert keys(posting) == []


def test_a_mark_that_stops_counting_is_forgotten_without_anybody_writing(live, monday_morning):
    worker = near()
    workers.give_points(worker, "no_show", cause="attendance:A", by=None)
    live.step()

    with moved_to(now() + timedelta(days=366)):
        assert live.catch_up() == 1
        assert live.check().drift == 0


def test_the_checker_finds_repairs_and_reports_what_went_missing(live, caplog):
    worker, _posting = near(), job()
    live.step()
    with connection.cursor() as cursor:  # a write that no trigger saw
        cursor.execute("DELETE FROM matching_changed")
    live.workers.remove([worker.pk])
    logging.disable(logging.NOTSET)

    first, second = live.check(), live.check()

    assert (first.drift, second.drift) == (1, 0)
    assert first.keys == (("w", worker.pk),)
    assert "differed from the database" in caplog.text


def test_an_index_that_fell_behind_answers_nobody_and_says_so(live, caplog):
    worker, posting = near(), job()
    live.step()
    live._in_step_at -= index.STALE_S + 1

    found = queries.for_posting(posting, now())

    assert (found.source, [c.worker.pk for c in found]) == ("database", [worker.pk])
    assert "behind: the database answers" in caplog.text
    live.catch_up()
    assert queries.for_posting(posting, now()).source == "index"


def test_a_writer_that_dies_half_way_leaves_an_index_that_is_built_anew(live, monkeypatch):
    worker, posting = near(), job()
    live.step()
    workers.change_profile(worker, by=worker.user, reach_m=9_000)

    def dies(*_args):
        raise MemoryError

    whole = live.workers.put
    live.workers.put = dies
    with pytest.raises(MemoryError):
        live.catch_up()

    assert not live.in_step()
    assert queries.for_posting(posting, now()).source == "database"
    live.workers.put = whole
    live.step()
    assert live.in_step()
    assert keys(posting) == [worker.pk]


def test_notes_thrown_away_before_they_were_read_make_it_build_anew(live):
    worker, _posting = near(), job()
    live.step()
    workers.change_profile(worker, by=worker.user, reach_m=3_000)
    live.catch_up()
    before = live.built_at
    for reach in (1_000, 2_000):
        workers.change_profile(worker, by=worker.user, reach_m=reach)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM matching_changed WHERE id < (SELECT MAX(id) FROM matching_changed)")

    with pytest.raises(watching.FellBehind):
        watching.news(live._place)
    live.step()

    assert live.built_at > before and live.check().drift == 0


def test_the_triggers_stand_once_and_are_put_up_again_when_one_is_gone(live):
    watching.install()
    watching.install()
    assert watching.installed()
    table = " ON workers_quarter" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER linggong_changed_workers_quarter_insert{table}")

    assert not watching.installed()
    live.step()
    assert watching.installed()


def test_triggers_of_an_earlier_edition_fall(live):
    watching.install()
    postgresql = connection.vendor == "postgresql"
    name, table = "linggong_changed_postings_posting_update", "postings_posting"
    with connection.cursor() as cursor:
        body = "EXECUTE FUNCTION linggong_changed('p', 'id')" if postgresql else "BEGIN SELECT 1; END"
        cursor.execute(f"CREATE TRIGGER {name} AFTER UPDATE ON {table} FOR EACH ROW {body}")
        assert name in watching._present(cursor)

        live.step()

        assert name not in watching._present(cursor)
    assert watching.installed()


def test_without_the_engine_nothing_is_noted(monday_morning):
    near()

    assert not Changed.objects.exists()


@pytest.mark.parametrize(
    ("lat", "lng"), [(117.63, 26.27), (22.0, 125.0), (0.0, 0.0), (89.99, 117.0)],
    ids=["swapped", "at sea", "nowhere", "at the pole"],
)  # fmt: skip
def test_a_place_that_cannot_be_finds_nobody_on_either_path(live, lat, lng):
    near()
    job()
    with connection.cursor() as cursor:  # below the actions, as an import would
        cursor.execute("UPDATE postings_posting SET lat = %s, lng = %s", [lat, lng])
    live.step()

    assert same_for_every_posting(live) == 0
    assert live.check().drift == 0


def test_a_worker_without_a_place_is_found_by_nobody_and_finds_from_the_division(live):
    worker, posting = near(), make.posting()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE workers_worker SET lat = NULL, lng = NULL")
    live.step()
    worker.refresh_from_db()

    assert keys(posting) == []
    assert same_for_every_worker() == 1
    assert live.check().drift == 0


def test_radius_zero_means_at_the_door_only(live):
    worker, here = near(), job()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE workers_worker SET reach_m = 0, lat = %s, lng = %s", [LAT, LNG])
    far = make.posting(lat=LAT + 0.01, lng=LNG)
    live.step()

    assert keys(here) == [worker.pk]
    assert keys(far) == []
    assert same_for_every_posting(live) == 1


def test_two_hundred_trades_and_five_thousand_places_are_only_large(live, monday_morning):
    worker, posting = near(), job()
    rows = [(worker.pk, t.code) for t in trades() if t.code != make.kitchen().code][:200]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO workers_workertrade (worker_id, trade_id, skilled, years, times) VALUES (%s, %s, false, 0, 0)",
            rows,
        )
        cursor.execute("UPDATE postings_shift SET places = 5000")
    live.step()

    assert len(rows) > 150
    assert keys(posting) == [worker.pk]
    assert same_for_every_worker() == 1
    assert live.check().drift == 0


@pytest.mark.parametrize(
    ("day", "hour"), [((2026, 11, 23), 22), ((2026, 11, 30), 22), ((2026, 12, 31), 22), ((2028, 2, 28), 22)],
    ids=["midnight", "end of a month", "new year", "into the 29th of February"],
)  # fmt: skip
def test_a_night_belongs_to_both_its_days_on_either_path(live, day, hour):
    evening = at(date(*day), hour)
    with moved_to(evening - timedelta(hours=2)):
        night = make.posting(lat=LAT, lng=LNG, starts_at=evening, hours=8)
        early, late, free = near(), near(), near()
        workers.book(
            early, starts_at=evening + timedelta(hours=7), ends_at=evening + timedelta(hours=9), ref="engagement:A"
        )
        workers.book(
            late, starts_at=evening + timedelta(hours=8), ends_at=evening + timedelta(hours=9), ref="engagement:B"
        )
        live.step()

        assert sorted(keys(night)) == [late.pk, free.pk], "06:00 is where the night ends, and not a minute before"
        assert same_for_every_posting(live) == 2
        assert same_for_every_worker() == 2
        assert live.check().drift == 0

    with moved_to(evening + timedelta(minutes=1)):  # the work has begun: yesterday's posting, by tomorrow's clock
        live.catch_up()
        assert same_for_every_worker() == 0


@override_settings(ENGINE=True)
def test_the_command_builds_compares_and_says_so(capsys):
    near()
    job()

    call_command("check_engine")

    assert "1 workers and 1 postings" in capsys.readouterr().out


def test_a_process_tells_how_its_index_does_and_old_reports_go(live):
    near()
    job()
    live.step()
    live.check()
    live.report = actions.report_index
    live._tell()

    [report] = queries.index_reports()
    assert (report.workers, report.postings, report.drift) == (1, 1, 0)
    with moved_to(now() + timedelta(hours=2)):
        assert actions.let_go()["reports"] == 1


def test_other_weights_are_answered_by_the_database_until_the_index_counts_by_them(live):
    worker, posting = near(), job()
    live.step()
    table = copy.deepcopy(score.shipped()) | {"version": "2026.9"}
    table["components"][0]["most"] = 10
    rule = reference.enter_rule(
        key="match_weights", value=table, division_code="350400", valid_from=local(now()).date(),
        document="三明零工〔2026〕9号", document_url="https://example.org/9", by=make.supervisor(),
    )  # fmt: skip
    reference.approve_rule(rule, by=make.supervisor())

    found = queries.for_posting(posting, now())
    assert (found.source, found[0].points.version) == ("database", "2026.9")
    live._checked_at -= index.CHECK_S + 1
    live.step()
    found = queries.for_posting(posting, now())

    assert (found.source, found[0].points.version) == ("index", "2026.9")
    assert same_for_every_posting(live) == 1
    assert worker.pk == found[0].worker.pk


def test_a_place_is_guarded_by_the_database_whatever_the_index_still_believes(live):
    first, second, posting = near(), near(), job(places=1)
    live.step()
    make.engagement(posting_=posting, worker_=first)

    assert live.best_postings(second, (LAT, LNG), 10_000, now(), 5) == [posting.pk]  # it has not heard
    assert queries.for_worker(second, now()) == []
    with pytest.raises(postings.Full):
        postings.take_place(posting.shifts.get())
    assert posting.shifts.get().taken == 1
