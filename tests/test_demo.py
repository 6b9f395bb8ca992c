"""The demo city: the same for the same seed, with every story it promises, on any day and at any hour.

Small cities made by the real command, committed as `make run` does it: on SQLite a file (LINGGONG_TEST_DB_FILE=1).
"""

import json
from datetime import date, datetime, timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, Sum

from linggong.accounts.models import User
from linggong.core import clock, outside
from linggong.core.models import Event
from linggong.engagements.models import Attendance, Engagement
from linggong.ledger.models import Account
from linggong.payments.models import Settlement
from linggong.postings.models import Posting
from linggong.web.demo import living
from linggong.web.demo_people import PEOPLE, demo_file

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "sqlite" in settings.DATABASES["default"]["ENGINE"] and not settings.DATABASES["default"].get("TEST"),
        reason="a city is committed as it is lived: needs a database in a file",
    ),
]

DAY = date(2026, 11, 24)
PUBLISHED = ("reference.regionrule", "insurance.product", "agreements.template")  # kept between tests, approved once
OVER = ("paid", "pay_due", "arrears", "quantity_disputed", "closed")


@pytest.fixture(autouse=True)
def _nobody_yet():
    demo_file().unlink(missing_ok=True)
    yield
    demo_file().unlink(missing_ok=True)


def make_city(**options) -> None:
    call_command("demo", **{"on": DAY, "scale": 0.01, "days": 1, "verbosity": 0, **options})


def wipe() -> None:
    """As between two tests; the guard against strangers who write knows only the runner's own emptying."""
    guards, connection.execute_wrappers[:] = connection.execute_wrappers[:], []
    call_command("flush", interactive=False, verbosity=0)
    connection.execute_wrappers[:] = guards
    demo_file().unlink(missing_ok=True)
    outside.reset()


def sound(moment: datetime) -> None:
    with clock.moved_to(moment):
        call_command("audit_invariants", verbosity=0)


def sight() -> dict[str, list]:
    """What a visitor could tell two cities apart by, codes and moments included."""
    return {
        "people": list(User.objects.order_by("pk").values_list("code", "name", "birth_on")),
        "postings": list(Posting.objects.order_by("pk").values_list("code", "title", "state", "pay_fen", "first_starts_at")),
        "deals": list(Engagement.objects.order_by("pk").values_list("code", "state", "worker__code", "asked_at")),
        "shifts": list(Attendance.objects.order_by("pk").values_list("code", "state", "pay_fen", "confirmed_at")),
        "wages": list(Settlement.objects.order_by("pk").values_list("code", "state", "custody", "net_fen", "paid_at")),
        "ledger": list(Account.objects.order_by("address").values_list("address", "sum_fen")),
        "events": list(Event.objects.exclude(subject_type__in=PUBLISHED).order_by("pk").values_list("name", "at")),
    }  # fmt: skip


def test_the_same_seed_and_day_give_the_same_city_and_another_seed_another():
    make_city(seed=3)
    first = sight()
    wipe()
    make_city(seed=3)
    again = sight()
    wipe()
    make_city(seed=4)

    assert {part for part in first if first[part] != again[part]} == set()
    assert first["people"] != sight()["people"]


def test_every_promised_story_is_there_and_most_wages_are_paid_by_hand():
    make_city(scale=0.05, days=3)

    shifts = dict(Attendance.objects.values_list("state").annotate(Count("pk")))
    wages = {(c, s): n for c, s, n in Settlement.objects.values_list("custody", "state").annotate(Count("pk"))}
    over = Settlement.objects.filter(confirmed_at__isnull=False)
    assert shifts.get("quantity_disputed", 0) >= 1
    assert shifts.get("no_show_worker", 0) >= 1
    assert wages.get(("offline", "acknowledged"), 0) >= 1
    assert wages.get(("supervised", "arrived"), 0) >= 1
    assert Posting.objects.filter(state="taken_down").exists()
    assert Posting.objects.filter(state="reviewing").exists()
    assert over.filter(custody="offline").count() >= 0.6 * over.count()
    people = json.loads(demo_file().read_text(encoding="utf-8"))["people"]
    assert {role.key for role in PEOPLE} <= set(people)
    sound(clock.at(DAY, 6))


