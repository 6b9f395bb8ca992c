"""Founding the demo city: venues, staff, rules, and everybody who lives there. All through the real actions."""

import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction

import linggong.accounts.actions as accounts
import linggong.agreements.actions as agreements
import linggong.employers.actions as employers
import linggong.insurance.actions as insurance
import linggong.reference.actions as rules
import linggong.reference.queries as reference
import linggong.venues.actions as venues
import linggong.workers.actions as workers
from linggong.accounts.ids import DEMO_PREFIX, id_check, uscc_check
from linggong.accounts.models import Consent, Role, User
from linggong.core.clock import at, today
from linggong.core.refusals import Refused
from linggong.employers.models import Employer, Member
from linggong.venues.models import Duty, Staff, Venue
from linggong.web.demo import words
from linggong.workers.models import Worker, WorkerTrade

CITY = "350400"
ASKED = (
    "service",
    "share_with_employer",
    "insurer",
    "location",
)  # what who takes a job on a phone agrees to, one by one
SHOWN = 30  # how many have a card in the list of people seeking work
NOBODYS_COUNTY = "350499"  # not assigned: invented ID numbers belong to nobody (decision 26)
Progress = Callable[[str, int, int], None]


@dataclass
class City:
    """Everybody and everything in memory while the city lives; `luck` decides all that is left to chance."""

    luck: random.Random
    scale: float = 1.0
    seed: int = 1
    roles: dict[str, User] = field(default_factory=dict)
    workers: list[Worker] = field(default_factory=list)
    employers: list[Employer] = field(default_factory=list)
    owners: dict[int, User] = field(default_factory=dict)
    venues: dict[str, Venue] = field(default_factory=dict)
    reviewers: dict[str, User] = field(default_factory=dict)
    by_trade: dict[str, list[Worker]] = field(default_factory=dict)  # without 张桂芳: a visitor plays her, not chance
    trades: dict[str, Any] = field(default_factory=dict)
    papers: dict[str, list[str]] = field(default_factory=dict)  # by trade, what the law asks for; it does not change
    towns: list[Any] = field(default_factory=list)
    serial: int = 0
    cards: set[str] = field(default_factory=set)  # ID numbers given out
    offered: int = 0  # places in the past, and of them those whose wages were stored beforehand
    stored: int = 0
    agreed: set[int] = field(default_factory=set)  # workers who said yes to what taking a job asks

    def number(self) -> int:
        """The next running number."""
        self.serial += 1
        return self.serial


def found(city: City, progress: Progress) -> None:
    """From nothing to a market with 3,000 workers and 300 employers (times the scale, but never a deserted one)."""
    with transaction.atomic():
        _founders(city)
        _market(city)
    _people(city, progress)
    _employers(city, progress)


def phone(city: City) -> str:
    """A number that cannot ring."""
    return f"{DEMO_PREFIX}{city.number():0{11 - len(DEMO_PREFIX)}d}"


def id_number(city: City, *, age: int, female: bool) -> str:
    """A number valid in form, of a county that does not exist, and nobody else's here."""
    born = today().replace(day=1) - timedelta(days=365 * age + city.luck.randrange(20, 340))
    while True:
        serial = (city.number() % 499) * 2 + (0 if female else 1)
        body = f"{NOBODYS_COUNTY}{born:%Y%m%d}{serial:03d}"
        if body not in city.cards:
            city.cards.add(body)
            return body + id_check(body)


def name(city: City, *, female: bool) -> str:
    """An invented name."""
    return city.luck.choice(words.SURNAMES) + city.luck.choice(words.GIVEN_F if female else words.GIVEN_M)


