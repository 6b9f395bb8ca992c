"""Places that ask for people: the right ones, at the right hour, wholly or not at all, first to accept wins."""

from datetime import time, timedelta

import pytest

import linggong.engagements.actions as deals
import linggong.matching.actions as ties
import linggong.venues.queries as venues
import linggong.workers.actions as people
from linggong import make
from linggong.accounts.models import Notice, Sms
from linggong.core import clock, journal
from linggong.core.models import Event
from linggong.engagements import background, invited, queries
from linggong.engagements.actions import inviting
from linggong.engagements.models import Engagement, Filling, Invitation
from linggong.engagements.refusals import NobodyKnown, NoShift, NothingToFill, NotThisWay
from linggong.postings.models import Posting, Shift
from linggong.reference import queries as reference

pytestmark = pytest.mark.django_db
CAP = reference.default("invite_per_day")


@pytest.fixture(autouse=True)
def _world(monday_morning):
    make.approved_rules()
    make.approved_products()


def later(minutes: float) -> None:
    """Let time pass, and the worker process do what is due."""
    clock.set_now(clock.now() + timedelta(minutes=minutes))
    make.settle_down()
    background.waves_go_out()
    make.settle_down()


def far(**facts):
    """A worker six kilometres away, who goes ten."""
    place = make.county()
    return make.worker(lat=place.lat + 0.055, lng=place.lng, reach_m=10_000, **facts)


def soon(**changes) -> Posting:
    """A posting that starts at nine, three hours from now."""
    start = clock.at(clock.local(clock.now()).date(), 9)
    row = make.posting(starts_at=start, **changes)
    make.settle_down()
    return row


def of(posting):
    return list(Invitation.objects.filter(posting=posting).order_by("wave", "pk"))


# --- waves ---------------------------------------------------------------------------------------------------


def test_a_posting_that_starts_within_a_day_invites_by_itself():
    hand = make.worker()

    posting = soon(places=1)

    [one] = of(posting)
    assert (one.worker, one.wave, one.tier, one.state) == (hand, 1, "near", "sent")
    assert Notice.objects.filter(user=hand.user, kind="invited").count() == 1
    assert Sms.objects.filter(about_code=one.code).count() == 1


def test_a_posting_for_the_day_after_tomorrow_invites_only_when_asked_to():
    make.worker()
    start = clock.at(clock.local(clock.now()).date() + timedelta(days=2), 9)
    posting = make.posting(starts_at=start)
    make.settle_down()
    before = len(of(posting))

    deals.fill(posting, why="asked", by=queries.owner_of(posting.employer))
    background.waves_go_out()

    assert (before, len(of(posting))) == (0, 1)


def test_what_was_published_long_before_is_filled_once_it_is_near():
    make.worker()
    start = clock.at(clock.local(clock.now()).date() + timedelta(days=2), 9)
    posting = make.posting(starts_at=start)
    make.settle_down()
    clock.set_now(start - timedelta(hours=23))

    background.near_starts_are_filled()

    assert len(of(posting)) == 1


def test_waves_go_from_liked_to_near_to_wider_to_all_of_the_kind():
    boss = make.employer()
    liked, near, wider = far(name="李好人"), make.worker(name="赵近邻"), far(name="孙远路")
    kind = next(t for t in reference.trades() if t.group == make.kitchen().group and t.code != make.kitchen().code)
    other = make.worker(name="周同行", trades=(kind.code,))
    ties.like(liked, boss, by=None)

    posting = soon(employer_=boss, places=5)
    for _ in range(4):
        later(31)

    assert [(i.wave, i.tier, i.worker) for i in of(posting)] == [
        (1, "liked", liked), (2, "near", near), (3, "wider", wider), (4, "everyone", other),
    ]  # fmt: skip


def test_the_next_wave_waits_until_this_one_has_run_its_time():
    for _ in range(6):
        make.worker()
    posting = soon(places=1)
    first = len(of(posting))

    later(1)
    early = len(of(posting))
    later(31)

    assert first == early == 4  # 1 × 100 ÷ 25
    assert len(of(posting)) == 6


