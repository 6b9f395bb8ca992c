"""What others posted: copied words, one telephone behind many; a region's own words; the kind of house."""

from datetime import timedelta

import pytest

import linggong.postings.actions as postings
import linggong.postings.queries as posted
import linggong.reference.actions as reference
from linggong import make
from linggong.core import clock
from linggong.core.clock import local, now, today
from linggong.postings.models import State
from linggong.postings.neighbours import words_key

pytestmark = pytest.mark.django_db

WORDS = "三明食品厂春节备货，负责把饼干装进纸盒再封箱，站着干，车间有空调，手要干净"


def flags(posting):
    return {flag.code: flag for flag in posted.flags_of(posting) if flag.severity == "FLAG"}


def rule(key, value, division_code="350400"):
    entered = reference.enter_rule(
        key=key, value=value, division_code=division_code, valid_from=local(now()).date(), document="三人社〔2026〕9号",
        document_url="https://example.org/9", by=make.supervisor(),
    )  # fmt: skip
    reference.approve_rule(entered, by=make.supervisor())


# --- copied words -------------------------------------------------------------------------------------------


def test_the_same_words_from_another_employer_are_flagged_with_whose_they_are_and_reach_a_reviewer():
    first = make.posting(content=WORDS)

    copy = make.posting(content=f"{WORDS}！！", state="submitted")

    flag = flags(copy)["COPIED_TEXT"]
    assert first.employer.name in flag.message and "核实" in flag.message
    assert copy.state == State.REVIEWING
    assert "COPIED_TEXT" not in flags(first), "the original is not the copy"


def test_figures_and_signs_changed_are_still_a_copy():
    make.posting(content=WORDS + "，一天 180 元")

    assert "COPIED_TEXT" in flags(make.posting(content=WORDS.replace("，", " ") + "一天 260 元", state="submitted"))


@pytest.mark.parametrize(
    ("theirs", "mine"),
    [
        ("洗菜切菜，打扫厨房", "洗菜切菜，打扫厨房"),
        ("", ""),
        (WORDS, WORDS + "，中午一起吃"),
        (WORDS, WORDS.replace("饼干", "糖果")),
    ],
)
def test_short_unsaid_and_other_words_are_no_copy(theirs, mine):
    make.posting(content=theirs)

    assert "COPIED_TEXT" not in flags(make.posting(content=mine))


def test_an_employer_may_repeat_their_own_words_and_so_may_two_shops_of_one_owner():
    owner = make.user(name="赵两家")
    first, second = make.employer(owner=owner, name="赵家一店"), make.employer(owner=owner, name="赵家二店")
    make.posting(employer_=first, content=WORDS)

    assert "COPIED_TEXT" not in flags(make.posting(employer_=first, content=WORDS))
    assert "COPIED_TEXT" not in flags(make.posting(employer_=second, content=WORDS))


def test_words_from_long_ago_and_drafts_nobody_handed_in_are_nobodys():
    make.posting(content=WORDS, state="draft")
    assert "COPIED_TEXT" not in flags(make.posting(content=WORDS))

    with clock.moved_to(now() + timedelta(days=31)):
        assert "COPIED_TEXT" not in flags(make.posting(content=WORDS))


def test_a_draft_changed_without_new_words_is_not_copied_from_the_stock_sentence():
    one, other = make.posting(content=""), make.posting(content="", state="draft")
    postings.redraft(other, {"places": 3}, by=None)

    assert one.words_key == other.words_key == ""
    assert one.content == other.content and words_key(one.content * 2) != "", "the stock words are left out by name"


# --- one telephone ------------------------------------------------------------------------------------------


