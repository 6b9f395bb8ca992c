"""What the texts say: the front page, the clauses, the law they may not break, and the paper they fit on."""

import io

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from linggong.agreements import actions, pdf, queries, wording
from linggong.agreements.models import Template
from linggong.agreements.tests.conftest import TERMS

KINDS = {"SERVICE", "PART_TIME", "RESULT", "OVER_AGE", "YOUNG", "HOUSEHOLD"}
SHIPPED = {row["kind"]: row for row in queries.shipped()}


def shift(start, end, code="S"):
    return {"code": code, "starts_at": f"2026-11-{start}+08:00", "ends_at": f"2026-11-{end}+08:00", "break_minutes": 0}


def pages(content):
    return int(PdfFileReader(io.BytesIO(content)).root["/Pages"]["/Count"])


def said(kind):
    return "".join(row["text"] + row.get("title", "") for row in SHIPPED[kind]["plain"] + SHIPPED[kind]["clauses"])


@pytest.mark.row("FJ-29")
def test_there_is_a_text_for_each_kind_and_each_clause_but_meals_names_its_law():
    assert set(SHIPPED) == KINDS
    for kind, row in SHIPPED.items():
        assert {clause["title"] for clause in row["clauses"] if not clause["source"]} <= {"吃住和工具"}, kind


@pytest.mark.row("GX-27a")
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_text_says_work_place_time_pay_due_cover_safety_ending_and_disputes(kind):
    text = said(kind)

    for place in ("content", "place", "time", "pay", "due", "insurance", "hazards", "call_off"):
        assert "{" + place + "}" in text, place
    for word in ("货币", "不收押金", "人民法院", "结束", "可以停下来"):
        assert word in text, word


@pytest.mark.row("GX-27a")
def test_no_text_draws_a_legal_conclusion_or_gives_a_part_timer_a_trial():
    for kind in KINDS:
        assert "依法认定" in said(kind)
        for claim in ("属于劳动关系", "不属于劳动关系", "不构成劳动关系", "不存在劳动关系", "视为劳务关系"):
            assert claim not in said(kind), kind
    part_time = said("PART_TIME")
    assert "不约定试用期" in part_time
    assert "十五日" in part_time


@pytest.mark.row("FJ-29")
def test_the_facts_of_the_terms_stand_in_the_words():
    lines = wording.lines(SHIPPED["SERVICE"]["plain"], TERMS)
    front = {line.label: line.words for line in lines if line.label}

    assert front["时间"] == "11月24日 5:30 到 13:30，中间歇 30 分钟"
    assert front["工钱"] == "24 元/小时"
    assert front["什么时候付"] == "每班干完并确认后 6 小时内付清"
    assert front["在哪里"] == "江滨路 8 号，在西门集合"
    assert "雇主给工友买意外险" in front["保险"]
    assert any("补 30 元" in line.words for line in lines)
    assert any("用刀和机器" in line.words for line in lines)
    assert not any("甲方" in line.words or "乙方" in line.words for line in lines)


@pytest.mark.parametrize(
    ("changes", "label", "words"),
    [
        ({"pay_unit": "FIXED", "pay_fen": 50000}, "工钱", "整个活 500 元"),
        (
            {"pay_unit": "TONNE", "pay_fen": 1250, "quantity": "30"},
            "工钱",
            "12.50 元/吨，按双方确认的数量算，一共大约 30 吨",
        ),
        ({"pay_cycle": "MONTHLY"}, "什么时候付", "每月付一次，最晚当月最后一天付清"),
        ({"custody": "supervised"}, "谁来付", "从银行的工资专户付给工友"),
        (
            {"insured": False, "uninsured_reason": "保险公司不保。"},
            "保险",
            "这次没有保险，原因：保险公司不保。工友知道了再决定去不去",
        ),
        ({"shifts": [shift("24T22:00", "25T06:00")]}, "时间", "11月24日 22:00 到 第二天 6:00"),
        ({"requirements": []}, "条件", "没有特别的条件"),
    ],
)
def test_other_terms_have_other_words(changes, label, words):
    lines = wording.lines(SHIPPED["SERVICE"]["plain"], {**TERMS, **changes})

    assert next(line.words for line in lines if line.label == label) == words


def test_words_a_person_typed_stay_as_they_are_even_when_they_look_like_a_place():
    terms = {**TERMS, "content": "按{pay}的图纸，乙方自带 {0}"}

    lines = wording.lines(SHIPPED["SERVICE"]["plain"], terms)

    assert lines[0].words == "食堂帮厨：按{pay}的图纸，乙方自带 {0}"


