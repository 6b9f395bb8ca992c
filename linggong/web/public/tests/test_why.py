"""Why not me: one tap from the job, only for the person it is about, with what would change it."""

import pytest
from django.test import Client

from linggong import make
from linggong.reference.queries import hard_certificates, trades

pytestmark = pytest.mark.django_db

KM = 1 / 111.2
LAT, LNG = 26.27, 117.63


def browser(worker):
    client = Client()
    client.force_login(worker.user)
    return client


def page(client, job):
    return client.get(f"/jobs/{job.code}/why/").content.decode()


@pytest.mark.row("SX-13a")
def test_the_job_leads_in_one_tap_to_what_stands_in_the_way_and_where_it_is_changed():
    job = make.posting(lat=LAT, lng=LNG)
    other = next(t for t in trades() if t.group == "event" and not hard_certificates(t))
    client = browser(make.worker(lat=LAT + 30 * KM, lng=LNG, trades=(other.code,)))

    link = f"/jobs/{job.code}/why/"
    assert link in client.get(f"/jobs/{job.code}/").content.decode()
    said = page(client, job)

    assert "现在还不能，差这些" in said and "/me/skills/" in said
    assert "为什么没先叫你" in said and "你说最远去 10 公里" in said and "/me/profile/" in said


def test_to_whom_nothing_is_in_the_way_that_is_said():
    job = make.posting(lat=LAT, lng=LNG)

    assert "没有什么拦着你" in page(browser(make.worker(lat=LAT, lng=LNG)), job)


def test_a_visitor_is_asked_who_they_are_first(client):
    job = make.posting()

    answer = client.get(f"/jobs/{job.code}/why/")

    assert (answer.status_code, answer.url) == (302, f"/sign-in/?next=/jobs/{job.code}/why/")
    assert "/why/" not in client.get(f"/jobs/{job.code}/").content.decode()


def test_how_lists_are_ordered_shows_every_version_and_which_acts(client):
    said = client.get("/how-sorted/").content.decode()

    assert "改过什么" in said and "现在用的" in said and "近 300 分" in said
