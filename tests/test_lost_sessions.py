"""The session ended in the middle of a form: after signing in one stands at that form again, never before a shut door."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tests.test_doors import Knocking, doors, world, written

OWNER = ("worker", "employer", "clerk", "head", "supervisor", "admin")


def led_to(answer) -> str:
    """Where signing in will lead."""
    parts = urlsplit(answer.headers.get("HX-Redirect") or answer.url)
    assert parts.path == "/sign-in/"
    return parse_qs(parts.query)["next"][0]


@pytest.mark.slow
@pytest.mark.django_db
def test_every_act_of_every_desk_leads_back_to_a_page(monday_morning):
    knock = Knocking(world())
    table = written()
    shut = []

    for door in doors():
        row = table.get((door, "POST"))
        if row is None:  # test_doors says so
            continue
        role = next(
            (one for one in OWNER if row[one] not in ("404", "405", "302") or table[door, "GET"][one] == "405"), ""
        )
        if (
            row["anonymous"] != "302"
            or not role
            or door.startswith(("/sign", "/join", "/staff", "/set-up", "/place", "/mode", "/jobs"))
        ):
            continue
        address = knock.address(door, row["about"])
        page = led_to(Client().post(address, {"text": "写了一半"}))
        back = knock.clients[role].get(page, follow=True)
        if back.status_code == 405:
            shut.append(f"{door} → {page}")

    assert shut == []


@pytest.mark.django_db
def test_the_page_with_its_question_is_kept_and_a_strangers_page_is_not(client):
    act = "/desk/save/"
    assert led_to(client.post(act, headers={"Referer": "http://testserver/desk/?person=ABC"})) == "/desk/?person=ABC"
    assert led_to(client.post(act, headers={"Referer": "http://elsewhere.example/desk/"})) == "/desk/"
    assert led_to(client.post(act, headers={"Referer": "http://testserver/desk/save/"})) == "/desk/", (
        "a page with errors"
    )
    assert led_to(client.get("/desk/?person=ABC")) == "/desk/?person=ABC"


@pytest.mark.django_db
def test_a_fragment_sends_the_whole_browser_back_to_its_page(client):
    heard = {"HX-Request": "true", "HX-Current-URL": "http://testserver/e/confirm/"}
    said = client.post("/e/confirm/all/confirm/", headers=heard)
    assert said.status_code == 204
    assert led_to(said) == "/e/confirm/"
