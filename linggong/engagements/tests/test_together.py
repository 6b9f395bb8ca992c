"""Couples, family, crews: one application for several, all or none, each bound for themselves (U29)."""

from datetime import timedelta

import pytest

import linggong.agreements.queries as agreements
import linggong.engagements.actions as deals
import linggong.insurance.queries as covers
import linggong.payments.queries as wages
import linggong.postings.actions as postings
import linggong.postings.queries as posted
import linggong.workers.actions as workers
from linggong import make
from linggong.accounts.models import Assisted, Notice
from linggong.core import clock
from linggong.core.asking import ask as ask_for
from linggong.core.sealed import unseal
from linggong.engagements import background, parties, queries
from linggong.engagements.models import Companion, Engagement
from linggong.engagements.refusals import (
    AlreadyIn,
    AskedEnough,
    Blocked,
    NotOfParty,
    NotThisWay,
    OwnNumber,
    TermsChanged,
    TooFewPlaces,
    TooMany,
    WithOthers,
)
from linggong.postings.models import Shift
from linggong.workers.models import Point, Quarter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(monday_morning):
    make.approved_rules()
    make.approved_products()


def ahead(**changes):
    start = clock.now().replace(hour=1, minute=0) + timedelta(days=3)
    return make.posting(**{"starts_at": start, "places": 4, **changes})


def seen(posting):
    return posted.current_version(posting).terms_hash


def ask(posting, asker, *others, **more):
    return deals.propose(posting, asker, known=others, seen_hash=seen(posting), by=asker.user, **more)


def yes(party, *hands):
    for hand in hands:
        party = parties.by_code(party.code)
        deals.say_yes(party, hand, seen_hash=party.terms_hash, by=hand.user)
    make.settle_down()
    return parties.by_code(party.code)


def told(worker, kind):
    return list(Notice.objects.filter(user=worker.user, kind=kind).values_list("text", flat=True))


def crew(count=3):
    return [make.worker(name=name) for name in ("张大山", "李小草", "王石头", "赵田", "钱水", "孙木", "周火")[:count]]


def test_u29_a_couple_goes_together_each_with_an_agreement_cover_and_pay_of_their_own():
    posting, (man, wife) = ahead(), crew(2)
    party = ask(posting, man, wife)
    assert not Engagement.objects.exists(), "asking binds nobody and holds no place"
    assert Shift.objects.get(posting=posting).taken == 0
    assert "张师傅叫你一起去干活" in told(wife, "together")[0]

    party = yes(party, wife)

    assert party.state == "bound"
    assert Shift.objects.get(posting=posting).taken == 2
    for hand in (man, wife):
        deal = Engagement.objects.get(worker=hand)
        lived = make.attendance(deal)
        assert (deal.state, deal.channel) == ("confirmed", "group")
        assert agreements.is_effective(queries.ref(deal))
        assert covers.cover_of(queries.ref(lived)).worker == hand
        assert wages.by_ref(queries.ref(lived)).worker == hand, "nobody is paid for another"
        assert Quarter.objects.filter(worker=hand).exists()
    assert list(queries.audit()) == []


def test_one_who_does_not_go_leaves_nobody_bound_and_is_not_named():
    posting, (a, b, c) = ahead(), crew(3)
    party = yes(ask(posting, a, b, c), b)

    deals.say_no(party, c, by=c.user)

    party.refresh_from_db()
    assert (party.state, party.end_reason) == ("off", "refused")
    assert not Engagement.objects.exists() and Shift.objects.get(posting=posting).taken == 0
    for hand in (a, b):
        assert "有一位这次不去" in told(hand, "party_off")[0] and "王" not in told(hand, "party_off")[0]
    assert told(c, "party_off") == []


def test_the_private_reason_is_read_by_the_one_it_concerns_and_nobody_else():
    posting, (a, b, c) = ahead(), crew(3)
    party = yes(ask(posting, a, b, c), b)
    make.engagement(worker_=b, posting_=ahead())  # busy with something else since

    party = yes(party, c)

    assert (party.state, party.end_reason) == ("off", "cannot")
    assert Engagement.objects.count() == 1 and Shift.objects.get(posting=posting).taken == 0
    assert all("有一位去不了" in told(hand, "party_off")[0] for hand in (a, c))
    assert "有一位去不了" not in told(b, "party_off")[0]
    assert Companion.objects.get(party=party, worker=b).why != ""
    assert not Companion.objects.filter(party=party).exclude(worker=b).exclude(why="").exists()


