"""Regional rules act only when two people stand behind them, and the deepest and latest one wins."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from linggong import make
from linggong.core.models import Event
from linggong.core.states import Moved
from linggong.reference import actions, queries
from linggong.reference.models import RegionRule
from linggong.reference.rule_keys import RULE_KEYS

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 23)


@pytest.fixture
def two():
    return make.supervisor(), make.supervisor()


def entered(by, **changes):
    facts = {
        "key": "min_hourly_wage", "value": 2500, "division_code": "350428", "valid_from": date(2026, 1, 1),
        "document": "闽人社文〔2025〕1号", "by": by,
    }  # fmt: skip
    return actions.enter_rule(**{**facts, **changes})


def approved(two, **changes):
    rule = entered(two[0], **changes)
    actions.approve_rule(rule, by=two[1])
    return rule


def test_a_rule_acts_once_a_second_person_has_approved_it(two):
    rule = entered(two[0])
    before = queries.rule("min_hourly_wage", division_code="350428", on=DAY)

    actions.approve_rule(rule, by=two[1])

    assert before is None
    assert queries.rule("min_hourly_wage", division_code="350428", on=DAY) == 2500
    assert Event.objects.filter(name="regionrule.approved", subject_id=rule.pk, by=two[1]).exists()


def test_who_entered_a_rule_cannot_approve_it(two):
    rule = entered(two[0])

    with pytest.raises(actions.SamePerson):
        actions.approve_rule(rule, by=two[0])
    rule.approved_by = two[0]
    with pytest.raises(ValidationError, match="region_rule_second_person"):
        rule.validate_constraints()

    assert queries.rule("min_hourly_wage", division_code="350428", on=DAY) is None


def test_a_rule_is_approved_once(two):
    rule = approved(two)

    with pytest.raises(Moved):
        actions.approve_rule(rule, by=make.supervisor())


def test_a_shipped_sample_needs_two_people_as_well(two):
    sample = RegionRule.objects.get(key="part_time_daily_hours", sample=True)

    with pytest.raises(actions.NotChecked):
        actions.approve_rule(sample, by=two[0])
    actions.adopt_sample(sample, by=two[0])
    with pytest.raises(actions.SamePerson):
        actions.approve_rule(sample, by=two[0])
    actions.approve_rule(sample, by=two[1])

    assert queries.rule("part_time_daily_hours", on=DAY) == 4
    assert queries.rule_row("part_time_daily_hours", on=DAY).sample is False


def test_samples_are_let_loose_only_away_from_a_live_system(two, settings):
    settings.MODE = "live"
    with pytest.raises(actions.NotChecked):
        actions.approve_samples(by=two[0])

    settings.MODE = "demo"
    count = actions.approve_samples("heat_stop_temp", by=two[0])

    assert count == 1
    assert queries.rule("heat_stop_temp", on=DAY) == 40
    assert queries.rule_row("heat_stop_temp", on=DAY).sample


def test_the_deepest_division_wins_over_a_later_start(two):
    approved(two, division_code="350428", value=2400, valid_from=date(2025, 1, 1))
    approved(two, division_code="350000", value=2100, valid_from=date(2026, 6, 1))

    assert queries.rule("min_hourly_wage", division_code="350428101", on=DAY) == 2400
    assert queries.rule("min_hourly_wage", division_code="350402", on=DAY) == 2100
    assert queries.rule("min_hourly_wage", division_code="330205", on=DAY) is None
    assert queries.rules_in_force(division_code="350428101", on=DAY) == {"min_hourly_wage": 2400}
    assert queries.rules_in_force(division_code="330205", on=DAY) == {}


def test_of_two_in_the_same_place_the_later_start_wins_and_dates_are_inclusive(two):
    approved(two, value=2200, valid_from=date(2025, 1, 1), valid_to=date(2026, 6, 30))
    approved(two, value=2600, valid_from=date(2026, 6, 30))

    def on(day):
        return queries.rule("min_hourly_wage", division_code="350428", on=day)

    assert on(date(2024, 12, 31)) is None
    assert on(date(2025, 1, 1)) == 2200
    assert on(date(2026, 6, 29)) == 2200
    assert on(date(2026, 6, 30)) == 2600


def test_a_withdrawn_rule_stops_acting_and_stays_on_record(two):
    rule = approved(two)

    actions.withdraw_rule(rule, because="文号抄错了", by=two[1])

    assert queries.rule("min_hourly_wage", division_code="350428", on=DAY) is None
    assert rule in queries.waiting_rules("350428")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"key": "max_hourly_wage"}, "key"),
        ({"value": "25"}, "value"),
        ({"value": 25.5}, "value"),
        ({"value": True}, "value"),
        ({"division_code": "999999"}, "division_code"),
        ({"document": " "}, "document"),
        ({"valid_to": date(2025, 12, 31)}, "valid_to"),
        ({"key": "quiet_hours", "value": ["21:00", "7:00"]}, "value"),
        ({"key": "heat_allowance", "value": {"fen": 1200}}, "value"),
        ({"key": "hardship_categories", "value": "残疾人"}, "value"),
        ({"key": "subsidy_rules", "value": [{"who": "谁"}]}, "value"),
    ],
)
def test_a_rule_that_makes_no_sense_is_not_entered(two, changes, field):
    before = RegionRule.objects.count()

    with pytest.raises(actions.BadRule) as refused:
        entered(two[0], **changes)

    assert field in refused.value.fields
    assert RegionRule.objects.count() == before


def test_a_law_without_a_rule_is_off_and_a_setting_has_its_default(two):
    assert queries.setting("min_hourly_wage", division_code="350428", on=DAY) is None
    assert queries.setting("auto_confirm_hours", division_code="350428", on=DAY) == 24
    approved(two, key="auto_confirm_hours", value=48)

    assert queries.setting("auto_confirm_hours", division_code="350428", on=DAY) == 48
    assert queries.default("auto_confirm_hours") == 24


def test_a_key_nobody_declared_is_a_mistake():
    with pytest.raises(KeyError):
        queries.rule("minimum_wage", on=DAY)


def test_every_default_passes_its_own_check():
    for key in RULE_KEYS.values():
        assert key.is_law or key.check(key.default) == key.default
        assert str(key.what)
