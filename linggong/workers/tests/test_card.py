"""找活卡: read by a person before it is out, hidden at once, and never a name, phone, age, sex or paper on it."""

import dataclasses

import pytest

import linggong.workers.actions as workers
from linggong.core.states import Moved
from linggong.workers import queries
from linggong.workers.models import Card
from linggong.workers.screening import gives_away


@pytest.fixture
def card(worker, place, kitchen):
    """Write a card: `card()`."""

    def make(somebody=None, **facts):
        somebody = somebody or worker(name="欧阳春生")
        told = {
            "trades": [kitchen], "pay_fen": 18000, "pay_unit": "DAY", "area": place, "times": "每天早上6点到11点",
            "text": "在饭店后厨干过八年，切配、洗碗、打荷都行", "by": somebody.user, **facts,
        }  # fmt: skip
        return workers.save_card(somebody, **told)

    return make


@pytest.fixture
def out(card, clerk):
    """A card that everybody can read: `out()`."""

    def make(*args, **facts):
        made = card(*args, **facts)
        workers.submit_card(made, by=made.worker.user)
        workers.approve_card(made, by=clerk)
        return made

    return make


@pytest.mark.django_db
@pytest.mark.row("FJ-15")
def test_a_card_is_out_only_after_a_person_read_it(card, clerk):
    made = card()
    assert made.state == "draft"
    assert queries.visible_cards() == []

    workers.submit_card(made, by=made.worker.user)
    assert made.state == "reviewing"
    assert queries.visible_cards() == []

    workers.approve_card(made, by=clerk)
    assert [row.code for row in queries.visible_cards()] == [made.code]


@pytest.mark.django_db
@pytest.mark.row("FJ-15")
def test_nothing_public_names_or_reaches_the_worker(out, kitchen):
    made = out()
    person = made.worker.user

    row = queries.visible_cards()[0]

    shown = str({**dataclasses.asdict(row), "code": "", "changed_at": ""})  # chance digits may stand in these
    for secret in (person.name, person.name[:2], person.called, person.phone_tail4, person.id_tail4, person.code,
                   made.worker.code, "1980"):  # fmt: skip
        assert secret not in shown
    assert not {"name", "phone", "age", "sex", "birth_on", "worker", "user"} & set(dataclasses.asdict(row))
    assert row.trades == (kitchen.name,)
    assert (row.pay_fen, row.pay_unit, row.times) == (18000, "天", "每天早上6点到11点")
    assert row.reasons == ("第一回接活",)


@pytest.mark.django_db
@pytest.mark.row("FJ-15")
def test_the_worker_hides_it_at_once_from_any_state(card, out, worker, clerk):
    draft, shown = card(worker()), out(worker())
    waiting, returned = card(worker()), card(worker())
    workers.submit_card(waiting, by=waiting.worker.user)
    workers.submit_card(returned, by=returned.worker.user)
    workers.return_card(returned, because="时间写具体一点", by=clerk)

    for made in (draft, shown, waiting, returned):
        workers.hide_card(made, by=made.worker.user)
        workers.hide_card(made, by=made.worker.user)
        assert made.state == "hidden"

    assert queries.visible_cards() == []
    assert queries.visible_card(shown.code) is None


@pytest.mark.django_db
def test_a_changed_card_is_read_again(out, clerk, mason):
    made = out()

    workers.save_card(made.worker, trades=[mason], pay_fen=30000, pay_unit="DAY", area=made.area, by=made.worker.user)

    assert queries.visible_cards() == []
    assert list(queries.cards_to_review(_Country())) == [made]
    made.refresh_from_db()
    workers.approve_card(made, by=clerk)
    assert queries.visible_cards()[0].trades == (mason.name,)


@pytest.mark.django_db
def test_a_returned_card_says_what_to_change(card, clerk):
    made = card()
    workers.submit_card(made, by=made.worker.user)

    workers.return_card(made, because="写一下能干到几点", by=clerk)

    assert (made.state, made.reason) == ("returned", "写一下能干到几点")
    assert "写一下能干到几点" in made.worker.user.notices.latest("pk").text


@pytest.mark.django_db
def test_nobody_releases_their_own_card(card):
    made = card()
    workers.submit_card(made, by=made.worker.user)

    with pytest.raises(workers.OwnCard):
        workers.approve_card(made, by=made.worker.user)

    made.refresh_from_db()
    assert made.state == "reviewing"


