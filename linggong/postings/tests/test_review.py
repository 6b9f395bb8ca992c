"""Review: ordered by the start of work, decided by somebody else, out at once."""

from datetime import timedelta

import pytest

import linggong.postings.actions as postings
import linggong.venues.actions as venues
from linggong import make
from linggong.accounts.models import Notice
from linggong.core import clock
from linggong.core.clock import at, local, now
from linggong.core.models import Event
from linggong.employers.models import Member
from linggong.employers.queries import members_of
from linggong.postings import background, queries
from linggong.postings.models import Posting, Review, Ring
from linggong.venues.queries import reach_of

pytestmark = pytest.mark.django_db


def owner_of(employer):
    return members_of(employer)[0].user


@pytest.fixture
def boss():
    return make.employer()


def waiting(boss, **changes):
    return make.posting(employer_=boss, state="submitted", **changes)


@pytest.mark.row("GX-09")
def test_what_is_approved_is_in_the_list_the_map_and_the_counts_at_once(boss):
    posting = waiting(boss)

    postings.approve(posting, by=make.reviewer())

    assert queries.listed(now()).filter(pk=posting.pk).exists()
    assert posting in queries.near(posting.lat, posting.lng, 1000, now())
    assert sum(queries.facets(now()).values()) == 1
    assert Notice.objects.filter(user=owner_of(boss), kind="posting_out").exists()


@pytest.mark.row("GX-07")
def test_the_queue_is_ordered_by_the_start_of_work(boss):
    day = local(now()).date()
    late, soon, middle = (waiting(boss, starts_at=at(day + timedelta(days=d), 8)) for d in (9, 1, 5))

    queue = queries.review_queue(reach_of(make.reviewer()))

    assert [review.posting for review in queue] == [soon, middle, late]


@pytest.mark.row("GX-07")
def test_the_review_clock_gives_the_ninetieth_percentile(boss):
    reviewer, start = make.reviewer(), now()
    for minutes in (1, 2, 3, 4, 5, 6, 7, 8, 9, 40):
        posting = waiting(boss)
        with clock.moved_to(now() + timedelta(minutes=minutes)):
            postings.approve(posting, by=reviewer)

    times = queries.review_times(start, now() + timedelta(hours=2))

    assert times.decided == 10
    assert round(times.p90_minutes) == 9 and round(times.median_minutes) == 5


@pytest.mark.row("GX-07")
def test_a_posting_that_would_miss_its_start_is_announced_once(boss):
    posting = waiting(boss, starts_at=now() + timedelta(hours=2), hours=4)
    background.warn_of_missed_starts()
    assert not Event.objects.filter(name="posting.would_miss_start").exists()

    with clock.moved_to(posting.next_starts_at - timedelta(minutes=50)):
        background.warn_of_missed_starts()
        background.warn_of_missed_starts()

    assert Event.objects.filter(name="posting.would_miss_start", subject_id=posting.pk).count() == 1


def test_a_start_within_a_day_takes_the_fast_lane_and_its_deadline_lies_before_the_start(boss):
    posting = waiting(boss, starts_at=now() + timedelta(minutes=50), hours=4)

    review = queries.open_review(posting)

    assert review.fast_lane and now() < review.due_at <= posting.next_starts_at - timedelta(minutes=29)


@pytest.mark.parametrize("verb", ["approve", "return_", "reject"])
def test_who_collected_it_or_belongs_to_the_employer_may_not_decide(boss, verb):
    clerk = make.reviewer()
    posting = postings.draft(boss, make.facts(), by=clerk, acting_for=owner_of(boss))
    postings.submit(posting, by=clerk, acting_for=owner_of(boss))
    facts = {} if verb == "approve" else {"reasons": ["写清楚一点"]}

    for person in (clerk, owner_of(boss)):
        with pytest.raises(postings.SelfReview):
            getattr(postings, verb)(posting, by=person, **facts)

    posting.refresh_from_db()
    assert posting.state == "reviewing" and queries.open_review(posting).decided_at is None