def test_most_places_end_in_a_finished_deal_and_the_plan_of_a_whole_city_is_enough_for_three_hundred():
    """A village has fewer people for each place than a city, so its ratio is the lower bound."""
    make_city(scale=0.05, days=3)

    past = Posting.objects.filter(last_ends_at__lte=clock.at(DAY, 0))
    finished = Engagement.objects.filter(posting__in=past, attendances__state__in=OVER).distinct().count()
    offered = past.aggregate(all=Sum("places"))["all"]
    assert finished / offered >= 0.5
    assert living.PLACES * 0.9 >= 300


def test_the_morning_rush_is_open_today():
    make_city(scale=0.05)

    dawn = Posting.objects.filter(
        state="published", first_starts_at__gte=clock.at(DAY, 6), first_starts_at__lt=clock.at(DAY, 12)
    )
    assert dawn.count() >= 1


@pytest.mark.parametrize("later", [1, 10])
def test_a_kept_city_is_brought_to_today_once(later):
    make_city()
    there = set(Posting.objects.values_list("code", flat=True))
    people = User.objects.count()
    new_day = DAY + timedelta(days=later)

    make_city(on=new_day, if_needed=True)
    after = sight()
    make_city(on=new_day, if_needed=True)

    assert sight() == after
    assert User.objects.count() == people, "nobody is born twice"
    opened = Posting.objects.exclude(code__in=there)
    assert opened.filter(state="published", first_starts_at__gte=clock.at(new_day, 6)).count() >= 5
    assert not Posting.objects.filter(state="published", last_ends_at__lte=clock.at(new_day, 5)).exists()
    assert not Attendance.objects.filter(state="work_done", confirm_due_at__lte=clock.at(new_day, 5)).exists()
    sound(clock.at(new_day, 6))


@pytest.mark.parametrize(
    ("day", "hour", "minute"),
    [
        (date(2027, 2, 6), 12, 0),  # the first day of the Spring Festival
        (date(2026, 12, 31), 23, 50),
        (date(2027, 1, 1), 0, 5),
        (date(2028, 2, 29), 3, 0),
        (date(2027, 3, 1), 5, 30),
    ],
)
def test_a_city_can_be_made_on_any_day_at_any_hour(day, hour, minute):
    moment = clock.at(day, hour, minute)
    with clock.moved_to(moment):
        make_city(on=None, days=2, seed=day.toordinal())

    assert Posting.objects.filter(state="published", first_starts_at__gt=moment).count() >= 5
    assert Engagement.objects.filter(state="confirmed").exists()
    sound(moment)


def test_the_clock_and_the_settings_are_as_before():
    before = settings.PRETEND_IN_PROCESS
    make_city()

    assert before == settings.PRETEND_IN_PROCESS
    assert abs(clock.now() - clock.timezone.now()) < timedelta(minutes=5)


@pytest.mark.parametrize("wrong", [{"days": -1}, {"scale": 0}, {"scale": -2}])
def test_impossible_wishes_are_refused_before_anything_is_made(wrong):
    with pytest.raises(CommandError):
        make_city(**wrong)

    assert not User.objects.exists()


def test_a_city_that_stands_is_not_made_over_and_a_torn_one_is_told():
    make_city()
    with pytest.raises(CommandError, match="已经有人"):
        make_city()
    demo_file().unlink()

    with pytest.raises(CommandError, match="没做完"):
        make_city(if_needed=True)


def test_more_days_and_more_people_can_be_asked_for():
    call_command("demo", "--days", "9", "--scale", "0.02", "--seed", "5", "--on", "2026-11-24", verbosity=0)

    first = Posting.objects.order_by("first_starts_at").first()
    assert clock.local(first.first_starts_at).date() <= date(2026, 11, 16)
    assert json.loads(demo_file().read_text(encoding="utf-8"))["seed"] == 5
