"""Build anything in any state by living through it: for tests, the demo city and benchmarks.

Every row comes out of the real actions, so nothing made here could not have happened. Facts not given are
chosen so that they are valid and differ from call to call.

    deal = make.engagement(upto="work_done")       # a worker, an employer, a posting and one shift, lived so far
"""

import itertools
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import linggong.accounts.actions as accounts
import linggong.accounts.queries as people
import linggong.employers.actions as employers
import linggong.engagements.actions as deals
import linggong.insurance.actions as insurance
import linggong.postings.actions as postings
import linggong.reference.actions as reference_actions
import linggong.reference.queries as reference
import linggong.venues.actions as venues
import linggong.workers.actions as workers
from linggong.accounts.ids import DEMO_PREFIX, id_check, uscc_check
from linggong.accounts.models import Role, User
from linggong.core import journal
from linggong.core.clock import at, local, now
from linggong.employers.models import Employer
from linggong.engagements import queries as lived
from linggong.engagements.models import Attendance, Engagement
from linggong.postings.models import Posting
from linggong.venues.models import Duty, Staff, Venue
from linggong.workers.models import Worker

UNASSIGNED_COUNTY = "350499"  # no such county: invented ID numbers can belong to nobody (decision 26)

_numbers = itertools.count(1)
_STEPS = ("applied", "confirmed", "checked_in", "in_progress", "work_done", "confirmed_done", "paid", "rated")


def county() -> Any:
    """The county where everything is made unless told otherwise: the seat district of 三明."""
    return next(d for d in reference.children("350400") if d.lat)


def phone() -> str:
    """A number that cannot ring."""
    return f"{DEMO_PREFIX}{next(_numbers):0{11 - len(DEMO_PREFIX)}d}"


def id_number(*, born: date = date(1974, 3, 5), female: bool = False) -> str:
    """A number that is valid in form and belongs to nobody."""
    serial = (next(_numbers) * 2 + (0 if female else 1)) % 1000
    body = f"{UNASSIGNED_COUNTY}{born:%Y%m%d}{serial:03d}"
    return body + id_check(body)


def user(*, name: str = "张大山", with_phone: bool = True, with_id: bool = True, born: date = date(1974, 3, 5)) -> User:
    """A person."""
    number = phone() if with_phone else ""
    card = ""
    if with_id:
        while True:
            card = id_number(born=born)
            if people.by_id_number(card) is None:
                break
    return accounts.make_person(name=name, phone=number, id_number=card, by=None)


def worker(
    *, trades: tuple[str, ...] = (), state: str = "prelim_checked", papers: bool = True, by: User | None = None,
    **facts: Any,
) -> Worker:  # fmt: skip
    """A registered worker near the market, checked at the counter unless `state` says otherwise.

    `papers`: holds, checked, whatever certificate their trades ask for as a hard condition.
    """
    person_facts = {k: facts.pop(k) for k in ("name", "with_phone", "born") if k in facts}
    person = user(**person_facts)
    place = facts.pop("division", None) or county()
    lat, lng = facts.pop("lat", place.lat), facts.pop("lng", place.lng)
    rows = [trade(t) for t in (trades or (kitchen().code,))]
    row = workers.register(person, division=place, trades=rows, lat=lat, lng=lng, by=by or person, **facts)
    staff_member = by or _on_duty(Duty.CLERK)
    if state in ("prelim_checked", "verified"):
        workers.prelim_check(row, by=staff_member)
    if state == "verified":
        accounts.check_at_counter(person, by=staff_member)
        workers.verify(row, by=staff_member)
    if papers:
        for code in {c for t in rows for c in reference.hard_certificates(t)}:
            certificate(row, code, by=staff_member)
    return row


def certificate(row: Worker, code: str, *, by: User) -> Any:
    """A certificate shown at the counter and found good, valid for a year."""
    held = workers.upload_certificate(
        row, certificate=code, number=f"ZS{next(_numbers):08d}", valid_to=local(now()).date() + timedelta(days=365),
        by=by, acting_for=row.user,
    )  # fmt: skip
    workers.check_certificate(held, by=by)
    return held


