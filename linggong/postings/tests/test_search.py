"""Finding by words: the same answer on either database, in step with every version, with the words people use."""

import random
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

import linggong.postings.actions as postings
import linggong.reference.queries as reference
from linggong import make
from linggong.core.clock import at, now, today
from linggong.postings import by_words, queries, search
from linggong.postings.models import Posting, Searchable, Version
from linggong.postings.queries import Filters

pytestmark = pytest.mark.django_db

TITLES = ("搬运工", "食堂帮厨", "酒店保洁", "果园采摘", "流水线装配", "快递分拣", "Ａ座6楼打扫", "焊工")
CONTENTS = (
    "把货从车上搬到仓库，每件二十斤", "洗菜切菜，搞卫生，管一顿饭", "打扫客房，换床单", "摘橘子，装筐，抬到路边",
    "拧螺丝，贴标签，坐着干", "按楼栋分拣包裹", "CNC机床上料，两班倒", "砌墙抹灰，要带安全帽",
)  # fmt: skip
ADDRESSES = ("列东街58号", "工业园三路6号仓", "徐碧村口", "下洋新村A座")
ASKED = (
    "搬货", "小工", "保洁", "打扫", "洗碗", "菜", "仓库", "A座", "a座 6楼", "CNC", "工业园", "三元", "列东街 搬",
    "橘子装筐", "货从", "从货", "不存在的词", "焊", "分拣，快递", "楼打", "6号仓洗菜",
)  # fmt: skip


def found(said: str, **more) -> list[str]:
    filters = Filters(terms=by_words.terms_of(said), **more)
    return [row.title for row in queries.found(now(), filters)]


def by_hand(said: str) -> set[str]:
    """What should be found, from the frozen terms in plain Python: no index, no SQL."""
    codes = set()
    for posting in queries.listed(now()):
        terms = Version.objects.get(posting=posting, number=posting.version).terms
        place = reference.full_name(posting.division_id)
        lines = [
            search.squeezed(terms[name])
            for name in (
                "title", "trade_name", "employer", "content", "address", "meeting_point", "transport", "tools"
            )
        ] + [search.squeezed(place), *(search.squeezed(row["text"]) for row in terms["requirements"])]  # fmt: skip
        wanted = search.terms_in(said)
        trades = [{t.code for t in reference.find_trades(term)} for term in wanted]
        if all(
            posting.trade_id in meant or any(term in line for line in lines)
            for term, meant in zip(wanted, trades, strict=True)
        ):
            codes.add(posting.code)
    return codes


@pytest.fixture
def corpus():
    """Forty postings of every mixture, some of them in trades that their words do not name."""
    chance, boss = random.Random(7), make.employer(name="顺达物流")
    trades = [trade.code for trade in reference.trades() if trade.risk_class in (1, 2, 3)][:12]
    for number in range(40):
        title = f"{chance.choice(TITLES)}{number}"
        make.posting(
            employer_=boss, title=title, content=chance.choice(CONTENTS), address=chance.choice(ADDRESSES),
            trade=chance.choice(trades), certificates=[],
        )  # fmt: skip


@pytest.mark.row("SX-21")
def test_words_find_exactly_what_plain_reading_of_the_terms_finds(corpus):
    assert queries.listed(now()).count() == 40
    for said in ASKED:
        filters = Filters(terms=by_words.terms_of(said))
        assert {row.code for row in queries.found(now(), filters)} == by_hand(said), said
        assert queries.how_many(now(), filters) == len(by_hand(said))
    assert by_hand("不存在的词") == set() and len(by_hand("仓库")) > 2


def test_a_word_of_the_trade_finds_work_that_does_not_say_it():
    loader = reference.find_trades("搬运")[0]
    word = next(w for row in reference.trade_words() if row.trade_code == loader.code for w in row.synonyms)
    make.posting(title="仓库要人", content="从早到晚在三号库", trade=loader.code)

    assert word not in "仓库要人从早到晚在三号库"
    assert found(word) == ["仓库要人"]


def test_pairs_that_stand_apart_are_not_the_word():
    make.posting(title="货从这里上，再把从货架下来的搬走", content="两句话里都没有连着的那个词")

    assert found("货从货") == []
    assert found("货从") and found("从货")


@pytest.mark.parametrize("said", ["", "  ", "，。！", "%", "_", "'; DROP TABLE", '"OR" *', "𠮷", "搬" * 500])
def test_anything_can_be_typed(said):
    make.posting(title="搬东西")

    assert isinstance(found(said), list)
    assert len(search.terms_in(said)) <= search.TERMS_MOST


def test_full_width_capitals_and_blanks_make_no_difference():
    make.posting(title="Ａ座 ６ 楼打扫")

    assert found("a座6楼") == found("Ａ座６楼") == found("A座 6楼") == ["Ａ座 ６ 楼打扫"]


def test_work_of_the_trade_comes_before_work_that_mentions_it():
    clean = reference.find_trades("保洁")[0]
    other = next(t for t in reference.trades() if t.group == "food")
    make.posting(
        title="食堂帮厨", content="下午帮着保洁员收拾", trade=other.code, starts_at=at(today() + timedelta(days=1), 8)
    )
    make.posting(title="扫楼道", content="每天一遍", trade=clean.code, starts_at=at(today() + timedelta(days=2), 8))

    assert found("保洁") == ["食堂帮厨", "扫楼道"], "the earlier start first when nobody asked for the best"
    assert found("保洁", best_first=True) == ["扫楼道", "食堂帮厨"]


def test_another_version_is_found_by_its_new_words_and_no_longer_by_the_old():
    posting = make.posting(title="打包", content="把杯子装进盒子")

    postings.change(posting, {"content": "把灯泡装进盒子"}, by=None)

    text = Searchable.objects.get(posting=posting).text
    assert "灯泡" in text and "杯子" not in text
    matched = Searchable.objects.filter(by_words.HasWords(by_words.Value(search.needed("杯子"))))
    assert not matched.filter(posting=posting).exists(), "the index itself forgot the old words"


def test_what_was_not_committed_is_not_found():
    before = found("灯笼")
    try:
        with transaction.atomic():
            make.posting(title="糊灯笼")
            assert found("灯笼") == ["糊灯笼"]
            raise RuntimeError
    except RuntimeError:
        pass

    assert before == found("灯笼") == []


def test_the_index_can_be_made_anew_and_the_audit_sees_what_is_missing(corpus):
    before = {row.pk: (row.text, row.words) for row in Searchable.objects.all()}
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM postings_searchable WHERE posting_id % 2 = 0")
    assert any("cannot be found" in line for line in queries.audit(now()))

    call_command("search_index")

    assert {row.pk: (row.text, row.words) for row in Searchable.objects.all()} == before
    assert not list(queries.audit(now()))
    for said in ASKED:
        assert {row.code for row in queries.found(now(), Filters(terms=by_words.terms_of(said)))} == by_hand(said)


def test_what_is_over_leaves_the_index(corpus):
    posting = Posting.objects.order_by("pk").first()
    postings.close(posting, by=None)

    assert postings.forget_finished() == 1
    assert not Searchable.objects.filter(posting=posting).exists()


def test_words_cost_one_query_and_two_looks_at_the_trades(corpus):
    reference.trades()
    with CaptureQueriesContext(connection) as asked:
        list(queries.found(now(), Filters(terms=by_words.terms_of("搬货 仓库 工业园")))[:10])

    assert len(asked) <= 3
