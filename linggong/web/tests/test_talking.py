"""发消息: short texts inside one deal, kept, reported to a person, and no number for anybody."""

from datetime import timedelta

import pytest
from django.test import Client

import linggong.engagements.actions as deals
from linggong import make
from linggong.accounts.models import Notice
from linggong.cases.models import Case
from linggong.core import clock
from linggong.core.clock import now
from linggong.engagements.models import Message
from linggong.engagements.queries import owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(monday_morning):
    make.approved_rules()
    make.approved_products()
    return make.engagement()


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def worker(deal):
    return signed_in(deal.worker.user)


@pytest.fixture
def boss(deal):
    return signed_in(owner_of(deal.employer))


@pytest.mark.row("SX-21")
def test_both_sides_write_and_read_without_seeing_a_number(deal, worker, boss):
    here, there = f"/shifts/{deal.code}/talk/", f"/e/deals/{deal.code}/talk/"
    assert here in worker.get(f"/shifts/{deal.code}/").content.decode()
    assert there in boss.get(f"/e/deals/{deal.code}/").content.decode()

    assert worker.post(f"{here}say/", {"text": "从后门进吗"}).status_code == 302
    assert boss.post(f"{there}say/", {"text": "对，后门，找老李"}).status_code == 302

    for page in (worker.get(here).content.decode(), boss.get(there).content.decode()):
        assert "从后门进吗" in page and "对，后门，找老李" in page
        assert deal.worker.user.phone_tail4 not in page
    assert Notice.objects.filter(user=deal.worker.user, kind="message", text="老板说：对，后门，找老李").exists()
    assert Notice.objects.filter(user=owner_of(deal.employer), text="工友说：从后门进吗").exists()


def test_a_message_sent_twice_by_a_weak_network_is_one(deal, worker):
    for _ in range(2):
        worker.post(f"/shifts/{deal.code}/talk/say/", {"text": "到了", "key": "abc123"})

    assert Message.objects.count() == 1


@pytest.mark.parametrize("text", ["", "   ", "长" * 201, "\x00"])
def test_nothing_and_too_much_are_refused_and_nothing_is_kept(deal, worker, text):
    answer = worker.post(f"/shifts/{deal.code}/talk/say/", {"text": text})

    assert answer.status_code == 422 and "最多 200 个字" in answer.content.decode()
    assert not Message.objects.exists()


def test_a_day_has_room_for_twenty_and_the_next_for_more(deal, worker):
    for number in range(20):
        deals.say(deal, f"第{number}句", side="worker", by=deal.worker.user)

    assert worker.post(f"/shifts/{deal.code}/talk/say/", {"text": "还有"}).status_code == 409
    with clock.moved_to(now() + timedelta(days=1, minutes=1)):
        assert worker.post(f"/shifts/{deal.code}/talk/say/", {"text": "还有"}).status_code == 302


def test_a_message_that_is_wrong_is_read_by_a_person(deal, worker, boss):
    bad = deals.say(deal, "先交 200 元押金", side="employer", by=owner_of(deal.employer))

    for _ in range(2):
        assert worker.post(f"/shifts/{deal.code}/talk/{bad.code}/report/").status_code == 302
    make.settle_down()

    case = Case.objects.get(kind="report")
    assert "先交 200 元押金" in case.facts and case.filed_by == deal.worker.user
    assert "举报了，站里会看" in worker.get(f"/shifts/{deal.code}/talk/").content.decode()
    assert boss.post(f"/e/deals/{deal.code}/talk/{bad.code}/report/").status_code == 404, "nobody reports themselves"


def test_a_stranger_finds_nothing_and_a_deal_long_over_takes_no_more(deal, worker):
    stranger = signed_in(make.worker(state="verified").user)
    assert stranger.get(f"/shifts/{deal.code}/talk/").status_code == 404
    assert stranger.post(f"/shifts/{deal.code}/talk/say/", {"text": "你好"}).status_code == 404

    deals.cancel_by_worker(deal, because="家里有事", by=deal.worker.user)
    assert worker.post(f"/shifts/{deal.code}/talk/say/", {"text": "对不住"}).status_code == 302
    with clock.moved_to(now() + timedelta(days=8)):
        assert worker.post(f"/shifts/{deal.code}/talk/say/", {"text": "还在吗"}).status_code == 409
        assert "对不住" in worker.get(f"/shifts/{deal.code}/talk/").content.decode(), "what was said is kept"