def trade(code: str) -> Any:
    """One trade by code."""
    return next(t for t in reference.trades() if t.code == code)


def kitchen() -> Any:
    """The trade of the story: a kitchen helper."""
    return reference.find_trades("帮厨")[0]


def employer(*, kind: str = "MERCHANT", state: str = "verified", name: str = "", **facts: Any) -> Employer:
    """An employer whose papers were seen and whose commitment is dated today."""
    person = facts.pop("owner", None) or user(name="王小店")
    place = facts.pop("division", None) or county()
    alone = kind in ("HOUSEHOLD", "FARM")
    row = employers.register(
        kind=kind, name=name or f"老王饭店{next(_numbers)}号", contact_name="王老板", division=place,
        uscc="" if alone else uscc(), person=person if alone else None, address=f"{place.name}江滨路{next(_numbers)}号",
        lat=place.lat, lng=place.lng, by=person, **facts,
    )  # fmt: skip
    if state == "new":
        return row
    staff = _on_duty(Duty.CLERK)
    for paper in ("licence", "agent_id") if not alone else ("agent_id", "address"):
        employers.show_paper(row, paper, number="1", by=staff)
    employers.prelim_check(row, by=staff)
    employers.accept_commitment(row, by=person)
    if state == "verified":
        employers.submit(row, by=person)
        employers.verify(row, by=_on_duty(Duty.REVIEWER))
    return row


def uscc() -> str:
    """A unified social credit code, valid in form."""

    body = f"92350499MA{next(_numbers):07d}"
    return body + uscc_check(body)


def venue(*, name: str = "三元区零工市场", kind: str = "MARKET", division: Any = None) -> Venue:
    """The market of the county, opened once."""
    place = division or county()
    found = Venue.objects.filter(name=name, division=place).first()
    return found or venues.open_venue(
        kind=kind, name=name, division=place, address=f"{place.name}新市路1号", lat=place.lat, lng=place.lng,
        hours=[["06:00", "18:00"]] * 7, phone="0598-0000000", by=None,
    )  # fmt: skip


def staff(duty: str = Duty.CLERK, *, name: str = "李晓梅", at_venue: Venue | None = None) -> User:
    """A person who works at the market."""
    person = user(name=name)
    venues.add_staff(at_venue or venue(), person, duty, by=None)
    return person


def clerk() -> User:
    """Somebody behind the window."""
    return staff(Duty.CLERK)


def reviewer() -> User:
    """Somebody who reviews postings."""
    return staff(Duty.REVIEWER, name="陈审核")


def _on_duty(duty: str) -> User:
    """Whoever does this at the market already, else somebody new: for what a test does not care who did."""
    there = Staff.objects.filter(duty=duty, ended_at=None, venue__name="三元区零工市场").select_related("user").first()
    return there.user if there else clerk() if duty == Duty.CLERK else reviewer()


def supervisor(*, division_code: str = "350400") -> User:
    """Somebody of the bureau."""
    person = user(name="周科长")
    accounts.grant(person, Role.SUPERVISOR, division_code=division_code, by=None)
    return person


def approved_rules(*keys: str) -> None:
    """Let the shipped samples act, approved by a second person; all of them when no key is named."""
    reference_actions.approve_samples(*keys, by=supervisor(division_code=""))


def approved_products() -> None:
    """Let the shipped insurance products act."""
    insurance.approve_samples(by=supervisor(division_code=""))


