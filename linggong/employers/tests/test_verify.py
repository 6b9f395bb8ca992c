"""Checking: first at the window, then by papers, then every half year; each step opens what it should and no more."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import linggong.employers.actions as employers
from linggong.core import clock
from linggong.core.clock import now
from linggong.core.models import Event
from linggong.core.states import Moved
from linggong.core.uploads import open_image
from linggong.employers import background, queries
from linggong.employers.background import months_after

pytestmark = pytest.mark.django_db


@pytest.mark.row("SX-37")
def test_a_first_check_at_the_window_lets_a_little_through(employer, clerk):
    made = employer(uscc="")
    assert not queries.is_checked(made)
    with pytest.raises(employers.MayNotPost):
        queries.may_post(made)

    employers.show_paper(made, "plate", number="闽G12345", by=clerk)
    employers.prelim_check(made, by=clerk)

    queries.may_post(made)
    assert queries.is_checked(made)
    assert (queries.limits(made).people, queries.limits(made).days) == (5, 3)
    assert queries.standing(made)["label"] == "刚登记"


@pytest.mark.row("SX-37")
def test_nobody_is_checked_on_their_own_word(employer, clerk):
    made = employer(papers=("licence",))
    owner = made.members.get().user

    with pytest.raises(employers.PaperMissing):
        employers.prelim_check(made, by=clerk)  # shown by the owner, seen by nobody
    with pytest.raises(employers.OwnPapers):
        employers.prelim_check(made, by=owner)

    made.refresh_from_db()
    assert made.state == "new"


def test_a_first_check_needs_somebody_to_call(employer, person, clerk):
    made = employer(owner=person(with_phone=False))
    employers.show_paper(made, "licence", by=clerk)

    with pytest.raises(employers.NobodyToCall):
        employers.prelim_check(made, by=clerk)


@pytest.mark.row("SX-37")
def test_papers_in_full_lift_the_limits(employer, clerk):
    made = employer(papers=("licence", "agent_id"))

    employers.submit(made, by=made.members.get().user)
    assert made.state == "submitted"
    with pytest.raises(employers.MayNotPost):
        queries.may_post(made)  # handed in, seen by nobody yet

    employers.verify(made, by=clerk)
    assert made.state == "verified"
    assert made.verified_at is not None
    assert (queries.limits(made).people, queries.limits(made).days) == (None, None)
    assert queries.standing(made)["label"] == ""


def test_papers_in_review_do_not_take_away_what_the_window_gave(employer, clerk):
    made = employer()
    employers.show_paper(made, "licence", by=clerk)
    employers.prelim_check(made, by=clerk)
    employers.show_paper(made, "agent_id", by=clerk)

    employers.submit(made, by=made.members.get().user)

    queries.may_post(made)
    assert queries.limits(made).people == 5
    employers.return_papers(made, because="执照照片看不清", by=clerk)
    assert made.state == "prelim_checked"
    assert "执照照片看不清" in made.members.get().user.notices.latest("pk").text


@pytest.mark.parametrize(
    ("kind", "facts", "papers", "missing"),
    [
        ("ENTERPRISE", {}, (), ["licence", "agent_id"]),
        ("MERCHANT", {"uscc": ""}, ("licence", "agent_id"), ["uscc"]),
        ("COOP", {}, ("licence",), ["agent_id"]),
        ("HOUSEHOLD", {"address": "列东街 8 号"}, ("agent_id",), ["address"]),
        ("HOUSEHOLD", {}, ("agent_id",), []),
        ("FARM", {}, (), ["agent_id"]),
        ("FARM", {}, ("agent_id",), []),
    ],
)
def test_each_kind_shows_its_own_papers(employer, kind, facts, papers, missing):
    made = employer(kind=kind, papers=papers, **facts)

    assert queries.papers_missing(made) == missing
    if missing:
        with pytest.raises(employers.PaperMissing) as no:
            employers.submit(made, by=made.members.get().user)
        assert no.value.kinds == tuple(missing)
        assert all(word in str(no.value) for word in queries.paper_words(missing))
        made.refresh_from_db()
        assert made.state == "new"
    else:
        employers.submit(made, by=made.members.get().user)
        assert made.state == "submitted"


def test_an_agent_who_is_not_the_owner_brings_an_authorisation(employer, person):
    made = employer(papers=("licence", "agent_id"))
    agent = person(name="林小燕")
    employers.add_member(made, agent, by=None)

    with pytest.raises(employers.PaperMissing) as no:
        employers.submit(made, by=agent)
    assert no.value.kinds == ("authorisation",)

    employers.show_paper(made, "authorisation", by=agent)
    employers.submit(made, by=agent)
    assert made.state == "submitted"


def test_a_household_without_an_id_number_stays_at_the_door(employer, person, clerk):
    made = employer(kind="HOUSEHOLD", owner=person(with_id=False))
    employers.show_paper(made, "plate", by=clerk)

    for step in (employers.prelim_check, employers.submit):
        with pytest.raises(employers.PaperMissing) as no:
            step(made, by=clerk)
        assert "person_id" in no.value.kinds


def test_nobody_verifies_their_own_firm(employer):
    made = employer(papers=("licence", "agent_id"))
    owner = made.members.get().user
    employers.submit(made, by=owner)

    with pytest.raises(employers.OwnPapers):
        employers.verify(made, by=owner)

    made.refresh_from_db()
    assert made.state == "submitted"


def test_a_paper_keeps_no_id_number_and_its_photo_goes_after_the_check(employer, clerk, photo):
    made = employer(papers=("licence",))
    owner = made.members.get().user
    paper = employers.show_paper(made, "agent_id", number="350499197502030018", photo=photo, by=owner)
    kept = paper.photo
    assert paper.number == "****0018"
    assert open_image(kept)

    employers.submit(made, by=owner)
    employers.verify(made, by=clerk)
    background.forget_id_photos()

    paper.refresh_from_db()
    assert paper.photo == ""
    with pytest.raises(FileNotFoundError):
        open_image(kept)


def test_after_six_months_it_is_due_and_fourteen_days_later_lapsed(verified):
    made = verified()
    start = now()

    with clock.moved_to(months_after(start, 6) - timedelta(minutes=5)):
        background.recheck_employers()
        made.refresh_from_db()
        assert made.state == "verified"

    with clock.moved_to(months_after(start, 6) + timedelta(minutes=5)):
        background.recheck_employers()
        made.refresh_from_db()
        assert made.state == "due_recheck"
        queries.may_post(made)  # fourteen days to come, nothing stops yet

    with clock.moved_to(months_after(start, 6) + timedelta(days=13)):
        background.recheck_employers()
        made.refresh_from_db()
        assert made.state == "due_recheck"

    with clock.moved_to(months_after(start, 6) + timedelta(days=15)):
        background.recheck_employers()
        made.refresh_from_db()
        assert made.state == "lapsed"
        with pytest.raises(employers.MayNotPost):
            queries.may_post(made)

    event = Event.objects.get(name="employer.lapsed")
    assert (event.subject_id, event.by) == (made.pk, None)
    assert "过期" in made.members.get().user.notices.latest("pk").text


def test_a_worker_process_that_slept_long_still_gives_fourteen_days(verified):
    made = verified()

    with clock.moved_to(now() + timedelta(days=400)):
        background.recheck_employers()
        background.recheck_employers()
        made.refresh_from_db()
        assert made.state == "due_recheck"


def test_a_recheck_starts_the_half_year_anew(verified, clerk):
    made = verified()
    later = months_after(now(), 6) + timedelta(days=1)
    with clock.moved_to(later):
        background.recheck_employers()
        made.refresh_from_db()
        employers.verify(made, by=clerk)

    with clock.moved_to(later + timedelta(days=30)):
        background.recheck_employers()
        made.refresh_from_db()
        assert (made.state, made.recheck_by) == ("verified", None)


def test_a_lapsed_employer_comes_back_by_its_papers(verified, clerk):
    made = verified()
    with clock.moved_to(now() + timedelta(days=300)):
        employers.ask_recheck(made)
        employers.lapse(made)
        employers.submit(made, by=made.members.get().user)
        employers.verify(made, by=clerk)

        assert made.state == "verified"
        queries.may_post(made)


def test_a_suspended_employer_posts_nothing_and_comes_back_as_it_was(employer, verified, clerk):
    known, fresh = verified(), employer()
    employers.show_paper(fresh, "licence", by=clerk)
    employers.prelim_check(fresh, by=clerk)

    for made, before in ((known, "verified"), (fresh, "prelim_checked")):
        employers.suspend(made, because="收了押金，正在查", by=clerk)
        with pytest.raises(employers.MayNotPost):
            queries.may_post(made)
        with pytest.raises(Moved):
            employers.verify(made, by=clerk)
        assert "收了押金" in made.members.get().user.notices.latest("pk").text

        employers.lift(made, because="退了，查清了", by=clerk)
        assert made.state == before


def test_a_banned_employer_does_not_come_back_under_its_code(verified, employer, clerk):
    made = verified()
    employers.suspend(made, because="骗人去外地", by=clerk)
    employers.ban(made, because="骗人去外地，查实", by=clerk)

    with pytest.raises(employers.AlreadyRegistered):
        employer(uscc=made.uscc, name="换个名字")
    with pytest.raises(Moved):
        employers.lift(made, because="求情", by=clerk)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ((2026, 8, 31), 6, (2027, 2, 28)),
        ((2026, 11, 23), 6, (2027, 5, 23)),
        ((2026, 1, 15), -1, (2025, 12, 15)),
        ((2026, 12, 31), 12, (2027, 12, 31)),
    ],
)
def test_months_end_where_the_calendar_says(start, months, end):
    zone = ZoneInfo("Asia/Shanghai")

    assert months_after(datetime(*start, 7, 30, tzinfo=zone), months) == datetime(*end, 7, 30, tzinfo=zone)
