"""Changing what is out: a new version, screened again, people asked again; nothing slips past a reviewer."""

from datetime import timedelta

import pytest

import linggong.postings.actions as postings
from linggong import make
from linggong.core.clock import now
from linggong.core.models import Event
from linggong.core.states import Moved
from linggong.employers.queries import members_of
from linggong.postings import queries
from linggong.postings.models import Posting

pytestmark = pytest.mark.django_db


def owner_of(employer):
    return members_of(employer)[0].user


@pytest.fixture
def posting():
    return make.posting(days=3, places=3)


def changed():
    return [(e.data["version"], e.data["what"]) for e in Event.objects.filter(name="posting.changed").order_by("pk")]


@pytest.mark.parametrize(
    ("facts", "what"),
    [({"pay_fen": 20000}, ["pay"]), ({"content": "洗碗"}, ["content"]), ({"address": "新市路2号"}, ["place"]),
     ({"meals": "ALL", "pay_within_hours": 12}, ["pay", "content"])],
)  # fmt: skip
def test_another_pay_place_or_content_is_a_new_version(posting, facts, what):
    before = queries.current_version(posting)

    postings.change(posting, facts, by=owner_of(posting.employer))

    after = queries.current_version(posting)
    assert changed() == [(2, what)] and after.number == 2 and after.terms_hash != before.terms_hash
    assert posting.state == "published" and queries.open_review(posting).kind == "after"


def test_more_people_or_another_contact_is_no_new_version(posting):
    postings.change(posting, {"places": 4, "contact_name": "小李"}, by=None)

    assert changed() == [] and posting.version == 1
    assert set(posting.shifts.values_list("places", flat=True)) == {4}


def test_another_time_moves_the_same_shifts_so_that_people_keep_theirs(posting):
    before = list(posting.shifts.order_by("starts_at").values_list("code", flat=True))
    rows = [
        {"starts_at": s.starts_at + timedelta(hours=1), "ends_at": s.ends_at + timedelta(hours=1), "break_minutes": 60}
        for s in posting.shifts.order_by("starts_at")
    ]

    postings.change(posting, {"shifts": rows}, by=None)

    shifts = list(posting.shifts.order_by("starts_at"))
    assert [s.code for s in shifts] == before and [s.starts_at for s in shifts] == [r["starts_at"] for r in rows]
    assert changed() == [(2, ["time"])] and posting.next_starts_at == rows[0]["starts_at"]


def test_a_day_left_out_is_called_off_and_a_day_added_is_new(posting):
    first, second, third = posting.shifts.order_by("starts_at")
    far = third.starts_at + timedelta(days=5)
    rows = [
        {"starts_at": first.starts_at, "ends_at": first.ends_at},
        {"starts_at": third.starts_at, "ends_at": third.ends_at},
        {"starts_at": far, "ends_at": far + timedelta(hours=8)},
        {"starts_at": far + timedelta(days=1), "ends_at": far + timedelta(days=1, hours=8)},
    ]

    postings.change(posting, {"shifts": rows}, by=None)

    second.refresh_from_db()
    assert second.called_off_at is not None
    assert [s.starts_at for s in queries.shifts_to_come(posting, now())] == [row["starts_at"] for row in rows]
    assert Event.objects.get(name="shift.called_off").subject_id == second.pk


def test_fewer_places_than_are_taken_are_refused(posting):
    shift = posting.shifts.first()
    postings.take_place(shift)
    postings.take_place(shift)

    with pytest.raises(postings.BadFacts) as no:
        postings.change(posting, {"places": 1}, by=None)

    assert list(no.value.fields) == ["places"]


def test_what_may_not_be_published_changes_nothing(posting):
    with pytest.raises(postings.Unlawful) as no:
        postings.change(posting, {"content": "招童工，14岁也要"}, by=None)

    fresh = Posting.objects.get(pk=posting.pk)
    assert (fresh.version, fresh.content, fresh.state) == (1, "洗菜切菜，打扫厨房", "published")
    assert no.value.findings and "content" in no.value.fields and changed() == []


def test_a_flagged_change_is_out_of_the_lists_until_somebody_read_it(posting):
    postings.change(posting, {"content": "只招男的"}, by=None)

    assert posting.state == "reviewing" and not queries.listed(now()).exists()
    postings.approve(posting, by=make.reviewer())
    assert posting.state == "published"


def test_a_new_employers_change_is_always_read_first():
    posting = make.posting(employer_=make.employer(state="prelim_checked"))

    postings.change(posting, {"pay_fen": 19000}, by=None)

    assert posting.state == "reviewing" and queries.open_review(posting).version == 2


def test_two_changes_at_once_do_not_overwrite_each_other(posting):
    stale = Posting.objects.get(pk=posting.pk)
    postings.change(posting, {"pay_fen": 20000}, by=None)

    with pytest.raises(Moved):
        postings.change(stale, {"pay_fen": 9000}, by=None)

    posting.refresh_from_db()
    assert posting.pay_fen == 20000


def test_a_full_posting_with_more_places_is_open_again():
    posting = make.posting(places=1)
    postings.take_place(posting.shifts.get())
    posting.refresh_from_db()
    assert posting.state == "full"

    postings.change(posting, {"places": 2}, by=None)

    assert posting.state == "published"


def test_what_is_over_cannot_be_changed(posting):
    postings.take_down(posting, because="重复了", by=make.reviewer())

    with pytest.raises(Moved):
        postings.change(posting, {"pay_fen": 20000}, by=None)
