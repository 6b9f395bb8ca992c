"""Submitting: the promise first, then what screening says, then where it goes."""

from datetime import timedelta

import pytest

import linggong.employers.actions as employers
import linggong.postings.actions as postings
from linggong import make
from linggong.core import clock
from linggong.core.clock import at, local, now
from linggong.core.models import Event
from linggong.core.once import terms_hash
from linggong.employers.models import Employer
from linggong.employers.queries import MayNotPost, members_of
from linggong.postings import queries
from linggong.postings.models import Flag, Review, Version

pytestmark = pytest.mark.django_db


def owner_of(employer):
    return members_of(employer)[0].user


@pytest.fixture
def boss():
    return make.employer()


def handed_in(boss, **changes):
    owner = owner_of(boss)
    posting = postings.draft(boss, make.facts(**changes), by=owner)
    return postings.submit(posting, by=owner)


def recognised(boss):
    for n in range(15):
        employers.give_points(boss, "paid_on_time", cause=f"settlement:{boss.code}{n}", by=None)
    return boss


@pytest.mark.row("GX-26")
def test_nothing_can_be_handed_in_before_the_present_promise_is_accepted():
    boss = make.employer(state="new")
    staff = make.clerk()
    for paper in ("licence", "agent_id"):
        employers.show_paper(boss, paper, number="1", by=staff)
    employers.prelim_check(boss, by=staff)
    owner = owner_of(boss)
    posting = postings.draft(boss, make.facts(), by=owner)

    with pytest.raises(postings.NotCommitted):
        postings.submit(posting, by=owner)
    posting.refresh_from_db()
    assert posting.state == "draft" and not Version.objects.filter(posting=posting).exists()

    employers.accept_commitment(boss, by=owner)
    assert postings.submit(posting, by=owner).state == "reviewing"


def test_an_employer_nobody_checked_may_not_hand_in():
    boss = make.employer(state="new")
    posting = postings.draft(boss, make.facts(), by=owner_of(boss))

    with pytest.raises(MayNotPost, match="窗口"):
        postings.submit(posting, by=owner_of(boss))

    posting.refresh_from_db()
    assert posting.state == "draft"


def test_a_newly_registered_employer_asks_for_five_people_and_three_days_at_most():
    boss = make.employer(state="prelim_checked")

    with pytest.raises(postings.TooMuch) as people:
        handed_in(boss, places=6)
    with pytest.raises(postings.TooMuch) as days:
        handed_in(boss, days=4)

    assert list(people.value.fields) == ["places"] and list(days.value.fields) == ["shifts"]
    assert handed_in(boss, places=5, days=3).state == "reviewing"


def test_an_ordinary_posting_waits_for_a_reviewer_with_its_terms_frozen(boss):
    posting = handed_in(boss)

    version = queries.current_version(posting)
    assert posting.state == "reviewing" and version.terms_hash == terms_hash(version.terms)
    assert version.terms["deductions"] == [] and version.terms["employer"] == boss.name
    review = queries.open_review(posting)
    soon = posting.next_starts_at - now() < timedelta(hours=24)
    assert (review.kind, review.fast_lane) == ("before", soon)
    assert not queries.listed(now()).filter(pk=posting.pk).exists()


@pytest.mark.row("GX-25")
@pytest.mark.parametrize(
    ("words", "code"),
    [("只招男的，洗菜切菜", "SEX"), ("限本地户口", "HUKOU"), ("先交押金200元", "FEE"), ("乙肝勿扰", "DISEASE")],
)
def test_unlawful_words_are_flagged_with_law_words_and_a_lawful_rewrite(boss, words, code):
    posting = handed_in(boss, content=words)

    flag = Flag.objects.get(posting=posting, code=code)
    assert posting.state in ("reviewing", "rejected_auto")
    assert flag.basis and flag.message and flag.spans and flag.field == "content"


@pytest.mark.row("GX-25")
@pytest.mark.parametrize("words", ["洗菜切菜，男女不限", "不收任何押金，户籍不限", "有没有经验都可以，年龄不限"])
def test_lawful_words_are_not_flagged(boss, words):
    posting = handed_in(recognised(boss), content=words)

    assert not Flag.objects.filter(posting=posting, severity__in=["FLAG", "BLOCK"]).exists()
    assert posting.state == "published"


def test_an_absolute_block_goes_back_at_once_and_can_be_appealed(boss):
    posting = handed_in(boss, content="招童工，14岁也要")

    assert posting.state == "rejected_auto" and queries.open_review(posting) is None
    assert any(flag.severity == "BLOCK" for flag in queries.flags_of(posting))

    postings.appeal(posting, by=owner_of(boss))
    assert posting.state == "reviewing" and queries.open_review(posting).kind == "appeal"


def test_pay_below_the_approved_minimum_is_blocked_and_an_unapproved_rule_checks_nothing(boss):
    cheap = {"pay_fen": 500, "pay_unit": "HOUR"}
    assert handed_in(boss, **cheap).state == "reviewing"

    make.approved_rules("min_hourly_wage")
    posting = handed_in(boss, **cheap)

    assert posting.state == "rejected_auto"
    assert any(flag.code == "BELOW_MIN" for flag in queries.flags_of(posting))


