"""The figures: pay against the floor, hours, ages, risk, and what each form of work allows."""

from datetime import datetime, timedelta, timezone

import pytest

from linggong.postings.facts import PART_TIME, PIECEWORK_HOME, SEASONAL, TASK, TEMPORARY
from linggong.postings.screening import BLOCK, FLAG, HINT, Limits, PostingFacts, Shift, blocked, screen

CHINA = timezone(timedelta(hours=8))
MONDAY = datetime(2026, 6, 8, 8, tzinfo=CHINA)


def _days(count: int, hours: float, *, rest: int | None = None, start: datetime = MONDAY) -> tuple[Shift, ...]:
    days = (start + timedelta(days=n) for n in range(count))
    return tuple(Shift(day, day + timedelta(hours=hours), break_minutes=rest) for n, day in enumerate(days))


def _found(limits: Limits | None = None, **facts) -> dict[str, str]:
    facts = {"content": "搬货", "pay_fen": 20000, "pay_unit": "DAY"} | facts
    return {finding.code: finding.severity for finding in screen(PostingFacts(**facts), limits=limits)}


# --- the three kinds of demand ------------------------------------------------------------------------------------


@pytest.mark.row("FJ-10")
def test_part_time_seasonal_and_temporary_work_are_checked_differently():
    terms = {"shifts": _days(40, 6, rest=0), "pay_cycle": "ON_COMPLETION", "content": "装箱,试用期三天"}

    by_form = {form: set(_found(employment_form=form, **terms)) for form in (PART_TIME, SEASONAL, TEMPORARY)}

    assert by_form[PART_TIME] == {"PART_TIME_DAY", "PART_TIME_WEEK", "PART_TIME_PROBATION"}
    assert by_form[SEASONAL] == {"SEASONAL_REST", "SEASONAL_PAY"}
    assert by_form[TEMPORARY] == {"TEMPORARY_LONG"}


@pytest.mark.row("FJ-10")
def test_part_time_within_four_hours_and_fifteen_days_passes():
    found = _found(employment_form=PART_TIME, shifts=_days(5, 4), pay_cycle="HALF_MONTH", pay_unit="HOUR")

    assert found == {}


@pytest.mark.row("FJ-10")
def test_part_time_paid_by_the_month_is_flagged():
    assert _found(employment_form=PART_TIME, shifts=_days(3, 4), pay_cycle="MONTHLY")["PART_TIME_PAY"] == FLAG


@pytest.mark.row("FJ-10")
def test_part_time_of_seven_full_days_passes_24_hours_a_week():
    found = _found(employment_form=PART_TIME, shifts=_days(7, 4), pay_cycle="DAILY")

    assert set(found) == {"PART_TIME_WEEK"}


@pytest.mark.row("FJ-10")
def test_a_few_days_paid_at_the_end_of_the_month_are_flagged_as_temporary_work_only():
    terms = {"shifts": _days(3, 8), "pay_cycle": "MONTHLY"}

    assert "TEMPORARY_PAY" in _found(employment_form=TEMPORARY, **terms)
    assert "TEMPORARY_PAY" not in _found(employment_form=SEASONAL, **terms)


def test_a_season_of_more_than_half_a_year_is_flagged():
    assert "SEASONAL_LONG" in _found(
        employment_form=SEASONAL, shifts=_days(1, 8) + _days(1, 8, start=MONDAY + timedelta(200))
    )


def test_work_taken_home_is_paid_by_the_piece():
    assert "HOME_PAY" in _found(employment_form=PIECEWORK_HOME, pay_unit="DAY")
    assert "HOME_PAY" not in _found(employment_form=PIECEWORK_HOME, pay_unit="PIECE")


def test_a_task_paid_by_the_hour_is_a_hint():
    assert _found(employment_form=TASK, pay_unit="HOUR") == {"TASK_PAY": HINT}


# --- pay ----------------------------------------------------------------------------------------------------------

FLOOR = Limits(min_hourly_wage_fen=2000, min_monthly_wage_fen=200000)


def test_an_hourly_rate_below_the_floor_is_an_absolute_block():
    found = screen(PostingFacts(content="洗碗", pay_fen=1500, pay_unit="HOUR"), limits=FLOOR)

    assert blocked(found) and "15 元" in found[0].message and found[0].rewrite == "每小时 20 元"


def test_a_rate_on_the_floor_passes():
    assert _found(FLOOR, pay_fen=2000, pay_unit="HOUR") == {}


def test_a_day_rate_below_the_floor_blocks_only_when_the_break_is_known():
    assert _found(FLOOR, pay_fen=12000, shifts=_days(1, 8, rest=60))["BELOW_MIN"] == BLOCK
    assert _found(FLOOR, pay_fen=12000, shifts=_days(1, 8))["BELOW_MIN"] == FLAG


def test_an_unknown_break_is_taken_off_before_a_day_rate_is_called_too_low():
    assert "BELOW_MIN" not in _found(FLOOR, pay_fen=16000, shifts=_days(1, 10))


def test_a_shift_of_twelve_hours_for_180_is_below_20_an_hour():
    assert "BELOW_MIN" in _found(FLOOR, pay_fen=18000, pay_unit="SHIFT", shifts=_days(1, 12, rest=0))


