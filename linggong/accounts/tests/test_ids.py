"""Numbers of people and firms: what is well formed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linggong.accounts import ids

DIGITS = st.text("0123456789", min_size=1, max_size=1)
BIRTHS = st.dates(date(1900, 1, 1), date(2099, 12, 31))


@st.composite
def id_numbers(draw):
    first = draw(st.sampled_from(["110101", "350402", "820000", "350499"]))
    first += draw(BIRTHS).strftime("%Y%m%d") + f"{draw(st.integers(0, 999)):03d}"
    return first + ids.id_check(first)


@st.composite
def credit_codes(draw):
    first = draw(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17))
    return first + ids.uscc_check(first)


@given(id_numbers())
def test_a_number_with_its_own_check_character_is_good(number):
    assert ids.valid_id(number)
    assert ids.birth_of(number).strftime("%Y%m%d") == number[6:14]


@given(id_numbers(), st.integers(0, 16), DIGITS)
def test_any_single_wrong_digit_is_found(number, place, digit):
    wrong = number[:place] + digit + number[place + 1 :]

    assert ids.valid_id(wrong) == (wrong == number)


@given(id_numbers(), st.integers(0, 15))
def test_two_neighbours_swapped_are_found(number, place):
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]

    assert ids.valid_id(swapped) == (swapped == number)


@given(st.text(max_size=30))
def test_any_text_is_answered_without_an_accident(text):
    assert ids.valid_id(text) in (True, False)
    assert ids.valid_uscc(text) in (True, False)
    try:
        assert len(ids.valid_phone(text)) == 11
    except ids.BadPhone as no:
        assert "手机号" in str(no)


def test_the_sample_of_the_standard_is_good():
    assert ids.valid_id("11010519491231002X")
    assert ids.sex_of("11010519491231002X") == "F"
    assert ids.birth_of("11010519491231002X") == date(1949, 12, 31)


@pytest.mark.parametrize(
    "number",
    ["", "11010519491231002x", "110105194912310021", "11010519490231002X", "990105194912310020", "1" * 18, "①" * 18],
)
def test_numbers_that_are_none(number):
    assert not ids.valid_id(number)


def test_small_x_spaces_and_full_width_are_what_people_type():
    assert ids.clean_id(" 110105 19491231 002x ") == "11010519491231002X"
    assert ids.clean_id("１１０１０５１９４９１２３１００２Ｘ") == "11010519491231002X"


@given(credit_codes())
def test_a_credit_code_with_its_own_check_character_is_good(code):
    assert ids.valid_uscc(code)


@given(credit_codes(), st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_any_single_wrong_character_of_a_credit_code_is_found(code, place, character):
    wrong = code[:place] + character + code[place + 1 :]

    assert ids.valid_uscc(wrong) == (wrong == code)


def test_a_published_credit_code_is_good():
    assert ids.valid_uscc("91350100M000100Y43")  # the sample of GB 32100


@pytest.mark.parametrize("text", ["138 0013 8000", "+86 13800138000", "１３８００１３８０００", "0086-138-0013-8000"])
def test_numbers_as_people_write_them(text):
    assert ids.valid_phone(text) == "13800138000"


@pytest.mark.parametrize(
    "text", ["", "1380013800", "138001380000", "12345678901", "13800138OOO", "١٣٨٠٠١٣٨٠٠٠", "12333"]
)
def test_numbers_that_ring_nobody(text):
    with pytest.raises(ids.BadPhone):
        ids.valid_phone(text)


@given(st.integers(0, 99_999_999))
def test_demo_numbers_are_good_in_a_demo_and_nowhere_else(number):
    phone = f"{ids.DEMO_PREFIX}{number:08d}"

    assert ids.is_demo_phone(ids.valid_phone(phone, demo=True))
    with pytest.raises(ids.BadPhone):
        ids.valid_phone(phone, demo=False)


@given(BIRTHS, BIRTHS)
def test_age_grows_by_one_a_year(born, day):
    age = ids.age_on(born, day)

    assert age == day.year - born.year or age == day.year - born.year - 1


def test_a_birthday_counts_from_that_day_on():
    assert ids.age_on(date(2010, 11, 23), date(2026, 11, 22)) == 15
    assert ids.age_on(date(2010, 11, 23), date(2026, 11, 23)) == 16
    assert ids.age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert ids.age_on(date(2008, 2, 29), date(2026, 3, 1)) == 18
