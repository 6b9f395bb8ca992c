"""The measures. Each says what it is compared with, and gives one line."""

import io
import itertools
import os
import re
import secrets
import time
from collections.abc import Callable
from wsgiref.util import setup_testing_defaults

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

import linggong.ledger.actions as ledger
from benchmarks import city
from linggong import make
from linggong.ledger.models import Entry
from linggong.postings import screening
from linggong.web import briefly

POSTINGS = int(os.environ.get("BENCH_POSTINGS", "100000"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "4"))


def rate(do: Callable[[], object], seconds: float = SECONDS) -> float:
    """How often a second `do` gets done, after one round to warm up."""
    do()
    began, times = time.perf_counter(), 0
    while (passed := time.perf_counter() - began) < seconds:
        do()
        times += 1
    return times / passed


def line(name: str, ratio: float, peer: str, figures: str) -> str:
    """The one line of a measure."""
    return f"bench {name}: ratio {ratio:.3g} against {peer} ({figures})"


def asked(handler: WSGIHandler, query: str = "") -> bytes:
    """One GET of / through WSGI, read to its end."""
    environ: dict = {"PATH_INFO": "/", "QUERY_STRING": query, "HTTP_HOST": "127.0.0.1", "wsgi.input": io.BytesIO()}
    setup_testing_defaults(environ)
    status = []
    answer = handler(environ, lambda said, headers, exc_info=None: status.append(said))
    body = b"".join(answer)
    answer.close()
    assert status == ["200 OK"], status
    return body


def list_database() -> str:
    """Requests a second of the public list without the engine, out of SQLite, none remembered from the last."""
    city.found()
    city.morning()
    city.crowd(city.real(5), POSTINGS)
    handler = WSGIHandler()
    days = itertools.cycle(f"day=2026-11-{day}&order=soon" for day in range(24, 31))

    def fresh() -> bytes:
        briefly.forget()
        return asked(handler, next(days))

    assert "食堂帮厨" in fresh().decode()
    ours, kept = rate(fresh), rate(lambda: asked(handler))
    with override_settings(MIDDLEWARE=[], ROOT_URLCONF="benchmarks.hello"):
        bare = WSGIHandler()
        peer = rate(lambda: asked(bare))
    figures = (
        f"{ours:.1f} requests/s over {POSTINGS} open postings, {kept:.1f}/s when seen within 3 s, hello {peer:.0f}/s"
    )
    return line("list_database", ours / peer, "a bare Django hello view", figures)


def ledger_post() -> str:
    """Transfers a second, each with its checks, its key and two entries."""
    numbers = itertools.count()

    def post() -> None:
        number = next(numbers)
        ledger.post(
            "bench", key=f"bench-{number}", by=None,
            entries=[("gateway:bench", -100), (f"escrow:posting:BENCH{number % 50}", 100)],
        )  # fmt: skip

    ours = rate(post)
    account = Entry.objects.select_related("account").order_by("-pk")[0].account_id
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_transfer (id INTEGER PRIMARY KEY, key TEXT UNIQUE, kind TEXT, at TEXT)")
        cursor.execute(
            "CREATE TABLE bench_entry (id INTEGER PRIMARY KEY, transfer INTEGER, account INTEGER, fen INTEGER)"
        )

        def bare() -> None:
            with transaction.atomic():
                cursor.execute(
                    "INSERT INTO bench_transfer (key, kind, at) VALUES (%s, 'bench', '')", [secrets.token_hex(8)]
                )
                row = cursor.lastrowid
                for fen in (-100, 100):
                    cursor.execute(
                        "INSERT INTO bench_entry (transfer, account, fen) VALUES (%s, %s, %s)", [row, account, fen]
                    )

        peer = rate(bare)
    return line(
        "ledger_post", ours / peer, "bare INSERTs of the same rows", f"{ours:.0f} transfers/s, bare {peer:.0f}/s"
    )


def queries_list() -> str:
    """How many queries the list of a worker's shifts takes with thirty rows, against three: 1 means none per row."""
    counts = []
    make.approved_products()
    worker = make.worker(state="verified")
    client = Client()
    client.force_login(worker.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    start = city.clock.at(city.clock.today(), 8)
    made = 0
    for rows in (3, 30):
        while made < rows:
            made += 1
            with transaction.atomic():
                make.engagement(worker_=worker, starts_at=start + city.timedelta(days=made))
        client.get("/shifts/")
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get("/shifts/").status_code == 200
        counts.append(len(captured))
    few, many = counts
    return line("queries_list", many / few, "the same page with 3 rows", f"{many} queries with 30 rows, {few} with 3")


def screening_texts() -> str:
    """Texts screened a second, against a plain loop over the same patterns."""
    rules = screening.default_rules()
    texts = [
        "食堂帮厨，洗菜切菜，打扫厨房，管一顿饭，干完当天结",
        "限男，18-35岁，先交押金200元，身份证押在公司",
        "搬家卸货，两个人一车，一车四十，四楼没有电梯，自己带手套",
        "保洁三小时，擦玻璃，有健康证的优先，不收任何费用",
    ]
    patterns = [re.compile(pattern.pattern) for rule in rules.rules for pattern in rule.patterns]
    turn, plain_turn = itertools.cycle(texts), itertools.cycle(texts)

    def plain() -> list[re.Match]:
        text = next(plain_turn)
        return [found for pattern in patterns for found in pattern.finditer(text)]

    ours, peer = rate(lambda: screening.screen_text(next(turn), "content", rules)), rate(plain)
    return line(
        "screening", ours / peer, "a plain loop of the same patterns", f"{ours:.0f} texts/s, plain {peer:.0f}/s"
    )


ALL = (list_database, ledger_post, queries_list, screening_texts)
