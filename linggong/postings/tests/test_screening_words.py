"""The word rules: unlawful wording is found, lawful wording is left alone, and the rewrite is lawful."""

import csv
import gzip
import os
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linggong.postings.screening import (
    BLOCK,
    HINT,
    PostingFacts,
    WordRules,
    blocked,
    default_rules,
    needs_review,
    of_field,
    rewrite,
    screen,
    screen_text,
)

HERE = Path(__file__).parent
DATA = Path(os.environ.get("LINGGONG_DEVDATA") or Path(__file__).parents[4] / "shared" / "data")
REAL = DATA / "job_postings" / "postings58_dev.csv.gz"


def _corpus(name: str) -> list[str]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


VIOLATING = [tuple(line.split("\t")) for line in _corpus("corpus_violating.txt")]
COMPLIANT = _corpus("corpus_compliant.txt")


def _codes(text: str) -> set[str]:
    return {finding.code for finding in screen_text(text, "content", default_rules()) if finding.severity != HINT}


@pytest.mark.row("GX-25")
def test_at_least_95_of_100_unlawful_offers_are_flagged_for_what_they_are():
    missed = [(code, text) for code, text in VIOLATING if code not in _codes(text)]

    assert len(VIOLATING) >= 120
    assert len(missed) / len(VIOLATING) <= 0.05, missed


@pytest.mark.row("GX-25")
def test_no_lawful_offer_is_flagged():
    flagged = [(text, _codes(text)) for text in COMPLIANT if _codes(text)]

    assert len(COMPLIANT) >= 120
    assert flagged == []


@pytest.mark.row("GX-25")
@pytest.mark.parametrize("text", ["男女不限", "不限户籍", "女的也行", "不收押金", "找个阿姨搞卫生"])
def test_the_lawful_twin_of_an_unlawful_word_passes(text):
    assert screen_text(text, "content", default_rules()) == []


@pytest.mark.parametrize("text", ["限男", "只要女的", "限本地户口", "交98元资料费", "押身份证"])
def test_the_unlawful_word_is_marked_where_it_stands(text):
    finding = screen_text("小工3个," + text, "content", default_rules())[0]

    (start, end) = finding.spans[0]
    assert ("小工3个," + text)[start:end] == finding.words[0] == text
    assert finding.message and "《" in finding.basis and finding.rewrite


def test_only_fraud_sex_work_and_child_labour_block_without_a_person():
    codes = {rule.code for rule in default_rules().rules if rule.severity == BLOCK}

    assert codes == {"FRAUD", "SEXUAL", "CHILD"}


def test_every_rule_names_a_ground_and_speaks_briefly_to_the_employer():
    for rule in default_rules().rules:
        assert rule.basis and len(rule.basis) <= 120, rule.code
        assert rule.message.endswith(("。", "?")) and len(rule.message) <= 60, rule.code
        assert rule.severity in ("BLOCK", "FLAG", "HINT") and rule.patterns, rule.code


def test_a_word_split_by_invisible_signs_is_still_found():
    assert "FRAUD" in _codes("招刷\u200b单员") and "FRAUD" in _codes("招刷*单员")
    assert "FEE" in _codes("先交 押 金 200")


def test_full_width_digits_are_read():
    assert "FEE" in _codes("先交９８元资料费")


def test_a_denied_fee_passes_but_a_threat_does_not():
    assert _codes("不交任何押金、服装费") == set()
    assert "FEE" in _codes("不交押金不能上岗")


def test_a_reason_named_by_the_law_turns_a_restriction_into_a_hint():
    facts = PostingFacts(content="井下装卸,限男", pay_fen=30000, reasons=frozenset({"STATE_PROHIBITED_FOR_WOMEN"}))

    sex = [finding for finding in screen(facts) if finding.code == "SEX"]

    assert [finding.severity for finding in sex] == [HINT]


def test_findings_name_the_field_they_stand_in():
    facts = PostingFacts(title="招男保安", content="站岗", requirements="本地户口优先", pay_fen=18000)

    found = screen(facts)

    assert [f.code for f in of_field(found, "title")] == ["SEX"]
    assert [f.code for f in of_field(found, "requirements")] == ["HUKOU"]
    assert needs_review(found) and not blocked(found)