def test_ten_equal_days_are_one_line():
    days = [shift(f"{day}T08:00", f"{day}T17:00", str(day)) for day in range(15, 25)]

    assert wording.shift_lines({"shifts": days}) == [
        "11月15日、11月16日、11月17日、11月18日、11月19日、11月20日、11月21日、11月22日、11月23日、11月24日，"
        "共 10 班，每班 8:00 到 17:00"
    ]


@pytest.mark.parametrize(
    ("age", "employer_kind", "changes", "kind"),
    [
        (17, "HOUSEHOLD", {}, "YOUNG"),
        (18, "MERCHANT", {}, "SERVICE"),
        (65, "HOUSEHOLD", {}, "HOUSEHOLD"),
        (59, "MERCHANT", {}, "SERVICE"),
        (60, "MERCHANT", {}, "OVER_AGE"),
        (None, "FARM", {}, "SERVICE"),
        (30, "MERCHANT", {"pay_unit": "FIXED"}, "RESULT"),
        (30, "MERCHANT", {"form": "PART_TIME", "shifts": [shift("24T08:00", "24T12:00")]}, "PART_TIME"),
        (30, "MERCHANT", {"form": "PART_TIME", "shifts": [shift("24T08:00", "24T12:01")]}, "SERVICE"),
        (30, "MERCHANT", {"form": "PART_TIME", "shifts": [shift(f"{d}T08:00", f"{d}T12:00") for d in range(23, 30)]}, "SERVICE"),
        (30, "MERCHANT", {"form": "PART_TIME", "shifts": [shift(f"{d}T08:00", f"{d}T12:00") for d in range(23, 29)]}, "PART_TIME"),
    ],
)  # fmt: skip
def test_the_text_follows_age_then_household_then_the_form_of_work(age, employer_kind, changes, kind):
    assert queries.template_kind({**TERMS, **changes}, age, employer_kind) == kind


@pytest.mark.django_db
def test_a_text_on_file_never_changes_other_words_need_another_version():
    actions.load_templates()
    before = Template.objects.count()

    assert actions.load_templates() == 0
    with pytest.raises(actions.TemplateChanged):
        actions.enter_template({**SHIPPED["SERVICE"], "title": "别的"}, by=None)
    with pytest.raises(wording.UnknownPlace):
        actions.enter_template(
            {**SHIPPED["SERVICE"], "version": 2, "plain": [{"label": "", "text": "{bribe}"}]}, by=None
        )
    assert Template.objects.count() == before == len(KINDS)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_text_is_set_with_the_front_alone_on_one_page_even_when_it_is_long(agreed, kind):
    long = {
        "content": "洗菜切菜打扫厨房搬运米面" * 18, "pay_note": "超时另算" * 10, "transport": "村口坐车" * 10, "tools": "手套围裙" * 10,
        "shifts": [shift(f"{day}T08:00", f"{day}T17:00", str(day)) for day in range(15, 30)],
        "requirements": [{"text": "有健康证和别的要求"}] * 6, "hazards": list(wording.HAZARDS),
    }  # fmt: skip

    short_form, long_form = agreed("engagement:A", kind=kind), agreed("engagement:B", kind=kind, **long)

    for agreement in (short_form, long_form):
        assert pages(queries.paper(agreement)) == 1
        assert pages(pdf.typeset(queries.sheet(agreement))) >= 2


@pytest.mark.parametrize("name", ["𠮷田", "䶮小龙", "王㛃", "𬭎生", "𫖯生"])
def test_rare_characters_of_names_are_printed(agreed, name):
    content = pdf.typeset(queries.sheet(agreed(name=name)))

    assert content.startswith(b"%PDF-")
    assert b"pdfaid" in content


def test_a_character_no_font_has_is_an_error_and_never_an_empty_box(agreed, caplog):
    sheet = queries.sheet(agreed(name="王\U00031350"))

    with pytest.raises(pdf.CannotTypeset):
        pdf.typeset(sheet)

    assert "cannot be typeset" in caplog.text


def test_the_page_shows_masked_numbers_and_the_address_of_the_check(agreed, settings):
    agreement = agreed()
    sheet = queries.sheet(agreement)

    assert sheet.parties[1][2] == "*" * 14 + agreement.worker.user.id_tail4
    assert sheet.check_url == f"{settings.SITE_URL}/agreements/{agreement.code}/check/"
    assert [row[0] for row in sheet.evidence] == ["甲方", "乙方"]
    assert pdf.qr_svg(sheet.check_url).count("<path") == 1
