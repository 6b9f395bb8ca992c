"""Finding places by what people say, and by where they stand."""

import pytest

from linggong.reference import queries
from linggong.reference.models import Division

pytestmark = pytest.mark.django_db


def names(places):
    return [place.name for place in places]


@pytest.mark.parametrize(
    ("said", "within", "expected"),
    [
        ("洪塘", "330200", "洪塘街道"),
        ("洪塘这边", "330205", "洪塘街道"),
        ("洪塘街道", "", "洪塘街道"),
        ("慈溪", "", "慈溪市"),
        ("将乐", "350000", "将乐县"),
        ("海曙南门", "330200", "南门街道"),
        ("hongtang", "330205", "洪塘街道"),
        ("ht", "330205", "洪塘街道"),
    ],
)
def test_a_place_is_found_by_how_people_call_it(said, within, expected):
    assert names(queries.find_place(said, within))[0] == expected


def test_the_search_stays_inside_the_county():
    assert queries.find_place("洪塘", "350428") == []
    assert queries.find_place("洪", "330205") == []


def test_the_nearest_townships_come_nearest_first():
    town = queries.division("330205007")

    found = queries.near(town.lat, town.lng)

    assert found[0] == town
    assert all(not place.about for place in found)
    assert queries.near(0.0, 0.0) == []


def test_above_and_below_a_division():
    town = queries.division("330205007")

    assert names(queries.ancestors(town.code)) == ["浙江省", "宁波市", "江北区", "洪塘街道"]
    assert queries.full_name(town.code) == "浙江省宁波市江北区洪塘街道"
    assert town in queries.children("330205")
    assert len(queries.children("")) == 34
    assert queries.codes_above("330205007") == ["", "330000", "330200", "330205", "330205007"]


def test_inside_takes_everything_below_and_nothing_beside():
    inside = set(Division.objects.filter(queries.inside("330205")).values_list("code", flat=True))

    assert "330205007" in inside
    assert "330205" in inside
    assert not any(code.startswith("330206") for code in inside)
    assert Division.objects.filter(queries.inside("")).count() == Division.objects.count()


def test_the_sentence_reader_gets_the_names_of_a_county():
    words = queries.place_words("330205")

    assert {"洪塘街道", "洪塘", "江北区", "江北"} <= words
