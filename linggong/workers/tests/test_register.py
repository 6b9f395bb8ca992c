"""Joining: five facts make a worker; who they are is settled step by step; a child leaves nothing behind."""

import json
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

import linggong.accounts.actions as accounts
import linggong.reference.queries as reference
import linggong.workers.actions as workers
from linggong.accounts.models import User
from linggong.core import clock
from linggong.core.clock import today
from linggong.core.models import Event
from linggong.core.reasons import NoReason
from linggong.core.states import Moved
from linggong.reference import geo
from linggong.workers import background, queries
from linggong.workers.models import Worker, WorkerTrade

from .conftest import id_number, phone

pytestmark = pytest.mark.django_db


@pytest.mark.row("GX-08", "SX-06")
def test_five_entered_facts_and_no_paper_make_a_worker(place, kitchen):
    entered = {"name": "张大山", "phone": phone(), "id_number": "", "division": place, "trades": [kitchen]}

    person = accounts.make_person(name=entered["name"], phone=entered["phone"], id_number=entered["id_number"], by=None)
    worker = workers.register(person, division=entered["division"], trades=entered["trades"], by=person)

    assert len(entered) <= 5
    assert worker.state == "light"
    assert [row.trade for row in queries.trades_of(worker)] == [kitchen]
    assert not queries.holdings_of(worker).exists(), "no paper was asked for"
    assert Event.objects.get(name="worker.light").by == person


def test_a_worker_without_a_phone_is_a_whole_person(worker, clerk):
    old = worker(with_phone=False, contact_via="officer")

    workers.prelim_check(old, by=clerk)

    assert old.user.phone_hash is None
    assert queries.is_checked(old)


def test_the_home_point_is_kept_no_finer_than_about_500_metres(worker):
    exact = (26.271734, 117.638921)

    kept = worker(lat=exact[0], lng=exact[1])

    kept.refresh_from_db()
    assert (kept.lat, kept.lng) == geo.rounded(*exact)
    assert (kept.lat, kept.lng) != exact


def test_registering_twice_is_refused_and_changes_nothing(worker, place, mason):
    first = worker()

    with pytest.raises(workers.AlreadyRegistered):
        workers.register(first.user, division=place, trades=[mason], by=first.user)

    assert Worker.objects.count() == 1
    assert [row.trade_id for row in first.trades.all()] != [mason.pk]


def test_a_worker_needs_a_trade(person, place):
    somebody = person()

    with pytest.raises(workers.NoTrade):
        workers.register(somebody, division=place, trades=[], by=somebody)

    assert not Worker.objects.exists()


@pytest.mark.parametrize(
    "facts",
    [
        {"reach_m": 0},
        {"reach_m": 10_000_000},
        {"free_parts": ["noon"]},
        {"pay_floor_fen": 0},
        {"contact_via": "neighbour"},
        {"dialect": "闽" * 21},
    ],
)
def test_a_fact_out_of_bounds_is_refused_by_name(worker, facts):
    with pytest.raises(workers.BadProfile) as no:
        worker(**facts)

    assert no.value.fields
    assert not Worker.objects.exists()


def test_under_16_leaves_no_person_and_no_worker(place, kitchen):
    child = date(today().year - 15, 1, 1)

    with pytest.raises(accounts.TooYoung):
        accounts.make_person(name="陈小水", phone=phone(), id_number=id_number(child), by=None)

    assert not User.objects.exists()
    assert not Worker.objects.exists()


def test_a_child_whose_age_is_learned_later_is_stopped_at_every_step(worker, clerk):
    quiet = worker(with_id=False)
    quiet.user.birth_on = date(today().year - 15, 1, 1)  # as if another door had let it in

    for step in (workers.prelim_check, workers.verify):
        with pytest.raises(accounts.TooYoung):
            step(quiet, by=clerk)

    assert quiet.state == "light"


@pytest.mark.row("SX-37")
def test_verification_goes_from_light_over_a_first_check_to_verified(worker, clerk):
    somebody = worker()
    assert not queries.is_checked(somebody)

    workers.prelim_check(somebody, by=clerk)
    assert somebody.state == "prelim_checked"
    assert queries.is_checked(somebody)

    accounts.check_at_counter(somebody.user, by=clerk)
    workers.verify(somebody, by=clerk)
    assert somebody.state == "verified"
    assert queries.is_checked(somebody)


@pytest.mark.row("SX-37")
def test_nobody_is_checked_whose_age_nobody_knows(worker, clerk):
    unknown = worker(with_id=False)

    with pytest.raises(workers.AgeUnknown):
        workers.prelim_check(unknown, by=clerk)
    with pytest.raises(workers.NotIdentified):
        workers.verify(unknown, by=clerk)

    unknown.refresh_from_db()
    assert unknown.state == "light"
    assert not Event.objects.filter(name="worker.prelim_checked").exists()


def test_a_suspended_worker_is_told_why_and_comes_back_as_known_before(worker, clerk):
    somebody = worker()
    workers.prelim_check(somebody, by=clerk)

    workers.suspend(somebody, because="三次定下了没到岗", by=clerk)
    assert not queries.is_checked(somebody)
    assert "三次定下了没到岗" in somebody.user.notices.latest("pk").text

    workers.restore(somebody, because="说清楚了", by=clerk)
    assert somebody.state == "prelim_checked"
    with pytest.raises(Moved):
        workers.restore(somebody, because="再来一次", by=clerk)


