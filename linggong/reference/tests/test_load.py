"""What ships with the product is complete, hangs together and loads without harm to what people entered."""

import shutil
from datetime import date

import pytest
from django.db.models import F

from linggong import make
from linggong.core.clock import now
from linggong.reference import actions, queries
from linggong.reference.actions import loading
from linggong.reference.actions.loading import _read
from linggong.reference.groups import BY_CODE, HAZARDS
from linggong.reference.models import (
    Certificate,
    Division,
    Holiday,
    Level,
    ReferenceVersion,
    RegionRule,
    Synonym,
    Trade,
    TradeCertificate,
)
from linggong.reference.rule_keys import RULE_KEYS

pytestmark = pytest.mark.django_db


def test_every_province_prefecture_and_county_is_there():
    count = {level: Division.objects.filter(level=level).count() for level in (1, 2, 3)}

    assert count == {1: 34, 2: 333, 3: 2845}


def test_the_four_provinces_have_all_their_townships():
    towns = Division.objects.filter(level=Level.TOWN)

    assert {p: towns.filter(path__startswith=p).count() > 500 for p in ("14", "33", "35", "45")} == dict.fromkeys(
        ("14", "33", "35", "45"), True
    )
    assert towns.filter(code="330205007", name="洪塘街道").exists()


def test_the_shipped_files_hold_every_township_and_the_villages_that_can_be_linked():
    towns = {row["code"] for row in _read("townships.csv.gz")}
    villages = [row["code"] for row in _read("villages.csv.gz")]

    assert len(towns) == 38_723
    assert len(villages) == len(set(villages)) == 80_376
    assert {code[:9] for code in villages} <= towns


def test_every_division_lies_inside_its_parent():
    rows = Division.objects.exclude(level=1)

    assert not rows.filter(parent=None).exists()
    assert not rows.filter(parent__level__gte=F("level")).exists()
    assert not [d.code for d in rows.select_related("parent") if not d.path.startswith(d.parent.path)]


def test_a_county_that_ends_in_zero_does_not_swallow_its_neighbours():
    assert queries.path_of("120110") == "120110"
    assert not queries.covers("120110", "120111")
    assert not queries.covers("131000", "131100")
    assert queries.covers("131000", "131003")


def test_every_known_point_lies_in_china():
    rows = Division.objects.exclude(lat=None)

    assert not rows.exclude(lat__range=(3.5, 53.6), lng__range=(73.4, 135.1)).exists()
    assert rows.count() > 8_000


def test_a_township_without_a_point_of_its_own_stands_at_its_county_and_says_so():
    town = Division.objects.filter(level=Level.TOWN, about=True).first()
    known = Division.objects.get(code="330205007")

    assert town is not None and town.lat is not None
    assert not known.about


@pytest.mark.row("FJ-33a")
def test_the_catalogue_has_more_than_eighty_trades_with_codes_and_synonyms():
    trades = Trade.objects.all()

    assert trades.count() >= 191
    assert trades.exclude(csco_code="").count() >= 191
    assert Trade.objects.filter(synonyms__isnull=False).distinct().count() >= 191


@pytest.mark.row("FJ-33b")
def test_twenty_trades_are_new_forms_of_work():
    names = set(Trade.objects.filter(new_form=True).values_list("name", flat=True))

    assert len(names) >= 20
    assert {"直播营销", "创意设计", "文案策划"} <= names


@pytest.mark.row("FJ-33c")
def test_ten_trades_are_local_ones():
    local = Trade.objects.filter(local=True)
    words = set(local.values_list("name", flat=True)) | set(local.values_list("synonyms__word", flat=True))

    assert local.count() >= 10
    assert {"采茶工", "烤烟工", "家政月嫂"} <= words


@pytest.mark.row("FJ-43d")
def test_every_trade_has_a_class_or_cannot_be_insured():
    uninsurable = set(Trade.objects.filter(risk_class=None).values_list("name", flat=True))

    assert set(Trade.objects.exclude(risk_class=None).values_list("risk_class", flat=True)) == {1, 2, 3, 4, 5, 6}
    assert uninsurable == {"渔工", "煤矿井下工"}


