"""U12: waiting long and seeing an opaque choice. Turns and the morning draw, where a venue switched them on."""

import hashlib
import re
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

import linggong.matching.actions as matching
import linggong.matching.queries as suits
import linggong.venues.actions as venues
import linggong.workers.actions as workers
from linggong import make
from linggong.core import clock
from linggong.core.asking import ask
from linggong.core.clock import at, local, now, today
from linggong.core.sealed import unseal
from linggong.engagements.turns import last_worked
from linggong.matching import background, draws, turns
from linggong.matching.models import Decision, Draw
from linggong.venues.models import Duty

pytestmark = pytest.mark.django_db
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩"


@pytest.fixture
def market():
    return make.venue()


@pytest.fixture
def clerk(market):
    return make.staff(Duty.CLERK)


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def switched(venue, **modes):
    return venues.change_venue(venue, by=None, **modes)


def person(name, days_ago=0):
    with clock.moved_to(now() - timedelta(days=days_ago)):
        return make.worker(name=name)


def names_on(page, *names):
    """The names in the order they stand on the page."""
    return sorted(names, key=page.index)


def test_u12_whoever_waited_longest_comes_first_and_it_says_how_long(monday_morning, market, clerk):
    """轮流派: days without work decide, not points; the list that was acted on is kept and replays."""
    long, short = person("何久等", days_ago=8), person("齐刚到", days_ago=1)
    for _ in range(10):
        workers.worked(short, make.kitchen(), by=None)
    job = make.posting()
    desk = browser(clerk)
    by_points = desk.get(f"/desk/dispatch/{job.code}/").content.decode()
    assert names_on(by_points, "何久等", "齐刚到") == ["齐刚到", "何久等"] and "轮流派" not in by_points

    switched(market, by_turn=True)
    page = desk.get(f"/desk/dispatch/{job.code}/").content.decode()

    assert names_on(page, "何久等", "齐刚到") == ["何久等", "齐刚到"]
    assert "轮到他了：8 天没活" in page and "本站轮流派" in page
    desk.post(f"/desk/dispatch/{job.code}/send/", {"worker": long.code, "how": "call", "key": "k1"})
    kept = Decision.objects.get(posting=job)
    assert (kept.inputs["order"], kept.outcome[0][0]) == ("turn", long.pk)
    assert suits.replayed(kept) == []


def test_u12_work_in_the_area_ends_the_wait_work_called_off_does_not(monday_morning):
    worked, cancelled = make.engagement(upto="confirmed"), make.engagement(upto="confirmed")
    make.deals.cancel_by_employer(cancelled, because="no_need", by=cancelled.posting.posted_by)

    last = ask(last_worked(make.county().code, today()))

    day = local(worked.attendances.get().shift.starts_at).date()
    assert last == {worked.worker_id: day}
    assert ask(last_worked("110100", today())) == {}
    assert turns.days_waited(day, today()) == 0


def test_equal_waits_are_ordered_by_a_lot_that_changes_every_day_never_by_number():
    codes = [f"CODE{n}" for n in range(20)]
    orders = {
        day: sorted(range(20), key=lambda n: turns.lot("V", day, codes[n]))
        for day in (today() + timedelta(days=n) for n in range(7))
    }

    assert len({tuple(order) for order in orders.values()}) == 7
    assert len({order[0] for order in orders.values()}) > 2
    assert list(range(20)) not in orders.values()


def test_the_modes_are_off_until_the_head_switches_them_on_and_only_in_the_area(monday_morning, market, clerk):
    job, head = make.posting(), browser(make.staff(Duty.HEAD))
    assert (market.by_turn, market.by_draw) == (False, False)
    assert browser(clerk).get("/desk/draw/").status_code == 404
    assert Client().get(f"/stations/{market.code}/draw/").status_code == 404
    assert browser(clerk).post("/desk/venue/turns/change/", {"by_turn": "on"}).status_code == 404

    assert head.post("/desk/venue/turns/change/", {"by_turn": "on"}).status_code == 302
    market.refresh_from_db()
    assert (market.by_turn, market.by_draw) == (True, False)
    assert "本站轮流派" in head.get(f"/desk/dispatch/{job.code}/").content.decode()


def test_the_hash_of_the_seed_is_out_the_evening_before_and_the_seed_only_after_the_draw(market):
    switched(market, by_draw=True)
    evening, morning = at(today() + timedelta(days=1), 19), at(today() + timedelta(days=2), 6)
    with clock.moved_to(evening - timedelta(hours=2)):
        background.seal_the_draw_of_tomorrow()
        assert not Draw.objects.exists()
    with clock.moved_to(evening):
        background.seal_the_draw_of_tomorrow()
        background.seal_the_draw_of_tomorrow()
        row = Draw.objects.get()
        page = Client().get(f"/stations/{market.code}/draw/check/").content.decode()
        assert row.day == local(morning).date() and row.seed == "" and row.commitment in page
    with clock.moved_to(morning):
        draw = matching.hold_draw(row, by=None)
        page = Client().get(f"/stations/{market.code}/draw/check/").content.decode()

    assert draw.seed in page and draw.commitment in page
    assert hashlib.sha256(draw.seed.encode()).hexdigest() == draw.commitment


