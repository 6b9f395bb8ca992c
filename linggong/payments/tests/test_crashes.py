"""Killed at every boundary: before each write, before and after each commit, before and after each word to the bank.

A killed process leaves what was committed and nothing else. After each death the world goes on: people tap again,
the worker process delivers again, the sweeps ask again. The end is always the same, and no audit ever complains.
"""

import re
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from unittest import mock

import httpx
import pytest
from django.db import connection

import linggong.ledger.queries as book
from linggong.core import clock
from linggong.core.refusals import Refused
from linggong.payments import actions, background, queries
from linggong.payments.models import Funding, Settlement

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

WRITE = re.compile(r"\s*(INSERT|UPDATE|DELETE)", re.IGNORECASE)


class Killed(BaseException):
    """kill -9: no handler in the program may catch it."""


class Reaper:
    """Counts boundaries and kills at the one it was told. `careless`: what was written so far is kept, as if no
    transaction held it together; that is the control."""

    def __init__(self, at, careless=False):
        self.at, self.seen, self.careless = at, 0, careless

    def boundary(self):
        self.seen += 1
        if self.seen == self.at:
            if self.careless and connection.connection is not None:
                connection.connection.execute("COMMIT") if connection.in_atomic_block else None
            raise Killed

    def on_sql(self, execute, sql, params, many, context):
        if WRITE.match(sql):
            self.boundary()
        return execute(sql, params, many, context)

    @contextmanager
    def at_work(self):
        commit, send = connection.commit, httpx.Client.send

        def reaped_commit():
            try:
                self.boundary()
            except Killed:
                connection.connection.rollback()  # what the database does when the process is gone
                raise
            commit()
            self.boundary()

        def reaped_send(client, request, **kwargs):
            self.boundary()
            answer = send(client, request, **kwargs)
            self.boundary()
            return answer

        with ExitStack() as stack:
            stack.enter_context(connection.execute_wrapper(self.on_sql))
            stack.enter_context(mock.patch.object(connection, "commit", reaped_commit))
            stack.enter_context(mock.patch.object(httpx.Client, "send", reaped_send))
            yield self


def restart():
    """The process is gone: its connection with it."""
    connection.close()


@pytest.fixture
def life(employer, boss, worker, bank, later, two):
    """One wage from storing to arrival and refund, as taps and deliveries; each step may be done again."""
    who = worker()
    counter = iter(range(10_000))

    def live(reaper, part):
        number = next(counter)
        ref = f"posting:L{number}"

        def fund():
            actions.fund(ref=ref, employer=employer, custody="supervised", wages_fen=18_000, key=ref, by=boss)

        def pay_at_bank():
            funding = Funding.objects.get(ref=ref)
            if funding.pay_url and not bank._payments(funding.code):
                bank.pay(funding.code)

        def open_():
            actions.open_settlement(
                ref=f"attendance:L{number}", deal=f"engagement:L{number}", worker=who, employer=employer,
                custody="supervised", title="帮厨", work_on=clock.today(), share_fen=18_000, posting_ref=ref,
            )  # fmt: skip

        def wage():
            return Settlement.objects.get(ref=f"attendance:L{number}")

        def confirm():
            if wage().confirmed_at is None:
                actions.complete(
                    wage(), gross_fen=12_000, work={}, due_at=clock.now() + timedelta(hours=9), disputed_fen=2_000,
                    by=boss,
                )  # fmt: skip

        def decide():
            if wage().disputed_fen:
                actions.decide(wage(), pay_fen=1_500, by=two[0], second=two[1])

        def work():
            with clock.moved_to(clock.now() + timedelta(minutes=3 + 10 * next(counter))):
                later()
                bank.answers()
                background.send_again()
                background.ask_about_open()
                later()

        def over():
            actions.refund_rest(ref, by=boss)

        steps = {
            "storing": [fund, work, pay_at_bank, work],
            "settling": [open_, confirm, work, decide, work],
            "returning": [over, work],
        }
        for name, chapter in steps.items():
            for step in chapter:
                _done(step, reaper if name == part else None)
            if name == part:
                break
        return ref

    return live


def _done(step, reaper):
    """A step, killed or not; after a death it is done again, as a person or the sweep would."""
    if reaper is None:
        step()
        return
    try:
        with reaper.at_work():
            step()
    except Killed:
        restart()
        reaper.found = list(book.audit()) + list(queries.audit())
        if reaper.careless:
            raise
        step()


def all_boundaries(live, part, careless=False):
    """Live the part again and again, dying one boundary later each time, until a life passes without a death."""
    for at in range(1, 500):
        reaper = Reaper(at, careless)
        reaper.found = []
        try:
            yield reaper, live(reaper, part)
        except (Killed, Refused):
            yield reaper, None
        if reaper.seen < at:
            return
    pytest.fail("the steps never came to an end")


@pytest.mark.parametrize("part", ["storing", "settling", "returning"])
def test_killed_anywhere_the_money_is_right_and_ends_where_it_should(part, life, bank, clean):
    deaths = 0
    for reaper, ref in all_boundaries(life, part):
        deaths += reaper.seen >= reaper.at
        where = f"after death at boundary {reaper.at}"
        assert reaper.found == [], where
        assert bank.balance(ref[8:]) == {"storing": 18_000, "settling": 6_500, "returning": 0}[part], where
        assert Funding.objects.get(ref=ref).state == "funded", where
        for wage in Settlement.objects.filter(posting_ref=ref):
            assert wage.state == "arrived", where
            assert sum(p.fen for p in queries.payouts_of(wage)) == 11_500, where
    assert clean()
    assert deaths >= 10


def test_control_without_transactions_the_same_deaths_are_seen_by_the_audit(life):
    if connection.vendor != "sqlite":
        pytest.skip("the careless commit is made through the SQLite driver; the audit is the same code on both")
    found = []
    for reaper, _end in all_boundaries(life, "settling", careless=True):
        found += reaper.found
        if found:
            break

    assert found, "an audit that sees nothing here would see nothing ever"
