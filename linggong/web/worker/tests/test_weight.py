"""Light enough for an old phone on a weak network."""

import re

import pytest
from django.test import Client

from linggong import make
from linggong.core import clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]

PAGES = [
    "/today/", "/shifts/", "/wages/", "/wages/account/", "/me/", "/me/record/", "/me/skills/", "/me/card/", "/me/profile/",
    "/me/data/", "/me/insurance/", "/me/agreements/", "/me/cases/", "/messages/", "/sos/", "/help/money/",
]  # fmt: skip


def test_every_page_stays_within_its_weight_and_its_number_of_elements():
    make.approved_products()
    worker = make.worker()
    for number in range(11):
        deal = make.engagement(worker_=worker, starts_at=clock.at(clock.today(), 24 * (2 + number) + 8))
    page = Client()
    page.force_login(worker.user)

    heavy = {}
    for path in [
        *PAGES,
        f"/shifts/{deal.code}/",
        f"/shifts/{deal.code}/cancel/",
        f"/shifts/at/{make.attendance(deal).code}/",
    ]:
        body = page.get(path).content
        elements = len(re.findall(rb"<[a-zA-Z]", body))
        if len(body) > 80_000 or elements > 800:
            heavy[path] = (len(body), elements)
        assert re.findall(rb'\sstyle="', body) == []
        assert body.count(b"<h1") == 1

    assert heavy == {}
