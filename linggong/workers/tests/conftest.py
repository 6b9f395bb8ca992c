"""People and workers for these tests, made by the real actions."""

import io
import itertools
from datetime import date

import pytest
from PIL import Image

import linggong.accounts.actions as accounts
import linggong.reference.queries as reference
import linggong.workers.actions as workers
from linggong.accounts.ids import DEMO_PREFIX, id_check

_numbers = itertools.count(7000)


def id_number(born: date = date(1980, 5, 20)) -> str:
    """Valid in form, of a county that does not exist."""
    body = f"350499{born:%Y%m%d}{next(_numbers) % 1000:03d}"
    return body + id_check(body)


def phone() -> str:
    """A number that cannot ring."""
    return f"{DEMO_PREFIX}{next(_numbers):08d}"


@pytest.fixture
def person():
    """Make a person: `person()` with phone and ID, or say which not."""

    def make(*, name="陈阿水", with_phone=True, with_id=True, born=date(1980, 5, 20)):
        return accounts.make_person(
            name=name, phone=phone() if with_phone else "", id_number=id_number(born) if with_id else "", by=None
        )

    return make


@pytest.fixture
def clerk(person):
    """Somebody of the window."""
    return person(name="李晓梅")


@pytest.fixture
def place():
    """A county of 三明."""
    return next(d for d in reference.children("350400") if d.lat)


@pytest.fixture
def kitchen():
    """帮厨."""
    return reference.find_trades("帮厨")[0]


@pytest.fixture
def mason():
    """瓦工."""
    return reference.find_trades("瓦工")[0]


@pytest.fixture
def worker(person, place, kitchen):
    """Register a worker: `worker()`; facts as `person` and `register` take them."""

    def make(*, trades=None, name="陈阿水", with_phone=True, with_id=True, born=date(1980, 5, 20), **facts):
        user = person(name=name, with_phone=with_phone, with_id=with_id, born=born)
        return workers.register(user, division=place, trades=trades or [kitchen], by=user, **facts)

    return make


@pytest.fixture
def photo():
    """The bytes of a picture: `photo()`; with what a camera would write into it."""

    def make(size=(1600, 900), form="JPEG", **save):
        out = io.BytesIO()
        Image.new("RGB", size, "teal").save(out, form, **save)
        return out.getvalue()

    return make


@pytest.fixture(autouse=True)
def _papers_in_a_folder_of_their_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "papers"
