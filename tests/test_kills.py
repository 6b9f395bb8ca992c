"""kill -9 at any boundary from 确认 to the wage being there, on both roads: held by a custodian, and paid by hand.

A forked process lives the flow and is killed with SIGKILL at its n-th boundary: before and after each commit, before
and after each word to the bank. Nobody tidies up: the dead leave what the disk knows. Then the world goes on (people
tap again, the worker process delivers again, the sweeps ask again), and the worker has been paid exactly once.
"""

import itertools
import os
import re
import signal
import traceback
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from unittest import mock

import httpx
import pytest
from django.conf import settings
from django.db import connection

import linggong.engagements.actions as deals
import linggong.oversight.queries as oversight
import linggong.payments.actions as payments
import linggong.payments.background as bank_talk
import linggong.payments.queries as paid
from linggong import make
from linggong.core import clock, journal, outside
from linggong.core.states import Moved
from linggong.engagements import background, queries
from linggong.payments.gateways import wage_account
from linggong.postings.models import Posting

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "sqlite" in settings.DATABASES["default"]["ENGINE"] and not settings.DATABASES["default"].get("TEST"),
        reason="the dead and the living need one database in a file",
    ),
]

WRITE = re.compile(r"\s*(INSERT|UPDATE|DELETE)", re.IGNORECASE)
WAGE = 18_000
PAPER = ("linggong.agreements.background.make_pdfs",)


class Reaper:
    """Counts boundaries in the child and kills it at number `at`, or when the bank has answered word number `word`.

    `careless`: a commit before every write, as if no transaction held an action together; that is the control.
    """

    def __init__(self, at: int, *, word: int = 0, careless: bool = False) -> None:
        self.at, self.seen, self.word, self.said, self.careless = at, 0, word, 0, careless

    def boundary(self) -> None:
        self.seen += 1
        if self.seen == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def on_sql(self, execute, sql, params, many, context):
        """A write outside a transaction is its own commit."""
        writes = bool(WRITE.match(sql))
        alone = writes and not connection.in_atomic_block
        if alone:
            self.boundary()
        elif writes and self.careless:
            self.break_in_two()
        done = execute(sql, params, many, context)
        if alone:
            self.boundary()
        return done

    def break_in_two(self) -> None:
        connection.connection.commit()
        self.boundary()
        if connection.vendor == "sqlite":  # the driver of PostgreSQL opens the next one by itself
            connection.connection.execute("BEGIN IMMEDIATE")

    @contextmanager
    def at_work(self):
        commit, send = connection.commit, httpx.Client.send

        def reaped_commit():
            self.boundary()
            commit()
            self.boundary()

        def reaped_send(client, request, **kwargs):
            self.boundary()
            answer = send(client, request, **kwargs)
            self.boundary()
            self.said += 1
            if self.said == self.word:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        with ExitStack() as stack:
            stack.enter_context(connection.execute_wrapper(self.on_sql))
            stack.enter_context(mock.patch.object(connection, "commit", reaped_commit))
            stack.enter_context(mock.patch.object(httpx.Client, "send", reaped_send))
            if self.careless:
                for name in ("_savepoint", "_savepoint_commit", "_savepoint_rollback"):
                    stack.enter_context(mock.patch.object(connection, name, lambda sid: None))
            yield


def killed(live, at: int = 0, **how) -> bool:
    """Live in a forked process that dies at boundary `at`; False when the flow came to its end before."""
    connection.close()
    for app in outside._apps.values():  # no file handle of SQLite goes into a fork
        app.db().close()
        del app._local.connection
    child = os.fork()
    if child == 0:
        try:
            with Reaper(at, **how).at_work():
                live()
            os._exit(0)
        except BaseException:  # noqa: BLE001  the child must never run the rest of the test run
            traceback.print_exc()
            os._exit(7)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "the flow failed by itself, see the traceback above"
    return False


# --- one wage, from 确认 to there ----------------------------------------------------------------------------


@pytest.fixture
def bank(monday_morning):
    """The bank of the pretend services; `answers` delivers its callbacks."""
    make.approved_rules()
    make.approved_products()
    outside.reset()
    app = outside.in_process("wages")
    yield app
    outside.reset()


def answers(bank) -> None:
    def send(path, body, headers):
        bank_talk.hear(wage_account.read_callback(headers, body))
        return 200

    bank.pump(send, at=clock.now().timestamp())


