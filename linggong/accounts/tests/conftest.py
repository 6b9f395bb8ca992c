"""People and worlds for the tests of accounts."""

import itertools

import pytest

from linggong.accounts import actions, ids
from linggong.core import outside
from linggong.core.clock import at, moved_to, today

_numbers = itertools.count(1)


def phone_number() -> str:
    """A fresh demo number."""
    return f"{ids.DEMO_PREFIX}{next(_numbers):08d}"


def id_number(born: str = "19820314", place: str = "350499", sequence: str = "") -> str:
    """A well formed number of an unassigned county; `sequence` (digits 15-17) steers the pretend provider."""
    first = f"{place}{born}{sequence or f'{next(_numbers) % 400:03d}'}"
    return first + ids.id_check(first)


@pytest.fixture(autouse=True)
def worlds():
    """Empty pretend providers for every test."""
    yield
    outside.reset()


@pytest.fixture
def midday():
    """No quiet hours."""
    with moved_to(at(today(), 12)):
        yield


@pytest.fixture
def make_user(db):
    """Make a person with a phone, and whatever else is given."""

    def make(name: str = "陈阿妹", **facts):
        facts.setdefault("phone", phone_number())
        return actions.make_person(name=name, by=None, **facts)

    return make