@pytest.mark.django_db
def test_a_suspended_worker_has_no_card_out(out, clerk):
    made = out()

    workers.suspend(made.worker, because="冒用别人的证", by=clerk)

    assert queries.visible_cards() == []
    with pytest.raises(workers.NoCard):
        workers.submit_card(made, by=made.worker.user)


@pytest.mark.django_db
def test_a_draft_cannot_be_released_unread(card, clerk):
    with pytest.raises(Moved):
        workers.approve_card(card(), by=clerk)


@pytest.mark.django_db
def test_cards_are_found_by_place_and_trade(out, worker, kitchen, mason):
    cook = out(worker(), trades=[kitchen])
    both = out(worker(), trades=[kitchen, mason])

    assert {row.code for row in queries.visible_cards(trades=[kitchen])} == {cook.code, both.code}
    assert {row.code for row in queries.visible_cards(trades=[mason.pk])} == {both.code}
    assert {row.code for row in queries.visible_cards(division_code="350000")} == {cook.code, both.code}
    assert queries.visible_cards(division_code="330000") == []
    assert len(queries.visible_cards(limit=1)) == 1


@pytest.mark.django_db
def test_thirty_cards_cost_as_many_queries_as_three(out, worker, django_assert_max_num_queries):
    for _ in range(3):
        out(worker())
    with django_assert_max_num_queries(6) as few:
        queries.visible_cards()
    for _ in range(9):
        out(worker())

    with django_assert_max_num_queries(len(few)):
        assert len(queries.visible_cards()) == 12


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["text", "times"])
def test_a_number_in_any_field_is_refused_in_words_and_nothing_is_kept(card, field):
    with pytest.raises(workers.CardTells) as no:
        card(**{field: "有活打 138 0598 1234"})

    assert "电话" in no.value.fields[field]
    assert not Card.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "facts", [{"trades": []}, {"pay_fen": 0}, {"pay_unit": "WEEK"}, {"times": "早" * 61}, {"text": "好" * 201}]
)
def test_a_card_that_is_not_right_is_refused_by_field(card, facts):
    with pytest.raises(workers.BadCard) as no:
        card(**facts)

    assert set(no.value.fields) == set(facts)
    assert not Card.objects.exists()


@pytest.mark.row("FJ-15")
@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("电话13805981234", "电话号码"),
        ("打１３８０５９８１２３４", "电话号码"),
        ("138-0598-1234 找我", "电话号码"),
        ("138 - 0598 - 1234", "电话号码"),
        ("1.3.8.0.5.9.8.1.2.3.4", "电话号码"),
        ("138059-81234", "电话号码"),
        ("一三八零五九八一二三四", "电话号码"),
        ("座机 0598 8223344", "电话号码"),
        ("加微信abc_123", "微信或别的账号"),
        ("vx: laochen88", "微信或别的账号"),
        ("QQ 22334", "微信或别的账号"),
        ("350402198005200012", "证件号"),
        ("35040219800520001X", "证件号"),
        ("我叫陈阿水", "姓名"),
        ("师傅陈阿水，手艺好", "姓名"),
        ("今年48岁，身体好", "年龄"),
        ("本人四十八岁", "年龄"),
        ("70后，能吃苦", "年龄"),
        ("1976年生", "年龄"),
        ("女，干净利索", "性别"),
        ("本人男，有力气", "性别"),
        ("住列东街12号楼3单元", "证件或详细住址"),
        ("看 www.laochen.com", "网址"),
    ],
)
def test_what_tells_who_it_is_is_found(text, what):
    assert what in gives_away(text, name="陈阿水")


@pytest.mark.parametrize(
    "text",
    [
        "在饭店后厨干过八年，切配、洗碗、打荷都行",
        "每天早上6点到11点，下午2点到5点也行",
        "一天180到220，管饭就行",
        "会开三轮车，能搬100斤，一天走2万步不累",
        "周一二三四五六都有空，节假日也行",
        "我是老木工，做过2019年体育馆的门窗",
        "卖过女装，会理货；照顾过老人和孩子",
        "金属加工、电焊、切割都会",
        "水电、贴砖 60 一平方",
        "8.00-18.00 有空，180-220 一天",
        "长期的 4000-5000 一个月，2026-12-01 以后能来",
        "刷墙 180、200、220 都干过",
        "",
    ],
)
def test_what_people_rightly_write_passes(text):
    assert gives_away(text, name="陈阿水") == []


class _Country:
    national = True
    divisions = ()
