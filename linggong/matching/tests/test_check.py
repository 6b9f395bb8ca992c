"""Hard limits: law and given word decide whether; every no says why and what would change it."""

from datetime import date, timedelta

import pytest

import linggong.employers.actions as employers
import linggong.matching.actions as matching
import linggong.postings.actions as postings
import linggong.reference.actions as reference
import linggong.workers.actions as workers
from linggong import make
from linggong.core.clock import local, now
from linggong.employers.queries import members_of
from linggong.matching import queries
from linggong.postings.models import Posting
from linggong.reference.queries import trades

pytestmark = pytest.mark.django_db


def owner_of(employer):
    return members_of(employer)[0].user


@pytest.fixture
def posting():
    return make.posting()


@pytest.fixture
def worker(able):
    return able()


def no(worker, posting, **facts):
    shifts = list(posting.shifts.order_by("starts_at"))
    return {blocker.code: blocker for blocker in queries.check(worker, posting, shifts, now(), **facts)}


def handed_in(worker, number, valid_to):
    return workers.upload_certificate(
        worker, certificate="TZ-HJ-RH", number=number, valid_to=valid_to, by=make.clerk(), acting_for=worker.user
    )


def years_ago(years, extra_days=0):
    today = local(now()).date()
    return date(today.year - years, today.month, min(today.day, 28)) - timedelta(days=extra_days)


def test_nothing_stands_between_a_checked_worker_and_a_checked_employers_work(worker, posting):
    assert no(worker, posting) == {}


@pytest.mark.row("SX-37")
def test_a_worker_nobody_checked_waits_for_the_first_check(posting, able):
    fresh = able(state="light")

    blocker = no(fresh, posting)["worker_not_checked"]

    assert "身份证" in blocker.words and blocker.change and blocker.private
    workers.prelim_check(fresh, by=make.clerk())
    assert no(fresh, posting) == {}


@pytest.mark.row("SX-37")
def test_a_stopped_employer_takes_nobody_even_from_a_page_opened_before(worker, posting):
    page = Posting.objects.select_related("employer").get(pk=posting.pk)
    employers.suspend(posting.employer, because="查工钱", by=make.supervisor())

    assert "employer_not_checked" in no(worker, page)


@pytest.mark.row("FJ-16")
def test_without_the_certificate_the_law_asks_nobody_goes_unless_staff_answer_for_it(worker):
    welding = make.posting(trade="G013", title="电焊")

    blocker = no(worker, welding)["certificate:TZ-HJ-RH"]

    assert "证" in blocker.words and "TZ-HJ-RH" not in blocker.words and blocker.change
    assert no(worker, welding, waived=["TZ-HJ-RH"]) == {}


@pytest.mark.row("FJ-16")
def test_a_checked_certificate_counts_only_while_it_is_valid_at_the_work(worker):
    welding = make.posting(trade="G013", title="电焊", days=3)
    day = local(now()).date()
    short = handed_in(worker, "A1", day + timedelta(days=1))
    assert no(worker, welding), "an upload nobody looked at is no certificate"
    workers.check_certificate(short, by=make.clerk())
    assert no(worker, welding), "it ends before the last shift"

    long = handed_in(worker, "A2", day + timedelta(days=900))
    workers.check_certificate(long, by=make.clerk())

    assert no(worker, welding) == {}


def test_under_eighteen_no_hazard_and_no_class_four():
    young = make.worker(born=years_ago(17))
    careful = next(t for t in trades() if (t.risk_class or 9) <= 3 and not t.hazards and not t.certificates.exists())
    risky = make.posting(trade="G001", title="砌墙")

    assert "under_18_hazard" in no(young, risky)
    assert no(young, make.posting(trade=careful.code, title="轻活")) == {}
    assert no(make.worker(born=years_ago(18, extra_days=1)), risky) == {}


def test_an_age_asked_for_without_a_law_hides_nothing_from_an_older_worker(posting, able):
    capped = make.posting(age_high=45)

    assert no(able(born=years_ago(61)), capped) == {}
    assert posting.age_high is None


def test_a_regions_age_ceiling_for_sites_acts_once_approved_and_is_said_to_the_worker_alone():
    old, site = make.worker(born=years_ago(64)), make.posting(trade="G001", title="砌墙")
    assert no(old, site) == {}

    enter_ceiling(60)

    blocker = no(old, site)["over_site_age"]
    assert "60" in blocker.words and blocker.private
    assert no(make.worker(born=years_ago(59)), site) == {}
    assert old not in [c.worker for c in queries.for_posting(site, now())]


def enter_ceiling(age):
    for sex in ("male", "female"):
        rule = reference.enter_rule(
            key=f"site_age_max_{sex}", value=age, division_code="350400", valid_from=local(now()).date(),
            document="样例〔2026〕1号", document_url="https://example.org/1", by=make.supervisor(),
        )  # fmt: skip
        reference.approve_rule(rule, by=make.supervisor())


