"""The relation helper suggests and never asserts."""

from itertools import product

import pytest

from linggong.postings.relation import (
    BOTH,
    CONTRACT,
    DAYS,
    FIRM,
    FIXED_TERM,
    HIRER,
    LABOUR,
    LONG,
    PART_TIME,
    PEOPLE,
    QUESTIONS,
    SERVICE,
    WEEKS,
    WORKER,
    Answers,
    suggest,
)

SIDES = (None, HIRER, WORKER, BOTH)


def _all_answers():
    for hirer, when, how, tools, rules, result, long, hours in product(
        (None, PEOPLE, FIRM), SIDES, SIDES, SIDES, (None, True, False), (None, True, False),
        (None, DAYS, WEEKS, LONG), (None, 4, 12),
    ):  # fmt: skip
        yield Answers(
            hirer=hirer, sets_time=when, sets_price=when, sets_method=how, owns_tools=tools, disciplined=rules,
            for_result=result, duration=long, daily_hours=hours,
        )  # fmt: skip


@pytest.mark.row("GX-27b")
def test_no_answer_leads_to_a_legal_conclusion():
    said = set()
    for answers in _all_answers():
        suggestion = suggest(answers)
        said |= {suggestion.title, suggestion.warning, *suggestion.reasons}

    for words in said:
        assert not any(word in words for word in ("属于", "构成", "认定", "确认为", "就是劳动", "判定", "一定是")), (
            words
        )
        assert "建议" in words or "提示" in words, words


@pytest.mark.row("GX-27b")
def test_every_suggestion_comes_with_reasons_and_a_warning():
    for answers in _all_answers():
        suggestion = suggest(answers)
        assert suggestion.reasons and "只是建议" in suggestion.warning


@pytest.mark.row("GX-27b")
@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        (Answers(hirer=PEOPLE, sets_time=HIRER), SERVICE),
        (Answers(hirer=PEOPLE, for_result=True, sets_method=WORKER, owns_tools=WORKER), CONTRACT),
        (Answers(hirer=FIRM, for_result=True, sets_method=WORKER), CONTRACT),
        (
            Answers(hirer=FIRM, sets_time=HIRER, sets_method=HIRER, disciplined=True, duration=LONG, daily_hours=8),
            LABOUR,
        ),
        (Answers(hirer=FIRM, sets_time=HIRER, sets_method=HIRER, disciplined=True, daily_hours=4), PART_TIME),
        (
            Answers(hirer=FIRM, sets_time=HIRER, sets_method=HIRER, disciplined=True, duration=DAYS, daily_hours=8),
            FIXED_TERM,
        ),
        (Answers(hirer=FIRM, sets_time=WORKER, sets_method=WORKER), SERVICE),
    ],
)
def test_control_hours_and_duration_point_to_a_form(answers, kind):
    assert suggest(answers).kind == kind


def test_more_than_24_hours_a_week_is_not_suggested_as_part_time():
    answers = Answers(hirer=FIRM, sets_time=HIRER, sets_method=HIRER, disciplined=True, daily_hours=4, weekly_hours=28)

    assert suggest(answers).kind != PART_TIME


def test_the_questions_are_about_the_fields_of_the_answers():
    assert set(QUESTIONS) <= set(Answers.__dataclass_fields__)
