"""G1: figures of a day, from events alone."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import linggong.engagements.actions as deals
import linggong.oversight.queries as oversight
from linggong import make
from linggong.core.clock import now, set_now, today
from linggong.venues.queries import Reach


@pytest.mark.row("PR-04")
def test_a_past_day_shows_the_same_figures_whatever_happened_since(supervising, monday_morning):
    make.engagement(upto="confirmed")
    day = today()
    reach = Reach(divisions=("350400",))
    before = oversight.figures(day, reach)
    set_now(now() + timedelta(days=2))
    make.engagement(upto="confirmed")

    page = supervising.get(f"/bureau/?day={day.isoformat()}").content.decode()

    assert before.joined == 1 and before.published == 1
    assert oversight.figures(day, reach) == before
    assert "11月23日：1 人定下了" in page


@pytest.mark.row("PR-04")
def test_every_number_opens_a_list_with_as_many_rows(supervising, monday_morning):
    make.engagement(upto="confirmed_done")
    day = today()
    figures = supervising.get(f"/bureau/?day={day.isoformat()}").context["figures"]

    for name in ("published", "joined", "present", "done", "paid", "no_shows"):
        rows = supervising.get(f"/bureau/list/{name}/?day={day.isoformat()}").context["rows"]
        assert len(rows) == getattr(figures, name), name


def test_today_and_the_wall_say_the_headline(supervising, monday_morning):
    make.posting()

    assert "还缺 2 人" in supervising.get("/bureau/").content.decode()
    wall = supervising.get("/bureau/wall/").content.decode()
    assert 'data-theme="wall"' in wall and "哪里缺人" in wall


@pytest.mark.parametrize("day", ["tomorrow", "2026-13-01", "2099-01-01", "1900-01-01", "%00"])
def test_a_day_that_cannot_be_is_not_found(supervising, day):
    assert supervising.get(f"/bureau/?day={day}").status_code == 404


def test_nobody_but_the_bureau_comes_in(client, db):
    from linggong.web.bureau.tests.conftest import browser

    assert client.get("/bureau/").status_code == 302
    assert browser(make.clerk()).get("/bureau/").status_code == 404


def test_the_rows_behind_a_figure_cost_the_same_however_many(supervising, monday_morning):
    make.engagement(upto="confirmed")
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as asked:
            supervising.get("/bureau/list/joined/")
        counts.append(len(asked))
        make.engagement(upto="confirmed")

    assert counts[0] == counts[1] <= 8


def test_the_wall_counts_the_wages_that_ran_late_on_each_of_seven_days(supervising, monday_morning):
    deal = make.engagement(upto="confirmed_done")
    set_now(now() + timedelta(days=3))
    deals.mark_overdue(deal.attendances.get())
    late = today()
    set_now(now() + timedelta(days=2))

    week = oversight.late_wages(today(), Reach(divisions=("350400",)))
    page = supervising.get("/bureau/wall/").content.decode()

    assert len(week) == 7 and week[-1][0] == today() and dict(week)[late] == 1 and sum(n for _day, n in week) == 1
    assert f"{late.day}日 1 笔，" in page and "今天 0 笔" in page
    assert sum(n for _day, n in oversight.late_wages(today(), Reach(divisions=("330200",)))) == 0
