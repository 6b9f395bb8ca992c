"""The help line is printed only where the operator entered one (decision 38)."""

import re
from pathlib import Path

import pytest

import linggong.accounts.actions as accounts
from linggong import make

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
PAGES = (
    "/", "/?trade=none", "/trades/?q=没有这个", "/stations/", "/rules/", "/privacy/", "/how-sorted/", "/place/",
    "/no-such-page/", "/jobs/{job}/", "/jobs/{job}/apply/", "/jobs/{job}/report/", "/jobs/{job}/reported/",
    "/stations/{venue}/", "/sign-in/", "/sos/",
)  # fmt: skip


def pages(client) -> dict[str, str]:
    job, venue = make.posting(), make.venue()
    return {
        path: client.get(path.format(job=job.code, venue=venue.code), follow=True).content.decode() for path in PAGES
    }


def dialled(html: str) -> set[str]:
    return set(re.findall(r'href="tel:([^"]*)"', html)) - {"120", "110", "119"}


@pytest.mark.django_db
def test_where_no_number_was_entered_nothing_rings_and_a_sentence_says_where_to_go(client, monday_morning):
    seen = pages(client)

    own = {make.venue().phone} - {""}
    assert {path: dialled(html) - own for path, html in seen.items() if dialled(html) - own} == {}
    assert all("12333" not in html for html in seen.values())
    assert "帮忙电话还没开，有事到最近的站当面说" in seen["/privacy/"]
    assert re.search(r'<a class="tool" href="/stations/">.*帮忙', seen["/"]), "帮忙 leads to where people are"


@pytest.mark.django_db
def test_the_number_that_was_entered_is_the_one_that_rings(client, monday_morning):
    accounts.set_setting("hotline", "0598-1234567", by=None)

    seen = pages(client)

    assert dialled(seen["/privacy/"]) == {"0598-1234567"}
    assert "0598-1234567" in dialled(seen["/"])
    assert not any("帮忙电话还没开" in html for html in seen.values())


def test_no_template_knows_a_number_of_its_own():
    """The catalogue of parts shows invented samples; every other template asks the operator's words."""
    knowing = [p.name for p in TEMPLATES.rglob("*.html") if "12333" in p.read_text() and "catalogue" not in p.name]
    assert knowing == []