def test_a_wage_range_has_a_source_and_a_trade_without_one_shows_none():
    priced = Trade.objects.exclude(wage_low_fen=None)

    assert priced.count() >= 25
    assert not priced.filter(wage_source="").exists()
    assert not Trade.objects.filter(wage_low_fen=None).exclude(wage_high_fen=None).exists()
    assert not Trade.objects.filter(wage_low_fen=None).exclude(wage_source="").exists()


def test_every_trade_belongs_to_a_group_and_carries_known_hazards():
    for trade in Trade.objects.all():
        assert trade.group in BY_CODE
        assert set(trade.hazards) <= set(HAZARDS)


def test_a_word_means_one_trade_only():
    words = list(Synonym.objects.values_list("word", flat=True))
    names = list(Trade.objects.values_list("name", flat=True))

    assert len(words + names) == len(set(words + names))


def test_only_certificates_the_law_demands_are_hard():
    soft_by_law = TradeCertificate.objects.filter(hard=True, certificate__mandatory=False)

    assert Certificate.objects.count() == 109
    assert not soft_by_law.exists()
    assert TradeCertificate.objects.filter(hard=True).exists()


def test_shipped_rules_are_samples_of_known_keys_and_none_acts():
    rows = RegionRule.objects.filter(sample=True)

    assert set(rows.values_list("key", flat=True)) <= set(RULE_KEYS)
    assert rows.filter(key="min_hourly_wage").count() > 400
    assert not rows.exclude(approved_at=None).exists()
    for row in rows:
        assert RULE_KEYS[row.key].check(row.value) == row.value
        assert row.document


def test_loading_again_changes_nothing():
    before = dict(ReferenceVersion.objects.values_list("name", "token"))

    written = actions.load(full=False)

    assert written == {}
    assert dict(ReferenceVersion.objects.values_list("name", "token")) == before


@pytest.fixture
def new_edition(tmp_path, monkeypatch):
    """The next release ships another name for a trade and one more sample rule."""
    folder = tmp_path / "data"
    shutil.copytree(loading.DATA, folder)
    trades = folder / "trades.csv"
    trades.write_text(trades.read_text().replace("G001,砌筑工,", "G001,砌墙师傅,"))
    with (folder / "rules.csv").open("a") as rules:
        rules.write("heat_stop_temp,39,celsius,350000,2026-06-01,,样例文件,\n")
    monkeypatch.setattr(loading, "DATA", folder)


def test_loading_a_new_edition_keeps_local_trades_and_approved_rules(new_edition):
    ours = make.supervisor()
    trade = actions.add_local_trade(
        name="剪烟叶工", group="farm", pay_unit="JIN", division_code="350428", risk_class=2, words=["剪烟"], by=ours
    )
    actions.approve_samples("part_time_pay_days", by=ours)

    written = actions.load(full=False)

    assert written == {"trades": Trade.objects.filter(division_code="").count(), "rules": 1}
    assert Trade.objects.get(code="G001").name == "砌墙师傅"
    assert list(Trade.objects.get(pk=trade.pk).synonyms.values_list("word", flat=True)) == ["剪烟"]
    assert queries.rule("part_time_pay_days", on=date(2026, 11, 23)) == 15
    assert queries.rule("heat_stop_temp", division_code="350000", on=date(2026, 11, 23)) is None


def test_a_slim_load_leaves_out_villages():
    assert not Division.objects.filter(level=Level.VILLAGE).exists()
    assert ReferenceVersion.objects.get(name="townships").loaded_at <= now()


def test_holidays_cover_seven_years_and_mark_the_days_of_triple_pay():
    years = {day.year for day in Holiday.objects.values_list("day", flat=True)}

    assert years == set(range(2020, 2027))
    assert Holiday.objects.filter(day__year=2026, statutory=True).count() == 13
    assert Holiday.objects.filter(day__year=2024, statutory=True).count() == 11
