"""Lists ask the database as much for many rows as for few, and the first page of all is light."""

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from linggong import make
from linggong.core.clock import at, today

FEW, MANY = 3, 12
HOME_BYTES = 100_000
WORKER_LISTS = ("/today/", "/shifts/", "/wages/", "/messages/", "/me/record/", "/me/insurance/", "/me/agreements/")
STATION_LISTS = ("/desk/dispatch/", "/desk/wages/", "/desk/papers/", "/desk/cases/")


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def asked(client: Client, path: str) -> int:
    """How many queries a page takes once its caches are warm."""
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    assert answer.status_code == 200
    return len(captured)


@pytest.mark.django_db
def test_a_workers_lists_ask_the_same_for_many_rows_as_for_few(monday_morning):
    make.approved_rules()
    make.approved_products()
    worker, boss = make.worker(state="verified"), make.employer()
    client, counts, made = signed_in(worker.user), [], 0
    for rows in (FEW, MANY):
        while made < rows:
            made += 1
            start = at(today() + timedelta(days=made), 8)
            make.engagement(worker_=worker, posting_=make.posting(employer_=boss, starts_at=start))
        counts.append({path: asked(client, path) for path in WORKER_LISTS})

    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_a_stations_lists_ask_the_same_for_many_rows_as_for_few(monday_morning):
    make.approved_rules()
    clerk = make.clerk()
    client, counts, made = signed_in(clerk), [], 0
    for rows in (FEW, MANY):
        while made < rows:
            made += 1
            make.posting(employer_=make.employer(), starts_at=at(today() + timedelta(days=2), 8))
            make.worker()
        counts.append({path: asked(client, path) for path in STATION_LISTS})

    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_the_review_queue_asks_the_same_for_many_rows_as_for_few(monday_morning):
    make.approved_rules()
    client, counts, made = signed_in(make.reviewer()), [], 0
    for rows in (FEW, MANY):
        while made < rows:
            made += 1
            make.posting(employer_=make.employer(), state="reviewing")
        counts.append(asked(client, "/review/"))

    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_the_first_page_with_all_its_files_is_light(monday_morning):
    """Everything an old phone fetches before it shows work near: the page, its styles, scripts and pictures."""
    make.approved_rules()
    boss = make.employer()
    for _ in range(MANY):
        make.posting(employer_=boss)
    cache.clear()
    page = Client().get("/").content

    files = set(re.findall(rb'(?:href|src)="/static/([^"#]+\.(?:css|js|svg|woff2|png|webp))', page))
    weights = {"/": len(gzip.compress(page, 6))}
    for name in sorted(file.decode() for file in files):
        found = finders.find(name)
        assert found, name
        weights[name] = len(gzip.compress(Path(found).read_bytes(), 6))

    assert weights["/"] > 1000 and len(weights) > 1
    assert sum(weights.values()) <= HOME_BYTES, weights


def test_the_lists_named_here_are_lists_of_the_address_book():
    from tests.test_doors import doors

    assert {*WORKER_LISTS, *STATION_LISTS} <= set(doors())
