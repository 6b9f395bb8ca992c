"""The pages of inviting, of asking once more and of taking a no back, on every desk that shows them."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import linggong.accounts.actions as accounts
import linggong.engagements.actions as deals
from linggong import make
from linggong.accounts.models import Sms
from linggong.core import clock
from linggong.engagements import background, invited, queries
from linggong.engagements.models import Confirmation, Engagement, Filling, Invitation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _world(monday_morning):
    make.approved_rules()
    make.approved_products()


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def boss_of(posting):
    return queries.owner_of(posting.employer)


def in_three_days(**changes):
    return make.posting(starts_at=clock.at(date(2026, 11, 26), 9), **changes)


def tomorrow_at_ten(**facts):
    """A deal for tomorrow at ten whose person was asked 还去吗 just now."""
    start = clock.at(date(2026, 11, 24), 10)
    deal = make.engagement(worker_=make.worker(**facts), posting_=make.posting(starts_at=start, places=1))
    clock.set_now(start - timedelta(minutes=90))
    background.ask_once_more()
    make.settle_down()
    return deal, invited.confirmation_by_code(Confirmation.objects.get(attendance__engagement=deal).code)


# --- employer ------------------------------------------------------------------------------------------------


def test_an_employer_taps_once_and_sees_the_wave():
    for _ in range(3):
        make.worker(name="钱小六")
    posting = in_three_days(places=1)
    client = signed_in(boss_of(posting))

    answer = client.post(f"/e/jobs/{posting.code}/waves/fill/", {"key": "a1"}, follow=True)
    client.post(f"/e/jobs/{posting.code}/waves/fill/", {"key": "a1"})

    page = answer.content.decode()
    assert "第 1 批" in page and "就近最合适的" in page and "不用叫了" in page
    assert "钱小六" not in page and "钱师傅" not in page
    assert Invitation.objects.count() == 3


def test_an_employer_stops_and_another_employer_sees_nothing():
    make.worker()
    posting = in_three_days()
    client = signed_in(boss_of(posting))
    client.post(f"/e/jobs/{posting.code}/waves/fill/", {"key": "a1"})

    client.post(f"/e/jobs/{posting.code}/waves/stop/", {"key": "a2"})
    other = signed_in(queries.owner_of(make.employer())).get(f"/e/jobs/{posting.code}/waves/")

    assert Filling.objects.get().state == "stopped"
    assert other.status_code == 404


def test_u23_the_people_of_last_time_are_one_tap_away():
    boss = make.employer()
    deal = make.engagement(upto="confirmed_done", posting_=make.posting(employer_=boss, places=1))
    posting = make.posting(employer_=boss, starts_at=clock.at(date(2026, 11, 27), 9))

    page = signed_in(boss_of(posting)).post(
        f"/e/jobs/{posting.code}/waves/last-time/", {"key": "a1"}, follow=True
    )  # fmt: skip

    assert "上次那几个人" in page.content.decode()
    assert Invitation.objects.get(tier="again").worker == deal.worker


def test_where_nobody_of_last_time_can_come_the_page_says_what_to_do():
    posting = in_three_days()

    page = signed_in(boss_of(posting)).post(f"/e/jobs/{posting.code}/waves/last-time/", {"key": "a1"})

    assert page.status_code == 409
    assert "帮我补满" in page.content.decode()


def test_the_page_of_waves_asks_the_database_as_much_for_many_waves_as_for_few():
    posting = in_three_days(places=1)
    client = signed_in(boss_of(posting))
    counts = []
    for _ in range(2):
        for _ in range(4):
            make.worker()
        clock.set_now(clock.now() + timedelta(minutes=40))
        client.post(f"/e/jobs/{posting.code}/waves/fill/", {"key": str(len(counts))})
        background.waves_go_out()
        client.get(f"/e/jobs/{posting.code}/waves/")
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/e/jobs/{posting.code}/waves/")
        counts.append(len(asked))

    assert Filling.objects.get().wave == 2
    assert counts[0] == counts[1]


def test_the_cost_of_a_no_stands_on_the_page_before_the_tap():
    deal = make.engagement()
    client, worker = signed_in(boss_of(deal.posting)), signed_in(deal.worker.user)
    early = client.get(f"/e/deals/{deal.code}/").content.decode()
    clock.set_now(make.attendance(deal).shift.starts_at - timedelta(minutes=30))

    late = client.get(f"/e/deals/{deal.code}/").content.decode()
    mine = worker.get(f"/shifts/{deal.code}/cancel/").content.decode()

    assert "现在说，不记口碑" in early
    assert "口碑记 -3 分" in late and "30" in late
    assert "口碑记" in mine and "申诉" in mine


# --- worker --------------------------------------------------------------------------------------------------


def test_an_invitation_leads_to_the_ordinary_page_or_is_refused_in_one_tap():
    hand = make.worker()
    posting = in_three_days()
    deals.send_wave(deals.fill(posting, why="asked", by=None))
    one, client = Invitation.objects.get(worker=hand), signed_in(hand.user)

    page = client.get("/invited/").content.decode()
    opened = client.get(f"/invited/{one.code}/")
    client.post(f"/invited/{one.code}/refuse/", {"key": "k1"})
    client.post(f"/invited/{one.code}/refuse/", {"key": "k2"})

    assert f"/jobs/{posting.code}/apply/" in page
    assert opened.url == f"/jobs/{posting.code}/"
    assert Invitation.objects.get().state == "refused"
    assert f"/jobs/{posting.code}/apply/" not in client.get("/invited/").content.decode()


def test_another_workers_invitation_does_not_exist():
    hand = make.worker()
    deals.send_wave(deals.fill(in_three_days(), why="asked", by=None))
    one = Invitation.objects.get(worker=hand)

    client = signed_in(make.worker().user)

    assert client.get(f"/invited/{one.code}/").status_code == 404
    assert client.post(f"/invited/{one.code}/refuse/", {"key": "k"}).status_code == 404
    assert Invitation.objects.get().state == "sent"


def test_u27_the_switch_and_the_hour_stand_on_the_workers_page():
    hand = make.worker()
    client = signed_in(hand.user)
    page = client.get("/me/profile/").content.decode()

    client.post("/me/profile/save/", {
        "division": hand.division_id, "reach_m": hand.reach_m, "invites": "off", "call_from": "06:30", "key": "k1",
        "taking_work": "on",
    })  # fmt: skip

    hand.refresh_from_db()
    assert "早上几点能叫你" in page and "老板缺人时叫我" in page
    assert (hand.invites, f"{hand.call_from:%H:%M}") == ("off", "06:30")


@pytest.mark.parametrize(("verb", "state", "deal_state"), [
    ("coming", "coming", "confirmed"), ("not-coming", "not_coming", "cancelled_by_worker"),
])  # fmt: skip
def test_u22_still_coming_is_answered_in_one_tap(verb, state, deal_state):
    deal, asked = tomorrow_at_ten()
    client = signed_in(deal.worker.user)
    page = client.get(f"/shifts/still/{asked.code}/").content.decode()

    client.post(f"/shifts/still/{asked.code}/{verb}/", {"key": "k1"})

    assert "还去" in page and "去不了" in page
    assert Confirmation.objects.get().state == state
    assert Engagement.objects.get(pk=deal.pk).state == deal_state


def test_the_page_of_a_deal_asks_and_then_offers_the_way_back():
    deal, _asked = tomorrow_at_ten()
    client = signed_in(deal.worker.user)
    asks = client.get(f"/shifts/{deal.code}/").content.decode()

    client.post(f"/shifts/{deal.code}/cancel/go/", {"key": "k1", "because": "family"})
    offers = client.get(f"/shifts/{deal.code}/").content.decode()
    client.post(f"/shifts/{deal.code}/undo/", {"key": "k2"})

    assert "还去吗" in asks and "还是去" in offers
    assert Engagement.objects.get(pk=deal.pk).state == "confirmed"


def test_when_the_place_is_gone_the_way_back_says_so():
    deal, _asked = tomorrow_at_ten()
    client = signed_in(deal.worker.user)
    client.post(f"/shifts/{deal.code}/cancel/go/", {"key": "k1", "because": "family"})
    clock.set_now(clock.now() + timedelta(minutes=6))

    answer = client.post(f"/shifts/{deal.code}/undo/", {"key": "k2"})

    assert answer.status_code == 409
    assert "能反悔的时间" in answer.content.decode()


# --- the desk ------------------------------------------------------------------------------------------------


def test_the_desk_calls_somebody_without_a_phone_and_sends_them_with_consent():
    hand = make.worker(with_phone=False, name="林没手机")
    posting = in_three_days()
    deals.send_wave(deals.fill(posting, why="asked", by=None))
    one, client = Invitation.objects.get(worker=hand), signed_in(make.clerk())
    page = client.get("/desk/calls/").content.decode()

    assert 'action="/desk/calls/number/"' in page and f'value="{hand.code}"' in page
    client.post(f"/desk/calls/invited/{one.code}/no-answer/", {"key": "k1"})
    noted = client.get("/desk/calls/").content.decode()
    client.post(f"/desk/calls/invited/{one.code}/go/", {"key": "k2"})
    make.settle_down()

    assert "林没手机" in page and "没打通" in noted
    deal = Engagement.objects.get(worker=hand)
    assert (deal.state, deal.channel, deal.acted_by is not None) == ("confirmed", "staff", True)
    assert Invitation.objects.get().state == "taken"


def test_a_silent_place_is_released_at_the_desk_after_message_and_call():
    deal, asked = tomorrow_at_ten()
    client = signed_in(make.clerk())
    too_soon = client.post(f"/desk/calls/asked/{asked.code}/release/", {"key": "k1"})
    sms = Sms.objects.get(about_code=asked.code)
    accounts.hear_reports([{"out_id": sms.code, "biz_id": "1", "success": False, "err_code": "MK:0001"}])
    client.post(f"/desk/calls/asked/{asked.code}/no-answer/", {"key": "k2"})
    page = client.get("/desk/calls/").content.decode()

    client.post(f"/desk/calls/asked/{asked.code}/release/", {"key": "k3"})

    assert too_soon.status_code == 409
    assert "放掉" in page and "白跑的钱" in page
    assert make.attendance(deal).state == "released"


def test_an_employer_alone_at_half_past_five_can_do_the_same():
    deal, asked = tomorrow_at_ten()
    client, one = signed_in(boss_of(deal.posting)), make.attendance(deal)
    before = client.get(f"/e/today/{one.code}/").content.decode()
    sms = Sms.objects.get(about_code=asked.code)
    accounts.hear_reports([{"out_id": sms.code, "biz_id": "1", "success": False, "err_code": "MK:0001"}])
    client.post(f"/e/today/{one.code}/asked/no-answer/", {"key": "k1"})
    after = client.get(f"/e/today/{one.code}/").content.decode()

    client.post(f"/e/today/{one.code}/asked/release/", {"key": "k2"})

    assert "放掉这个位子" not in before and "放掉这个位子" in after
    assert make.attendance(deal).state == "released"


def test_whoever_was_released_and_comes_all_the_same_taps_once():
    deal, asked = tomorrow_at_ten()
    sms = Sms.objects.get(about_code=asked.code)
    accounts.hear_reports([{"out_id": sms.code, "biz_id": "1", "success": False, "err_code": "MK:0001"}])
    deals.call_failed(asked, by=make.clerk())
    deals.release(invited.confirmation_by_code(asked.code), by=make.clerk())
    one, client = make.attendance(deal), signed_in(deal.worker.user)
    clock.set_now(one.shift.starts_at)
    page = client.get(f"/shifts/{deal.code}/").content.decode()

    client.post(f"/shifts/at/{one.code}/turned-up/", {"key": "k1"})

    assert "我到了" in page
    assert sorted(a.state for a in queries.attendances(engagement=deal)) == ["expected", "released"]


def test_a_desk_elsewhere_sees_none_of_it():
    hand = make.worker(with_phone=False)
    deals.send_wave(deals.fill(in_three_days(), why="asked", by=None))
    one = Invitation.objects.get(worker=hand)
    away = make.reference.division("110101")
    client = signed_in(make.staff(at_venue=make.venue(name="东城市场", division=away)))

    assert hand.user.name not in client.get("/desk/calls/").content.decode()
    assert client.post(f"/desk/calls/invited/{one.code}/go/", {"key": "k"}).status_code == 404


@pytest.mark.parametrize("field", ["asked", "silent"])
def test_the_call_list_asks_the_database_as_much_for_many_as_for_few(field):
    client, counts = signed_in(make.clerk()), []
    for number in (2, 6):
        for _ in range(number):
            if field == "asked":
                make.worker(with_phone=False)
            else:
                tomorrow_at_ten_again()
        if field == "asked":
            deals.send_wave(deals.fill(in_three_days(places=number), why="asked", by=None))
        client.get("/desk/calls/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/desk/calls/")
        counts.append(len(asked))

    assert counts[0] == counts[1]


def tomorrow_at_ten_again():
    clock.set_now(clock.at(date(2026, 11, 23), 6))
    return tomorrow_at_ten()


def test_u05_the_reviewer_reads_how_often_work_was_other_than_promised():
    boss = make.employer()
    deal = make.engagement(posting_=make.posting(employer_=boss))
    one = make.attendance(deal)
    clock.set_now(one.shift.starts_at - timedelta(minutes=10))
    deals.check_in(one, how="boss", by=queries.owner_of(boss), as_told=False)
    make.settle_down()
    waiting = make.posting(employer_=boss, state="submitted", content="洗菜切菜，限女性")

    page = signed_in(make.reviewer()).get(f"/review/{waiting.code}/").content.decode()

    assert "1 次到岗，1 次说和说的不一样" in page


# --- what is published, what registration asks ---------------------------------------------------------------


def test_the_rules_page_publishes_the_schedule_and_the_waves():
    page = re.sub(r"\s+", "", Client().get("/rules/").content.decode())

    for words in (
        "开工前12小时以上说",
        "开工前不到2小时说",
        "-3分",
        "-8分",
        "两边一样",
        "100人来40个",
        "一天最多叫3次",
        "21:30",
    ):
        assert words in page, words


def test_where_nobody_could_be_asked_the_page_does_not_say_that_all_were():
    posting = in_three_days(places=1)
    client = signed_in(boss_of(posting))

    page = client.post(f"/e/jobs/{posting.code}/waves/fill/", {"key": "a1"}, follow=True).content.decode()

    assert "附近没有合适又叫得到的人" in page and "都问过了" not in page
