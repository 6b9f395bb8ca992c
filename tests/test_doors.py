"""Every door of the house, tried by everybody: doors.csv says what each of them gets.

After a change that means to change it, `LINGGONG_WRITE_DOORS=1 .venv/bin/python -m pytest tests/test_doors.py` writes
the table anew; the difference is read by a person and belongs into the same commit. A door is one address and one
method; `about` says whose rows the codes in it name, always the first worker's and the first employer's.
"""

import csv
import os
import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from PIL import Image

import linggong.accounts.actions as accounts
import linggong.cases.actions as cases
import linggong.engagements.actions as engagements
import linggong.matching.actions as matching
import linggong.matching.queries as suits
import linggong.payments.queries as wages
import linggong.postings.queries as posted
import linggong.workers.actions as workers
from linggong import make
from linggong.accounts.models import Notice, Role
from linggong.agreements.queries import live
from linggong.core.clock import at, local, now
from linggong.engagements import queries as lived
from linggong.engagements.models import Invitation
from linggong.reference.models import Certificate, RegionRule
from linggong.venues.models import Duty

TABLE = Path(__file__).with_name("doors.csv")
ROLES = (
    "anonymous", "worker", "other_worker", "employer", "other_employer", "clerk", "reviewer", "head", "officer",
    "supervisor", "auditor", "admin",
)  # fmt: skip
METHODS = ("GET", "POST")
DESKS = ("public", "worker", "employer", "station", "bureau")
# What a code in an address may stand for, tried in this order when a door is new.
THINGS = (
    "posting", "deal", "attendance", "settlement", "person", "worker", "employer", "venue", "agreement", "holding",
    "card", "case", "draft", "shift", "decision", "rule", "granted", "notice", "asked", "invitation",
    "party", "crew", "nothing",
)  # fmt: skip
NUMBERS = ("rule", "granted", "notice")
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
OWNERS = ("worker", "employer", "clerk", "reviewer", "head", "supervisor", "admin")


def doors(desk: str = "") -> list[str]:
    """The address pattern of every view, of one desk or of all, in the order of the address book."""

    def walk(patterns: Any, prefix: str, inside: str) -> Iterator[tuple[str, str]]:
        for one in patterns:
            address = prefix + str(one.pattern).lstrip("^")
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, address, one.namespace or inside)
            elif isinstance(one, URLPattern):
                yield "/" + address, inside

    found = walk(get_resolver().url_patterns, "", "public")
    return list(dict.fromkeys(address for address, inside in found if desk in ("", inside)))


def world() -> SimpleNamespace:
    """One employer with work that was done, is planned and is still a draft; one worker who does it; and others."""
    make.approved_rules()
    today = local(now()).date()
    boss, hand = make.employer(), make.worker(state="verified")
    when = partial(at, hour=8)
    paid = make.engagement(
        upto="paid", worker_=hand, posting_=make.posting(employer_=boss, starts_at=when(today + timedelta(days=1)))
    )
    done = make.engagement(
        upto="confirmed_done", worker_=hand,
        posting_=make.posting(employer_=boss, starts_at=when(today + timedelta(days=3))),
    )  # fmt: skip
    ahead = when(local(now()).date() + timedelta(days=2))
    deal = make.engagement(worker_=hand, posting_=make.posting(employer_=boss, starts_at=ahead))
    draft = make.posting(employer_=boss, state="draft", starts_at=ahead)
    one = make.attendance(deal)
    held = workers.upload_certificate(
        hand,
        certificate=Certificate.objects.order_by("pk")[0],
        photo=_photo(),
        number="1",
        valid_to=today + timedelta(days=99),
        by=hand.user,
    )
    card = workers.save_card(
        hand, trades=[make.kitchen()], pay_fen=18000, pay_unit="DAY", area=make.county(), by=hand.user
    )
    workers.submit_card(card, by=hand.user)
    workers.approve_card(card, by=make.clerk())
    quarrel, county = make.attendance(paid), make.county().code
    case = cases.file("mismatch", about=quarrel, facts="不一样", by=hand.user, deal=paid.code, division_code=county)
    people = _people(boss, hand)
    decision = matching.decided(suits.for_posting(deal.posting, now()), deal.posting, purpose="offer", by=None)
    settlement = wages.by_ref(lived.ref(make.attendance(done)))
    workers.change_profile(hand, invites="any", by=hand.user)
    empty = make.posting(starts_at=ahead + timedelta(days=3))
    engagements.send_wave(engagements.fill(empty, why="asked", by=None))
    party, crew = (_together(hand, boss, ahead + timedelta(days=days), **how) for days, how in TOGETHER)
    engagements.say_yes(crew, hand, seen_hash=crew.terms_hash, by=hand.user)
    things = {
        "posting": deal.posting.code, "deal": deal.code, "attendance": one.code, "settlement": settlement.code,
        "person": hand.user.code, "worker": hand.code, "employer": boss.code, "venue": make.venue().code,
        "agreement": live(lived.ref(deal)).code, "holding": held.code, "card": card.code, "case": case.code,
        "draft": draft.code, "shift": one.shift.code, "paid": paid.code,
        "decision": decision.code, "asked": engagements.ask_to_confirm(one).code,
        "invitation": Invitation.objects.get(posting=empty, worker=hand).code,
        "party": party.code, "crew": crew.code,
        "notice": str(Notice.objects.filter(user=hand.user).values_list("pk", flat=True).first()),
        "rule": str(RegionRule.objects.order_by("pk").values_list("pk", flat=True)[0]),
        "granted": str(people["auditor"].grants.values_list("pk", flat=True)[0]),
        "nothing": "0000000000", "zero": "0",
    }  # fmt: skip
    return SimpleNamespace(things=things, people=people)