def _founders(city: City) -> None:
    """The bureau, and the rules in force: approved by a second person, visibly samples."""
    admin = city.roles["admin"] = _person(city, "郑管理")
    accounts.grant(admin, Role.ADMIN, division_code=CITY, by=None)
    supervisor = city.roles["supervisor"] = _person(city, "周科长")
    accounts.grant(supervisor, Role.SUPERVISOR, division_code=CITY, by=admin)
    auditor = city.roles["auditor"] = _person(city, "孙审计")
    accounts.grant(auditor, Role.AUDITOR, division_code=CITY, by=admin)
    agreements.load_templates()
    insurance.load_products()
    rules.approve_samples(by=supervisor)
    insurance.approve_samples(by=supervisor)
    for key, value in {
        "market_name": "三明零工市场", "division_code": CITY, "hotline": "12333", "supervision_phone": "12345",
        "licence_line": "演示城市，不是真的市场", "filings": "",
    }.items():  # fmt: skip
        accounts.set_setting(key, value, by=admin)


def _market(city: City) -> None:
    """One market per county, stations in the bigger towns, people behind the windows, reviewers on call."""
    admin = city.roles["admin"]
    for county in reference.children(CITY):
        market = venues.open_venue(
            kind="MARKET", name=f"{county.short_name}零工市场", division=county,
            address=f"{county.short_name}新市路 1 号",
            lat=county.lat, lng=county.lng, hours=[["05:00", "20:00"]] * 7, phone="0598-0000000",
            supervision_phone="12345", opened_on=today() - timedelta(days=400), by=admin,
        )  # fmt: skip
        city.venues[county.code] = market
        towns = [town for town in reference.children(county.code) if town.lat]
        city.towns += [place for place in (county, county, county, *towns) if place.lat]
        reviewer = city.reviewers[county.code] = _person(city, "")
        venues.add_staff(market, reviewer, Duty.REVIEWER, by=admin)
        for duty in (Duty.CLERK, Duty.HEAD, Duty.MEDIATOR):
            person = _person(city, "")
            venues.add_staff(market, person, duty, by=admin)
            city.roles.setdefault({"clerk": "clerk", "head": "head"}.get(duty, duty), person)
        for town in towns[:2]:
            venues.open_venue(
                kind="STATION", name=f"{town.short_name}零工驿站", division=town, parent=market, lat=town.lat,
                lng=town.lng, about=town.about, hours=[["06:00", "18:00"]] * 7, phone="0598-0000000", by=admin,
            )  # fmt: skip
        for month in range(13):
            start = at(today() + timedelta(days=30 * month), 0)
            venues.set_on_call(market, reviewer, start, start + timedelta(days=30), by=admin)
    main = next(iter(city.venues))
    venues.change_venue(city.venues[main], circle_minutes=30, by=admin)
    city.roles["reviewer"] = city.reviewers[main]
    officer = city.roles["officer"] = _person(city, "罗专员")
    accounts.grant(officer, Role.OFFICER, division_code=main, by=admin)
    city.trades = {trade.name: trade for trade in reference.trades()}
    city.papers = {trade.name: reference.hard_certificates(trade) for trade in city.trades.values()}


def _person(city: City, called: str) -> User:
    female = city.luck.random() < 0.5
    return accounts.make_person(
        name=called or name(city, female=female), phone=phone(city),
        id_number=id_number(city, age=city.luck.randrange(28, 50), female=female), by=None,
    )  # fmt: skip


def _people(city: City, progress: Progress) -> None:
    """Workers: half between 45 and 65, a few without a phone, most checked at a counter, food workers with papers."""
    count = max(60, int(3000 * city.scale))
    wanted = sorted({job.trade for job in words.JOBS})
    clerk = city.roles["clerk"]
    for start in range(0, count, 250):
        with transaction.atomic():
            for number in range(start, min(start + 250, count)):
                _worker(city, number, wanted, clerk)
        progress("工友", min(start + 250, count), count)