def test_too_few_places_at_the_last_yes_leave_everybody_free():
    posting, (a, b) = ahead(places=2), crew(2)
    party = ask(posting, a, b)
    make.engagement(posting_=posting)

    with pytest.raises(TooFewPlaces):
        ask(posting, make.worker(), make.worker())
    party = yes(party, b)

    assert (party.state, party.end_reason) == ("off", "full")
    assert Shift.objects.get(posting=posting).taken == 1
    assert not Quarter.objects.filter(worker__in=[a, b]).exists()
    assert "位子不够" in told(a, "party_off")[0] and "位子不够" in told(b, "party_off")[0]


def test_a_number_that_is_known_and_one_that_is_not_look_the_same_to_the_asker():
    posting, a, phone = ahead(), make.worker(), make.phone()
    known = make.worker()

    party = deals.propose(posting, a, phones=[phone, _number_of(known)], seen_hash=seen(posting), by=a.user)

    rows = {row.tail4: row for row in party.companions.filter(how="phone")}
    assert rows[phone[-4:]].worker is None and rows[known.user.phone_tail4].worker == known
    assert {row.state for row in rows.values()} == {"asked"}
    with pytest.raises(OwnNumber):
        deals.propose(other := ahead(), a, phones=[_number_of(a)], seen_hash=seen(other), by=a.user)


def _number_of(worker):
    return unseal(worker.user, "phone_sealed")


def test_who_stands_beside_scans_and_takes_a_seat_and_no_more_than_there_are():
    posting, (a, b, c) = ahead(), crew(3)
    party = ask(posting, a, seats=1)

    party = yes(party, b)

    assert party.state == "bound" and Engagement.objects.filter(worker=b).exists()
    with pytest.raises(NotOfParty):
        deals.say_yes(party, c, seen_hash=party.terms_hash, by=c.user)


def test_at_a_desk_the_yes_is_the_persons_own_with_a_receipt():
    posting, a, clerk = ahead(), make.worker(), make.clerk()
    b = make.worker(with_phone=False)
    party = ask(posting, a, b)

    deals.say_yes(party, b, seen_hash=party.terms_hash, by=clerk, acting_for=b.user)

    deal = Engagement.objects.get(worker=b)
    assert deal.state == "confirmed" and deal.acted_by == clerk
    assert Assisted.objects.filter(acted_by=clerk, acting_for=b.user, act="together").exists()


def test_the_employer_who_chooses_sees_one_candidate_of_several_and_takes_all_or_none():
    posting, (a, b) = ahead(way_in="apply"), crew(2)
    party = yes(ask(posting, a, b), b)
    boss = queries.owner_of(posting.employer)
    assert party.state == "applied" and {row.party for row in ask_for(parties.applied_question(posting.code))} == {
        party
    }
    assert Notice.objects.filter(user=boss, kind="applied").count() == 1
    with pytest.raises(WithOthers):
        deals.choose(Engagement.objects.get(worker=a), by=boss)

    deals.choose_party(party, by=boss)

    assert Engagement.objects.filter(state="confirmed").count() == 2
    assert Shift.objects.get(posting=posting).taken == 2
    assert list(queries.audit()) == []


def test_declined_is_declined_whole_and_everybody_reads_the_reason():
    posting, (a, b) = ahead(way_in="apply"), crew(2)
    party = yes(ask(posting, a, b), b)

    deals.decline_party(party, because="enough", by=queries.owner_of(posting.employer))
    make.settle_down()

    assert set(Engagement.objects.values_list("state", flat=True)) == {"declined"}
    assert all(len(told(hand, "declined")) == 1 and told(hand, "party_off") == [] for hand in (a, b))


