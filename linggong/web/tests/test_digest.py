"""每日用工信息: once a day at the set hour, only what is open then, for groups, the wall and the loudspeaker."""

from datetime import timedelta

import pytest
from django.test import Client

import linggong.postings.actions as postings
import linggong.reference.actions as reference_actions
from linggong import make
from linggong.core import clock
from linggong.core.clock import at, now, today
from linggong.postings import background, digests
from linggong.postings.models import Digest
from linggong.reference.models import Division, Level

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    county = make.county()
    return Division.objects.filter(parent=county, level=Level.TOWN, lat__isnull=False).order_by("code").first()


@pytest.fixture
def station(town):
    """A station in the town: from then on the town is a community somebody passes news on to."""
    return make.venue(name="列东驿站", kind="STATION", division=town)


@pytest.fixture
def out(town):
    boss = make.employer()
    return lambda **facts: make.posting(employer_=boss, lat=town.lat, lng=town.lng, **facts)


@pytest.fixture
def clerk(station):
    client = Client()
    client.force_login(make.staff(at_venue=station))
    return client


def evening(hour=18, minute=0):
    return clock.moved_to(at(today(), hour, minute))


@pytest.mark.row("GX-17")
def test_the_daily_digest_holds_only_what_is_open_when_it_is_made(monday_morning, town, station, out, clerk):
    out(title="明天的活")
    begun = out(title="上午开工的", starts_at=at(today(), 9))
    full = out(title="一个人就满", places=1)
    make.engagement(posting_=full)
    paused = out(title="老板停了的")
    postings.pause(paused, by=None)
    out(title="没审的", state="reviewing")
    with evening(17, 59):
        background.write_digests()
        assert not Digest.objects.exists(), "not before its hour"

    with evening():
        background.time_passes()
        background.write_digests()
        digest = digests.latest(town.code, now())
        page = clerk.get("/desk/digest/").content.decode()
        sheet = clerk.get(f"/desk/digest/{digest.code}/print/").content.decode()
        public = Client().get(f"/digest/{town.code}/").content.decode()

    assert [item["title"] for item in digest.items] == ["明天的活"]
    for told in (page, sheet, public):
        assert "明天的活" in told
        assert not any(row.title in told for row in (begun, full, paused)) and "没审的" not in told
    assert "第1个，明天的活" in digests.voice(digest)


def test_a_day_has_one_digest_however_often_the_clock_looks_and_the_next_another(monday_morning, station, town, out):
    out(title="活", days=3)
    for day in (0, 1):
        for minutes in (0, 5, 90):
            with clock.moved_to(at(today() + timedelta(days=day), 18) + timedelta(minutes=minutes)):
                background.write_digests()

    assert [row.day.day for row in Digest.objects.filter(division=town).order_by("day")] == [23, 24]


def test_the_region_sets_the_hour(monday_morning, station, town, out):
    out(title="活")
    rule = reference_actions.enter_rule(
        key="digest_time",
        value="07:30",
        division_code=make.county().code,
        valid_from=today(),
        document="通知",
        by=make.supervisor(),
    )
    reference_actions.approve_rule(rule, by=make.supervisor())
    with evening(7, 30):
        background.write_digests()

    assert Digest.objects.filter(division=town).count() == 1


def test_messages_for_groups_stay_under_500_letters_and_lose_no_posting(monday_morning, station, town, out):
    for number in range(20):
        out(title=f"工业园三号仓库夜班分拣包裹{number}号", address="三元区工业园三路六号三明市顺达物流有限公司东门")
    digest = postings.make_digest(town, by=make.clerk())

    texts = digests.group_messages(digest, "https://a.example/digest/350403001/")

    assert len(digest.items) == 20 and len(texts) > 1
    assert all(len(text) <= digests.MESSAGE_MOST for text in texts)
    for item in digest.items:
        assert sum(f"{item['n']}. {item['title']} " in text for text in texts) == 1
    assert all("找活不花钱" in text and "/digest/350403001/" in text for text in texts)


def test_what_filled_since_is_marked_on_the_pages_and_another_can_be_made(monday_morning, town, out, clerk):
    job = out(title="还剩一个")
    clerk.post("/desk/digest/make/", {"place": town.code})
    first = digests.latest(town.code, now())
    postings.pause(job, by=None)

    page = clerk.get(f"/desk/digest/?place={town.code}").content.decode()
    public = Client().get(f"/digest/{town.code}/").content.decode()
    assert "1 个已经招满或停了" in page and "招满或停了" in public and f"/jobs/{job.code}/" not in public

    with clock.moved_to(now() + timedelta(minutes=1)):
        clerk.post("/desk/digest/make/", {"place": town.code})
        assert digests.latest(town.code, now()).items == []
    first.refresh_from_db()
    assert len(first.items) == 1, "what was written stands"


def test_passing_on_is_noted_once_with_who_and_when(monday_morning, town, out, clerk):
    out(title="活")
    digest = postings.make_digest(town, by=None)

    for _ in range(2):
        assert clerk.post(f"/desk/digest/{digest.code}/told/").status_code == 302

    digest.refresh_from_db()
    assert digest.told_by.name == "李晓梅" and "发过了" in clerk.get("/desk/digest/").content.decode()


def test_a_desk_sees_only_the_communities_in_its_reach(monday_morning, town, out, clerk):
    other = Division.objects.filter(level=Level.TOWN, lat__isnull=False, about=False).exclude(
        path__startswith=make.county().path
    ).first()  # fmt: skip
    make.venue(name="别处的驿站", kind="STATION", division=other)
    digest = postings.make_digest(other, by=None)

    assert clerk.post("/desk/digest/make/", {"place": other.code}).status_code == 404
    assert clerk.get(f"/desk/digest/{digest.code}/print/").status_code == 404
    assert other.name not in clerk.get("/desk/digest/").content.decode()


def test_a_place_without_a_digest_shows_what_is_out_now_and_nonsense_is_not_found(monday_morning, town, out, client):
    out(title="现在招的")

    assert "现在招的" in client.get(f"/digest/{town.code}/").content.decode()
    assert client.get("/digest/").status_code == 302
    assert client.get("/digest/999999/").status_code == 404