@pytest.mark.parametrize("unit", ["PIECE", "JIN", "TONNE", "RACK", "ORDER"])
def test_counted_pay_is_never_called_too_low_because_nobody_knows_the_pace(unit):
    assert "BELOW_MIN" not in _found(FLOOR, pay_fen=50, pay_unit=unit, shifts=_days(1, 8))


def test_a_lump_sum_is_measured_for_one_person_only():
    assert "BELOW_MIN" in _found(FLOOR, pay_fen=5000, pay_unit="FIXED", headcount=1, shifts=_days(1, 4, rest=0))
    assert "BELOW_MIN" not in _found(FLOOR, pay_fen=5000, pay_unit="FIXED", headcount=3, shifts=_days(1, 4, rest=0))


def test_a_month_of_full_days_below_the_monthly_floor_is_flagged():
    assert _found(FLOOR, pay_fen=150000, pay_unit="MONTH", shifts=_days(5, 8))["BELOW_MIN"] == FLAG
    assert "BELOW_MIN" not in _found(FLOOR, pay_fen=150000, pay_unit="MONTH", shifts=_days(5, 4))


def test_without_an_approved_floor_no_pay_is_too_low():
    assert _found(Limits(), pay_fen=100, pay_unit="HOUR") == {}


def test_negotiable_without_any_number_is_flagged():
    assert _found(pay_fen=None, pay_unit=None, content="工钱面议")["NO_PAY"] == FLAG
    assert "NO_PAY" not in _found(pay_fen=None, pay_unit=None, content="工钱200元左右,面议")


# --- hours, ages, risk --------------------------------------------------------------------------------------------


def test_hours_are_quiet_to_eight_a_hint_to_eleven_and_a_flag_above():
    assert _found(shifts=_days(1, 8)) == {}
    assert _found(shifts=_days(1, 10)) == {"LONG_SHIFT": HINT}
    assert _found(shifts=_days(1, 12)) == {"OVER_HOURS": FLAG}


def test_a_week_without_end_is_flagged():
    assert _found(shifts=_days(7, 9.5))["OVER_HOURS"] == FLAG


def test_two_stretches_on_one_day_are_counted_together():
    morning = Shift(MONDAY, MONDAY + timedelta(hours=6))
    evening = Shift(MONDAY + timedelta(hours=8), MONDAY + timedelta(hours=14))

    assert "OVER_HOURS" in _found(shifts=(morning, evening))


@pytest.mark.parametrize(
    ("hour", "length", "night"), [(8, 8, False), (14, 8, False), (15, 8, True), (5, 4, True), (20, 10, True)]
)
def test_work_between_ten_and_six_is_named_night_work(hour, length, night):
    start = MONDAY.replace(hour=hour)

    assert ("NIGHT" in _found(shifts=(Shift(start, start + timedelta(hours=length)),))) is night


def test_under_sixteen_is_blocked_and_under_eighteen_kept_from_risk_and_bars():
    assert _found(age_low=15)["CHILD"] == BLOCK
    assert _found(age_low=16, risk_class=4)["YOUTH_HAZARD"] == FLAG
    assert _found(age_low=16, insurable=False)["YOUTH_HAZARD"] == FLAG
    assert _found(age_low=16, venue_kind="KTV")["YOUTH_VENUE"] == FLAG
    assert _found(age_low=16, risk_class=2) == {}


def test_an_age_cap_is_a_question_unless_the_law_asks_for_it():
    assert _found(age_high=45) == {"AGE_CAP": HINT}
    assert _found(age_high=45, reasons=frozenset({"SITE_AGE"})) == {}


def test_a_region_with_a_site_age_asks_for_it_on_building_sites_only():
    limits = Limits(site_age_max=60)

    assert "SITE_AGE" in _found(limits, building_site=True)
    assert "SITE_AGE" not in _found(limits, building_site=True, age_high=60)
    assert "SITE_AGE" not in _found(limits)


def test_high_risk_goes_to_a_person_and_a_missing_certificate_is_named():
    assert _found(risk_class=6)["HIGH_RISK"] == FLAG
    assert _found(insurable=False)["HIGH_RISK"] == FLAG
    found = screen(PostingFacts(content="焊接件", pay_fen=35000, certificates_required=("焊接与热切割作业证",)))
    assert "焊接与热切割作业证" in next(f for f in found if f.code == "CERT_REQUIRED").message


def test_a_repost_names_its_source():
    assert _found(repost=True)["REPOST_NO_SOURCE"] == FLAG
    assert _found(repost=True, repost_source="某群") == {}


def test_work_with_children_reminds_of_the_record_query():
    assert _found(minor_contact=True) == {"MINOR_CONTACT": HINT}


@pytest.mark.parametrize(("rest", "said"), [(None, "没写歇多久，按歇 1 小时算"), (60, "歇的 60 分钟不算")])
def test_a_too_low_wage_is_told_with_the_break_its_hourly_figure_leaves_out(rest, said):
    low = PostingFacts(content="搬货", pay_fen=12000, pay_unit="DAY", shifts=_days(1, 8, rest=rest))

    told = next(found.message for found in screen(low, limits=FLOOR) if found.code == "BELOW_MIN")

    assert f"17.14 元（{said}），" in told