def test_what_came_back_is_changed_and_handed_in_again_under_a_new_number(boss):
    owner = owner_of(boss)
    posting = handed_in(boss, content="招童工，14岁也要")

    postings.change(posting, {"content": "洗菜切菜"}, by=owner)
    postings.submit(posting, by=owner)

    assert (posting.state, posting.version) == ("reviewing", 2)
    assert posting.versions.count() == 2 and not any(f.severity == "BLOCK" for f in queries.flags_of(posting))


@pytest.mark.row("FJ-23")
def test_a_recognised_employers_clean_posting_is_out_at_once(boss):
    posting = handed_in(recognised(boss))

    assert posting.state == "published" and posting.published_at is not None
    assert queries.listed(now()).filter(pk=posting.pk).exists()
    assert Event.objects.filter(name="posting.fast_passed").count() == 1


@pytest.mark.row("FJ-23")
def test_automatic_checks_still_run_on_the_fast_pass(boss):
    posting = handed_in(recognised(boss), content="只招女的")

    assert posting.state == "reviewing" and queries.flags_of(posting)


@pytest.mark.row("FJ-23")
def test_at_least_one_fast_pass_in_ten_is_looked_at_and_the_draw_is_written_down(boss):
    recognised(boss)
    owner = owner_of(boss)
    for n in range(30):
        posting = postings.draft(boss, make.facts(title=f"帮厨{n}"), by=owner)
        postings.submit(posting, by=owner)
        sampled, passed = queries.sampled_share(now() - timedelta(hours=1), now() + timedelta(hours=1))
        assert sampled * 10 >= passed, "at every moment, not only in the long run"

    assert Review.objects.filter(kind="sample").count() == sampled >= 3
    draws = [event.data for event in Event.objects.filter(name="posting.fast_passed")]
    assert all(0 <= data["draw"] < 100 and data["rate"] == 10 for data in draws)
    assert sampled < 20, "a sample, not everything"


@pytest.mark.row("FJ-23")
def test_one_upheld_complaint_ends_the_fast_pass(boss):
    recognised(boss)
    assert handed_in(boss).state == "published"

    employers.give_points(boss, "upheld_complaint", cause="case:AB34", by=make.supervisor())

    assert handed_in(boss, title="帮厨二").state == "reviewing"


def test_a_verified_employers_clean_walk_in_is_out_with_a_look_before_noon(boss):
    half_past_five = at(local(now()).date() + timedelta(days=1), 5, 30)
    staff, market = make.clerk(), make.venue()
    with clock.moved_to(half_past_five):
        facts = make.facts(starts_at=half_past_five + timedelta(hours=2), hours=5, venue=market)
        posting = postings.draft(boss, facts, by=staff, acting_for=owner_of(boss), source="COUNTER")
        postings.submit(posting, by=staff, acting_for=owner_of(boss))

        review = queries.open_review(posting)
        assert (posting.state, review.kind) == ("published", "after")
        assert review.due_at == at(local(half_past_five).date(), 12)
        assert queries.listed(now()).filter(pk=posting.pk).exists()


@pytest.mark.parametrize("how", ["flagged", "newly registered"])
def test_a_flagged_walk_in_or_a_new_employers_never_goes_out_unseen(boss, how):
    staff, market = make.clerk(), make.venue()
    if how == "newly registered":
        boss = make.employer(state="prelim_checked")
    facts = make.facts(venue=market, content="只招男的" if how == "flagged" else "洗菜")
    posting = postings.draft(boss, facts, by=staff, acting_for=owner_of(boss), source="COUNTER")

    postings.submit(posting, by=staff, acting_for=owner_of(boss))

    assert posting.state == "reviewing"


@pytest.mark.row("FJ-10")
@pytest.mark.parametrize(
    ("form", "changes", "code"),
    [
        ("PART_TIME", {"hours": 8}, "PART_TIME_DAY"),
        ("PART_TIME", {"hours": 4, "pay_cycle": "MONTHLY"}, "PART_TIME_PAY"),
        ("SEASONAL", {"days": 8}, "SEASONAL_REST"),
        ("TEMPORARY", {"days": 32}, "TEMPORARY_LONG"),
        ("PIECEWORK_HOME", {}, "HOME_PAY"),
    ],
)
def test_each_form_of_work_has_its_own_checks(boss, form, changes, code):
    posting = handed_in(boss, form=form, **changes)

    assert code in {flag.code for flag in queries.flags_of(posting)}


def test_the_preview_says_what_screening_will_say_before_anything_is_handed_in(boss):
    posting = postings.draft(boss, make.facts(content="限本地户口"), by=owner_of(boss))

    found = queries.hints_for(posting, on=local(now()).date())

    assert [f.code for f in found if f.severity == "FLAG"] == ["HUKOU"]
    assert not Flag.objects.exists()


def test_a_lapsed_employers_open_postings_rest(boss, later):
    posting = make.posting(employer_=boss)
    employers.ask_recheck(Employer.objects.get(pk=boss.pk))
    employers.lapse(Employer.objects.get(pk=boss.pk))

    later()

    posting.refresh_from_db()
    assert posting.state == "paused" and not queries.listed(now()).filter(pk=posting.pk).exists()