@pytest.mark.row("SX-13b")
def test_nobody_is_pushed_against_a_hard_limit_a_block_or_their_own_switch():
    boss = make.employer()
    unchecked, blocked, shy, resting = make.worker(state="light"), make.worker(), make.worker(), make.worker()
    busy, fine = make.worker(), make.worker()
    ties.block(blocked, boss, side="employer", by=None)
    people.change_profile(shy, invites="off", by=shy.user)
    people.change_profile(resting, taking_work=False, by=resting.user)
    start = clock.at(clock.local(clock.now()).date(), 9)
    people.book(busy, starts_at=start, ends_at=start + timedelta(hours=2), ref="elsewhere")

    posting = soon(employer_=boss, places=5)
    later(31)

    assert [i.worker for i in of(posting)] == [fine]
    assert unchecked.state == "light"


@pytest.mark.row("SX-13b")
def test_u27_a_day_has_no_more_than_the_published_number_of_pushes():
    hand = make.worker()

    postings = [soon(places=1) for _ in range(CAP + 2)]
    later(31)

    assert Invitation.objects.filter(worker=hand).count() == CAP == 3
    assert [len(of(p)) for p in postings] == [1, 1, 1, 0, 0]


@pytest.mark.row("NB-02e")
def test_u27_nobody_is_woken_between_half_past_nine_and_five_unless_they_asked():
    sleeper, awake, early = make.worker(), make.worker(), make.worker()
    people.change_profile(awake, invites="any", by=awake.user)
    people.change_profile(early, call_from=time(4), by=early.user)
    day = clock.local(clock.now()).date()
    clock.set_now(clock.at(day, 22))

    posting = make.posting(starts_at=clock.at(day + timedelta(days=1), 9), places=5)
    make.settle_down()
    at_night = {i.worker for i in of(posting)}
    clock.set_now(clock.at(day + timedelta(days=1), 4, 30))
    later(0)
    at_half_past_four = {i.worker for i in of(posting)}
    clock.set_now(clock.at(day + timedelta(days=1), 5, 30))
    later(0)

    assert at_night == {awake}
    assert at_half_past_four == {awake, early}
    assert {i.worker for i in of(posting)} == {awake, early, sleeper}
    assert not Sms.objects.filter(about_code__in=[i.code for i in of(posting) if i.worker == sleeper][1:]).exists()


def test_a_person_without_a_phone_stands_on_the_desks_list_instead_of_getting_a_message():
    hand, kept = make.worker(with_phone=False), make.worker(contact_via="officer")

    posting = soon(places=2)
    reach = venues.reach_of(make.clerk())

    assert {i.channel for i in of(posting)} == {"desk"}
    assert not Sms.objects.exists()
    assert {i.worker for i in invited.to_call(reach, clock.now())} == {hand, kept}


def test_the_first_to_accept_wins_and_the_others_hear_it_with_what_else_there_is():
    winner, loser = make.worker(), make.worker()
    posting = soon(places=1)
    other = soon(places=3, title="洗碗工")

    deals.grab(posting, winner, by=winner.user)
    make.settle_down()

    states = {i.worker: i.state for i in of(posting)}
    assert states == {winner: "taken", loser: "missed"}
    said = Notice.objects.get(user=loser.user, kind="invitation_missed").text
    assert "招满了" in said and other.title in said
    assert Filling.objects.get(posting=posting).state == "filled"


def test_saying_no_costs_nothing_and_is_not_asked_again():
    hand = make.worker()
    posting = soon(places=1)
    [one] = of(posting)

    deals.refuse_invitation(one, by=hand.user)
    later(31)

    assert [i.state for i in of(posting)] == ["refused"]
    assert hand.points.count() == 0


def test_an_employer_stops_and_goes_on():
    for _ in range(6):
        make.worker()
    posting = soon(places=1)
    boss = queries.owner_of(posting.employer)

    deals.stop_filling(invited.filling_of(posting), by=boss)
    later(31)
    stopped = len(of(posting))
    deals.fill(posting, why="asked", by=boss)
    later(0)

    assert (stopped, len(of(posting))) == (4, 6)


def test_nothing_is_filled_that_is_full_or_for_the_station_to_send():
    full = soon(places=1)
    make.engagement(posting_=full)
    sent = soon(places=1, way_in="dispatch")
    full.refresh_from_db()

    with pytest.raises(NothingToFill):
        deals.fill(full, why="asked", by=None)
    with pytest.raises(NotThisWay):
        deals.fill(sent, why="asked", by=None)

    assert not Filling.objects.filter(posting=sent).exists()