def test_one_person_behind_three_employers_is_flagged_and_behind_two_is_not():
    owner = make.user(name="钱多多")
    rows = [make.employer(owner=owner, name=f"钱记{n}号") for n in range(2)]
    assert "ONE_PHONE_MANY_EMPLOYERS" not in flags(make.posting(employer_=rows[0]))

    third = make.employer(owner=owner, name="钱记三号")

    flag = flags(make.posting(employer_=third, state="submitted"))["ONE_PHONE_MANY_EMPLOYERS"]
    assert "3 家" in flag.message and "中介" in flag.message


def test_one_number_in_the_sentences_of_three_employers_is_flagged_and_kept_nowhere_in_clear():
    rows = []
    for text in ("要2个帮厨，13800138000", "小工3个 138 0013 8000", "洗碗一个人，电话138-0013-8000"):
        boss = make.employer()
        owner = make.lived.owner_of(boss)
        row = postings.draft(boss, make.facts(), source_text=text, by=owner)
        rows.append(postings.submit(row, by=owner))

    assert ["ONE_PHONE_MANY_EMPLOYERS" in flags(row) for row in rows] == [False, False, True]
    assert len({row.phone_key for row in rows}) == 1 and "138" not in rows[0].phone_key[:3]


def test_the_clerk_who_writes_for_many_at_the_counter_is_no_middleman():
    clerk = make.clerk()
    for _n in range(4):
        boss = make.employer()
        owner = make.lived.owner_of(boss)
        row = postings.draft(boss, make.facts(venue=make.venue()), source="COUNTER", by=clerk, acting_for=owner)
        postings.submit(row, by=clerk, acting_for=owner)

        assert "ONE_PHONE_MANY_EMPLOYERS" not in flags(row)


def test_the_region_says_how_many_employers_one_telephone_may_speak_for():
    owner = make.user(name="孙三家")
    rows = [make.employer(owner=owner, name=f"孙记{n}号") for n in range(3)]
    rule("phone_employers_most", 3)

    assert "ONE_PHONE_MANY_EMPLOYERS" not in flags(make.posting(employer_=rows[2]))


# --- words of the region, the kind of house -------------------------------------------------------------------


def test_words_a_region_published_are_flagged_there_with_its_document_and_nowhere_else():
    rule("posting_word_rules", [{"name": "野导", "words": ["野导", "黑车接客"], "message": "本地不许招野导。"}])

    here = flags(make.posting(content="周末带团，野导也行", state="submitted"))["REGION_WORDS"]
    away = posted.hints_for(
        make.posting(content="周末带团，野导也行", division=make.reference.division("350102")), on=today()
    )

    assert (here.message, here.basis) == ("本地不许招野导。", "三人社〔2026〕9号")
    assert here.spans == [[5, 7]]
    assert "REGION_WORDS" not in {finding.code for finding in away}


def test_a_regions_words_said_no_to_pass_and_the_law_s_words_still_act():
    rule("posting_word_rules", [{"name": "野导", "words": ["野导"]}])

    assert "REGION_WORDS" not in flags(make.posting(content="正规旅行社带团，不要野导"))
    assert "FEE" in flags(make.posting(content="带团，先交押金200", state="submitted"))


@pytest.mark.parametrize(
    "value", [[], {"words": ["x"]}, [{"name": "野导"}], [{"name": "x", "words": []}], [{"name": "x", "words": [1]}]]
)
def test_a_word_list_that_cannot_be_read_is_refused_when_entered(value):
    if value == []:
        rule("posting_word_rules", value)
        assert flags(make.posting()) == {}
        return
    with pytest.raises(reference.BadRule):
        rule("posting_word_rules", value)


@pytest.mark.parametrize(
    ("name", "flagged"),
    [("列东一号KTV", True), ("老街酒吧", True), ("极速网咖", True), ("酒吧街八号面馆", False), ("三明网络公司", False)],
)
def test_a_house_for_grown_ups_may_not_ask_for_seventeen_year_olds(name, flagged):
    boss = make.employer(name=name)

    found = flags(make.posting(employer_=boss, age_low=17, state="submitted"))

    assert ("YOUTH_VENUE" in found) is flagged
