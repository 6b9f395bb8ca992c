"""Two thousand people tap 我要去 for twenty places, over HTTP, on a server as `manage.py up` starts it.

The people are copies of one real worker, signed in beforehand. Thirty-two connections send whoever comes next; the
client runs on the same machine and takes its share of it.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction

from benchmarks import city
from benchmarks.measures import line
from linggong import make
from linggong.accounts.models import User
from linggong.core import clock, codes
from linggong.engagements.models import Engagement
from linggong.postings.models import Posting, Shift
from linggong.workers.models import Holding, Worker, WorkerTrade

TOP = Path(__file__).resolve().parent.parent
PEOPLE = int(os.environ.get("BENCH_RUSH", "2000"))
PLACES, AT_ONCE = 20, 32
TOKEN = "a" * 32
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def accept_rush() -> str:
    """Answers a second when everybody wants the same twenty places, against a bare view; exactly twenty win."""
    city.found()
    city.morning()
    make.approved_products()
    boss = make.employer()
    posting = make.posting(employer_=boss, places=PLACES)
    others = [make.posting(employer_=boss, title=f"仓库打包{n}", places=9) for n in range(5)]
    make.settle_down()
    sessions = _crowd()
    path = f"/jobs/{posting.code}/apply/go/"
    asks = [("POST", path, session, urlencode({"key": codes.new_code() * 3, "csrfmiddlewaretoken": TOKEN}))
            for session in sessions]  # fmt: skip
    offset = str((clock.now() - clock.timezone.now()).total_seconds())
    said, took = _ask("linggong.wsgi:application", asks, LINGGONG_CLOCK_OFFSET=offset)
    _hellos, plain = _ask("benchmarks.bare:application", [("GET", "/", session, "") for session in sessions])
    counted = Counter(status for status, _body, _ms in said)
    late = [body for status, body, _ms in said if status == 409]
    assert counted == {302: PLACES, 409: PEOPLE - PLACES}, counted
    assert all(any(f"/jobs/{other.code}/" in body for other in others) for body in late), "late without other work"
    assert Engagement.objects.filter(posting=posting, state="confirmed").count() == PLACES
    assert Shift.objects.get(posting=posting).taken == PLACES
    assert Posting.objects.get(pk=posting.pk).state == "full"
    waits = [ms for _status, _body, ms in said]
    figures = (
        f"{PEOPLE} people, {PLACES} places, {AT_ONCE} at once: {PLACES} win, {len(late)} read what else there is, no error;"
        f" p50 {median(waits):.0f} ms, p99 {quantiles(waits, n=100)[-1]:.0f} ms, all answered in {took:.1f} s, "
        f"{PEOPLE / took:.0f}/s; hello {PEOPLE / plain:.0f}/s"
    )
    return line("accept_rush", plain / took, "hello", figures)


def _crowd() -> list[str]:
    """Signed-in workers who may take the work: copies of a real one. Gives the keys of their sessions."""
    real = make.worker()
    blank = {"phone_sealed": "", "phone_hash": None, "id_sealed": "", "id_hash": None}
    user, worker = city._facts(real.user) | blank, city._facts(real)
    trades = [city._facts(row) for row in WorkerTrade.objects.filter(worker=real)]
    papers = [city._facts(row) for row in Holding.objects.filter(worker=real)]
    with transaction.atomic():
        users = User.objects.bulk_create([User(**user, code=codes.new_code()) for _ in range(PEOPLE)])
        place = {"lat": real.lat, "lng": real.lng}
        rows = Worker.objects.bulk_create(
            [Worker(**worker | place | {"user_id": one.pk, "code": codes.new_code()}) for one in users]
        )
        WorkerTrade.objects.bulk_create(
            [WorkerTrade(**facts | {"worker_id": row.pk}) for row in rows for facts in trades]
        )  # fmt: skip
        Holding.objects.bulk_create(
            [Holding(**facts | {"worker_id": row.pk, "code": codes.new_code()}) for row in rows for facts in papers]
        )
        return _signed_in(users)


def _signed_in(users: list[User]) -> list[str]:
    store, until = SessionStore(), clock.now() + timedelta(days=2)
    rows = [
        Session(
            session_key=f"{codes.new_code()}{codes.new_code()}rush".lower(), expire_date=until,
            session_data=store.encode({
                SESSION_KEY: str(one.pk), BACKEND_SESSION_KEY: BACKEND, HASH_SESSION_KEY: one.get_session_auth_hash(),
            }),
        )
        for one in users
    ]  # fmt: skip
    Session.objects.bulk_create(rows)
    return [row.session_key for row in rows]


def _ask(target: str, asks: list[tuple[str, str, str, str]], **env: str) -> tuple[list[tuple[int, str, float]], float]:
    """Every answer with its milliseconds, and the seconds all of them took."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "2", "--blocking-threads", "2", "--no-ws", "--log-level", "error", target,
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=TOP, env={**os.environ, **env}, stderr=subprocess.DEVNULL)  # a line per 409
    try:
        _until_it_answers(port)
        return _let_go(port, asks)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _let_go(port: int, asks: list[tuple[str, str, str, str]]) -> tuple[list[tuple[int, str, float]], float]:
    said: list[Any] = [None] * len(asks)
    numbers, gate = iter(range(len(asks))), threading.Barrier(AT_ONCE + 1)
    lock = threading.Lock()

    def one() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=120)
        gate.wait()
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            method, path, session, body = asks[number]
            headers = {
                "Cookie": f"sessionid={session}; csrftoken={TOKEN}",
                "Content-Type": "application/x-www-form-urlencoded",
            }
            began = time.perf_counter()
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            said[number] = (answer.status, text, (time.perf_counter() - began) * 1000)

    threads = [threading.Thread(target=one) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    gate.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    assert None not in said, "somebody was never answered"
    return said, time.perf_counter() - began


def _until_it_answers(port: int) -> None:
    """Each of the two processes has loaded what it needs."""
    for _try in range(600):
        try:
            for _turn in range(8):
                connection = HTTPConnection("127.0.0.1", port, timeout=60)
                connection.request("GET", "/")
                connection.getresponse().read()
                connection.close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server does not answer")


ALL = (accept_rush,)
