"""Finding a trade by what people call it, and adding the trade only one region knows."""

import pytest

from linggong import make
from linggong.core.models import Event
from linggong.reference import actions, queries
from linggong.reference.models import Trade

pytestmark = pytest.mark.django_db


def found(said, **more):
    return [trade.name for trade in queries.find_trades(said, **more)]


@pytest.mark.parametrize(
    ("said", "name"),
    [("小工", "建筑小工"), ("打扫卫生", "家庭保洁"), ("搬货", "搬运工"), ("摘杨梅", "杨梅采摘工"), ("编烟", "编烟工"),
     ("电焊", "电焊工"), ("家政月嫂", "月嫂"), ("找个阿姨搞卫生", "家庭保洁"), ("场控", "直播助理")],
)  # fmt: skip
def test_a_trade_is_found_by_how_people_call_it(said, name):
    assert found(said)[0] == name


def test_nothing_said_gives_the_popular_trades_and_nonsense_gives_none():
    assert found("")[0] == "搬运工"
    assert found("煮星星") == []


def test_the_sentence_reader_gets_every_word():
    words = {row.trade_code: row for row in queries.trade_words()}

    assert "小工" in words["G019"].synonyms
    assert words["G019"].default_unit == "DAY"
    assert len(words) == Trade.objects.count()


def test_hard_certificates_block_and_soft_ones_do_not():
    welder, cleaner = (next(t for t in queries.trades() if t.code == code) for code in ("G013", "G114"))

    assert queries.hard_certificates(welder) == ["TZ-HJ-RH"]
    assert queries.hard_certificates(cleaner) == []


def added(by, **changes):
    facts = {
        "name": "莲子剥壳工", "group": "farm", "pay_unit": "JIN", "division_code": "350430", "risk_class": 1,
        "words": ["剥莲子", "通莲心"], "by": by,
    }  # fmt: skip
    return actions.add_local_trade(**{**facts, **changes})


@pytest.mark.row("FJ-33c")
def test_a_region_adds_its_own_trade_and_only_that_region_is_offered_it():
    officer = make.supervisor()
    queries.trades()  # the list is already kept in this process

    trade = added(officer)

    assert trade.local and trade.division_code == "350430"
    assert found("剥莲子", division_code="350430102") == ["莲子剥壳工"]
    assert found("剥莲子", division_code="350428") == []
    assert Event.objects.filter(name="trade.added", by=officer).exists()


def test_the_list_kept_in_the_process_forgets_what_was_rolled_back():
    from django.db import transaction

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        added(make.supervisor())
        assert found("剥莲子")
        raise ZeroDivisionError

    assert found("剥莲子") == []


def test_a_word_that_already_means_a_trade_there_is_refused():
    officer = make.supervisor()

    for changes in ({"name": "采茶工"}, {"words": ["小工"]}):
        with pytest.raises(actions.TradeExists):
            added(officer, **changes)
    added(officer)
    with pytest.raises(actions.TradeExists):
        added(officer, name="莲子工", division_code="350400")
    elsewhere = added(officer, division_code="330205")

    assert elsewhere.name == "莲子剥壳工"


@pytest.mark.parametrize(
    "changes",
    [{"name": "剥"}, {"group": "lotus"}, {"pay_unit": "BOWL"}, {"risk_class": 7}, {"risk_class": 0},
     {"hazards": ["WET"]}, {"division_code": "999999"}],
)  # fmt: skip
def test_a_trade_that_makes_no_sense_is_refused(changes):
    with pytest.raises(actions.BadTrade) as refused:
        added(make.supervisor(), **changes)

    assert set(refused.value.fields) == set(changes)
