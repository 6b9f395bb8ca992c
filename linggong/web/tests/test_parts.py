"""The words of the screens, the icons, and the living catalogue."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.template import Context, Template, engines
from django.template.loader import render_to_string
from django.test import RequestFactory

from linggong.core import clock
from linggong.reference.groups import GROUPS
from linggong.web.parts import BASES, catalogue, hexagon, samples
from linggong.web.templatetags import parts

WEB = Path(__file__).resolve().parents[1]
PARTS = sorted((WEB / "templates" / "parts").glob("*.html"))


def _catalogue(**query) -> str:
    return catalogue(RequestFactory().get("/parts/", query)).content.decode()


@pytest.mark.parametrize(
    ("fen", "words"),
    [(22000, "220"), (1250, "12.50"), (308000, "3,080"), (5, "0.05"), (0, "0"), (-1650, "-16.50"), (None, "")],
)
def test_money_is_said_in_yuan_without_empty_decimals(fen, words):
    assert parts.yuan(fen) == words


@pytest.mark.parametrize(("fen", "words"), [(22000, "220.00"), (0, "0.00"), (123456789, "1,234,567.89")])
def test_a_column_of_sums_keeps_both_decimals(fen, words):
    assert parts.yuan_exact(fen) == words


@pytest.mark.parametrize(
    ("metres", "words"),
    [(45, "45 米"), (603, "600 米"), (994, "990 米"), (996, "1 公里"), (1200, "1.2 公里"), (12_340, "12.3 公里")],
)
def test_distance_is_metres_under_one_kilometre_then_one_decimal(metres, words):
    assert parts.distance(metres) == words


@pytest.mark.parametrize(
    ("metres", "words"),
    [(0, "走路 1 分钟"), (600, "走路 9 分钟"), (1200, "骑车 8 分钟"), (20_000, "坐车 58 分钟"), (None, "")],
)
def test_distance_comes_with_a_way_and_its_minutes(metres, words):
    assert parts.way(metres) == words


@pytest.mark.parametrize(("ahead", "words"), [(-1, "昨天"), (0, "今天"), (1, "明天"), (2, "后天")])
def test_near_days_have_names(ahead, words):
    assert parts.day(clock.today() + timedelta(days=ahead)) == words


def test_a_far_day_is_a_date_and_another_year_is_named():
    with clock.moved_to(clock.at(clock.today().replace(year=2026, month=11, day=22), 9)):
        day = clock.today()

        assert parts.day(day + timedelta(days=3)) == "11月25日"
        assert parts.day(day + timedelta(days=45)) == "2027年1月6日"


def test_hours_are_written_as_spoken_and_a_night_says_so():
    day = clock.today()

    assert parts.clock(clock.at(day, 7, 5)) == "7:05"
    assert parts.span(clock.at(day, 7, 30), clock.at(day, 17)) == "7:30–17:00"
    assert parts.span(clock.at(day, 20), clock.at(day + timedelta(days=1), 4)) == "20:00–次日 4:00"
    assert parts.span(clock.at(day, 16), clock.at(day, 24)) == "16:00–24:00"


def test_a_deadline_is_a_full_date_even_when_it_is_tomorrow():
    tomorrow = clock.today() + timedelta(days=1)

    assert parts.deadline(clock.at(tomorrow, 18)).endswith(f"{tomorrow.month}月{tomorrow.day}日 18:00")


def test_every_unit_of_pay_has_words_and_an_unknown_one_is_an_error():
    assert [parts.pay_unit(code) for code in ("DAY", "hour", "TONNE")] == ["元/天", "元/小时", "元/吨"]
    with pytest.raises(ValueError):
        parts.pay_unit("NEGOTIABLE")


def test_an_icon_is_drawn_inline_and_hidden_from_readers():
    svg = parts.icon("clock")

    assert svg.startswith('<svg class="i" viewBox="0 0 24 24" aria-hidden="true"><path d="M')


def test_an_icon_that_does_not_exist_names_itself():
    with pytest.raises(LookupError, match="no-such-icon"):
        parts.icon("no-such-icon")


def test_every_icon_named_in_a_template_is_there():
    named = set()
    for path in WEB.rglob("templates/**/*.html"):
        named |= set(re.findall(r'{% icon "([a-z0-9-]+)"', path.read_text(encoding="utf-8")))

    assert len(named) > 20
    assert [name for name in sorted(named) if name not in parts._icons()] == []


@pytest.mark.parametrize("drawing", sorted((WEB / "templates/icons/pictograms").glob("*.svg")), ids=lambda p: p.stem)
def test_a_pictogram_is_drawn_on_the_32_grid_in_the_colour_of_its_tile(drawing):
    svg = drawing.read_text(encoding="utf-8")

    assert 'viewBox="0 0 32 32"' in svg
    assert not re.search(r"#[0-9a-fA-F]{3,6}", svg)
    numbers = [float(n) for d in re.findall(r' d="([^"]+)"', svg) for n in re.findall(r"M(\d+\.?\d*)", d)]
    assert all(0 <= n <= 32 for n in numbers)


def test_a_trade_without_a_drawing_gets_the_four_squares():
    assert parts.pictogram("unheard-of") == parts.pictogram("all")


def test_a_trade_without_a_colour_borrows_one_of_the_eight():
    assert '<span class="tile t-factory">' in parts.pictogram("sew")


def test_every_group_of_the_trade_menu_has_a_drawing_and_a_pair_of_colours():
    tokens = (WEB / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
    drawings = {path.stem for path in (WEB / "templates" / "icons" / "pictograms").glob("*.svg")}

    assert {group.pictogram for group in GROUPS} <= drawings
    assert [group.code for group in GROUPS if f"--t-{group.colour}-bg:" not in tokens] == []


@pytest.mark.parametrize("part", PARTS, ids=lambda path: path.stem)
def test_every_part_says_what_it_is_and_what_it_takes(part):
    first = part.read_text(encoding="utf-8").split("{% endcomment %}")[0]

    assert first.startswith("{% comment %}")
    assert len(first) > len("{% comment %}") + 20


@pytest.mark.django_db
@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("mode", ["normal", "elder"])
def test_the_catalogue_renders_on_every_base_in_both_modes(base, mode):
    html = _catalogue(base=base, mode=mode)

    assert '<html lang="zh-CN" data-mode="' in html
    assert html.count("<h1") == 1
    assert "{%" not in html and "{{" not in html
    if base in ("touch", "desk"):
        assert f'data-mode="{mode}"' in html


@pytest.mark.django_db
def test_the_three_helpers_stand_in_the_same_order_on_a_phone_page():
    html = _catalogue()

    places = [html.index(f"<span>{word}</span>") for word in ("听", "大字", "帮忙")]
    assert places == sorted(places)
    assert 'action="/mode/"' in html and 'name="mode" value="elder"' in html


@pytest.mark.django_db
def test_no_page_of_the_catalogue_speaks_english():
    words = re.sub(r"<(script|svg)\b.*?</\1>|<[^>]+>", " ", _catalogue(), flags=re.DOTALL)

    assert set(re.findall(r"[A-Za-z]{3,}", words)) == set()


@pytest.mark.django_db
def test_every_phone_part_is_shown_in_the_catalogue():
    shown = "".join(path.read_text(encoding="utf-8") for path in WEB.glob("templates/parts_catalogue*.html"))
    bases = "".join(path.read_text(encoding="utf-8") for path in WEB.glob("templates/base_*.html"))
    inside = "".join(path.read_text(encoding="utf-8") for path in PARTS)
    errors = (WEB / "templates/404.html").read_text(encoding="utf-8")

    unseen = [p.name for p in PARTS if f"parts/{p.name}" not in shown + bases + inside + errors]

    assert unseen == ["panel.html", "toast.html"]


def test_a_job_card_says_pay_time_way_and_places_and_opens_the_job():
    html = render_to_string("parts/job_card.html", {"job": samples()["jobs"][0]})
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))

    assert "220元/天" in text and "还要 3 人" in text and "1.2 公里，骑车 8 分钟" in text and "明天 7:30–17:00" in text
    assert 'href="#job"' in html and 'href="#apply"' in html


def test_counted_pay_shows_its_estimate():
    html = render_to_string("parts/job_card.html", {"job": samples()["jobs"][2]})

    assert "估 90 元/人" in html


def test_a_card_never_shows_more_than_two_tags():
    job = {**samples()["jobs"][0], "tags": [{"text": word} for word in "甲乙丙丁"]}

    html = render_to_string("parts/job_card.html", {"job": job})

    assert html.count('class="tag"') == 2


def test_what_people_wrote_is_escaped():
    job = {**samples()["jobs"][0], "title": "<b>卸货</b>", "employer_name": '"><img src=x>'}

    html = render_to_string("parts/job_card.html", {"job": job})

    assert "<b>卸货</b>" not in html and "<img" not in html


def test_a_field_in_error_is_tied_to_its_message():
    html = render_to_string("parts/field.html", {"field": samples()["bad_form"]["phone"]})

    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="bad_phone_helptext bad_phone_error"' in html
    assert html.index("手机号没填，一共 11 位") < html.index("<input")


def test_an_error_summary_links_to_the_field():
    html = render_to_string("parts/error_summary.html", {"form": samples()["bad_form"]})

    assert 'href="#bad_phone"' in html and 'role="alert"' in html


def test_each_form_gets_a_key_of_its_own():
    page = Template("{% load parts %}{% once_key %}{% once_key %}").render(Context())

    keys = re.findall(r'value="([0-9a-f]{32})"', page)
    assert len(set(keys)) == 2


def test_neighbouring_hexagons_do_not_overlap():
    first, second = hexagon(0, 0), hexagon(0, 1)

    right = max(float(p.split(",")[0]) for p in first["points"].split())
    left = min(float(p.split(",")[0]) for p in second["points"].split())
    assert right < left


def test_every_template_of_the_web_compiles():
    engine = engines["django"]
    names = [str(p.relative_to(WEB / "templates")) for p in (WEB / "templates").glob("*.html")]

    assert [name for name in names if engine.get_template(name) is None] == []
