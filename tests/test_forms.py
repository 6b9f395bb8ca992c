"""Every form of the house, filled with what forms get: never a 500, no script comes back, and what was typed stays.

The addresses are those of the doors table, tried as somebody who is let in. Which fields a form has is found out by
listening to what the view asks the request for.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote_plus

import pytest
from django.core.cache import cache
from django.db import transaction
from django.http import QueryDict
from django.test import Client

from linggong import make
from linggong.core.clock import local, now
from tests.test_doors import DESKS, OWNERS, PARAMETER, ROLES, Knocking, doors, world, written

SCRIPT = "<script>alert(1)</script>"
LONG = "长" * 10_000
# What is typed into every field at once. Bytes are sent as they are: half a character, a lone surrogate, a NUL.
NASTY = {
    "empty": "", "spaces": "   ", "long": LONG, "emoji": "😀👨‍👩‍👧🏽", "script": f'{SCRIPT}"><img src=x onerror=alert(1)>',
    "wrong phone": "1380013800", "wrong check digit": "350404197403050011", "past": "2020-02-30", "zero": "0", "minus": "-1",
    "huge": "99999999999999999999999999", "absurd": "1e9", "decimal": "0.001", "nul": b"%E5%BC%A0%00%E4%B8%89",
    "surrogate": b"%ED%A0%80x", "half": b"%E5%BC", "template": "{{ 7|add:7 }}{% now 'Y' %}", "arabic digits": "١٢٣",
    "list": "[]", "not a number": "nan", "endless": "inf",
}  # fmt: skip
# What a person would type, by the name of the field; with it each form gets as far as its last check.
LIKELY = {
    "name": "张大山", "person": "张大山", "phone": "13800138000", "text": "明天早上8点到下午5点要2个电商打包员，180一天", "pay": "180",
    "places": "2", "headcount": "2", "stars": "5", "agree_service": "1", "agreed": "1", "title": "打包", "content": "打包装箱",
    "address": "新市路 8 号", "because": "写明白了", "reason": "本人来问", "words": "写明白了", "facts": "写明白了", "how": "cash",
    "promised": "1", "seen": "1", "id_seen": "1", "start": "09:00", "end": "11:00", "opens": "06:00", "closes": "18:00",
    "minutes": "480", "quantity": "10", "amount": "180", "q": "张", "kind": "household", "paper": "agent_id", "secret": "AAAA",
}  # fmt: skip
TOPSY_TURVY = {"start": "11:00", "end": "09:00", "first": "2020-01-02", "last": "2020-01-01", "opens": "18:00", "closes": "18:00",
               "starts_on": "2020-01-01", "date": "2020-01-01", "start_time": "17:00", "end_time": "08:00", "pay": "0"}  # fmt: skip
TYPED_IN = {"text", "tel", "number", "search", "date", "time", "email", ""}
NEVER_ECHOED = {"key", "csrfmiddlewaretoken", "code", "pin", "secret", "tail", "next"}
SENT_TO = re.compile(r"^/(sign-in|staff/second|join|e/verify)/")


class Asked(QueryDict):
    """A form's data that remembers what it was asked for."""

    names: set[str]

    def _note(self, name: Any) -> None:
        if isinstance(name, str):
            self.__dict__.setdefault("names", set()).add(name)

    def __getitem__(self, name):
        self._note(name)
        return super().__getitem__(name)

    def __contains__(self, name):
        self._note(name)
        return super().__contains__(name)

    def get(self, name, default=None):
        self._note(name)
        return super().get(name, default)

    def getlist(self, name, default=None):
        self._note(name)
        return super().getlist(name, default)


