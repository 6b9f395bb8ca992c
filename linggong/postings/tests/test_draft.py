"""Drafting: few entries are enough, honest defaults, one precise sentence per wrong field."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import linggong.postings.actions as postings
from linggong import make
from linggong.core.clock import at, local, now
from linggong.postings import entry
from linggong.postings.models import Posting, Shift
from linggong.postings.pay import CHINA
from linggong.reference.geo import cell

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    return make.employer()


def tomorrow(hour, minute=0):
    return at(local(now()).date() + timedelta(days=1), hour, minute)


def few(**changes):
    """The eight entries nobody can leave out, and not one more."""
    return {
        "trade": make.kitchen().code, "places": 2, "starts_at": tomorrow(8), "ends_at": tomorrow(16),
        "address": "江滨路8号", "pay_fen": 18000, "pay_unit": "DAY", **changes,
    }  # fmt: skip


def wrong(boss, **changes):
    before = Posting.objects.count()
    with pytest.raises(entry.BadFacts) as refused:
        postings.draft(boss, few(**changes), by=None)
    assert Posting.objects.count() == before and not Shift.objects.filter(posting__employer=boss).exists()
    return refused.value.fields


@pytest.mark.row("GX-07")
def test_seven_entries_make_a_whole_posting_with_honest_defaults(boss):
    assert len(few()) <= 8

    posting = postings.draft(boss, few(), by=None)

    assert posting.state == "draft" and posting.title == "帮厨" and "帮厨" in posting.content
    assert (posting.insured, posting.custody, posting.pay_within_hours) == (True, "offline", 24)
    assert (posting.meals, posting.lodging, posting.wasted_trip_fen) == ("NONE", False, 0)
    assert posting.contact_name == boss.contact_name and posting.division == boss.division
    assert (posting.cell_y, posting.cell_x) == cell(posting.lat, posting.lng)
    assert (posting.shift_fen, posting.shift_minutes, posting.daypart) == (18000, 480, "day")


def test_a_shop_that_names_no_place_hires_for_its_own(boss):
    posting = postings.draft(boss, few(address=""), by=None)

    assert (posting.address, posting.lat, posting.lng) == (boss.address, boss.lat, boss.lng)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("trade", {"trade": "X999"}), ("trade", {"trade": ""}), ("division", {"division": "999999"}),
        ("places", {"places": 0}), ("places", {"places": 501}), ("places", {"places": "两个"}),
        ("places", {"places": None}),
        ("pay_fen", {"pay_fen": 0}), ("pay_fen", {"pay_fen": -5}), ("pay_fen", {"pay_fen": None}),
        ("pay_fen", {"pay_fen": 4_000_100}), ("pay_fen", {"pay_fen": 500_001, "pay_unit": "HOUR"}),
        ("pay_fen", {"pay_fen": True}), ("pay_unit", {"pay_unit": "WEEK"}), ("pay_cycle", {"pay_cycle": "YEARLY"}),
        ("pay_within_hours", {"pay_within_hours": 9999}), ("quantity", {"pay_unit": "TONNE", "quantity": "-3"}),
        ("quantity", {"pay_unit": "TONNE", "quantity": "NaN"}), ("content", {"content": "洗" * 10_000}),
        ("title", {"title": "活" * 41}), ("content", {"content": "洗菜\x00"}), ("title", {"title": "帮厨\u202e厨帮"}),
        ("address", {"address": "江滨路\ud800"}), ("address", {"address": "很远", "lat": 999.0, "lng": float("nan")}),
        ("age_low", {"age_low": 15}), ("age_high", {"age_low": 40, "age_high": 30}), ("meals", {"meals": "LOTS"}),
        ("suitable_for", {"suitable_for": ["RICH"]}), ("uninsured_reason", {"insured": False}),
        ("custody", {"custody": "platform"}), ("hazards", {"hazards": ["DRAGON"]}),
        ("call_off_minutes", {"call_off_minutes": -1}),
        ("wasted_trip_fen", {"wasted_trip_fen": 100_001}), ("requirements", {"requirements": ["力气大"] * 11}),
        ("requirements", {"requirements": [{"text": "能" * 61}]}),
    ],
)  # fmt: skip
def test_every_wrong_entry_is_refused_by_its_name_and_nothing_is_kept(boss, field, changes):
    fields = wrong(boss, **changes)

    assert list(fields) == [field] and fields[field]


def test_times_that_cannot_be_are_refused(boss):
    yesterday = now() - timedelta(days=1)

    assert "开工时间已经过了" in wrong(boss, starts_at=yesterday)["starts_at"]
    assert "结束时间" in wrong(boss, ends_at=tomorrow(7))["ends_at"]
    assert "16 小时" in wrong(boss, ends_at=tomorrow(24, 15))["ends_at"]
    assert "半年" in wrong(boss, starts_at=now() + timedelta(days=200))["starts_at"]
    assert wrong(boss, starts_at=None)["starts_at"] and wrong(boss, starts_at=datetime(2030, 1, 1))["starts_at"]  # noqa: DTZ001
    assert "休息" in wrong(boss, break_minutes=480)["break_minutes"]
    assert "叠在一起" in wrong(boss, shifts=[few(), few(starts_at=tomorrow(15), ends_at=tomorrow(20))])["shifts"]
    assert wrong(boss, shifts=[])["shifts"]


def test_several_wrong_fields_are_all_named_at_once(boss):
    fields = wrong(boss, places=0, pay_fen=0, title="活" * 50)

    assert set(fields) == {"places", "pay_fen", "title"}


def test_times_are_rounded_to_quarter_hours(boss):
    posting = postings.draft(boss, few(starts_at=tomorrow(8, 7), ends_at=tomorrow(16, 8)), by=None)

    shift = posting.shifts.get()
    assert (local(shift.starts_at).minute, local(shift.ends_at).minute) == (0, 15)


def test_emoji_and_angle_brackets_are_only_words(boss):
    posting = postings.draft(boss, few(title="帮厨👨‍🍳", content="<script>alert(1)</script>\n洗菜"), by=None)

    assert posting.title == "帮厨👨‍🍳" and "<script>" in posting.content


def test_weekends_until_the_end_of_the_month_are_a_shift_each(boss):
    first = local(now()).date() + timedelta(days=1)
    days = entry.days_between(first, first + timedelta(days=29), weekdays=(5, 6))

    posting = postings.draft(
        boss, few(shifts=entry.spread(days, time(8), time(17), zone=CHINA, break_minutes=60)), by=None
    )

    shifts = list(posting.shifts.order_by("starts_at"))
    assert [local(s.starts_at).date() for s in shifts] == days
    assert {local(s.starts_at).weekday() for s in shifts} == {5, 6}
    assert posting.first_starts_at == posting.next_starts_at == shifts[0].starts_at
    assert (posting.last_starts_at, posting.last_ends_at) == (shifts[-1].starts_at, shifts[-1].ends_at)


def test_sixty_two_shifts_are_the_most_and_one_price_is_for_one_shift(boss):
    first = local(now()).date() + timedelta(days=1)
    many = entry.spread(entry.days_between(first, first + timedelta(days=90)), time(8), time(12), zone=CHINA)

    assert "62" in wrong(boss, shifts=many)["shifts"]
    assert "整活" in wrong(boss, shifts=many[:2], pay_unit="FIXED")["pay_unit"]


def test_a_night_shift_ends_on_the_next_day():
    (row,) = entry.spread([date(2026, 11, 30)], time(22), time(6), zone=CHINA)

    assert row["ends_at"] - row["starts_at"] == timedelta(hours=8)


def test_the_certificates_the_trade_must_have_are_always_asked(boss):
    posting = postings.draft(boss, few(trade="G013"), by=None)

    assert posting.certificates == ["TZ-HJ-RH"]


def test_a_household_with_time_chooses_and_one_in_a_hurry_takes_the_first():
    home = make.employer(kind="HOUSEHOLD")
    soon = now() + timedelta(hours=3)

    assert postings.draft(home, few(starts_at=now() + timedelta(days=3), ends_at=now() + timedelta(days=3, hours=4)),
                          by=None).way_in == "apply"  # fmt: skip
    assert postings.draft(home, few(starts_at=soon, ends_at=soon + timedelta(hours=3)), by=None).way_in == "grab"


def test_the_same_again_on_another_day(boss):
    old = postings.draft(boss, make.facts(days=3, meals="ALL"), by=None)
    day = local(now()).date() + timedelta(days=10)

    again = postings.repeat(old, starts_on=day, by=None)

    days = [local(s.starts_at).date() for s in again.shifts.order_by("starts_at")]
    assert days == [day + timedelta(days=n) for n in range(3)]
    assert (again.state, again.meals, again.content) == ("draft", "ALL", old.content)


FLAT = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
ANY = FLAT | st.lists(st.text(max_size=5), max_size=3)
NAMES = [
    "places", "pay_fen", "pay_unit", "quantity", "pay_cycle", "pay_within_hours", "title", "content", "address",
    "meals", "lodging", "transport", "form", "way_in", "suitable_for", "age_low", "age_high", "insured",
    "uninsured_reason", "call_off_minutes", "wasted_trip_fen", "break_minutes", "hazards", "contact_mode", "custody",
    "outdoor",
]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=st.dictionaries(st.sampled_from(NAMES), ANY, max_size=6))
def test_whatever_is_entered_is_read_or_refused_in_words(facts):
    trade = make.kitchen()
    base = few(lat=26.0, lng=117.0, **facts)
    try:
        values, slots = entry.read(base, trade=trade, at=now())
    except entry.BadFacts as no:
        assert no.fields and all(no.fields.values())
    else:
        assert values["pay_fen"] > 0 and 1 <= values["places"] <= 500 and slots