def test_a_return_names_field_and_reason_and_the_employer_reads_it(boss):
    posting = waiting(boss)

    postings.return_(posting, reasons=[{"field": "content", "text": "干什么活写清楚"}], by=make.reviewer())

    (review,) = queries.reviews_of(posting)
    assert posting.state == "returned" and review.reasons == [{"field": "content", "text": "干什么活写清楚"}]
    assert "写清楚" in Notice.objects.get(user=owner_of(boss), kind="posting_back").text


def test_a_return_without_a_reason_changes_nothing(boss):
    posting = waiting(boss)

    with pytest.raises(postings.NoReasons):
        postings.return_(posting, reasons=["  "], by=make.reviewer())

    posting.refresh_from_db()
    assert posting.state == "reviewing"


def test_two_reviewers_cannot_both_decide(boss):
    posting = waiting(boss)
    stale = Posting.objects.get(pk=posting.pk)
    postings.approve(posting, by=make.reviewer())

    with pytest.raises(postings.InReview):
        postings.reject(stale, reasons=["不真实"], by=make.reviewer())

    posting.refresh_from_db()
    assert posting.state == "published" and posting.reviews.count() == 1


def test_an_appeal_goes_to_another_reviewer(boss):
    first, second = make.reviewer(), make.reviewer()
    posting = waiting(boss)
    postings.reject(posting, reasons=["看着不真实"], by=first)
    postings.appeal(posting, by=owner_of(boss))

    with pytest.raises(postings.SelfReview):
        postings.approve(posting, by=first)
    postings.approve(posting, by=second)

    assert posting.state == "published"


def test_taken_down_is_out_of_every_list_with_a_reason(boss):
    posting = make.posting(employer_=boss)

    postings.take_down(posting, because="有人举报工钱不实", by=make.supervisor())

    assert posting.state == "taken_down"
    assert not queries.listed(now()).exists() and queries.public_by_code(posting.code) is None


def test_a_reviewer_of_another_city_sees_nothing_of_it(boss):
    waiting(boss)
    stranger = make.user(name="外地人")

    assert not queries.review_queue(reach_of(stranger)).exists()


def test_the_one_on_duty_is_rung_and_after_five_minutes_the_next(boss):
    market, half_past_five = make.venue(), at(local(now()).date() + timedelta(days=1), 5, 30)
    first, second = make.reviewer(), make.reviewer()
    from_, until = half_past_five - timedelta(hours=1), half_past_five + timedelta(hours=4)
    for rank, person in enumerate((first, second), 1):
        venues.set_on_call(market, person, from_, until, rank, by=None)
    with clock.moved_to(half_past_five):
        posting = waiting(boss, starts_at=half_past_five + timedelta(hours=2), hours=4, division=market.division)
        background.ring_reviewers()
        background.ring_reviewers()
        assert list(Ring.objects.values_list("user", flat=True)) == [first.pk]

    with clock.moved_to(half_past_five + timedelta(minutes=6)):
        background.ring_reviewers()
        background.ring_reviewers()
        assert list(Ring.objects.order_by("pk").values_list("user", flat=True)) == [first.pk, second.pk]
        postings.approve(Posting.objects.get(pk=posting.pk), by=second)

    assert Notice.objects.filter(user=first, kind="review_ring").count() == 1


def test_a_posting_far_off_rings_nobody(boss):
    market = make.venue()
    reviewer = make.reviewer()
    venues.set_on_call(market, reviewer, now() - timedelta(hours=1), now() + timedelta(hours=4), 1, by=None)
    waiting(boss, starts_at=now() + timedelta(hours=8))

    background.ring_reviewers()

    assert not Ring.objects.exists()


def test_the_after_look_may_keep_it_or_take_it_down(boss):
    owner, clerk = owner_of(boss), make.clerk()
    for decide in ("approve", "take_down"):
        posting = postings.draft(boss, make.facts(venue=make.venue()), by=clerk, acting_for=owner)
        postings.submit(posting, by=clerk, acting_for=owner)
        assert (posting.state, queries.open_review(posting).kind) == ("published", "after")
        if decide == "approve":
            postings.approve(posting, by=make.reviewer())
        else:
            postings.take_down(posting, because="地址不对", by=make.reviewer())
        assert queries.open_review(posting) is None
    assert set(Review.objects.values_list("decision", flat=True)) == {"approved", "taken_down"}
    assert Member.objects.filter(user=clerk).count() == 0
