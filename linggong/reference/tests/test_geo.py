"""Distances, directions, cells and the blur."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linggong.reference import geo

LAT = st.floats(18, 54)
LNG = st.floats(73, 135)


def test_a_known_distance_comes_out():
    assert geo.distance_m(39.9026, 116.4013, 31.2304, 121.4737) == pytest.approx(1_067_000, rel=0.005)
    assert geo.distance_m(26.27, 117.63, 26.27, 117.63) == 0


def test_directions_go_clockwise_from_north():
    assert geo.bearing(26, 117, 27, 117) == 0
    assert geo.bearing(26, 117, 26, 118) in (89, 90)
    assert geo.bearing(26, 117, 25, 117) == 180
    assert geo.compass_word(geo.bearing(26, 117, 27, 118)) == "东北"
    assert geo.compass_word(359) == "北"


@given(LAT, LNG, st.floats(0, 360), st.integers(1, 30_000))
def test_whatever_lies_within_the_radius_lies_in_one_of_the_cells(lat, lng, angle, radius_m):
    from math import cos, radians, sin

    tall, wide = geo.box_degrees(lat, radius_m)
    there = lat + tall * cos(radians(angle)) * 0.999, lng + wide * sin(radians(angle)) * 0.999

    if geo.distance_m(lat, lng, *there) <= radius_m:
        assert geo.cell(*there) in geo.cells_within(lat, lng, radius_m)


@given(LAT, LNG)
def test_the_blur_moves_a_point_by_less_than_half_a_kilometre(lat, lng):
    blurred = geo.rounded(lat, lng)

    assert geo.distance_m(lat, lng, *blurred) < 500
    assert geo.rounded(*blurred) == blurred


def test_two_neighbours_are_shown_at_the_same_point():
    assert geo.rounded(26.2601, 117.6302) == geo.rounded(26.2605, 117.6306)