def test_hours_already_promised_clash_and_the_next_day_does_not(worker):
    two_days = make.posting(days=2)
    first, second = two_days.shifts.order_by("starts_at")
    workers.book(worker, starts_at=first.starts_at, ends_at=first.ends_at, ref="engagement:X")

    assert "busy" in no(worker, two_days)
    assert queries.check(worker, two_days, [second], now()) == []


@pytest.mark.parametrize(("side", "code"), [("worker", "blocked_employer"), ("employer", "blocked_worker")])
def test_a_block_of_either_side_holds_until_it_is_lifted(worker, posting, side, code):
    matching.block(worker, posting.employer, side=side, by=None)
    assert list(no(worker, posting)) == [code]
    assert worker not in [c.worker for c in queries.for_posting(posting, now())]

    matching.unblock(worker, posting.employer, side=side, by=None)

    assert no(worker, posting) == {}


def test_nobody_takes_the_work_of_their_own_house(posting):
    owner = owner_of(posting.employer)
    himself = workers.register(owner, division=make.county(), trades=[make.kitchen()], by=owner)

    assert "own_posting" in no(himself, posting)


def test_what_is_closed_or_paused_takes_nobody_and_what_is_full_can_be_waited_for(worker):
    full = make.posting(places=1)
    postings.take_place(full.shifts.get())
    paused = make.posting()
    postings.pause(paused, by=None)
    down = make.posting()
    postings.take_down(down, because="重复", by=make.reviewer())

    assert no(worker, full) == {}
    assert list(no(worker, paused)) == list(no(worker, down)) == ["posting_not_open"]


def test_at_check_in_law_is_asked_again_but_not_for_a_free_place(worker, posting):
    shift = posting.shifts.get()
    workers.book(worker, starts_at=shift.starts_at, ends_at=shift.ends_at, ref="engagement:X")
    postings.pause(posting, by=None)

    assert queries.check(worker, posting, [shift], now(), bound=True) == []
    workers.suspend(worker, because="查实冒名", by=make.supervisor())
    worker.refresh_from_db()
    assert [b.code for b in queries.check(worker, posting, [shift], now(), bound=True)] == ["worker_suspended"]


def test_being_over_the_insured_age_warns_and_stops_nothing(posting, able):
    old = able(born=years_ago(70))

    assert no(old, posting) == {}
    assert [w.code for w in queries.warnings(old, posting, list(posting.shifts.all()), now())] == ["over_insured_age"]


def enter_hazard_ceiling(age):
    for sex in ("male", "female"):
        rule = reference.enter_rule(
            key=f"hazard_age_max_{sex}", value=age, division_code="350400", valid_from=local(now()).date(),
            document="样例〔2026〕2号", document_url="https://example.org/2", by=make.supervisor(),
        )  # fmt: skip
        reference.approve_rule(rule, by=make.supervisor())


@pytest.mark.parametrize(
    ("hazards", "outdoor", "stopped"),
    [(["HEIGHT"], True, True), (["CONFINED"], True, True), (["HEAT"], True, False), (["BLADE", "LIFTING"], True, False),
     (["HEIGHT"], False, False)],
)  # fmt: skip
def test_the_age_ceiling_for_dangerous_work_looks_at_dangerous_hazards_only(hazards, outdoor, stopped):
    enter_hazard_ceiling(55)
    careful = next(t for t in trades() if not t.hazards and not t.certificates.exists() and t.group == "event")
    work = make.posting(trade=careful.code, title="搭台", hazards=hazards, outdoor=outdoor)

    assert ("over_site_age" in no(make.worker(born=years_ago(58)), work)) is stopped
    assert "over_site_age" not in no(make.worker(born=years_ago(54)), work)


@pytest.mark.parametrize(
    ("hazards", "barred"), [(["CHEMICAL"], True), (["ELECTRIC"], True), (["BLADE"], False), (["HEAT"], False)]
)
def test_seventeen_is_barred_from_what_is_dangerous_and_from_nothing_milder(hazards, barred):
    careful = next(t for t in trades() if (t.risk_class or 9) <= 3 and not t.hazards and not t.certificates.exists())
    work = make.posting(trade=careful.code, title="帮忙", hazards=hazards)

    assert ("under_18_hazard" in no(make.worker(born=years_ago(17)), work)) is barred


def test_seventeen_is_barred_from_bars_and_internet_cafes_whatever_the_work_and_eighteen_is_not():
    careful = next(t for t in trades() if (t.risk_class or 9) <= 3 and not t.hazards and not t.certificates.exists())
    bar = make.posting(employer_=make.employer(name="江边酒吧"), trade=careful.code, title="擦杯子")

    assert "under_18_venue" in no(make.worker(born=years_ago(17)), bar)
    assert no(make.worker(born=years_ago(18, extra_days=1)), bar) == {}
