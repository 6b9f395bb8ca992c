"""The layout of 方位图: nothing covers the person, the rings' words or the north mark, in small print or large."""

import pytest

from linggong.web.place import Place
from linggong.web.public import compass

PLACE = Place(name="城东街道", code="", lat=29.87, lng=121.55)
pytestmark = pytest.mark.django_db


def card(number: int, north_m: float, east_m: float, fen: int = 18000) -> dict:
    return {
        "number": number, "lat": PLACE.lat + north_m / 111_000, "lng": PLACE.lng + east_m / 96_000, "bearing": 0,
        "pay_fen": fen, "colour": "load", "code": f"c{number}",
    }  # fmt: skip


def drawn(cards: list[dict]) -> dict:
    return compass.drawing(PLACE, cards, url_of=lambda row: f"#{row['code']}", on="c1")


def boxes(drawing: dict) -> list[compass.Box]:
    return [compass._pin_box(pin["x"], pin["y"], pin["wide"]) for pin in drawing["pins"]]


def test_the_rings_stand_at_even_steps_and_a_place_lies_between_its_own():
    rings = (2_000, 5_000, 10_000)

    assert [compass.on_rings(away, rings) for away in (0, 2_000, 5_000, 10_000)] == [0, 52, 104, 156]
    assert 52 < compass.on_rings(3_000, rings) < 104
    assert compass.on_rings(25_000, rings) == 156


def test_a_job_with_room_around_it_is_drawn_in_its_true_direction():
    pin = drawn([card(1, north_m=0, east_m=2_000)])["pins"][0]

    assert pin["x"] == 179 + 104 and abs(pin["y"] - 170) <= 2


def test_jobs_where_the_person_stands_leave_the_person_the_words_and_the_north_mark_readable():
    seen = drawn([card(n, north_m=40 * n, east_m=-30 * n) for n in range(1, 8)])
    words = [compass.Box(*_words(ring)) for ring in seen["rings"]]

    for box in boxes(seen):
        assert not box.meets([compass.YOU, compass.NORTH, *words])


def test_seven_jobs_at_one_gate_are_seven_pins_beside_each_other_on_the_drawing():
    placed = boxes(drawn([card(n, north_m=1_500, east_m=1_500) for n in range(1, 8)]))

    assert len(placed) == 7
    assert all(box.inside and not box.meets(placed[:index]) for index, box in enumerate(placed))


def test_more_jobs_than_fit_cover_each_other_before_they_cover_the_words():
    seen = drawn([card(n, north_m=200, east_m=100) for n in range(1, 31)])
    words = [compass.Box(*_words(ring)) for ring in seen["rings"]]

    assert len(seen["pins"]) == 30
    assert not any(box.meets([compass.YOU, compass.NORTH, *words]) for box in boxes(seen))


def test_a_long_price_gets_a_longer_pin():
    short, long = drawn([card(1, 2_000, 0, fen=2600), card(2, -2_000, 0, fen=123456)])["pins"][::-1]

    assert short["wide"] < 84 < long["wide"]
    assert long["left"] == -long["wide"] // 2


def _words(ring: dict) -> tuple[float, float, float, float]:
    long, x, y = compass._long(ring["text"]), ring["x"], ring["y"] - 5
    return (x - long, y - 11, x, y + 11) if ring["before"] else (x, y - 11, x + long, y + 11)
