import pytest

from linggong import make
from linggong.core import clock

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "upto", ["confirmed", "checked_in", "in_progress", "work_done", "confirmed_done", "paid", "rated"]
)
def test_every_page_of_the_desk_opens_at_every_step_of_a_deal(client, upto):
    with clock.moved_to(clock.at(clock.today(), 9)):
        deal = make.engagement(upto=upto)
        client.force_login(deal.worker.user)
        pages, seen = ["/me/", "/today/", "/sos/", "/wages/account/", "/help/money/"], set()
        while pages:
            page = pages.pop()
            if page in seen:
                continue
            seen.add(page)
            answer = client.get(page)
            assert answer.status_code in (200, 302), page
            if answer.headers.get("Content-Type", "").startswith("text/html"):
                pages += _links(answer.content.decode())
    assert {f"/shifts/{deal.code}/", f"/shifts/at/{make.attendance(deal).code}/"} <= seen


def _links(html):
    import re

    mine = ("/me/", "/today/", "/shifts/", "/wages/", "/help/", "/rate/", "/messages/", "/agreements/", "/sos/")
    found = [link.split("#")[0] for link in re.findall(r'href="(/[^"]*)"', html)]
    return [link for link in found if link.startswith(mine)]