TOGETHER = ((6, {}), (8, {"way_in": "apply"}))
"""Days from now of a party that the first worker is asked to join, and of one that waits for the first employer."""


def _together(hand: Any, boss: Any, start: Any, **how: str) -> Any:
    posting, friend = make.posting(employer_=boss, starts_at=start, **how), make.worker()
    seen = posted.current_version(posting).terms_hash
    return engagements.propose(posting, friend, known=[hand], seen_hash=seen, by=friend.user)


def _photo() -> bytes:
    file = BytesIO()
    Image.new("RGB", (400, 300), "white").save(file, "JPEG")
    return file.getvalue()


def _people(boss: Any, hand: Any) -> dict[str, Any]:
    officer, auditor, admin = (make.user(name=name) for name in ("村专员", "审计员", "管理员"))
    code = make.county().code
    accounts.grant(officer, Role.OFFICER, division_code=code, by=None)
    accounts.grant(auditor, Role.AUDITOR, division_code=code, by=None)
    accounts.grant(admin, Role.ADMIN, division_code=code, by=None)
    return {
        "anonymous": None,
        "worker": hand.user,
        "other_worker": make.worker().user,
        "employer": lived.owner_of(boss),
        "other_employer": lived.owner_of(make.employer()),
        "clerk": make.clerk(),
        "reviewer": make.reviewer(),
        "head": make.staff(Duty.HEAD, name="郑站长"),
        "officer": officer,
        "supervisor": make.supervisor(division_code=code),
        "auditor": auditor,
        "admin": admin,
    }


class Knocking:
    """Tries doors, and leaves the house as it was after each."""

    def __init__(self, house: SimpleNamespace) -> None:
        self.things = house.things
        self.clients = {}
        self.cookies = {}
        for role, user in house.people.items():
            client = Client(raise_request_exception=False)
            if user is not None:
                client.force_login(user)
            self.clients[role] = client
            self.cookies[role] = {name: morsel.value for name, morsel in client.cookies.items()}

    def __call__(self, door: str, method: str, role: str, about: str) -> int:
        """The status that somebody gets."""
        client = self.clients[role]
        client.cookies.clear()
        client.cookies.load(self.cookies[role])
        cache.clear()
        with transaction.atomic():
            answer = getattr(client, method.lower())(self.address(door, about))
            transaction.set_rollback(True)
        return answer.status_code

    def address(self, door: str, about: str) -> str:
        """The pattern with its codes filled in. `about` is "code=posting verb=:withdraw"; a colon means the word itself."""
        said = dict(part.split("=", 1) for part in about.split())
        return PARAMETER.sub(lambda m: self._word(said[m[1]]), door)

    def _word(self, said: str) -> str:
        return said[1:] if said.startswith(":") else self.things[said]

    def find_about(self, door: str) -> str:
        """For a new door: which of the things makes it open for anybody."""
        if door in ABOUT or "<" not in door:
            return ABOUT.get(door, "")
        names = PARAMETER.findall(door)
        rest = "".join(f" {name}={SAID.get(name, ':1')}" for name in names[1:])
        first = names[0]
        if first in SAID:
            return f"{first}={SAID[first]}{rest}"
        numbers = "<int:" in door
        for thing in THINGS:
            about = f"{first}={thing}{rest}"
            if numbers == (thing in NUMBERS) and any(self._opens(door, role, about, rest) for role in OWNERS):
                return about
        return f"{first}={'zero' if numbers else 'nothing'}{rest}"

    def _opens(self, door: str, role: str, about: str, rest: str) -> bool:
        """Whether this thing is there for somebody at a door where a code of nothing is not."""
        nothing = f"{about.split('=')[0]}={'zero' if '<int:' in door else 'nothing'}{rest}"
        return any(
            self(door, method, role, about) not in (404, 405) and self(door, method, role, nothing) == 404
            for method in METHODS
        )


