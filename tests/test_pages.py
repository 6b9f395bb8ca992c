"""A list page asks the same for 3 rows as for 30, at most eight questions in all; the first page of all is light."""

import gzip
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

import linggong.accounts.actions as accounts
import linggong.cases.actions as cases
import linggong.employers.actions as employers
import linggong.engagements.actions as deals
import linggong.engagements.queries as lived
import linggong.reference.queries as reference
import linggong.workers.actions as workers
from linggong import make
from linggong.core import clock
from linggong.core.clock import at, today
from linggong.engagements.models import Engagement
from linggong.postings.models import Posting
from linggong.reference.models import Certificate
from linggong.workers.models import Worker

pytestmark = pytest.mark.slow
FEW, MANY, MOST = 3, 30, 8
HOME_BYTES = 100_000


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def photo() -> bytes:
    """A picture of a certificate."""
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "white").save(out, "JPEG")
    return out.getvalue()


def asked(client: Client, path: str, row: str) -> int:
    """How many queries a page takes; what is kept for everybody for a moment is forgotten first, `row` must show."""
    client.get(path)
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    assert answer.status_code == 200, path
    assert row in answer.text, f"{path} shows no {row}"
    return len(captured)


def same(few: Client, many: Client, pages: Iterable[tuple[str, str]], **codes: tuple) -> None:
    """Each page, `{name}` in its address filled from `codes`, asks the same for few as for many, and little."""
    for path, row in pages:
        counts = [
            asked(client, path.format(**{name: pair[n] for name, pair in codes.items()}), row)
            for n, client in enumerate((few, many))
        ]
        assert counts[0] == counts[1] <= MOST, (path, counts)


@dataclass
class County:
    """A county with a market, one employer with a posting for a crew, and the crew."""

    rows: int
    division: Any
    boss: Any = None
    posting: Posting | None = None
    crew: list[Worker] = field(default_factory=list)
    deals: list[Engagement] = field(default_factory=list)

    def hire(self) -> "County":
        """Everybody of the crew is bound to come today at eight."""
        self.boss = make.employer(division=self.division)
        self.posting = make.posting(
            employer_=self.boss, division=self.division, places=self.rows, starts_at=at(today(), 8)
        )
        self.crew = [make.worker(division=self.division, state="verified") for _ in range(self.rows)]
        self.deals = [deals.grab(self.posting, worker, by=worker.user) for worker in self.crew]
        make.settle_down()
        return self

    def live(self, step: str) -> None:
        """Everybody lives one step of the day."""
        for deal in self.deals:
            make.live(deal, step)

    @property
    def owner(self) -> Client:
        return signed_in(lived.owner_of(self.boss))

    def staff(self, duty: str) -> Client:
        """Somebody of the market of this county."""
        market = make.venue(name=f"{self.division.name}零工市场", division=self.division)
        return signed_in(make.staff(duty, at_venue=market))

    def bureau(self) -> Client:
        """The bureau of this county alone."""
        return signed_in(make.supervisor(division_code=self.division.code))


@pytest.fixture
def counties(monday_morning) -> list[County]:
    """One with few rows of everything, one with many."""
    make.approved_rules()
    make.approved_products()
    places = [division for division in reference.children("350400") if division.lat]
    return [County(FEW, places[0]), County(MANY, places[2])]


# --- looking for work ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_looking_for_work_asks_the_same_for_many_rows_as_for_few(counties):
    pages = [("/?order=near", "食堂帮厨"), ("/?order=soon", "食堂帮厨"), ("/?order=pay", "食堂帮厨"),
             ("/?view=map", "食堂帮厨"), ("/jobs/{code}/", "洗菜切菜")]  # fmt: skip
    seen = []
    for county in counties:
        boss = make.employer(division=county.division)
        start = at(today() + timedelta(days=1), 8)
        made = [
            make.posting(employer_=boss, division=county.division, starts_at=start + timedelta(hours=n % 8))
            for n in range(county.rows - 1)
        ]
        made.append(make.posting(employer_=boss, division=county.division, days=county.rows, starts_at=start))
        stranger = Client()
        stranger.post("/place/choose/", {"code": county.division.code})
        seen.append((stranger, signed_in(make.worker(division=county.division, state="verified").user), made[-1].code))
    codes = (seen[0][2], seen[1][2])

    same(seen[0][0], seen[1][0], pages, code=codes)
    same(seen[0][1], seen[1][1], [("/", "食堂帮厨"), ("/?order=fit", "为什么"), *pages], code=codes)


@pytest.mark.django_db
def test_a_workers_lists_ask_the_same_for_many_rows_as_for_few(counties):
    """A page of a list holds ten deals; thirty shifts of them."""
    browsers = []
    for deals_made, shifts in ((FEW, 1), (10, 3)):
        boss, worker = make.employer(), make.worker(state="verified")
        for n in range(deals_made):
            start = at(today() + timedelta(days=1 + n * shifts), 8)
            deal = make.engagement(worker_=worker, posting_=make.posting(employer_=boss, days=shifts, starts_at=start))
            workers.give_points(worker, "worked", cause=f"attendance:{deal.code}", by=None)
            cases.file("mismatch", about=deal, facts="工钱说得不清楚", by=worker.user, division_code=make.county().code)
        browsers.append(signed_in(worker.user))

    same(
        *browsers,
        [
            ("/", "食堂帮厨"), ("/today/", "食堂帮厨"), ("/shifts/", "食堂帮厨"), ("/wages/", "食堂帮厨"),
            ("/messages/", "食堂帮厨"), ("/me/", "口碑"), ("/me/record/", "干完"), ("/me/insurance/", "意外"),
            ("/me/agreements/", "食堂帮厨"), ("/me/cases/", "和说的不一样"),
        ],
    )  # fmt: skip