@pytest.mark.parametrize(
    ("text", "lawful"),
    [
        ("要20个女工,装箱", "要20人,男女不限,装箱"),
        ("招女服务员,管饭", "招服务员,男女不限,管饭"),
        ("限本地户口", "户籍不限"),
        ("明天3个小工,未婚优先,220一天", "明天3个小工,婚育情况不限,220一天"),
    ],
)
def test_one_tap_makes_the_offer_lawful(text, lawful):
    assert rewrite(text, screen_text(text, "content", default_rules())) == lawful


def test_fraud_and_sex_work_cannot_be_rewritten_into_something_lawful():
    for text in ("招刷单员", "夜总会招佳丽"):
        assert rewrite(text, screen_text(text, "content", default_rules())) == text


@pytest.mark.parametrize(("code", "text"), VIOLATING)
def test_the_rewrite_of_an_unlawful_offer_has_nothing_left_to_rewrite(code, text):
    clean = rewrite(text, screen_text(text, "content", default_rules()))

    left = [f for f in screen_text(clean, "content", default_rules()) if f.rewrite is not None]

    assert left == []


_PIECES = st.sampled_from([text for _code, text in VIOLATING] + COMPLIANT + ["押", "不", "男", "女", "限", "15岁", ","])


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES, max_size=6), st.sampled_from(["", ",", " ", "、", "\n"]))
def test_any_mixture_rewritten_is_clean_when_screened_again(pieces, glue):
    text = glue.join(pieces)

    clean = rewrite(text, screen_text(text, "content", default_rules()))

    assert [f.code for f in screen_text(clean, "content", default_rules()) if f.rewrite is not None] == []


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_screening_never_fails_and_its_spans_lie_in_the_text(text):
    for finding in screen(PostingFacts(title=text, content=text[::-1])):
        source = text if finding.field == "title" else text[::-1]
        for (start, end), words in zip(finding.spans, finding.words, strict=True):
            assert 0 <= start < end <= len(source) and source[start:end] == words


@pytest.mark.parametrize(
    "piece", ["押", "不收费、", "交", "月入", "男女", "1", "岁到15", "出国", "\U0001f600", "<script>"]
)
def test_ten_thousand_characters_are_screened_in_a_moment(piece):
    text = (piece * 10_000)[:10_000]

    started = time.process_time()
    screen_text(text, "content", default_rules())

    assert time.process_time() - started < 3


def test_a_region_may_bring_its_own_list():
    rules = WordRules.read(
        {
            "version": "测试",
            "negators": ["不"],
            "rules": [
                {"code": "FEE", "severity": "FLAG", "basis": "《某规定》", "message": "不能收茶水费",
                 "rewrite": "不收费", "negatable": True, "patterns": ["收<3>茶水费"]},
            ],
        }
    )  # fmt: skip

    assert [f.code for f in screen_text("要收一点茶水费", "content", rules)] == ["FEE"]
    assert screen_text("不收茶水费", "content", rules) == []


def test_a_broken_list_is_refused_with_the_number_of_the_rule():
    bad = {"version": "x", "negators": ["不"], "rules": [
        {"code": "A", "severity": "FLAG", "basis": "", "message": "", "patterns": ["("]}]}  # fmt: skip

    with pytest.raises(ValueError, match="word rule 0"):
        WordRules.read(bad)


@pytest.mark.skipif(not REAL.exists(), reason=f"real postings not found at {REAL}")
@pytest.mark.row("GX-25")
def test_real_postings_raise_few_false_alarms(capsys):
    with gzip.open(REAL, "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["label"] == "real"]

    flagged = Counter(code for row in rows for code in _codes(row["title"]) | _codes(row["text"]))

    with capsys.disabled():
        print(f"\n{len(rows)} real postings, flagged: {dict(flagged.most_common())}")
    for code in ("FEE", "SEXUAL", "CHILD", "FRAUD", "ID_HOLD", "ABROAD", "LOAN", "ETHNIC", "RELIGION", "WAGE_KIND"):
        assert flagged[code] / len(rows) <= 0.02, code
