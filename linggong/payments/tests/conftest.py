"""People, a bank and wages in any state, reached by the real actions."""

import itertools
from datetime import timedelta

import pytest

import linggong.accounts.actions as accounts
import linggong.employers.actions as employers
import linggong.ledger.queries as book
import linggong.reference.queries as reference
import linggong.workers.actions as workers
from linggong.accounts.ids import DEMO_PREFIX, id_check
from linggong.core import clock, journal, outside
from linggong.payments import actions, background, queries
from linggong.payments.gateways import wage_account
from linggong.payments.gateways.wage_account import Forged

_numbers = itertools.count(100)


def _person(name):
    number = next(_numbers)
    body = f"35049919800520{number % 1000:03d}"
    return accounts.make_person(name=name, phone=f"{DEMO_PREFIX}{number:08d}", id_number=body + id_check(body), by=None)


@pytest.fixture
def person():
    """Make a person: `person("王芳")`."""
    return _person


@pytest.fixture
def place():
    """A county of 三明."""
    return next(d for d in reference.children("350400") if d.lat)


@pytest.fixture
def worker(place):
    """Register a worker; each call another."""

    def make(name="陈阿水"):
        user = _person(name)
        return workers.register(user, division=place, trades=reference.find_trades("帮厨")[:1], by=user)

    return make


@pytest.fixture
def employer(place):
    """沙县小馆."""
    owner = _person("林老板")
    return employers.register(kind="MERCHANT", name="沙县小馆", contact_name="林老板", division=place, by=owner)


@pytest.fixture
def boss(employer):
    """The employer's owner."""
    return employer.registered_by


@pytest.fixture
def two(person):
    """Two mediators."""
    return person("周敏"), person("吴强")


@pytest.fixture
def bank():
    """The pretend bank, new and empty; `bank.answers()` delivers its callbacks, forged ones are refused."""
    outside.reset()
    app = outside.in_process("wages")

    def send(path, body, headers):
        assert path == wage_account.NOTIFY_PATH
        try:
            background.hear(wage_account.read_callback(headers, body))
        except Forged as refused:
            return refused.status
        return 200

    app.answers = lambda: app.pump(send, at=clock.now().timestamp())
    yield app
    outside.reset()


@pytest.fixture
def fund(employer, boss):
    """Ask for wages of posting P7 to be stored."""

    def ask(fen=36_000, *, ref="posting:P7", key="k1", premium_fen=0):
        return actions.fund(
            ref=ref, employer=employer, custody="supervised", wages_fen=fen, premium_fen=premium_fen, key=key, by=boss
        )

    return ask


@pytest.fixture
def funded(fund, bank):
    """Wages of a posting are stored, here and at the bank, as a callback would say it."""

    def store(fen=36_000, *, ref="posting:P7", key="k1", premium_fen=0):
        funding = fund(fen, ref=ref, key=key, premium_fen=premium_fen)
        said = wage_account.order(funding)
        actions.got_pay_page(funding, pay_url=said.url)
        bank.pay(funding.code)
        for payment in wage_account.ask("order", funding.code):
            background.hear(payment)
        bank.db().execute("DELETE FROM callback")
        funding.refresh_from_db()
        return funding

    return store


_refs = itertools.count(1)


@pytest.fixture
def opened(worker, employer, boss):
    """The wage of one shift: `opened()` offline, `opened(custody="supervised")` out of posting P7."""

    def make(share=18_000, *, custody="offline", deal=None, who=None, posting="posting:P7"):
        number = next(_refs)
        return actions.open_settlement(
            ref=f"attendance:A{number}", deal=deal or f"engagement:E{number}", worker=who or worker(),
            employer=employer, custody=custody, title="帮厨", work_on=clock.today(), share_fen=share,
            posting_ref=posting, by=boss,
        )  # fmt: skip

    return make


@pytest.fixture
def confirm(boss):
    """The employer confirms the work."""

    def do(settlement, fen=18_000, *, disputed=0, hours=24, by="boss", work=None):
        actions.complete(
            settlement, gross_fen=fen, work=work or {"minutes": 480, "unit": "DAY", "rate_fen": fen},
            due_at=clock.now() + timedelta(hours=hours), disputed_fen=disputed, by=boss if by == "boss" else by,
        )  # fmt: skip
        return settlement

    return do


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    """Only the reactions of this floor run here: the deals upstairs have tests of their own."""
    for name, paths in list(journal._subscribers.items()):
        mine = [path for path in paths if path.startswith("linggong.payments.")]
        monkeypatch.setitem(journal._subscribers, name, mine)


@pytest.fixture
def clean():
    """Nothing breaks a rule of the book or of payments."""

    def check():
        assert list(book.audit()) == []
        assert list(queries.audit()) == []
        return True

    return check
