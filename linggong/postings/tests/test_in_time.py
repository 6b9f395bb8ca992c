"""U11: work that starts in a moment is shown only to whoever can still be there."""

from datetime import timedelta

import pytest

from linggong import make
from linggong.core import clock
from linggong.postings import queries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(monday_morning):
    make.approved_rules()


def found(posting, *, km, minutes):
    """Whether somebody that far away, that long before the start, sees it."""
    moment = posting.next_starts_at - timedelta(minutes=minutes)
    clock.set_now(moment)
    lat = posting.lat + km / 111.19
    rows = queries.near(lat, posting.lng, 60_000, moment)
    assert queries.how_many(moment, around=(lat, posting.lng, 60_000)) == len(rows)
    return [row.pk for row in rows] == [posting.pk]


@pytest.mark.parametrize(
    ("km", "minutes", "shown"),
    [(30, 2, False), (1, 6, True), (5, 10, False), (5, 16, True), (30, 60, False), (29, 80, True), (50, 121, True)],
)
def test_u11_a_posting_far_away_that_starts_in_a_moment_is_not_shown(km, minutes, shown):
    assert found(make.posting(), km=km, minutes=minutes) is shown


def test_u11_what_has_a_later_day_too_is_shown_all_the_same():
    assert found(make.posting(days=2), km=30, minutes=2)