def test_one_application_taken_back_before_the_employer_chose_ends_all():
    posting, (a, b) = ahead(way_in="apply"), crew(2)
    party = yes(ask(posting, a, b), b)

    deals.withdraw(queries.by_code(Engagement.objects.get(worker=b).code), by=b.user)
    make.settle_down()

    party.refresh_from_db()
    assert (party.state, party.end_reason) == ("off", "left")
    assert set(Engagement.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert "有一位退出了" in told(a, "party_off")[0]


def test_busy_by_the_time_the_employer_chooses_ends_the_party_and_tells_each():
    posting, (a, b) = ahead(way_in="apply"), crew(2)
    party = yes(ask(posting, a, b), b)
    make.engagement(worker_=a, posting_=ahead())

    party = deals.choose_party(party, by=queries.owner_of(posting.employer))

    assert (party.state, party.end_reason) == ("off", "cannot")
    assert Shift.objects.get(posting=posting).taken == 0
    assert "有一位去不了" in told(b, "party_off")[0] and "有一位去不了" not in told(a, "party_off")[0]


def test_unanswered_lapses_and_is_told():
    posting, (a, b) = ahead(), crew(2)
    party = ask(posting, a, b)

    with clock.moved_to(party.answer_by):
        with pytest.raises(Exception, match="刚才情况变了"):
            deals.say_yes(party, b, seen_hash=party.terms_hash, by=b.user)
        background.parties_lapse()

    party.refresh_from_db()
    assert (party.state, party.end_reason) == ("off", "lapsed")
    assert "还有人没回话" in told(a, "party_off")[0]


def test_changed_terms_end_a_party_that_still_waits():
    posting, (a, b) = ahead(), crew(2)
    party = ask(posting, a, b)
    postings.change(posting, {"pay_fen": 20000}, by=queries.owner_of(posting.employer))
    posting.refresh_from_db()

    with pytest.raises(TermsChanged):
        deals.say_yes(party, b, seen_hash=seen(posting), by=b.user)
    make.settle_down()
    party.refresh_from_db()
    assert (party.state, party.end_reason) == ("off", "changed")


def test_one_falls_out_later_and_the_others_stay_bound_and_may_leave_free_for_a_while():
    posting, (a, b, c) = ahead(), crew(3)
    party = yes(ask(posting, a, b, c), b, c)
    start = Shift.objects.get(posting=posting).starts_at
    clock.set_now(start - timedelta(minutes=90))  # late: leaving costs points

    deals.cancel_by_worker(queries.by_code(Engagement.objects.get(worker=c).code), because="sick", by=c.user)
    make.settle_down()

    assert party.state == "bound"
    assert Engagement.objects.filter(state="confirmed").count() == 2
    assert all("有一位去不了了，你的不变" in told(hand, "party_left")[0] for hand in (a, b))
    deals.cancel_by_worker(queries.by_code(Engagement.objects.get(worker=a).code), because="sick", by=a.user)
    assert [row.kind for row in Point.objects.filter(worker__in=[a, c])] == ["late_cancel"]
    assert not Point.objects.filter(worker=a).exists()


def test_what_is_no_party_is_refused_with_words():
    posting, (a, b, c) = ahead(places=9), crew(3)
    with pytest.raises(TooMany):
        ask(posting, a)
    with pytest.raises(TooMany):
        ask(posting, a, seats=6)
    with pytest.raises(NotThisWay):
        ask(ahead(way_in="dispatch"), a, b)
    with pytest.raises(TermsChanged):
        deals.propose(posting, a, known=[b], seen_hash="", by=a.user)
    make.engagement(worker_=a, posting_=posting)
    with pytest.raises(AlreadyIn):
        ask(posting, a, b)
    with pytest.raises(Blocked):
        ask(ahead(), a, b)
    for number in range(4):
        ask(ahead(starts_at=clock.now() + timedelta(days=5 + number), places=9), c, seats=5)
    with pytest.raises(AskedEnough):
        ask(ahead(starts_at=clock.now() + timedelta(days=15)), c, seats=1)


def test_who_worked_the_same_shift_is_offered_and_who_wants_nobody_to_ask_is_not():
    posting, (a, b, c) = make.posting(places=3), crew(3)
    lived = [make.engagement(worker_=hand, posting_=posting) for hand in (a, b, c)]
    assert parties.worked_with(a, clock.now()) == [], "bound is not worked"
    for deal in lived:
        one = make.attendance(deal)
        clock.set_now(one.shift.starts_at - timedelta(minutes=10))
        deals.check_in(one, how="boss", by=queries.owner_of(posting.employer), as_told=True)
    clock.set_now(one.shift.ends_at)
    for deal in lived:
        deals.check_out(make.attendance(deal), by=deal.worker.user)
    assert {one.worker for one in parties.worked_with(a, clock.now())} == {b, c}

    workers.change_profile(b, invites="off", by=b.user)

    assert [one.worker for one in parties.worked_with(a, clock.now())] == [c]