def _worker(city: City, number: int, wanted: list[str], clerk: User) -> None:
    luck = city.luck
    female = luck.random() < 0.48
    age = luck.choice((luck.randrange(18, 45), luck.randrange(45, 60), luck.randrange(45, 65)))
    has_phone = number != 1 and (number == 0 or luck.random() > 0.04)
    person = accounts.make_person(
        name="张桂芳" if number == 0 else name(city, female=female), phone=phone(city) if has_phone else "",
        id_number=id_number(city, age=52 if number == 0 else age, female=female or number == 0), by=clerk,
    )  # fmt: skip
    main = city.towns[0] if number < 2 or luck.random() < 0.35 else luck.choice(city.towns)
    names = ["帮厨", "家庭保洁", "电商打包员"] if number == 0 else luck.sample(wanted, luck.randrange(1, 4))
    skills = [city.trades[n] for n in names]
    row = workers.register(
        person, division=main, trades=skills, lat=main.lat + luck.uniform(-0.03, 0.03),
        lng=main.lng + luck.uniform(-0.03, 0.03), by=clerk if not has_phone else person,
        acting_for=person if not has_phone else None, contact_via="self" if has_phone else "officer",
        free_parts=luck.choice([["dawn", "day"], ["day"], ["day", "evening"], ["dawn", "day", "evening", "night"]]),
        reach_m=luck.choice([5000, 8000, 10000, 15000, 30000]),
    )  # fmt: skip
    if number < 2 or luck.random() < 0.9:
        workers.prelim_check(row, by=clerk)
        city.workers.append(row)
        _papers(city, row, skills, clerk)
        if 2 <= number < 2 + SHOWN and has_phone:
            _card(city, row, skills, reviewed=number % 10 != 9)
    if number < 2:
        city.roles[("worker", "worker_no_phone")[number]] = person


def agree(city: City, worker: Worker) -> None:
    """What a worker with a phone is asked before the first job; who is helped at a window agrees there."""
    if worker.pk in city.agreed:
        return
    city.agreed.add(worker.pk)
    by = worker.user if worker.user.phone_hash else city.roles["clerk"]
    how = Consent.How.TAP if by == worker.user else Consent.How.SPOKEN
    for purpose in ASKED:
        accounts.consent(worker.user, purpose, how=how, by=by)


def _card(city: City, worker: Worker, skills: list[Any], *, reviewed: bool) -> None:
    """A card among those who seek work; now and then one still waits for its reviewer."""
    agree(city, worker)
    accounts.consent(worker.user, "card_public", how=Consent.How.TAP, by=worker.user)
    card = workers.save_card(
        worker, trades=skills, pay_fen=city.luck.randrange(160, 230, 10) * 100, pay_unit="DAY", area=worker.division,
        times=city.luck.choice(words.CARD_TIMES), text=city.luck.choice(words.CARD_WORDS), by=worker.user,
    )  # fmt: skip
    workers.submit_card(card, by=worker.user)
    if reviewed:
        workers.approve_card(card, by=city.reviewers.get(worker.division_id[:6], city.roles["reviewer"]))


def _papers(city: City, row: Worker, skills: list[Any], clerk: User) -> None:
    """Hard certificates: most who do the work have them; who has not sees what is missing and where to get it."""
    held = set()
    for trade in skills:
        needed = city.papers[trade.name]
        if needed and row is not city.workers[0] and city.luck.random() < 0.3:
            continue
        for code in needed:
            if code not in held:
                paper = workers.upload_certificate(
                    row, certificate=code, number=f"ZS{city.number():08d}", by=clerk, acting_for=row.user,
                    valid_to=today() + timedelta(days=city.luck.randrange(40, 360)),
                )  # fmt: skip
                workers.check_certificate(paper, by=clerk)
                held.add(code)
        if row is not city.workers[0]:
            city.by_trade.setdefault(trade.name, []).append(row)


def _employers(city: City, progress: Progress) -> None:
    """Factories, shops, households and farms; nine in ten verified, some just registered, a few with papers to come."""
    count = max(12, int(300 * city.scale))
    mix = "M" * 9 + "E" * 8 + "H" * 6 + "F" * 3 + "C" * 2
    firsts = "MHEFC"  # one of each kind, verified; the first three are played by visitors
    for start in range(0, count, 50):
        with transaction.atomic():
            for number in range(start, min(start + 50, count)):
                _employer(city, number, firsts[number] if number < len(firsts) else city.luck.choice(mix))
        progress("雇主", min(start + 50, count), count)


