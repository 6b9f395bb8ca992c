from datetime import timedelta

import pytest

import linggong.accounts.queries as people
from linggong import make
from linggong.cases.models import Case
from linggong.core import clock, journal
from linggong.core.queries import timeline
from linggong.engagements import actions as living
from linggong.engagements import queries as deals
from linggong.engagements.actions.completion import wage_of
from linggong.web.templatetags.parts import yuan

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]


@pytest.fixture
def one():
    """A shift that begins in ten minutes."""
    deal = make.engagement(upto="confirmed")
    attendance = make.attendance(deal)
    clock.set_now(attendance.shift.starts_at - timedelta(minutes=10))
    return attendance


@pytest.fixture
def page(one, browser_of):
    return browser_of(one.engagement.worker)


def press(page, one, **said):
    posting = one.engagement.posting
    body = {"key": "k1", "lat": posting.lat, "lng": posting.lng, **said}
    return page.post(f"/today/{one.code}/check-in/", body)


def state(one):
    return deals.attendance_by_code(one.code).state


def test_a_press_at_the_site_checks_in_and_says_what_comes_next(page, one):
    answer = press(page, one)

    assert (answer.status_code, state(one)) == (302, "checked_in")
    after = page.get(answer.url).content.decode()
    assert "打上卡了" in after and "提前收工" in after


def test_the_same_press_sent_twice_is_one_check_in(page, one):
    first, second = press(page, one), press(page, one)

    assert first.url == second.url
    assert [e.name for e in timeline(one)].count("attendance.checked_in") == 1


def test_far_away_is_refused_with_the_distance_and_the_other_ways_stay_open(page, one):
    answer = press(page, one, lat=one.engagement.posting.lat + 0.1)

    said = answer.content.decode()
    assert (answer.status_code, state(one)) == (409, "expected")
    assert "公里" in said and f"/today/{one.code}/code/" in said


def test_without_a_position_the_six_digits_do(page, one):
    wrong = press(page, one, lat="", lng="", code="000000", key="a")
    six = deals.current_site_code(one.engagement.posting, clock.now())
    right = press(page, one, lat="", lng="", code=six, key="b")

    assert (wrong.status_code, "码不对" in wrong.content.decode()) == (422, True)
    assert 'name="code"' in wrong.text, "the field to type it again is still there"
    assert (right.status_code, state(one)) == (302, "checked_in")


def test_the_scanned_code_of_the_site_opens_the_own_shift_and_changes_nothing_until_the_tap(page, one):
    six = deals.current_site_code(one.engagement.posting, clock.now())

    shown = page.get(f"/in/{one.engagement.posting.code}/{six}/").content.decode()

    assert f'value="{six}"' in shown and f"/today/{one.code}/check-in/" in shown
    assert state(one) == "expected"


def test_a_press_that_waited_for_the_network_counts_from_when_it_was_pressed(page, one):
    pressed_at = clock.now()
    clock.set_now(pressed_at + timedelta(hours=3))

    press(page, one, pressed_at=pressed_at.isoformat())

    fresh = deals.attendance_by_code(one.code)
    assert fresh.checked_in_at == pressed_at
    assert "attendance.sent_later" in [e.name for e in timeline(one)]


@pytest.mark.parametrize("said", [timedelta(hours=-13), timedelta(minutes=5)])
def test_a_time_nobody_can_believe_counts_as_now(page, one, said):
    now = clock.now()

    press(page, one, pressed_at=(now + said).isoformat())

    assert abs(deals.attendance_by_code(one.code).checked_in_at - now) < timedelta(minutes=1)


@pytest.mark.parametrize("junk", ["", "昨天", "2026-11-24", "9" * 5000, "\x00", "2026-99-99T99:99:99Z"])
def test_junk_in_the_hidden_fields_breaks_nothing(page, one, junk):
    assert press(page, one, pressed_at=junk).status_code in (302, 422)
    assert press(page, one, code=junk, key="k2").status_code in (302, 409, 422)


def test_not_as_told_opens_a_case_in_the_workers_name(page, one):
    press(page, one, as_told="no")
    make.settle_down()

    case = Case.objects.get(kind="mismatch")
    assert case.filed_by == one.engagement.worker.user


def test_not_as_told_is_answered_and_the_employer_sees_it(page, one, browser_of):
    answer = page.get(press(page, one, as_told="no").url).text
    boss = deals.owner_of(one.engagement.employer)
    desk = browser_of(boss)

    assert "“不一样”也记下了" in answer and "一天内有人打给你" in answer
    assert "说和说的不一样" in desk.get("/e/today/").text and "先当面问清楚" in desk.get(f"/e/today/{one.code}/").text
    assert any("和说的不一样" in notice.text for notice in people.inbox(boss))


def test_too_early_the_circle_says_when_it_opens(page, one):
    clock.set_now(one.shift.starts_at - timedelta(hours=3))

    shown = page.get("/today/").content.decode()

    assert "7:00 才能打" in shown and "disabled" in shown
    assert press(page, one).status_code == 409