def finished_work(count: int, *, held: bool, bank) -> list:
    """`count` workers of one posting who tapped 收工; with `held`, their wages were stored before they joined."""
    posting = make.posting(places=count)
    boss = queries.owner_of(posting.employer)
    if held:
        funding = deals.fund_posting(posting, key=f"k:{posting.code}", by=boss)
        make.settle_down()
        bank.pay(funding.code)
        answers(bank)
        make.settle_down()
        posting = Posting.objects.get(pk=posting.pk)
        assert posting.funded_at is not None
    workers = [make.worker() for _ in range(count)]
    rows = [make.attendance(deals.grab(posting, worker, by=worker.user)) for worker in workers]
    make.settle_down()
    clock.set_now(rows[0].shift.starts_at - timedelta(minutes=10))
    for row in rows:
        deals.check_in(row, how="boss", by=boss, as_told=True)
    clock.set_now(rows[0].shift.ends_at)
    background.the_shift_has_begun()
    rows = [again(row) for row in rows]
    for row in rows:
        deals.check_out(row, by=row.engagement.worker.user)
    time_passes(minutes=20)
    return rows


def time_passes(**more) -> None:
    """The clock moves on, and the worker process does what is due."""
    clock.set_now(clock.now() + timedelta(**more))
    make.settle_down()
    journal.run_due_jobs(without=PAPER)
    make.settle_down()


def again(row):
    return queries.attendances(pk=row.pk).get()


def tap(act, *facts, **more) -> None:
    """A tap of somebody who does not know whether the last one arrived."""
    try:
        act(*facts, **more)
    except Moved:
        return


def held_life(row, bank) -> None:
    """确认, the order to the bank, its word, and the wage is there."""
    if again(row).state == "work_done":
        tap(deals.confirm, again(row), by=queries.owner_of(row.engagement.employer))
    make.settle_down()
    answers(bank)
    make.settle_down()


def offline_life(row, bank) -> None:
    """Silence confirms; 老板说付了; the worker has it."""
    if again(row).state == "work_done":
        tap(deals.auto_confirm, again(row))
    make.settle_down()
    wage = paid.by_ref(queries.ref(row))
    if wage.state == "created":
        tap(payments.declare_paid, wage, how="wechat", by=queries.owner_of(row.engagement.employer))
    make.settle_down()
    wage = paid.by_ref(queries.ref(row))
    if wage.state == "declared_paid":
        tap(payments.acknowledge, wage, how="tap", by=row.engagement.worker.user)
    make.settle_down()


def the_world_goes_on(live, row, bank) -> None:
    """Leases of the dead run out; everybody tries again, the sweeps ask again."""
    clock.set_now(clock.now() + timedelta(minutes=6))
    live(row, bank)
    time_passes(minutes=6)
    answers(bank)
    make.settle_down()


def paid_once(row, bank, lives: int) -> None:
    """Here and in the bank's own book, where `lives` wages are out by now."""
    assert again(row).state == "paid"
    wage = paid.by_ref(queries.ref(row))
    assert (wage.state, wage.net_fen) == ("arrived" if wage.custody != "offline" else "acknowledged", WAGE)
    if wage.custody != "offline":
        assert [p.fen for p in paid.payouts_of(wage) if p.state == "succeeded"] == [WAGE]
        assert out(bank) == WAGE * lives


def out(bank) -> int:
    """What the bank has paid to workers, in fen."""
    return bank.db().execute("SELECT coalesce(sum(fen), 0) FROM payout WHERE state <> 'failed'").fetchone()[0]


LIVES = {"held": (held_life, 24), "offline": (offline_life, 16)}  # with more workers than there are boundaries


@pytest.mark.parametrize("road", ["held", "offline"])
def test_killed_at_any_boundary_the_worker_is_paid_exactly_once(road, bank):
    live, most = LIVES[road]
    rows = finished_work(most, held=road == "held", bank=bank)
    if road == "offline":
        clock.set_now(rows[0].confirm_due_at + timedelta(minutes=1))

    deaths = 0
    for at, row in enumerate(rows, start=1):
        died = killed(lambda row=row: live(row, bank), at)
        assert list(oversight.audit()) == [], f"right after death at boundary {at}"
        the_world_goes_on(live, row, bank)
        paid_once(row, bank, at)
        if not died:
            break
        deaths += 1
    else:
        pytest.fail("the flow has more boundaries than were lived through")
    assert list(oversight.audit()) == []
    assert deaths >= 10


def test_control_without_transactions_the_audit_sees_what_the_dead_left(bank):
    found = []
    for at, row in enumerate(finished_work(12, held=True, bank=bank), start=1):
        assert killed(lambda row=row: held_life(row, bank), at, careless=True)
        found += oversight.audit()
        if found:
            break

    assert found, "an audit that sees nothing here would see nothing ever"


def test_control_with_a_new_number_for_every_try_somebody_is_paid_twice(bank, monkeypatch):
    send, numbers = wage_account.pay, itertools.count(1)

    def forgetful(payout, account):
        payout.code = f"N{os.getpid()}{next(numbers):04d}"
        return send(payout, account)

    monkeypatch.setattr(wage_account, "pay", forgetful)
    row, _ = finished_work(2, held=True, bank=bank)  # the wage of the other is what the second payment is taken from

    assert killed(lambda: held_life(row, bank), word=1)
    the_world_goes_on(held_life, row, bank)

    assert out(bank) == 2 * WAGE