def test_a_wave_killed_in_the_middle_leaves_nothing_and_goes_out_once_afterwards(monkeypatch):
    for _ in range(3):
        make.worker()
    start = clock.at(clock.local(clock.now()).date() + timedelta(days=2), 9)
    posting = make.posting(starts_at=start, places=2)
    filling = deals.fill(posting, why="asked", by=None)
    make.settle_down()
    told, tell = [], inviting.accounts.tell

    def dies_at_the_second(*args, **kwargs):
        told.append(1)
        if len(told) == 2:
            raise SystemExit
        return tell(*args, **kwargs)

    monkeypatch.setattr(inviting.accounts, "tell", dies_at_the_second)
    with pytest.raises(SystemExit):
        deals.send_wave(invited.filling_of(posting))
    monkeypatch.undo()
    half = (Invitation.objects.count(), Notice.objects.filter(kind="invited").count(), Sms.objects.count())
    wave_then = Filling.objects.get(pk=filling.pk).wave
    background.waves_go_out()
    background.waves_go_out()

    assert half == (0, 0, 0) and wave_then == 0
    assert [(i.wave, i.state) for i in of(posting)] == [(1, "sent")] * 3
    assert Event.objects.filter(name="filling.wave").count() == 1


def test_a_stale_copy_of_the_filling_sends_nothing():
    for _ in range(6):
        make.worker()
    posting = soon(places=1)
    stale = invited.filling_of(posting)
    clock.set_now(clock.now() + timedelta(minutes=31))

    first, second = deals.send_wave(invited.filling_of(posting)), deals.send_wave(stale)

    assert (len(first), len(second)) == (2, 0)


# --- falling out ---------------------------------------------------------------------------------------------


def test_a_place_that_falls_out_goes_to_the_line_first():
    posting = soon(places=1)
    deal = make.engagement(posting_=posting)
    posting.refresh_from_db()
    waiting = make.worker()
    deals.wait(posting, waiting, by=waiting.user)

    deals.cancel_by_worker(deal, because="family", by=deal.worker.user)
    make.settle_down()

    assert Engagement.objects.get(posting=posting, worker=waiting).state == "confirmed"


def test_with_nobody_in_line_the_invitations_go_on_within_minutes():
    posting = soon(places=1)
    deal = make.engagement(posting_=posting)
    hand = make.worker()
    before = len(of(posting))

    deals.cancel_by_worker(deal, because="family", by=deal.worker.user)
    make.settle_down()
    later(1)

    assert [i.worker for i in of(posting)][before:] == [hand]


def test_a_posting_that_begins_or_is_closed_asks_nobody_any_more():
    make.worker()
    posting = soon(places=1)
    clock.set_now(posting.next_starts_at + timedelta(minutes=1))

    make.postings.pass_time(posting)
    make.settle_down()

    assert Filling.objects.get(posting=posting).state == "over"
    assert [i.state for i in of(posting)] == ["missed"]


# --- last time -----------------------------------------------------------------------------------------------


def worked_before(boss):
    deal = make.engagement(upto="confirmed_done", posting_=make.posting(employer_=boss, places=1))
    return deal.worker


def test_u23_one_tap_asks_the_people_of_last_time():
    boss = make.employer()
    hand = worked_before(boss)
    stranger = make.worker()
    start = clock.at(clock.local(clock.now()).date() + timedelta(days=3), 9)
    again = make.posting(employer_=boss, starts_at=start)
    make.settle_down()

    sent = deals.ask_last_time(again, by=queries.owner_of(boss))

    assert [(i.worker, i.tier) for i in sent] == [(hand, "again")]
    assert not Invitation.objects.filter(worker=stranger).exists()


def test_u23_where_nobody_of_last_time_can_come_it_says_so_and_asks_nobody():
    boss = make.employer()
    hand = worked_before(boss)
    people.change_profile(hand, invites="off", by=hand.user)
    start = clock.at(clock.local(clock.now()).date() + timedelta(days=3), 9)
    again = make.posting(employer_=boss, starts_at=start)

    with pytest.raises(NobodyKnown):
        deals.ask_last_time(again, by=queries.owner_of(boss))

    assert not Invitation.objects.exists()


