"""What every pretend provider stands on: routes, its own SQLite file, switches, callbacks, a labelled page.

A provider is one module with one subclass of `Pretend` called `App`:

    class App(Pretend):
        name, title = "wages", "工资专户"
        needs = ("WAGE_ACCOUNT_KEY",)                     # settings handed over, read from self.options
        switches = {"wrong_amount": "回调里的金额不对"}      # besides the common ones below
        schema = "CREATE TABLE IF NOT EXISTS orders (no TEXT PRIMARY KEY, fen INTEGER NOT NULL);"

        @route("POST", "/orders")
        def order(self, request: Request) -> Answer:
            facts = request.json()
            with self.transaction() as db:                # BEGIN IMMEDIATE; rows are sqlite3.Row
                db.execute("INSERT …")
            self.call_back("/hear/wages", {"no": …}, headers={"X-Signature": …})
            return json_answer({"no": …}, status=201)

        @route("GET", "/orders/{no}")
        def show(self, request, no): …

Common switches: `down` (503, nothing done), `slow` (answers after 3 s), `lost` (done, but the answer never
arrives), `late` (callbacks a minute later), `twice` (every callback two times). `self.on("down")` asks one,
`self.turn("down", True)` sets one. `/switches` shows them all on the labelled page.

`self.now()` is the platform's clock: every request may carry it in X-Pretend-Now (seconds since 1970).
Callbacks wait in the file and go out by `pump(send)`: called by a thread of serve.py, or by core.outside.pump() in
tests. Nothing here is used outside demo and test mode; start-up refuses it.
"""

import html
import json
import re
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl

COMMON_SWITCHES = {
    "down": "停机：什么都不办，一律回 503",
    "slow": "慢：3 秒后才回答",
    "lost": "办了，但回答丢在路上",
    "late": "回执晚 1 分钟",
    "twice": "回执一律发两遍",
}
SLOW_SECONDS = 3
LATE_SECONDS = 60
TRIES_MAX = 10

STYLE = """
body { font: 18px/1.6 sans-serif; margin: 0; background: #fff; color: #1a1a1a }
header { background: repeating-linear-gradient(45deg, #ffe08a, #ffe08a 14px, #ffd24d 14px, #ffd24d 28px) }
header, main { padding: 10px 16px; max-width: 760px }
button { font: inherit; min-height: 44px; padding: 4px 18px }
td, th { border-bottom: 1px solid #ccc; padding: 6px 10px; text-align: left }
nav a { margin-right: 16px }
form { margin: 8px 0 }
code { font-size: 26px; letter-spacing: 3px }
"""

BASE_SCHEMA = """
CREATE TABLE IF NOT EXISTS switch (name TEXT PRIMARY KEY, is_on INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS callback (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL, body BLOB NOT NULL, headers TEXT NOT NULL,
    due_at REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0, done_at REAL, error TEXT NOT NULL DEFAULT ''
);
"""


class AnswerLost(Exception):
    """The work is done but the answer does not arrive: the caller sees a time-out."""


@dataclass(frozen=True)
class Request:
    """One HTTP request as the provider sees it. Header names are lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    query_string: str = ""

    def json(self) -> Any:
        """The body as JSON; ValueError becomes a 400."""
        return json.loads(self.body or b"{}")

    @property
    def form(self) -> dict[str, str]:
        """The body as a form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def json_answer(data: Any, status: int = 200, **headers: str) -> Answer:
    """`data` as JSON."""
    body = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return Answer(body, status, {"Content-Type": "application/json; charset=utf-8", **headers})


def go_to(path: str) -> Answer:
    """303 See Other, after a button on the labelled page."""
    return Answer(b"", 303, {"Location": path})


def esc(text: object) -> str:
    """Safe inside HTML."""
    return html.escape(str(text))