# Words in addresses that are no codes of rows, and second codes whose rows are known by their name.
SAID = {
    "verb": ":withdraw", "step": ":who", "name": ":amount", "purpose": ":registration", "role": ":worker",
    "token": ":wrong", "six": ":123456", "path": ":none/here.jpg", "deal": "deal", "shift": "attendance",
    "posting": "posting", "kind": ":all", "row": ":work", "worker": "worker", "figure": ":postings",
}  # fmt: skip
# Doors whose words mean something else than elsewhere.
ABOUT = {
    "/desk/calls/asked/<str:code>/<slug:verb>/": "code=asked verb=:no-answer",
    "/desk/calls/together/<str:code>/<slug:verb>/": "code=nothing verb=:go",
    "/desk/calls/invited/<str:code>/<slug:verb>/": "code=invitation verb=:no-answer",
    "/e/today/<slug:code>/asked/<slug:verb>/": "code=attendance verb=:no-answer",
    "/shifts/still/<slug:code>/<slug:verb>/": "code=asked verb=:coming",
    "/desk/people/<str:code>/deals/<str:deal>/<slug:verb>/": "code=person deal=deal verb=:cancel",
    "/desk/people/<str:code>/shifts/<str:shift>/<slug:verb>/": "code=person shift=attendance verb=:check-in",
    "/desk/cases/<str:code>/<slug:verb>/": "code=case verb=:take",
    "/e/jobs/<slug:code>/call-off/<slug:shift>/": "code=posting shift=shift",
    "/e/jobs/<slug:code>/call-off/<slug:shift>/confirm/": "code=posting shift=shift",
    "/e/jobs/<slug:code>/people/<slug:worker>/offer/": "code=posting worker=worker",
    "/e/post/check/<slug:code>/row/<slug:row>/change/": "code=draft row=:work",
    "/e/jobs/<slug:code>/edit/<slug:row>/change/": "code=posting row=:work",
}


def written() -> dict[tuple[str, str], dict[str, str]]:
    """The table as it stands."""
    if not TABLE.exists():
        return {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {(row["door"], row["method"]): row for row in csv.DictReader(file)}


def tried(knock: Knocking, desk: str, kept: dict[tuple[str, str], dict[str, str]]) -> list[dict[str, str]]:
    """What everybody gets now at one desk; doors that are new are looked at first, to know what they are about."""
    rows = []
    for door in doors(desk):
        about = next((kept[door, m]["about"] for m in METHODS if (door, m) in kept), None)
        if about is None:
            about = knock.find_about(door)
        for method in METHODS:
            got = {role: str(knock(door, method, role, about)) for role in ROLES}
            rows.append({"door": door, "method": method, "about": about, **got})
    return rows


def write_table(desk: str, rows: list[dict[str, str]]) -> None:
    """Write down what everybody gets now at one desk, and leave the other desks' rows as they are."""
    gone = set(doors())
    others = [row for (door, _), row in written().items() if door in gone and door not in set(doors(desk))]
    order = {door: number for number, door in enumerate(doors())}
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, ["door", "method", "about", *ROLES], lineterminator="\n")
        table.writeheader()
        table.writerows(sorted([*others, *rows], key=lambda row: (order[row["door"]], row["method"])))


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("desk", DESKS)
def test_every_door_gives_everybody_what_the_table_says(desk, monday_morning):
    kept = written()

    found = tried(Knocking(world()), desk, kept)

    if os.environ.get("LINGGONG_WRITE_DOORS"):
        write_table(desk, found)
        kept = written()
    differing = [
        f"{row['method']} {row['door']} as {role}: {kept[row['door'], row['method']][role]} → {row[role]}"
        for row in found
        for role in ROLES
        if (row["door"], row["method"]) in kept and kept[row["door"], row["method"]][role] != row[role]
    ]
    assert differing == []


def test_every_door_is_in_the_table_and_nothing_else():
    assert {(door, method) for door in doors() for method in METHODS} == set(written())


def test_no_door_is_broken_for_anybody():
    broken = [f"{m} {door} as {role}" for (door, m), row in written().items() for role in ROLES if row[role] >= "500"]

    assert broken == []


def test_behind_a_desk_nobody_gets_in_without_a_name():
    """Signed-out people see the public desk; every other door sends them to sign in and takes nothing from them."""
    behind = (
        "/today/",
        "/shifts/",
        "/together/",
        "/wages/",
        "/me/",
        "/messages/",
        "/e/",
        "/desk/",
        "/review/",
        "/bureau/",
    )
    open_ = [
        f"{m} {door}: {row['anonymous']}"
        for (door, m), row in written().items()
        if door.startswith(behind) and row["anonymous"] != "302"
    ]

    assert open_ == []


@pytest.mark.parametrize("role", ["other_worker", "other_employer"])
def test_other_peoples_rows_do_not_exist(role):
    """On the desks of workers and employers a code that is somebody else's is a 404, whatever is done with it."""
    seen = [
        f"{m} {door}: {row[role]}"
        for (door, m), row in written().items()
        if re.search(
            r"=(deal|attendance|settlement|agreement|holding|draft|notice|case|card|decision|party|crew)\b",
            row["about"],
        )
        and door.startswith(("/today/", "/shifts/", "/wages/", "/me/", "/messages/", "/rate/", "/together/", "/e/"))
        and row[role] not in ("404", "302", "405")
    ]

    assert seen == []