class Fields(HTMLParser):
    """What stands in the fields of a page that one types into: name and words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self._area: str | None = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        if tag == "input" and (facts.get("type") or "") in TYPED_IN and "data-private" not in facts:
            self.found.setdefault(facts.get("name") or "", []).append(facts.get("value") or "")
        elif tag == "textarea":
            self._area = facts.get("name") or ""
            self.found.setdefault(self._area, []).append("")

    def handle_data(self, data):
        if self._area is not None:
            self.found[self._area][-1] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self._area = None


class Filling(Knocking):
    """Sends forms, and leaves the house as it was after each."""

    def __init__(self, house: SimpleNamespace) -> None:
        super().__init__(house)
        self.asked: set[str] = set()

    def send(self, method: str, role: str, address: str, said: dict[str, str | bytes]) -> Any:
        """The answer to one form."""
        client = self.clients[role]
        client.cookies.clear()
        client.cookies.load(self.cookies[role])
        cache.clear()
        body = "&".join(
            f"{quote_plus(n)}={v.decode() if isinstance(v, bytes) else quote_plus(v)}" for n, v in said.items()
        )
        with transaction.atomic():
            if method == "POST":
                answer = client.post(address, body, content_type="application/x-www-form-urlencoded")
            else:
                answer = client.get(f"{address}?{body}" if body else address)
            self.asked |= answer.wsgi_request.__dict__.get("_asked", set())
            transaction.set_rollback(True)
        return answer

    def role_at(self, door: str, method: str, row: dict[str, str]) -> str:
        """Somebody whom this door lets in; "" when it is nobody's."""
        order = [
            "worker",
            "employer",
            "clerk",
            "reviewer",
            "head",
            "officer",
            "supervisor",
            "admin",
            "anonymous",
            "auditor",
        ]
        for role in order:
            if row[role] in ("404", "405", "403", "401"):
                continue
            answer = self.send(method, role, self.address(door, row["about"]), {})
            if not (
                answer.status_code == 302
                and SENT_TO.match(answer.url)
                and not door.startswith(("/sign-in", "/join", "/staff"))
            ):
                return role
        return ""

    def names(self, method: str, role: str, address: str) -> list[str]:
        """The fields of the form behind this door."""
        known: set[str] = set()
        for _round in range(3):
            self.asked = set()
            self.send(method, role, address, {name: LIKELY.get(name, "1") for name in known})
            if self.asked <= known:
                break
            known |= self.asked
        return sorted(known - {"csrfmiddlewaretoken"})


@pytest.fixture
def listening(monkeypatch):
    """Every request writes down which fields it was asked for."""
    from django.core.handlers.wsgi import WSGIRequest

    def watch(original: Any) -> Any:
        def given(request):
            data = original(request)
            if not isinstance(data, Asked):
                heard = Asked(mutable=True, encoding=data.encoding)
                for key, values in data.lists():
                    heard.setlist(key, values)
                heard.names = request.__dict__.setdefault("_asked", set())
                heard._mutable = False
                request._post = heard
                return heard
            return data

        return given

    post = WSGIRequest.POST.fget
    monkeypatch.setattr(
        WSGIRequest, "POST", property(watch(post), lambda request, data: setattr(request, "_post", data))
    )
    got = WSGIRequest.__dict__["GET"].func
    monkeypatch.setattr(WSGIRequest, "GET", property(lambda request: _get(request, got)))


def _get(request, original):
    if "GET" not in request.__dict__:
        data = original(request)
        heard = Asked(mutable=True, encoding=data.encoding)
        for key, values in data.lists():
            heard.setlist(key, values)
        heard.names = request.__dict__.setdefault("_asked", set()) if request.method == "GET" else set()
        heard._mutable = False
        request.__dict__["GET"] = heard
    return request.__dict__["GET"]


