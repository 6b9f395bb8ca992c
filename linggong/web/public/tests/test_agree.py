"""People whom the bureau's list brought in: asked for their consents at their first sign-in, nothing lost after."""

import pytest

import linggong.accounts.actions as actions
import linggong.accounts.queries as accounts
import linggong.workers.actions as bringing
import linggong.workers.queries as workers
from linggong import make
from linggong.engagements.models import Engagement

pytestmark = pytest.mark.django_db


@pytest.fixture
def imported():
    """Somebody the bureau's Excel brought in: never asked for anything."""
    person = make.user(name="罗桂花")
    by = make.supervisor()
    worker = bringing.register(
        person, division=make.county(), trades=[make.kitchen()], source=workers.IMPORTED, by=by, acting_for=person
    )
    bringing.prelim_check(worker, by=by, acting_for=person)
    return worker


def printed(user) -> str:
    return actions.print_code(user, by=make.clerk())


def test_somebody_from_the_list_is_asked_before_anything_else_of_theirs(client, imported):
    let = client.post("/sign-in/code/", {"code": printed(imported.user)})
    assert let.url == "/join/agree/?next=%2F"

    for page in ("/today/", "/shifts/", "/wages/", "/me/", "/me/card/"):
        assert client.get(page).url == f"/join/agree/?next={page}"
    assert client.post("/me/card/save/", {}).url == "/join/agree/?next=/me/card/"
    assert client.get("/").status_code == 200, "what is public stays public"

    page = client.get("/join/agree/?next=/me/card/").content.decode()
    assert "用来帮你找活招人" in page and "checked" not in page
    assert client.post("/join/agree/", {"agree_service": "1", "next": "/me/card/"}).url == "/me/card/"
    given = {row.purpose: row.how for row in accounts.consents_of(imported.user)}
    assert given == {"service": "tap"}
    assert client.get("/me/card/").status_code == 200
    assert client.get("/join/agree/").url == "/", "asked once"


def test_who_says_no_is_not_kept_from_their_own_data(client, imported):
    client.force_login(imported.user)
    said = client.post("/join/agree/", {"agree_sms": "1"})
    assert said.status_code == 422
    assert "要记下这些才能帮你找活" in said.content.decode()
    assert not accounts.consents_of(imported.user).exists()
    assert client.get("/me/data/").status_code == 200
    assert client.post("/me/data/leave/ask/").status_code == 302
    assert accounts.deletion_of(imported.user) is not None


def test_a_job_taken_before_the_answer_waits_for_it(client, imported, monday_morning):
    trade = next(t for t in make.reference.trades() if t.group == "load" and not make.reference.hard_certificates(t))
    posting = make.posting(trade=trade.code, title="货站卸货", content="卸货上架")
    client.force_login(imported.user)
    first = client.post(f"/jobs/{posting.code}/apply/go/", {"key": "k"})
    asked = client.get(first.url)
    assert asked.url == f"/join/agree/?next=%2Fjobs%2F{posting.code}%2Fapply%2F"
    assert not Engagement.objects.exists()

    back = client.post("/join/agree/", {"agree_service": "1", "next": f"/jobs/{posting.code}/apply/"})
    assert back.url == f"/jobs/{posting.code}/apply/"
    page = client.get(back.url)
    assert page.status_code == 200
    client.post(f"/jobs/{posting.code}/apply/go/", {"key": "k", "seen": page.context.get("seen", "")})
    assert Engagement.objects.get().worker == imported


@pytest.mark.parametrize("how", ["window", "self"])
def test_who_was_asked_before_is_not_asked_again(client, imported, how):
    if how == "window":
        clerk = make.clerk()
        actions.consent(imported.user, "service", how="spoken", by=clerk, witness=clerk)
        user = imported.user
    else:
        user = make.worker().user
    client.force_login(user)
    assert client.get("/today/").status_code == 200