def test_a_reason_carries_no_number_into_the_journal(worker, clerk):
    somebody = worker()

    with pytest.raises(NoReason):
        workers.suspend(somebody, because="老打 １３８-０１２３ ４５６７ 这个电话", by=clerk)
    with pytest.raises(NoReason):
        workers.suspend(somebody, because="  ", by=clerk)

    somebody.refresh_from_db()
    assert somebody.state == "light"


@pytest.mark.row("SX-19")
def test_the_archive_is_completed_and_corrected_later(worker, kitchen, mason):
    somebody = worker(trades=[kitchen])
    other = reference.children("350400")[-1]

    workers.change_profile(
        somebody, trades=[mason], division=other, lat=26.123456, lng=117.123456, reach_m=5000,
        free_parts=["dawn"], pay_floor_fen=18000, literacy_help=True, dialect="三明话", by=somebody.user,
    )  # fmt: skip

    somebody.refresh_from_db()
    assert somebody.division == other
    assert (somebody.lat, somebody.lng) == geo.rounded(26.123456, 117.123456)
    assert (somebody.reach_m, somebody.free_parts, somebody.pay_floor_fen) == (5000, ["dawn"], 18000)
    assert [row.trade for row in queries.trades_of(somebody)] == [mason]
    said = Event.objects.get(name="worker.changed").data
    assert said["fields"] == sorted(said["fields"])
    assert "三明话" not in str(said), "names of fields, never what they hold"


def test_a_trade_with_work_behind_it_is_never_lost(worker, kitchen, mason):
    somebody = worker(trades=[kitchen])
    workers.worked(somebody, kitchen, by=None)

    workers.change_profile(somebody, trades=[mason], by=somebody.user)

    assert {row.trade: row.times for row in queries.trades_of(somebody)} == {kitchen: 1, mason: 0}


def test_work_in_a_new_trade_adds_the_trade(worker, kitchen, mason):
    somebody = worker(trades=[kitchen])

    workers.worked(somebody, mason, by=None)
    workers.worked(somebody, mason, by=None)

    assert WorkerTrade.objects.get(worker=somebody, trade=mason).times == 2


def test_staff_see_the_workers_of_their_divisions_only(worker, place):
    near = worker()
    far = worker()
    workers.change_profile(far, division=reference.division("330203"), by=None)

    class Reach:
        national = False
        divisions = ("350400",)

    class Nothing:
        national = False
        divisions = ()

    class Country:
        national = True
        divisions = ()

    assert list(queries.within(Reach())) == [near]
    assert not queries.within(Nothing()).exists()
    assert list(queries.within(Country())) == [near, far]


@pytest.mark.row("SX-19")
def test_the_worker_gets_the_whole_archive_as_plain_data(worker, kitchen, place):
    somebody = worker(tools="锅铲")
    workers.upload_certificate(
        somebody, certificate="TZ-HJ-RH", number="T35020419", by=somebody.user, acting_for=somebody.user
    )
    workers.save_card(
        somebody, trades=[kitchen], pay_fen=18000, pay_unit="DAY", area=place, text="什么都肯干", by=somebody.user
    )
    workers.give_points(somebody, "no_show", cause="attendance:A", by=None)

    mine = json.loads(json.dumps(queries.export_of(somebody), ensure_ascii=False))

    assert mine["worker"]["tools"] == "锅铲"
    assert mine["trades"] == [{"trade": kitchen.name, "times": 0, "years": 0, "skilled": False}]
    assert mine["certificates"][0]["number"] == "T35020419"
    assert mine["card"]["text"] == "什么都肯干"
    assert mine["record"][0]["words"] == "定下了没到岗，也没打招呼"


@pytest.mark.row("SX-19")
def test_closing_the_account_erases_the_archive_and_its_photos(worker, kitchen, place, photo):
    somebody = worker(tools="锅铲", lat=26.27, lng=117.63)
    held = workers.upload_certificate(
        somebody, certificate="TZ-HJ-RH", number="T35020419", photo=photo(), by=somebody.user
    )
    workers.save_card(
        somebody, trades=[kitchen], pay_fen=18000, pay_unit="DAY", area=place, text="什么都肯干", by=somebody.user
    )
    asked = accounts.request_deletion(somebody.user, by=somebody.user)

    with clock.moved_to(asked.due_at):
        accounts.erase(asked, by=None)
        background.erase_worker(Event.objects.get(name="user.erased"))
        background.erase_worker(Event.objects.get(name="user.erased"))  # a reaction may run twice

    somebody.refresh_from_db()
    held.refresh_from_db()
    assert (somebody.lat, somebody.tools, somebody.taking_work) == (None, "", False)
    assert (held.number_sealed, held.number_tail4, held.photo) == ("", "", "")
    assert queries.card_of(somebody) is None
    assert not any(path.is_file() for path in Path(settings.MEDIA_ROOT).rglob("*"))


def test_an_answer_of_the_identity_provider_verifies_the_worker(worker, clerk):
    somebody = worker()
    accounts.check_at_counter(somebody.user, by=clerk)
    event = Event.objects.get(name="identitycheck.verified")

    background.verify_worker(event)
    background.verify_worker(event)

    somebody.refresh_from_db()
    assert somebody.state == "verified"
    assert Event.objects.filter(name="worker.verified").count() == 1
