"""People and employers for these tests, made by the real actions."""

import io
import itertools
from datetime import date

import pytest
from PIL import Image

import linggong.accounts.actions as accounts
import linggong.employers.actions as employers
import linggong.reference.queries as reference
from linggong.accounts.ids import DEMO_PREFIX, id_check, uscc_check

_numbers = itertools.count(3000)


def id_number(born: date = date(1975, 2, 3)) -> str:
    """Valid in form, of a county that does not exist."""
    body = f"350499{born:%Y%m%d}{next(_numbers) % 1000:03d}"
    return body + id_check(body)


def phone() -> str:
    """A number that cannot ring."""
    return f"{DEMO_PREFIX}{next(_numbers):08d}"


def uscc() -> str:
    """A unified social credit code, valid in form."""
    body = f"92350499MA{next(_numbers):07d}"
    return body + uscc_check(body)


@pytest.fixture
def person():
    """Make a person: `person()` with phone and ID, or say which not."""

    def make(*, name="王美珍", with_phone=True, with_id=True):
        return accounts.make_person(
            name=name, phone=phone() if with_phone else "", id_number=id_number() if with_id else "", by=None
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
def employer(person, place):
    """Register an employer: `employer()`; facts as `register` takes them. `papers` are shown by its owner."""

    def make(*, kind="MERCHANT", owner=None, papers=(), **facts):
        owner = owner or person()
        told = {
            "name": "老王饭店", "contact_name": "王美珍", "division": place, "by": owner,
            "uscc": "" if kind in ("HOUSEHOLD", "FARM") else uscc(), **facts,
        }  # fmt: skip
        made = employers.register(kind=kind, **told)
        for paper in papers:
            employers.show_paper(made, paper, by=owner)
        return made

    return make


@pytest.fixture
def verified(employer, clerk):
    """An employer whose papers were submitted and verified: `verified()`."""

    def make(**facts):
        made = employer(papers=("licence", "agent_id"), **facts)
        employers.submit(made, by=made.members.get().user)
        employers.verify(made, by=clerk)
        return made

    return make


@pytest.fixture
def photo():
    """The bytes of a picture."""
    out = io.BytesIO()
    Image.new("RGB", (800, 600), "teal").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture(autouse=True)
def _papers_in_a_folder_of_their_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "papers"
