"""Every page of the house in Chromium, in both modes: axe finds nothing, and nothing is wider than the screen.

The pages come from the doors table, so a new address is looked at without anybody writing it down here.
"""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from tests.browser.conftest import axe, overflows
from tests.test_doors import DESKS, OWNERS, Knocking, doors, world, written

ASKING = ("anonymous", *OWNERS, "auditor", "officer", "other_worker")
ON_A_COMPUTER = ("station", "bureau")
NARROW = {"width": 320, "height": 700}
PHONE = {"width": 390, "height": 844}
# Signing out and leaving a demo account end the session that the next pages need; the catalogue has tests of its own.
LEFT_OUT = ("/parts/", "/sign-out/", "/demo/leave/")

STICKS_OUT = """[...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map(e => e.outerHTML.slice(0, 120)).slice(-1)[0]"""


def screens(desk: str, house) -> Iterator[tuple[str, str]]:
    """(address, role) of every whole HTML page of a desk, as somebody who may see it."""
    table, knock = written(), Knocking(house)
    for door in doors(desk):
        row = table.get((door, "GET"))
        role = next((one for one in ASKING if row and row[one] == "200"), None)
        if role is None or door.startswith(LEFT_OUT):
            continue
        client, address = Client(), knock.address(door, row["about"])
        if house.people[role] is not None:
            client.force_login(house.people[role])
        cache.clear()
        answer = client.get(address)
        html = answer.status_code == 200 and answer["Content-Type"].startswith("text/html")
        if html and not answer.streaming and b"<html" in answer.content:
            yield address, role


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", ["normal", "elder"])
@pytest.mark.parametrize("desk", DESKS)
def test_every_screen_is_clean(desk, mode, person, monday_morning):
    house = world()
    pages, wrong, seen = {}, [], 0
    for address, role in screens(desk, house):
        if role not in pages:
            size = "desk" if desk in ON_A_COMPUTER else "phone"
            pages[role] = person(size, user=house.people[role], mode=mode)
        page = pages[role]
        cache.clear()
        answer = page.goto(address)
        whole = page.viewport_size
        wrong += [f"{address} as {role}: {line}" for line in axe(page)]
        for smaller in (PHONE,) if desk in ON_A_COMPUTER else (NARROW,):
            page.set_viewport_size(smaller)
            if (wider := overflows(page)) > 0:
                wrong.append(
                    f"{address} as {role}: {wider} px wider than {smaller['width']}: {page.evaluate(STICKS_OUT)}"
                )
        page.set_viewport_size(whole)
        seen += answer.status == 200

    assert seen >= 10, "hardly any page was looked at"
    assert wrong == [], "\n".join(wrong)