def test_a_day_paid_whole_cannot_be_ended_early_by_the_circle_but_by_its_own_page(page, one):
    press(page, one)
    clock.set_now(one.shift.starts_at + timedelta(hours=4))
    soon = page.post(f"/today/{one.code}/check-out/", {"key": "k"})

    assert soon.url == f"/today/{one.code}/early/" and state(one) == "checked_in"
    assert page.post(f"/today/{one.code}/end-early/", {"key": "k", "because": "nonsense"}).status_code == 422
    assert page.post(f"/today/{one.code}/end-early/", {"key": "k", "because": "unwell"}).status_code == 302
    assert state(one) == "ended_early"


def test_at_the_end_one_tap_ends_the_day(page, one):
    press(page, one)
    clock.set_now(one.shift.ends_at)

    answer = page.post(f"/today/{one.code}/check-out/", {"key": "k"})

    assert state(one) == "work_done"
    assert "老板确认后算工钱" in page.get(answer.url).content.decode()


def test_counted_pay_asks_how_much_and_keeps_what_was_typed(browser_of):
    deal = make.engagement(upto="checked_in", pay_unit="PIECE", pay_fen=500, quantity=100)
    one, page = make.attendance(deal), browser_of(deal.worker)
    clock.set_now(one.shift.starts_at + timedelta(hours=4))

    wrong = page.post(f"/today/{one.code}/check-out/", {"key": "k", "quantity": "二十"})
    right = page.post(f"/today/{one.code}/check-out/", {"key": "k", "quantity": "20"})

    assert wrong.status_code == 422 and "二十" in wrong.content.decode() and "只写数字" in wrong.content.decode()
    assert right.status_code == 302 and deals.attendance_by_code(one.code).quantity == 20


@pytest.mark.parametrize("quantity", ["-1", "0", "1" * 40, "nan", "inf", "1e9", "<script>", "\x00"])
def test_impossible_quantities_are_refused_in_words(browser_of, quantity):
    deal = make.engagement(upto="checked_in", pay_unit="PIECE", pay_fen=500, quantity=100)
    one = make.attendance(deal)

    answer = browser_of(deal.worker).post(f"/today/{one.code}/check-out/", {"key": "k", "quantity": quantity})

    assert answer.status_code == 422 and state(one) == "checked_in"


def test_coming_for_nothing_is_claimed_after_the_start_and_owes_the_published_sum(page, one):
    clock.set_now(one.shift.starts_at + timedelta(minutes=20))
    assert "补 30 元" in page.get(f"/today/{one.code}/wasted/").content.decode()

    page.post(f"/today/{one.code}/wasted/claim/", {"key": "k"})

    assert (state(one), deals.attendance_by_code(one.code).pay_fen) == ("pay_due", 3000)


def test_a_day_without_cover_is_shown_and_waits_for_the_workers_yes(page, one):
    living.go_uncovered(one, because="保险公司系统坏了", by=deals.owner_of(one.engagement.employer))
    assert "保险公司系统坏了" in page.get("/today/").content.decode()
    assert press(page, one, key="early").status_code == 409

    page.post(f"/today/{one.code}/uncovered/accept/", {"key": "k"})

    assert press(page, one, key="later").status_code == 302


def test_nobody_touches_the_shift_of_another(stranger, one):
    for path in ("code/", "out/", "early/", "wasted/"):
        assert stranger.get(f"/today/{one.code}/{path}").status_code == 404
    for path in ("check-in/", "check-out/", "end-early/", "wasted/claim/", "uncovered/accept/"):
        assert stranger.post(f"/today/{one.code}/{path}", {"key": "k"}).status_code == 404
    assert stranger.get(f"/today/?at={one.code}").status_code == 404
    assert state(one) == "expected"


def test_a_day_without_work_leads_on(stranger):
    shown = stranger.get("/today/").content.decode()

    assert "今天没有活" in shown and 'href="/"' in shown


def test_help_in_an_accident_opens_for_anybody(client, page, one):
    assert 'href="tel:120"' in client.get("/sos/").content.decode()
    press(page, one)

    answer = page.post(f"/sos/{one.code}/report/", {"key": "k", "facts": "手划伤了"})
    make.settle_down()

    assert state(one) == "accident" and answer.status_code == 302
    assert Case.objects.get(kind="accident").facts == "手划伤了"


def test_a_press_that_arrives_after_the_shift_still_saves_the_day(browser_of):
    make.approved_products()
    deal = make.engagement(upto="confirmed")
    one = make.attendance(deal)
    pressed_at = one.shift.starts_at - timedelta(minutes=5)
    clock.set_now(one.shift.ends_at + timedelta(hours=1))
    journal.run_due_jobs(clock.now())
    page = browser_of(deal.worker)

    press(page, one, pressed_at=pressed_at.isoformat())
    page.post(f"/today/{one.code}/check-out/", {"key": "k", "pressed_at": one.shift.ends_at.isoformat()})

    fresh = deals.attendance_by_code(one.code)
    assert (fresh.state, fresh.minutes) == ("work_done", 7 * 60)


def test_stopping_early_says_the_sum_before_the_tap(page, one):
    press(page, one, key="in")
    clock.set_now(one.shift.starts_at + timedelta(hours=2))

    said = page.get(f"/today/{one.code}/early/").content.decode()
    page.post(f"/today/{one.code}/end-early/", {"key": "early", "because": "unwell"})

    done = make.attendance(one.engagement)
    fen = wage_of(done, minutes=done.minutes, quantity=None)
    assert 0 < fen < one.engagement.posting.pay_fen
    assert f"现在收工大约 {yuan(fen)} 元" in said