KINDS = {"E": "ENTERPRISE", "M": "MERCHANT", "H": "HOUSEHOLD", "F": "FARM", "C": "COOP"}


def _employer(city: City, number: int, letter: str) -> None:
    luck, female = city.luck, city.luck.random() < 0.4
    place = city.towns[0] if number < 3 or luck.random() < 0.4 else luck.choice(city.towns)
    owner = accounts.make_person(
        name=name(city, female=female), phone=phone(city), by=None,
        id_number=id_number(city, age=luck.randrange(28, 62), female=female),
    )  # fmt: skip
    pattern = "{boss}师傅饭店" if number == 0 else words.SHOPS[letter][number % len(words.SHOPS[letter])]
    called = pattern.format(place=place.short_name, boss=owner.name[0], title="女士" if female else "先生")
    alone = letter in "HF"
    lat, lng = place.lat + luck.uniform(-0.02, 0.02), place.lng + luck.uniform(-0.02, 0.02)
    row = employers.register(
        kind=KINDS[letter], name=called, contact_name=owner.name, division=place, person=owner if alone else None,
        uscc="" if alone else _uscc(city), lat=lat, lng=lng,
        address=f"{place.short_name}{luck.choice(words.STREETS)} {luck.randrange(1, 300)} 号", by=owner,
    )  # fmt: skip
    clerk, reviewer = city.roles["clerk"], city.roles["reviewer"]
    kinds = {"E": ("licence", "agent_id"), "M": ("licence", "agent_id"), "C": ("licence", "agent_id")}
    for paper in kinds.get(letter, ("agent_id", "address")):
        employers.show_paper(row, paper, number="已看原件", by=clerk)
    employers.prelim_check(row, by=clerk)
    employers.accept_commitment(row, by=owner)
    if number < 5 or luck.random() < 0.9:
        employers.submit(row, by=owner)
        if number < 5 or luck.random() < 0.97:
            employers.verify(row, by=reviewer)
    city.employers.append(row)
    city.owners[row.pk] = owner
    if number < 3:
        city.roles[("employer", "household", "factory")[number]] = owner


def _uscc(city: City) -> str:
    body = f"92350499MA{city.number():07d}"
    return body + uscc_check(body)


def remember(city: City, kept: dict[str, Any]) -> None:
    """Know a kept city again: enough of it to open a new day's work. Papers due for another look get it now."""
    by_code = {user.code: user for user in User.objects.filter(code__in=kept["people"].values())}
    city.roles = {key: by_code[code] for key, code in kept["people"].items() if code in by_code}
    city.serial = kept["serial"]
    city.trades = {trade.name: trade for trade in reference.trades()}
    for row in Employer.objects.filter(state__in=["due_recheck", "lapsed"]).order_by("pk"):
        with contextlib.suppress(Refused):  # a visitor may have taken a paper away
            employers.verify(row, by=city.roles["reviewer"])
    city.employers = list(Employer.objects.filter(state="verified").select_related("division").order_by("pk"))
    city.workers = list(Worker.objects.filter(user=city.roles["worker"]).select_related("user"))
    for member in Member.objects.filter(owner=True, ended_at=None).select_related("user"):
        city.owners[member.employer_id] = member.user
    for row in WorkerTrade.objects.select_related("worker__user", "trade").order_by("pk"):
        if row.worker.user_id != city.roles["worker"].pk:
            city.by_trade.setdefault(row.trade.name, []).append(row.worker)
    for staff in Staff.objects.filter(duty=Duty.REVIEWER, ended_at=None).select_related("user", "venue"):
        city.reviewers[staff.venue.division_id[:6]] = staff.user