def test_the_waves_as_an_employer_sees_them_name_nobody():
    hands = [make.worker() for _ in range(3)]
    posting = soon(places=2)
    deals.grab(posting, hands[0], by=hands[0].user)
    deals.refuse_invitation(Invitation.objects.get(worker=hands[1]), by=hands[1].user)
    make.settle_down()

    [wave] = invited.waves_of(invited.filling_of(posting))

    assert (wave["asked"], wave["taken"], wave["refused"], wave["sent"]) == (3, 1, 1, 1)
    assert not {"worker", "age", "sex", "name"} & set(wave)
    assert Shift.objects.get(posting=posting).taken == 1
    assert journal.deliver() == 0


def test_u11_whoever_an_employer_cost_a_trip_is_asked_first():
    near, owed = make.worker(), make.worker()
    deal = make.engagement(worker_=owed)
    clock.set_now(make.attendance(deal).shift.starts_at - timedelta(minutes=30))
    deals.cancel_by_employer(deal, because="no_need", by=queries.owner_of(deal.employer))
    make.settle_down()

    filling = deals.fill(make.posting(places=1), why="asked", by=None)
    asked = {one.worker: one.first for one in invited.could_be_asked(filling, clock.now())}

    assert asked == {near: False, owed: True}


# --- after the start -----------------------------------------------------------------------------------------


def missed_start():
    """A shift that runs, with one person who did not come; somebody missed the place, somebody stands in line."""
    missed, line = make.worker(name="吴没赶上"), make.worker(name="郑排队")
    posting = soon(places=1)
    deal = make.engagement(posting_=posting)
    posting.refresh_from_db()
    deals.wait(posting, line, by=line.user)
    make.settle_down()
    clock.set_now(posting.next_starts_at + timedelta(minutes=1))
    make.postings.pass_time(posting)
    make.settle_down()
    clock.set_now(posting.next_starts_at + timedelta(minutes=31))
    deals.no_show(make.attendance(deal), by=queries.owner_of(posting.employer))
    make.settle_down()
    posting.refresh_from_db()
    return posting, missed, line


def test_when_somebody_does_not_come_those_who_just_missed_it_are_asked_though_the_shift_runs():
    posting, missed, line = missed_start()

    assert {i.worker for i in of(posting) if i.late_shift and i.state == "sent"} == {missed, line}
    assert "现在去" in Notice.objects.filter(user=missed.user, kind="invited").latest("pk").text


def test_whoever_takes_over_works_the_rest_and_is_paid_in_proportion():
    posting, missed, _line = missed_start()
    shift = Shift.objects.get(posting=posting)

    deal = deals.take_over(posting, missed, shift, by=missed.user)
    make.settle_down()
    one = make.attendance(deal)
    deals.check_in(one, how="boss", by=queries.owner_of(posting.employer))
    clock.set_now(shift.ends_at)
    deals.check_out(make.attendance(deal), by=missed.user)
    deals.confirm(make.attendance(deal), by=queries.owner_of(posting.employer))

    one = make.attendance(deal)
    assert 380 < one.minutes <= 389  # from 9:31 to 17:00, an hour's rest off
    assert 0 < one.pay_fen < 18000
    assert list(queries.audit()) == []
    assert [i.state for i in of(posting) if i.worker == missed] == ["taken"]


def test_the_one_in_line_who_takes_over_leaves_the_line():
    posting, missed, line = missed_start()
    shift = Shift.objects.get(posting=posting)

    deal = deals.take_over(posting, line, shift, by=line.user)
    with pytest.raises(make.postings.Full):
        deals.take_over(posting, missed, shift, by=missed.user)

    assert Engagement.objects.filter(posting=posting, worker=line).get() == deal
    assert Shift.objects.get(pk=shift.pk).taken == 1


def test_in_the_last_hour_nobody_is_sent_for():
    posting, missed, _line = missed_start()
    shift = Shift.objects.get(posting=posting)
    clock.set_now(shift.ends_at - timedelta(minutes=59))

    with pytest.raises(NoShift):
        deals.take_over(posting, missed, shift, by=missed.user)

    assert deals.ask_late(shift) == []