def facts(*, starts_at: datetime | None = None, hours: float = 8, days: int = 1, **changes: Any) -> dict[str, Any]:
    """What an employer fills in: two kitchen helpers tomorrow at eight, 180 yuan a day, meals."""
    start = starts_at or at(local(now()).date() + timedelta(days=1), 8)
    place = changes.pop("division", None) or county()
    shifts = [
        {"starts_at": start + timedelta(days=d), "ends_at": start + timedelta(days=d, hours=hours), "break_minutes": 60}
        for d in range(days)
    ]
    return {
        "trade": kitchen().code, "title": "食堂帮厨", "content": "洗菜切菜，打扫厨房", "places": 2, "shifts": shifts,
        "division": place.code, "address": f"{place.name}江滨路8号", "lat": place.lat, "lng": place.lng,
        "pay_fen": 18000, "pay_unit": "DAY", "meals": "ONE", "contact_name": "王老板", "wasted_trip_fen": 3000, **changes,
    }  # fmt: skip


def posting(*, employer_: Employer | None = None, state: str = "published", **changes: Any) -> Posting:
    """A posting, drafted by its owner and released by a reviewer."""
    boss = employer_ or employer()
    owner = lived.owner_of(boss)
    row = postings.draft(boss, facts(**changes), by=owner)
    if state == "draft":
        return row
    postings.submit(row, by=owner)
    row.refresh_from_db()
    if state == "published" and row.state == "reviewing":
        postings.approve(row, by=_on_duty(Duty.REVIEWER))
        row.refresh_from_db()
    return row


def engagement(
    *, upto: str = "confirmed", posting_: Posting | None = None, worker_: Worker | None = None, **changes: Any
) -> Engagement:
    """A deal lived as far as `upto`: applied, confirmed, checked_in, in_progress, work_done, confirmed_done, paid, rated.

    From checked_in on the clock stands where the deal has come to: use inside `clock.moved_to`.
    """
    place = posting_ or posting(**changes)
    person = worker_ or worker()
    if upto == "applied":
        return deals.apply(place, person, by=person.user)
    join = deals.grab if place.way_in == "grab" else deals.dispatch
    deal = join(place, person, by=person.user if join is deals.grab else _on_duty(Duty.CLERK))
    settle_down()
    for step in _STEPS[2 : _STEPS.index(upto) + 1]:
        live(deal, step)
    deal.refresh_from_db()
    return lived.by_code(deal.code)


def live(deal: Engagement, step: str) -> None:
    """Live one step of the first shift of a deal, moving the clock to when it happens."""
    from linggong.core import clock

    one = attendance(deal)
    boss = lived.owner_of(deal.employer)
    if step == "checked_in":
        clock.set_now(one.shift.starts_at - timedelta(minutes=10))
        deals.check_in(one, how="boss", by=boss, as_told=True)
    elif step == "in_progress":
        clock.set_now(one.shift.starts_at + timedelta(minutes=1))
        deals.begin_work(one)
    elif step == "work_done":
        clock.set_now(one.shift.ends_at)
        quantity = Decimal(20) if deal.posting.quantity else None
        deals.check_out(one, by=deal.worker.user, quantity=quantity)
    elif step == "confirmed_done":
        clock.set_now(one.shift.ends_at + timedelta(minutes=20))
        deals.confirm(one, by=boss)
    elif step == "paid":
        pay(one)
    elif step == "rated":
        deals.rate(deal, "worker", stars=5, by=deal.worker.user)
        deals.rate(deal, "employer", stars=5, by=boss)
    settle_down()


def pay(one: Attendance) -> None:
    """The employer pays by hand and says so; the worker says it is there."""
    import linggong.payments.actions as payments
    import linggong.payments.queries as paid

    settlement = paid.by_ref(lived.ref(one))
    payments.declare_paid(settlement, how="wechat", by=lived.owner_of(one.engagement.employer))
    payments.acknowledge(paid.by_ref(lived.ref(one)), how="tap", by=one.engagement.worker.user)


def attendance(deal: Engagement, number: int = 0) -> Attendance:
    """The lived shift of a deal, freshly read."""
    return list(lived.attendances(engagement=deal))[number]


def settle_down(rounds: int = 20) -> int:
    """Run everything the journal owes, as the worker process would. Returns how many reactions ran."""
    ran = 0
    for _ in range(rounds):
        if not (this := journal.deliver()):
            break
        ran += this
    return ran