def forms(desk: str, method: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The doors of a desk that take this method from anybody."""
    table = written()
    for door in doors(desk):
        row = table.get((door, method), {})  # one that is missing there fails test_doors
        if row and any(row[role] not in ("404", "405") for role in ROLES) and not door.startswith("/hear/"):
            yield door, row


def wrong_with(answer: Any, door: str, said: dict[str, str | bytes]) -> Iterator[str]:
    """What this answer should not be."""
    if answer.status_code >= 500:
        yield f"{answer.status_code}"
        return
    if answer.status_code in (301, 302, 204) or answer.streaming:
        return
    page = answer.content.decode("utf-8", "replace")
    if "<script>alert" in page or "<img src=x" in page:
        yield "a script comes back"
    if answer.status_code not in (409, 422, 429):
        return
    if "<" in page and not re.search(r"[\u4e00-\u9fff]", page):
        yield "no word of Chinese"
    shown = Fields(page).found
    for name, value in said.items():
        if name in NEVER_ECHOED or isinstance(value, bytes) or name not in shown:
            continue
        if not any(_same(value, kept) for kept in shown[name]):
            yield f"{name} is lost: {shown[name][0][:30]!r}"


def _same(typed: str, kept: str) -> bool:
    """Kept as typed; of what no field lets anybody type, its beginning."""
    typed, kept = "".join(typed.split()), "".join(kept.split())
    return typed == kept or (len(kept) >= 10 and typed.startswith(kept))


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("desk", DESKS)
def test_no_form_breaks_or_loses_what_was_typed(desk, monday_morning, listening):
    fill = Filling(world())
    found, tried = [], 0

    for door, row in forms(desk, "POST"):
        role = fill.role_at(door, "POST", row)
        address = fill.address(door, row["about"])
        if not role:
            continue
        names = fill.names("POST", role, address)
        likely = {name: LIKELY.get(name, "1") for name in names}
        rounds = {what: dict.fromkeys(names, value) for what, value in NASTY.items()} if names else {}
        rounds["upside down"] = {**likely, **{n: v for n, v in TOPSY_TURVY.items() if n in names}}
        for name in names:
            rounds[f"{name} script"] = {**likely, name: NASTY["script"]}
        for what, said in rounds.items():
            tried += 1
            answer = fill.send("POST", role, address, said)
            found += [f"POST {door} as {role}, {what}: {wrong}" for wrong in wrong_with(answer, door, said)]

    assert tried, "a desk without a form"
    assert "\n".join(found) == ""


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("desk", DESKS)
def test_no_page_breaks_on_what_stands_in_its_address(desk, monday_morning, listening):
    fill = Filling(world())
    found = []

    for turn, (door, row) in enumerate(forms(desk, "GET")):
        role = fill.role_at(door, "GET", row)
        if not role:
            continue
        address = fill.address(door, row["about"])
        names = fill.names("GET", role, address)
        # Every page gets a third of the nonsense, the next page the next third: all of it reaches every desk many times.
        for what, value in list(NASTY.items())[turn % 3 :: 3] if names else ():
            said = dict.fromkeys(names, value[:300] if isinstance(value, str) else value)
            answer = fill.send("GET", role, address, said)
            found += [f"GET {door} as {role}, {what}: {wrong}" for wrong in wrong_with(answer, door, {})]

    assert "\n".join(found) == ""


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_code_in_an_address_breaks_a_door(method, monday_morning):
    """Half codes, other alphabets and numbers that fit nowhere are not found, never a failure."""
    fill, table = Filling(world()), written()
    words = ["9" * 30, "0", "a" * 300, "ABC-def_9", "%00", "%F0%9F%98%80", "%ED%A0%80", "..%2F..%2Fetc", "%3Cscript%3E"]
    found = []

    for door in doors():
        if "<" not in door or door.startswith(("/hear/", "/demo/")):
            continue
        row = table.get((door, method))
        role = next((r for r in OWNERS if row and row[r] not in ("302", "404", "405")), None)
        for word in words if role else ():
            answer = fill.send(method, role, PARAMETER.sub(word, door), {})
            found += [f"{method} {door} with {word}: {answer.status_code}" for _ in (1,) if answer.status_code >= 500]

    assert "\n".join(found) == ""


def test_what_is_typed_in_here_covers_the_kinds_of_nonsense_a_form_gets():
    """The list is the brief's; whoever shortens it shortens the brief."""
    assert {len(NASTY["long"])} == {10_000}
    assert SCRIPT in NASTY["script"]
    assert local(now()).date().isoformat() > TOPSY_TURVY["first"] > TOPSY_TURVY["last"]
    assert make.phone() != NASTY["wrong phone"]
    assert Client().raise_request_exception is True
