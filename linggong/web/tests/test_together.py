"""和人一起去, through the pages: asking, saying yes each for oneself, scanning, and one candidate of several (U29)."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import linggong.engagements.actions as deals
import linggong.postings.queries as posted
from linggong import make
from linggong.accounts.models import Assisted, Consent
from linggong.core import clock
from linggong.core.sealed import unseal
from linggong.engagements import parties
from linggong.engagements.models import Engagement, Party
from linggong.engagements.queries import owner_of
from linggong.postings.models import Shift

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(monday_morning):
    make.approved_rules()
    make.approved_products()


def ahead(**changes):
    start = clock.now().replace(hour=1, minute=0) + timedelta(days=3)
    return make.posting(**{"starts_at": start, "places": 4, **changes})


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def form_of(page):
    """What the page would send: its fingerprint and its key."""
    text = page.content.decode()
    return {name: re.search(rf'name="{name}" value="([^"]+)"', text)[1] for name in ("seen", "key")}


def queries(client, path):
    client.get(path)
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def asked(posting, asker, *others, **more):
    seen = posted.current_version(posting).terms_hash
    return deals.propose(posting, asker, known=others, seen_hash=seen, by=asker.user, **more)


def test_u29_two_ask_together_by_number_and_each_says_yes_on_their_own_page():
    posting, man, wife = ahead(), make.worker(name="张大山"), make.worker(name="李小草")
    his, hers = signed_in(man.user), signed_in(wife.user)
    assert f"/together/new/{posting.code}/" in his.get(f"/jobs/{posting.code}/apply/").content.decode()
    form = form_of(his.get(f"/together/new/{posting.code}/"))

    answer = his.post(
        f"/together/new/{posting.code}/ask/", form | {"phone": [unseal(wife.user, "phone_sealed"), ""], "seats": "0"}
    )

    party = Party.objects.get()
    assert answer["Location"] == f"/together/{party.code}/"
    page = his.get(answer["Location"]).content.decode()
    assert f"尾号 {wife.user.phone_tail4}" in page and "李师傅" not in page, "before her yes she is a number"
    asks = hers.get(f"/together/{party.code}/")
    assert "张师傅叫你一起去，一共 2 个人" in asks.content.decode()
    assert "工钱各拿各的" in asks.content.decode() and "不去" in asks.content.decode()
    assert man.user.phone_tail4 not in asks.content.decode()

    assert hers.post(f"/together/{party.code}/yes/", form_of(asks)).status_code == 302

    assert Engagement.objects.filter(state="confirmed").count() == 2
    for client in (his, hers):
        assert "都定下了" in client.get(f"/together/{party.code}/").content.decode()
    assert "李师傅" in his.get(f"/together/{party.code}/").content.decode()


def test_an_unknown_number_gives_the_asker_the_very_same_page():
    man, wife, posting, other = make.worker(), make.worker(), ahead(), ahead()
    his = signed_in(man.user)
    pages = []
    for row, phone in ((posting, unseal(wife.user, "phone_sealed")), (other, make.phone())):
        form = form_of(his.get(f"/together/new/{row.code}/"))
        answer = his.post(f"/together/new/{row.code}/ask/", form | {"phone": [phone], "seats": "0"})
        party = Party.objects.get(posting=row)
        page = his.get(answer["Location"]).content.decode()
        pages.append(re.search(r"<main.*</main>", page, re.S)[0].replace(phone[-4:], "----"))
        pages[-1] = re.sub(r'value="[^"]*"', "", pages[-1])
        pages[-1] = pages[-1].replace(party.code, "CODE").replace(row.code, "JOB").replace(row.employer.name, "WHO")
    assert pages[0] == pages[1]


def test_who_stands_beside_scans_and_a_stranger_finds_nothing_once_the_seats_are_taken():
    posting, (a, b, c) = ahead(), [make.worker() for _ in range(3)]
    party = asked(posting, a, seats=1)
    assert "让旁边的人扫一下" in signed_in(a.user).get(f"/together/{party.code}/").content.decode()
    hers = signed_in(b.user)

    assert hers.post(f"/together/{party.code}/yes/", form_of(hers.get(f"/together/{party.code}/"))).status_code == 302

    assert Party.objects.get().state == "bound"
    stranger = signed_in(c.user)
    assert stranger.get(f"/together/{party.code}/").status_code == 404
    assert stranger.post(f"/together/{party.code}/yes/", {"seen": party.terms_hash, "key": "a"}).status_code == 404
    assert stranger.post(f"/together/{party.code}/no/").status_code == 404


def test_no_is_one_tap_and_the_others_do_not_learn_whose_it_was():
    posting, (a, b, c) = ahead(), [make.worker(name=name) for name in ("张大山", "李小草", "王石头")]
    party = asked(posting, a, b, c)

    assert signed_in(c.user).post(f"/together/{party.code}/no/").status_code == 302

    page = signed_in(a.user).get(f"/together/{party.code}/").content.decode()
    assert "有一位这次不去" in page and "说不去" not in page
    assert page.count("这次不去") == 1, "the sentence, and no mark beside a name"
    assert signed_in(a.user).post(f"/together/{party.code}/no/").status_code in (302, 409)


def test_terms_that_changed_are_shown_and_nothing_is_promised():
    posting, a, b = ahead(), make.worker(), make.worker()
    party = asked(posting, a, b)

    answer = signed_in(b.user).post(f"/together/{party.code}/yes/", {"seen": "0" * 64, "key": "k1"})

    assert answer.status_code == 409 and "老板刚改了条件" in answer.content.decode()
    assert not Engagement.objects.exists()


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"phone": ["123"]}, "这不像手机号"),
        ({"phone": [""], "seats": "0"}, "最少 2 个人"),
        ({"seats": "19"}, "最多 6 个人"),
        ({"seats": "x"}, "请再选一次"),
        ({"known": ["NOBODY"]}, "请再选一次"),
    ],
)
def test_what_cannot_be_asked_is_said_on_the_page_with_what_was_typed(sent, says):
    posting, his = ahead(), signed_in(make.worker().user)
    form = form_of(his.get(f"/together/new/{posting.code}/"))

    answer = his.post(f"/together/new/{posting.code}/ask/", form | sent)

    assert answer.status_code in (409, 422) and says in answer.content.decode()
    assert not Party.objects.exists()


def test_the_employer_sees_one_candidate_of_three_and_takes_it_whole():
    posting, crew = ahead(way_in="apply"), [make.worker() for _ in range(3)]
    party = asked(posting, crew[0], *crew[1:])
    boss, here = signed_in(owner_of(posting.employer)), f"/e/jobs/{posting.code}/people/"
    assert boss.post(f"/e/together/{party.code}/choose/").status_code == 404, "not everybody said yes"
    for hand in crew[1:]:
        deals.say_yes(parties.by_code(party.code), hand, seen_hash=party.terms_hash, by=hand.user)
    page = boss.get(here).content.decode()
    assert "3 个人一起来" in page and "3 个人都选" in page and "报了名的" not in page
    one = Engagement.objects.filter(worker=crew[0]).get()
    assert "/choose/" not in boss.get(f"/e/people/{one.code}/").content.decode(), "one of a party is not chosen alone"
    assert boss.post(f"/e/people/{one.code}/choose/").status_code == 409
    assert boss.post(f"/e/people/{one.code}/decline/", {"because": "enough"}).status_code == 409
    assert signed_in(owner_of(make.employer())).post(f"/e/together/{party.code}/choose/").status_code == 404

    assert boss.post(f"/e/together/{party.code}/choose/").status_code == 302

    assert Shift.objects.get(posting=posting).taken == 3
    assert boss.post(f"/e/together/{party.code}/choose/").status_code == 302, "a second tap finds it done"


def test_the_employer_declines_it_whole_with_a_reason():
    posting, a, b = ahead(way_in="apply"), make.worker(), make.worker()
    party = asked(posting, a, b)
    deals.say_yes(party, b, seen_hash=party.terms_hash, by=b.user)
    boss = signed_in(owner_of(posting.employer))
    assert boss.post(f"/e/together/{party.code}/decline/").status_code == 422

    assert boss.post(f"/e/together/{party.code}/decline/", {"because": "enough"}).status_code == 302

    assert set(Engagement.objects.values_list("state", flat=True)) == {"declined"}
    assert "这次没选上" in signed_in(a.user).get(f"/together/{party.code}/").content.decode()


def test_somebody_without_a_phone_says_yes_at_the_desk_and_keeps_a_receipt():
    posting, a, b = ahead(), make.worker(), make.worker(with_phone=False, name="陈大伯")
    party = asked(posting, a, b)
    desk, mine = signed_in(make.clerk()), party.companions.get(worker=b)
    page = desk.get("/desk/calls/").content.decode()
    assert "陈大伯" in page and "有人叫他一起去" in page

    assert desk.post(f"/desk/calls/together/{mine.code}/go/", {"key": "k1"}).status_code == 302

    deal = Engagement.objects.get(worker=b)
    assert deal.state == "confirmed" and deal.acted_by is not None
    assert Assisted.objects.get(acting_for=b.user, act="together").consent_how == Consent.How.RECORDED_CALL
    assert desk.post(f"/desk/calls/together/{mine.code}/no/", {"key": "k2"}).status_code == 404, "it is settled"


def test_the_pages_ask_little_for_two_as_for_six():
    counts = []
    for size in (2, 6):
        posting, crew = ahead(places=9, way_in="apply"), [make.worker() for _ in range(size)]
        party = asked(posting, crew[0], *crew[1:])
        his, hers, boss = signed_in(crew[0].user), signed_in(crew[1].user), signed_in(owner_of(posting.employer))
        alone = signed_in(make.worker().user)
        terms = queries(alone, f"/jobs/{posting.code}/apply/")
        assert queries(hers, f"/together/{party.code}/") == terms, "the terms cost what they cost one who goes alone"
        assert queries(alone, f"/together/new/{posting.code}/") <= terms + 2, "whom one knows, and how many may go"
        here = [queries(his, f"/together/{party.code}/")]
        for hand in crew[1:]:
            deals.say_yes(parties.by_code(party.code), hand, seen_hash=party.terms_hash, by=hand.user)
        counts.append([*here, queries(boss, f"/e/jobs/{posting.code}/people/")])
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 8, counts
