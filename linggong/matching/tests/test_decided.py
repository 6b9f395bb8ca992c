"""A decision is kept as it was taken and replays bit for bit; weights are published, approved by two, and kept."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

import linggong.matching.actions as matching
import linggong.reference.actions as reference
import linggong.workers.actions as workers
from linggong import make
from linggong.core.clock import local, moved_to, now, timedelta
from linggong.core.models import Event
from linggong.matching import queries, score, weighing
from linggong.matching.models import Decision
from linggong.reference.rule_keys import MATCH_PARTS, RULE_KEYS, BadValue

pytestmark = pytest.mark.django_db

LAT, LNG = 26.27, 117.63


@pytest.fixture
def job():
    return make.posting(lat=LAT, lng=LNG)


def some(many=4):
    rows = [make.worker(lat=LAT + n * 0.01, lng=LNG, pay_floor_fen=15_000 + n * 1_000) for n in range(many)]
    workers.worked(rows[-1], make.kitchen(), by=None)
    return rows


def published(**most):
    """Other weights: entered by one, approved by another."""
    table = json.loads(json.dumps(score.shipped()))
    table["version"] = "2026.9"
    for row in table["components"]:
        row["most"] = most.get(row["name"], row["most"])
    rule = reference.enter_rule(
        key="match_weights", value=table, division_code="350400", valid_from=local(now()).date(),
        document="三明零工〔2026〕9号", document_url="https://example.org/9", by=make.supervisor(),
    )  # fmt: skip
    reference.approve_rule(rule, by=make.supervisor())
    return rule


@pytest.mark.parametrize("order", ["fit", "near", "seasoned"])
def test_a_decision_replays_bit_for_bit_whatever_happened_since(job, order, capsys):
    people = some()
    found = queries.for_posting(job, now(), order=order)

    decision = matching.decided(found, job, purpose="offer", chosen=people[1], by=job.posted_by)
    for person in people:
        workers.change_profile(person, by=person.user, reach_m=90_000, pay_floor_fen=99_000)
    published(way=0, waiting=1000)

    decision = queries.decision_by_code(decision.code)
    assert [row[0] for row in decision.outcome] == [c.worker.pk for c in found]
    assert [row[1] for row in decision.outcome] == [c.points.total for c in found]
    assert queries.replayed(decision) == []
    call_command("replay", decision.code)
    assert "equal: 4 rows" in capsys.readouterr().out


def test_a_decision_keeps_keys_and_numbers_and_nothing_else_of_a_person(job):
    people = some(2)
    decision = matching.decided(queries.for_posting(job, now()), job, purpose="wave", by=None)

    text = json.dumps([decision.inputs, decision.outcome], ensure_ascii=False)
    for person in people:
        assert person.user.name not in text and person.code not in text
    event = Event.objects.get(name="decision.kept")
    assert event.data == {"code": decision.code, "purpose": "wave", "posting": job.code, "place": None}


def test_a_record_that_was_touched_is_told_from_one_that_was_not(job):
    some()
    decision = matching.decided(queries.for_posting(job, now()), job, purpose="offer", by=None)
    inputs = dict(decision.inputs)
    inputs["rows"] = [[key, 5, *rest] for key, _distance, *rest in inputs["rows"]]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE matching_decision SET inputs = %s", [json.dumps(inputs)])

    decision.refresh_from_db()

    assert "changed after it was written" in queries.replayed(decision)[0]
    with pytest.raises(CommandError, match="different"):
        call_command("replay", decision.code)
    with pytest.raises(CommandError, match="no decision"):
        call_command("replay", "NOSUCHCODE")


def test_decisions_are_let_go_after_their_months(job):
    some(1)
    matching.decided(queries.for_posting(job, now()), job, purpose="offer", by=None)

    assert matching.let_go()["decisions"] == 0
    with moved_to(now() + timedelta(days=190)):
        assert matching.let_go()["decisions"] == 1
    assert not Decision.objects.exists()


def test_the_weights_of_a_region_order_its_lists_and_their_version_stands_on_each_row(job):
    close, seasoned = make.worker(lat=LAT, lng=LNG), make.worker(lat=LAT + 0.06, lng=LNG)
    for _ in range(10):
        workers.worked(seasoned, make.kitchen(), by=None)

    assert [c.worker.pk for c in queries.for_posting(job, now())] == [close.pk, seasoned.pk]
    published(way=10, experience=1000)
    after = queries.for_posting(job, now())

    assert [c.worker.pk for c in after] == [seasoned.pk, close.pk]
    assert {c.points.version for c in after} == {"2026.9"}
    assert {m.points.version for m in queries.for_worker(close, now())} == {"2026.9"}


def test_every_version_ever_approved_stays_readable_the_shipped_one_last():
    published(way=200)
    elsewhere = weighing.history("110100")
    here = weighing.history("350402")

    assert [row["weights"].version for row in here] == ["2026.9", score.default_weights().version]
    assert [row["weights"].version for row in elsewhere] == [score.default_weights().version]


def test_a_table_that_lacks_a_part_or_gives_too_much_is_refused():
    asks, table = RULE_KEYS["match_weights"], json.loads(json.dumps(score.shipped()))
    rows = table["components"]

    assert sorted(MATCH_PARTS) == sorted(row["name"] for row in rows)
    assert asks.check(table) == table
    for wrong in (
        [], {"version": "1"}, table | {"components": rows[1:]}, table | {"components": [*rows, rows[0]]},
        table | {"components": [rows[0] | {"most": 5000}, *rows[1:]]}, table | {"version": "x" * 21},
        table | {"components": [rows[0] | {"name": "age"}, *rows[1:]]}, table | {"secret": 1},
    ):  # fmt: skip
        with pytest.raises(BadValue):
            asks.check(wrong)