# --- hiring --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_days_lists_ask_the_same_for_many_people_as_for_few(counties):
    """One day from the morning till the wage is late, as the employer, the market and the bureau see it."""
    few, many = (county.hire() for county in counties)
    codes = {"code": (few.posting.code, many.posting.code)}
    owners = few.owner, many.owner
    bureaus = few.bureau(), many.bureau()

    same(*owners, [("/e/", "张师傅"), ("/e/today/", "张师傅"), ("/e/jobs/", "食堂帮厨"), ("/e/messages/", "张师傅"),
                   ("/e/jobs/{code}/", "食堂帮厨"), ("/e/jobs/{code}/people/", "张师傅")], **codes)  # fmt: skip
    same(*bureaus, [("/bureau/chain/", "食堂帮厨"), ("/bureau/list/joined/", "张师傅"),
                    ("/bureau/list/published/", "食堂帮厨")])  # fmt: skip

    for step in ("checked_in", "in_progress", "work_done"):
        few.live(step)
        many.live(step)
    same(*owners, [("/e/", "干完了"), ("/e/confirm/", "张师傅")])
    same(*bureaus, [("/bureau/list/present/", "张师傅")])

    few.live("confirmed_done")
    many.live("confirmed_done")
    same(*owners, [("/e/", "工钱要付"), ("/e/pay/", "张师傅"), ("/e/money/", "张师傅"), ("/e/record/", "口碑")])

    clock.set_now(at(today() + timedelta(days=3), 20))
    make.settle_down()
    for county in (few, many):
        for deal in county.deals:
            cases.file("mismatch", about=deal, facts="说好的饭没有", by=deal.worker.user,
                       division_code=county.division.code)  # fmt: skip
            accounts.look_at(deal.worker.user, "phone", by=make.clerk(), role="站里", reason="打电话问工钱")
    same(few.staff("mediator"), many.staff("mediator"),
         [("/desk/wages/", "张大山"), ("/desk/cases/", "说好的饭没有")])  # fmt: skip
    same(*bureaus, [("/bureau/chain/", "食堂帮厨"), ("/bureau/employers/", "老王饭店"), ("/bureau/rules/", "最低"),
                    ("/bureau/people/", "周科长"), ("/bureau/audit/", "打电话问工钱"),
                    ("/bureau/audit/events/", "工")])  # fmt: skip


@pytest.mark.django_db
def test_choosing_among_applicants_asks_the_same_for_many_as_for_few(counties):
    codes = []
    for county in counties:
        county.boss = make.employer(division=county.division)
        row = make.posting(employer_=county.boss, division=county.division, way_in="apply", places=2)
        for n in range(county.rows * 2):
            worker = make.worker(division=county.division, state="verified")
            card = workers.save_card(
                worker, trades=[make.kitchen()], pay_fen=18000, pay_unit="DAY", area=county.division, text="手脚勤快",
                by=worker.user,
            )  # fmt: skip
            workers.submit_card(card, by=worker.user)
            workers.approve_card(card, by=make.clerk())
            if n % 2:
                deals.apply(row, worker, by=worker.user)
        codes.append(row.code)

    same(counties[0].owner, counties[1].owner, [("/e/jobs/{code}/people/", "报了名的"), ("/e/cards/", "手脚勤快"),
                                                ("/e/", "等你挑")], code=tuple(codes))  # fmt: skip
    same(counties[0].staff("clerk"), counties[1].staff("clerk"),
         [("/desk/dispatch/{code}/", "张大山")], code=tuple(codes))  # fmt: skip


# --- the market and the bureau -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_stations_lists_ask_the_same_for_many_rows_as_for_few(counties):
    paper = Certificate.objects.order_by("pk").first().pk
    for county in counties:
        county.boss = make.employer(division=county.division)
        for _row in range(county.rows):
            make.posting(employer_=county.boss, division=county.division, state="reviewing", title="后厨帮工")
            make.posting(employer_=county.boss, division=county.division)
            worker = make.worker(division=county.division)
            workers.upload_certificate(worker, certificate=paper, photo=photo(), by=worker.user)
            card = workers.save_card(
                worker, trades=[make.kitchen()], pay_fen=18000, pay_unit="DAY", area=county.division, text="手脚勤快",
                by=worker.user,
            )  # fmt: skip
            workers.submit_card(card, by=worker.user)
            shop = make.employer(division=county.division, state="prelim_checked")
            employers.submit(shop, by=lived.owner_of(shop))
    clerks, reviewers = ([county.staff(duty) for county in counties] for duty in ("clerk", "reviewer"))

    same(*clerks, [("/desk/", "登记"), ("/desk/dispatch/", "食堂帮厨"), ("/desk/papers/", "手脚勤快"),
                   ("/desk/papers/", "张师傅"), ("/desk/people/", "找人")])  # fmt: skip
    same(*reviewers, [("/review/", "后厨帮工"), ("/desk/employers/", "老王饭店")])


@pytest.mark.django_db
def test_the_first_page_with_all_its_files_is_light(monday_morning):
    """Everything an old phone fetches before it shows work near: the page, its styles, scripts and pictures."""
    make.approved_rules()
    boss = make.employer()
    for _ in range(12):
        make.posting(employer_=boss)
    cache.clear()
    page = Client().get("/").content

    files = set(re.findall(rb'(?:href|src)="/static/([^"#]+\.(?:css|js|svg|woff2|png|webp))', page))
    weights = {"/": len(gzip.compress(page, 6))}
    for name in sorted(file.decode() for file in files):
        found = finders.find(name)
        assert found, name
        weights[name] = len(gzip.compress(Path(found).read_bytes(), 6))

    assert weights["/"] > 1000 and len(weights) > 1
    assert sum(weights.values()) <= HOME_BYTES, weights