def route(method: str, pattern: str) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Answer `method` on `pattern`; `{name}` matches one path segment and is passed by name."""

    def mark(view: Callable[..., Answer]) -> Callable[..., Answer]:
        regex = re.compile("^" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern) + "$")
        view.route = (method, regex)  # type: ignore[attr-defined]
        return view

    return mark


class Pretend:
    """One pretend provider: a WSGI application with its own SQLite file in `directory`."""

    name: ClassVar[str]
    title: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()
    switches: ClassVar[dict[str, str]] = {}
    schema: ClassVar[str] = ""

    def __init__(self, directory: Path, options: Mapping[str, str]) -> None:
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.options = dict(options)
        self.in_process = False
        self._offset = 0.0
        self._local = threading.local()
        self._routes = [
            (*view.route, view) for view in (getattr(self, name) for name in dir(type(self))) if hasattr(view, "route")
        ]
        self.db().executescript(BASE_SCHEMA + self.schema)

    @property
    def file(self) -> Path:
        """The provider's own database."""
        return self.directory / f"{self.name}.sqlite3"

    # --- the database -------------------------------------------------------------------------------------

    def db(self) -> sqlite3.Connection:
        """This thread's connection, in autocommit."""
        if (connection := getattr(self._local, "connection", None)) is None:
            connection = sqlite3.connect(self.file, timeout=20, isolation_level=None)
            connection.row_factory = sqlite3.Row
            # The demo can be made again; its speed matters more than surviving a power cut.
            connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;")
            self._local.connection = connection
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing; writers take turns."""
        db = self.db()
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")

    def forget(self) -> None:
        """Close this thread's connection and erase the file."""
        self.db().close()
        del self._local.connection
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.file}{suffix}").unlink(missing_ok=True)

    # --- time, switches, callbacks --------------------------------------------------------------------------

    def now(self) -> float:
        """The platform's clock, seconds since 1970, as last heard in X-Pretend-Now."""
        return time.time() + self._offset

    def on(self, switch: str) -> bool:
        """Is this switch on?"""
        row = self.db().execute("SELECT is_on FROM switch WHERE name = ?", (switch,)).fetchone()
        return bool(row and row["is_on"])

    def turn(self, switch: str, is_on: bool) -> None:
        """Turn a switch on or off. Raises KeyError for a switch nobody declared."""
        if switch not in self.all_switches():
            raise KeyError(switch)
        self.db().execute(
            "INSERT INTO switch VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET is_on = excluded.is_on",
            (switch, int(is_on)),
        )

    def all_switches(self) -> dict[str, str]:
        """The common switches and this provider's own, with their words."""
        return {**COMMON_SWITCHES, **self.switches}

    def call_back(
        self, path: str, payload: Any, *, headers: Mapping[str, str] | None = None, delay_seconds: float = 0
    ) -> None:
        """Queue a callback to the platform's `path`. `payload` is JSON data, or bytes sent as is."""
        body = payload if isinstance(payload, bytes) else json_answer(payload).body
        sent = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
        due_at = self.now() + delay_seconds + (LATE_SECONDS if self.on("late") else 0)
        row = (path, body, json.dumps(sent), due_at)
        for _ in range(2 if self.on("twice") else 1):
            self.db().execute("INSERT INTO callback (path, body, headers, due_at) VALUES (?, ?, ?, ?)", row)

    def waiting_callbacks(self) -> list[sqlite3.Row]:
        """Callbacks not yet taken by the platform, oldest first."""
        return self.db().execute("SELECT * FROM callback WHERE done_at IS NULL ORDER BY id").fetchall()

    def pump(self, send: Callable[[str, bytes, dict[str, str]], int], *, at: float | None = None) -> int:
        """Send what is due; `send(path, body, headers)` returns the HTTP status. How many were taken."""
        moment = self.now() if at is None else at
        taken = 0
        for row in self.waiting_callbacks():
            if row["due_at"] > moment or row["tries"] >= TRIES_MAX:
                continue
            try:
                status, error = send(row["path"], row["body"], json.loads(row["headers"])), ""
            except OSError as problem:
                status, error = 0, repr(problem)[:200]
            if 200 <= status < 300:
                self.db().execute("UPDATE callback SET done_at = ? WHERE id = ?", (moment, row["id"]))
                taken += 1
            else:
                self.db().execute(
                    "UPDATE callback SET tries = tries + 1, due_at = ?, error = ? WHERE id = ?",
                    (moment + 2 ** row["tries"], error or f"HTTP {status}", row["id"]),
                )
        return taken

    # --- requests -------------------------------------------------------------------------------------------

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The WSGI door."""
        answer = self.answer(_read(environ))
        headers = {"Content-Length": str(len(answer.body)), **answer.headers}
        start_response(f"{answer.status} {'OK' if answer.status < 400 else 'No'}", list(headers.items()))
        return [answer.body]

    def answer(self, request: Request) -> Answer:
        """Find the view, honour the switches. The labelled pages work even when the service is down."""
        if heard := request.headers.get("x-pretend-now"):
            self._offset = float(heard) - time.time()
        is_page = "text/html" in request.headers.get("accept", "") or request.path == "/switches"
        if not is_page and self.on("down"):
            return json_answer({"error": "down"}, 503)
        if not is_page and self.on("slow") and not self.in_process:
            time.sleep(SLOW_SECONDS)
        answer = self._dispatch(request)
        if not is_page and self.on("lost"):
            raise AnswerLost
        return answer

    def _dispatch(self, request: Request) -> Answer:
        allowed = False
        for method, regex, view in self._routes:
            if (found := regex.match(request.path)) is None:
                continue
            allowed = True
            if method == request.method:
                try:
                    return view(request, **found.groupdict())
                except (ValueError, KeyError) as problem:
                    return json_answer({"error": "bad_request", "what": str(problem)}, 400)
        return json_answer({"error": "method" if allowed else "not_found"}, 405 if allowed else 404)

    @route("GET", "/health")
    def health(self, request: Request) -> Answer:
        """Alive?"""
        return json_answer({"pretend": self.name})

    @route("GET", "/switches")
    def show_switches(self, request: Request) -> Answer:
        """The page with the switches."""
        rows = "".join(
            f'<form method="post" action="/switches"><input type="hidden" name="name" value="{esc(name)}">'
            f'<input type="hidden" name="on" value="{0 if self.on(name) else 1}">'
            f"<button>{'关掉' if self.on(name) else '打开'}</button> "
            f"<b>{'●' if self.on(name) else '○'}</b> {esc(words)}</form>"
            for name, words in self.all_switches().items()
        )
        return self.page("开关", rows)

    @route("POST", "/switches")
    def set_switch(self, request: Request) -> Answer:
        """One tap on a switch."""
        self.turn(request.form["name"], request.form.get("on") == "1")
        return go_to("/switches")

    def page(self, heading: str, body: str, status: int = 200) -> Answer:
        """A page nobody can take for a real service. `body` is HTML: escape what goes into it with esc()."""
        text = (
            f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>模拟{esc(self.title)}</title>'
            f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style>'
            f"<header><b>模拟服务 不是真的</b> · {esc(self.title)}</header><main>"
            f'<nav><a href="/">首页</a><a href="/switches">开关</a></nav><h1>{esc(heading)}</h1>{body}</main></html>'
        )
        return Answer(text.encode(), status, {"Content-Type": "text/html; charset=utf-8"})


def new_number(prefix: str = "") -> str:
    """A number a provider might give to a transaction."""
    return f"{prefix}{secrets.randbelow(10**12):012d}"


def _read(environ: dict[str, Any]) -> Request:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    headers = {key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key.startswith("HTTP_")}
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    query_string = environ.get("QUERY_STRING", "")
    return Request(
        method=environ["REQUEST_METHOD"],
        path=environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace"),
        query=dict(parse_qsl(query_string, keep_blank_values=True)),
        headers=headers,
        body=environ["wsgi.input"].read(length) if length else b"",
        query_string=query_string,
    )