def drawn(market, clerk, many=6):
    """A morning on which `many` people took a number at the window and the draw was held there."""
    switched(market, by_draw=True)
    people = [person(f"{SURNAMES[n]}拿号", days_ago=n) for n in range(many)]
    matching.commit_draw(market, today())
    desk = browser(clerk)
    for n, one in enumerate(people):
        answer = desk.post("/desk/draw/take/", {"who": unseal(one.user, "phone_sealed"), "key": f"t{n}"})
        assert answer.status_code == 302
    assert desk.post("/desk/draw/hold/", {"key": "h"}).status_code == 302
    return draws.of_day(market, today()), people


def test_the_five_lines_of_the_page_give_the_same_order_again(monday_morning, market, clerk, capsys):
    draw, _people = drawn(market, clerk)
    page = Client().get(f"/stations/{market.code}/draw/check/").content.decode()
    lines = re.search(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.S)[1].replace("&quot;", '"')

    exec(lines, {})  # what a stranger would run

    assert len(lines.splitlines()) == 5
    assert capsys.readouterr().out.strip() == str(draw.order)
    assert sorted(draw.order) == list(range(1, 7))
    call_command("check_draw", draw.code)
    assert "equal: 6 tickets" in capsys.readouterr().out


def test_a_draw_that_was_tampered_with_is_told_from_one_that_was_not(monday_morning, market):
    draw = matching.hold_draw(matching.commit_draw(market, today()), by=None)
    assert draws.differences(draw) == []
    draw.seed, draw.order = "0" * 64, [2, 1]

    assert draws.differences(draw) == ["the seed is not the one that was committed to", "the order is another one"]
    with pytest.raises(CommandError, match="no draw"):
        call_command("check_draw", "NOSUCHCODE")


def test_nobody_is_named_on_the_public_pages_and_the_window_sends_by_the_draw(monday_morning, market, clerk):
    draw, people = drawn(market, clerk)
    shown = Client().get(f"/stations/{market.code}/draw/").content.decode()
    shown += Client().get(f"/stations/{market.code}/draw/check/").content.decode()
    job = make.posting()

    for one in people:
        assert one.user.name not in shown and one.code not in shown and one.user.code not in shown
    page = browser(clerk).get(f"/desk/dispatch/{job.code}/").content.decode()
    assert names_on(page, *(p.user.name for p in people)) == [people[n - 1].user.name for n in draw.order]
    assert "轮到他了：摇号第 1 个" in page


def test_a_number_is_taken_once_and_not_after_the_draw(monday_morning, market):
    draw, one = matching.commit_draw(market, today()), make.worker()
    first, again = (matching.take_ticket(draw, one, by=None) for _ in range(2))
    other = matching.take_ticket(draw, make.worker(), by=None)
    matching.hold_draw(draw, by=None)

    assert (first.pk, first.number, other.number) == (again.pk, 1, 2)
    with pytest.raises(matching.DrawnAlready):
        matching.take_ticket(draw, make.worker(), by=None)
    with pytest.raises(matching.DrawnAlready):
        matching.hold_draw(draw, by=None)


def test_a_draw_nobody_held_is_opened_by_the_clock(market):
    draw = matching.commit_draw(market, today())
    with clock.moved_to(now() + timedelta(days=1)):
        background.seal_the_draw_of_tomorrow()

    draw.refresh_from_db()
    assert draw.seed and draws.differences(draw) == []


def test_the_window_says_what_is_wrong_with_a_number(monday_morning, market, clerk):
    switched(market, by_draw=True)
    desk, stranger = browser(clerk), make.user()

    assert "今天没有摇号" in desk.post("/desk/draw/hold/", {}).content.decode()
    matching.commit_draw(market, today())
    assert "手机号 11 位" in desk.post("/desk/draw/take/", {"who": "12"}).content.decode()
    assert (
        "先到“登记”里登记" in desk.post("/desk/draw/take/", {"who": unseal(stranger, "phone_sealed")}).content.decode()
    )
    assert desk.get("/desk/draw/").status_code == 200


def test_a_list_by_turns_asks_the_database_no_more_than_eight_times(
    monday_morning, market, clerk, django_assert_max_num_queries
):
    switched(market, by_turn=True, by_draw=True)
    matching.hold_draw(matching.commit_draw(market, today()), by=None)
    for n in range(15):
        person(f"{SURNAMES[n]}等活", days_ago=n)
    job, desk = make.posting(), browser(clerk)
    desk.get("/desk/dispatch/")

    with django_assert_max_num_queries(8):
        desk.get(f"/desk/dispatch/{job.code}/")
