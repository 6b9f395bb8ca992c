"""The public list over HTTP: pages of each server for one second of CPU, its own and the database's.

Runs in a process of its own, on a throw-away PostgreSQL cluster (`scripts/postgres.sh`). One server at a time answers
the same requests from one worker process; it has answered each once before. Rows and their order must be the same.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

TOP = Path(__file__).resolve().parent.parent
POSTINGS = int(os.environ.get("BENCH_POSTINGS", "100000"))
REQUESTS = int(os.environ.get("BENCH_REQUESTS", "300"))
TURNS = 5  # of ours, which is over so soon; the others go once through the requests
TICK = os.sysconf("SC_CLK_TCK")
MIX = (
    {}, {}, {}, {}, {"order": "soon"}, {"order": "pay"}, {"within": "3"}, {"day": "+1"}, {"day": "+3"},
    {"group": "0"}, {"group": "1", "order": "soon"}, {"pay": "190"}, {"half": "1"}, {"meals": "1", "day": "+2"},
)  # fmt: skip


@dataclass(frozen=True)
class Ask:
    """One request: the words of the address, and where it is asked from (None: the whole of the market's city)."""

    said: dict[str, str]
    point: tuple[float, float] | None


@dataclass
class Served:
    """What a server used for how many pages, in seconds of CPU."""

    pages: int
    own: float
    database: float
    bytes: int

    @property
    def rate(self) -> float:
        """Pages for a second of CPU, the database's counted."""
        return self.pages / (self.own + self.database)

    def __str__(self) -> str:
        own, database = (1000 * part / self.pages for part in (self.own, self.database))
        return f"{self.rate:.0f}/cpu-s ({own:.2f} ms + database {database:.2f} ms, {self.bytes // 1024} KB)"


def public_list() -> str:
    """Pages for a second of CPU, against the plain page and against JSON by Litestar: two lines."""
    command = [str(TOP / "scripts" / "postgres.sh"), sys.executable, "-m", "benchmarks.serving"]
    done = subprocess.run(command, cwd=TOP, env=os.environ, stdout=subprocess.PIPE, text=True, check=True)
    return "\n".join(line for line in done.stdout.splitlines() if line.startswith("bench "))


# --- what a process uses -------------------------------------------------------------------------------------


def family(root: int) -> list[int]:
    """A process and everything below it."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                below.setdefault(int(_stat(int(entry.name))[1]), []).append(int(entry.name))
            except OSError:  # it is gone
                continue
    found = [root]
    for one in found:
        found += below.get(one, [])
    return found


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the state on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def cpu(root: int) -> float:
    """Seconds of CPU of a process, of all below it, and of its children that are over."""
    used = 0
    for pid in family(root):
        try:
            fields = _stat(pid)
        except OSError:
            continue
        used += int(fields[11]) + int(fields[12]) + (int(fields[13]) + int(fields[14]) if pid == root else 0)
    return used / TICK


# --- servers -------------------------------------------------------------------------------------------------


class Server:
    """One granian with one worker, stopped at the end."""

    def __init__(self, python: Path, target: str, interface: str, **env: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [
            str(python.parent / "granian"), "--interface", interface, "--host", "127.0.0.1", "--port", str(self.port),
            "--workers", "1", "--no-ws", "--log-level", "warning", target,
        ]  # fmt: skip
        if interface == "wsgi":
            command[-1:-1] = ["--blocking-threads", "1"]
        self.process = subprocess.Popen(command, cwd=TOP, env={**os.environ, **env})
        self.connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        for _try in range(600):
            try:
                self.connection.connect()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"{target} does not answer")

    def get(self, address: str, cookie: str = "") -> bytes:
        """The body of one answer."""
        self.connection.request("GET", address, headers={"Cookie": cookie} if cookie else {})
        answer = self.connection.getresponse()
        body = answer.read()
        assert answer.status == 200, (address, answer.status, body[:300])
        return body

    def stop(self) -> None:
        """End it and wait."""
        self.connection.close()
        self.process.terminate()
        self.process.wait(timeout=20)


def served(server: Server, ask: Callable[[Ask], bytes], asks: list[Ask], postmaster: int, turns: int = 1) -> Served:
    """Ask everything and see what it took."""
    own, database, size = cpu(server.process.pid), cpu(postmaster), 0
    for _turn in range(turns):
        for one in asks:
            size += len(ask(one))
    own, database = cpu(server.process.pid) - own, cpu(postmaster) - database
    return Served(turns * len(asks), own, database, size // (turns * len(asks)))


def peers() -> Path:
    """A Python with what the peers need, in the folder of this run; `BENCH_PEERS` names one that is there already."""
    folder = Path(os.environ.get("BENCH_PEERS") or Path(os.environ["LINGGONG_DATA"]) / "peers")
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        wanted = str(TOP / "benchmarks" / "requirements-peers.txt")
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", wanted]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return python


# --- the measure ---------------------------------------------------------------------------------------------


def requests(moment: datetime, homes: list[tuple[float, float]], groups: list[str]) -> list[Ask]:
    """Nine in ten from where somebody lives; the others ask for the whole of the city, which here is everything."""
    found = []
    for number in range(REQUESTS):
        said = dict(MIX[number % len(MIX)])
        if "day" in said:
            said["day"] = (moment + timedelta(days=int(said["day"]))).date().isoformat()
        if "group" in said:
            said["group"] = groups[int(said["group"])]
        whole = number % 10 == 9 and "within" not in said
        found.append(Ask(said, None if whole else homes[number]))
    return found


def province() -> tuple[list[tuple[float, float]], list[str]]:
    """Very many postings where the made-up province has them; gives where its people live, and the groups of work."""
    from benchmarks import city
    from linggong import make
    from linggong.matching.engine import generate
    from linggong.reference.queries import trades

    city.found()
    city.morning()
    boss = make.employer()
    kinds = [make.kitchen().code, *sorted(t.code for t in trades() if t.group in ("event", "clean"))[:3]]
    made = [
        make.posting(
            employer_=boss, title=f"活{number}", trade=kinds[number % len(kinds)], hours=(4, 8)[number % 2],
            pay_fen=15_000 + number * 700, places=1 + number % 3, meals=("ONE", "NONE", "TWO")[number % 3],
        )
        for number in range(12)
    ]  # fmt: skip
    make.settle_down()
    land = generate.province(REQUESTS, POSTINGS)
    spots = [(float(lat), float(lng)) for lat, lng in zip(land.postings.lat, land.postings.lng, strict=True)]
    city.crowd(made, POSTINGS, spots=spots)
    homes = [(float(lat), float(lng)) for lat, lng in zip(land.workers.lat, land.workers.lng, strict=True)]
    return homes, list(dict.fromkeys(row.trade.group for row in made))


def run() -> None:
    """Everything, once the cluster stands."""
    import django

    django.setup()
    from django.db import connection
    from django.http import HttpResponse  # noqa: TID251 — carries a cookie, answers nobody

    import linggong.reference.queries as reference
    from linggong.core import clock
    from linggong.web.place import HERE_COOKIE, stand_here

    with connection.cursor() as cursor:
        cursor.execute("ALTER DATABASE postgres SET jit = off")  # it would cost each of them more than it gives
    homes, kinds = province()
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT pg_backend_pid()")
        postmaster = int(_stat(cursor.fetchone()[0])[1])
    moment = clock.now()
    asks = requests(clock.local(moment), homes, kinds)
    groups: dict[str, list[str]] = {}
    for trade in reference.trades():
        groups.setdefault(trade.group, []).append(trade.code)

    def cookie_of(point: tuple[float, float]) -> tuple[str, tuple[float, float]]:
        answer = HttpResponse()
        stand_here(answer, *point)
        signed = answer.cookies[HERE_COOKIE].value
        lat, lng = signed.split(":")[0].split(",")
        return f"{HERE_COOKIE}={answer.cookies[HERE_COOKIE].coded_value}", (float(lat), float(lng))

    token = "csrftoken=" + "a" * 32
    cookies = {one.point: cookie_of(one.point) for one in asks if one.point}
    begins = clock.now().timestamp() - time.time()
    django_env = {"LINGGONG_CLOCK_OFFSET": str(begins), "DJANGO_SETTINGS_MODULE": "linggong.settings"}

    def page_of(server: Server) -> Callable[[Ask], bytes]:
        def ask(one: Ask) -> bytes:
            cookie = f"{token}; {cookies[one.point][0]}" if one.point else token
            return server.get("/?" + urlencode(one.said), cookie)

        return ask

    def json_of(server: Server, **more: str) -> Callable[[Ask], bytes]:
        def ask(one: Ask) -> bytes:
            where = {"point": "{},{}".format(*cookies[one.point][1])} if one.point else {}
            return server.get("/?" + urlencode({**one.said, **where, **more}))

        return ask

    seen: dict[str, list[Any]] = {}
    results: dict[str, Served] = {}
    ours = Server(Path(sys.executable), "linggong.wsgi:application", "wsgi", LINGGONG_ENGINE="1", **django_env)
    try:
        _until_in_step(ours, page_of(ours), asks[0])
        began = cpu(ours.process.pid)
        answers = [(one, _codes(page_of(ours)(one))) for one in asks]
        first = (cpu(ours.process.pid) - began) / len(asks)
        asks = [one for one, (codes, _count) in answers if codes]  # an empty list is another page
        seen["ours"] = [said for _one, said in answers if said[0]]
        results["ours"] = served(ours, page_of(ours), asks, postmaster, TURNS)
        near = [one for one in asks if one.point and not one.said]
        results["ours near"] = served(ours, page_of(ours), near, postmaster, 2 * TURNS)
    finally:
        ours.stop()
    plain = Server(Path(sys.executable), "benchmarks.peers.plain:application", "wsgi", **django_env)
    try:
        seen["plain"] = [_codes(page_of(plain)(one)) for one in asks]
        results["plain"] = served(plain, page_of(plain), asks, postmaster)
        results["plain near"] = served(plain, page_of(plain), near, postmaster)
    finally:
        plain.stop()
    url = urlsplit(os.environ["DATABASE_URL"])
    litestar = Server(
        peers(), "benchmarks.peers.json_list:app", "asgi", PEER_NOW=moment.isoformat(), PEER_GROUPS=json.dumps(groups),
        PEER_DIVISION=reference.path_of("350400"), PEER_SPEED=str(reference.default("travel_speed")),
        DATABASE_URL=url._replace(scheme="postgresql").geturl(),
    )  # fmt: skip
    try:
        answers = [json.loads(json_of(litestar)(one)) for one in asks]
        seen["litestar"] = [([row["code"] for row in said["rows"]], said["count"]) for said in answers]
        results["litestar"] = served(litestar, json_of(litestar), asks, postmaster)
        results["litestar near"] = served(litestar, json_of(litestar), near, postmaster, 3)
        for one in asks:
            json_of(litestar, rows_only="1")(one)
        results["rows"] = served(litestar, json_of(litestar, rows_only="1"), asks, postmaster)
        results["rows near"] = served(litestar, json_of(litestar, rows_only="1"), near, postmaster, 3)
    finally:
        litestar.stop()
    for name in ("plain", "litestar"):
        differ = [one for one, a, b in zip(asks, seen["ours"], seen[name], strict=True) if a != b]
        assert not differ, (name, len(differ), differ[:3])
    _say(results, first, len(asks))


def _until_in_step(server: Server, ask: Callable[[Ask], bytes], one: Ask) -> None:
    """Ask now and then until the index stands and the page costs next to nothing."""
    for _try in range(600):
        ask(one)
        began = time.perf_counter()
        ask(one)
        if time.perf_counter() - began < 0.008:
            return
        time.sleep(0.3)
    raise SystemExit("the list never came out of memory")


def _codes(page: bytes) -> tuple[list[str], int]:
    text = page.decode()
    said = re.search(r"<h2>\D*?(?:附近|三明|.*?内)? ?(\d+)( 多)? 个活</h2>", text)
    count = (int(said[1]) + bool(said[2])) if said else 0
    return list(dict.fromkeys(re.findall(r'id="job-(\w+)"', text))), count


def _say(results: dict[str, Served], first: float, searches: int) -> None:
    from benchmarks.measures import line

    ours, plain, litestar, rows = (results[name] for name in ("ours", "plain", "litestar", "rows"))
    near = {name: results["ours near"].rate / results[f"{name} near"].rate for name in ("plain", "litestar", "rows")}
    print(line(
        "public_list", ours.rate / plain.rate, "the plain ORM and template page over HTTP, database counted",
        f"{POSTINGS} open postings, {searches} searches from different places; ours {ours}, plain {plain};"
        f" what is near without a wish {near['plain']:.3g}; ours when the cards are new {1000 * first:.1f} ms",
    ))  # fmt: skip
    print(line(
        "public_list", ours.rate / litestar.rate, "Litestar, asyncpg and msgspec, same rows and number, database counted",
        f"Litestar {litestar}; without the number {rows}, ratio {ours.rate / rows.rate:.3g};"
        f" what is near without a wish {near['litestar']:.3g}, and without the number {near['rows']:.3g}",
    ))  # fmt: skip


ALL = (public_list,)

if __name__ == "__main__":
    run()
