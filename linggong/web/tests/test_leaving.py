"""去不了 costs the same wherever one reads of it: the job's page, the yes, the cancelling, the window."""

from datetime import timedelta

import pytest
from django.test import Client

from linggong import make
from linggong.core import clock
from linggong.reference import actions as rules
from linggong.venues.models import Duty

pytestmark = pytest.mark.django_db
SHIPPED = "去不了，开工 2 小时以前说，不记口碑；不到 2 小时才说，口碑记 -3 分。"
STRICT = "去不了，开工 24 小时以前说，不记口碑；不到 24 小时才说，口碑记 -1 分，不到 4 小时才说，口碑记 -5 分。"


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def publish(**values) -> None:
    one, two = make.supervisor(), make.supervisor()
    for key, value in values.items():
        rule = rules.enter_rule(
            key=key, value=value, division_code="350000", valid_from=clock.today(), document="试行办法", by=one
        )
        rules.approve_rule(rule, by=two)


@pytest.mark.parametrize(
    ("published", "said"),
    [
        ({}, SHIPPED),
        ({"cancel_bands": [24, 4], "cancel_points": {"early": 0, "middle": -1, "late": -5, "absent": -10}}, STRICT),
    ],
)
def test_the_job_page_and_the_window_say_the_rule_of_the_region(published, said):
    publish(**published)
    deal = make.engagement()

    job = Client().get(f"/jobs/{deal.posting.code}/").content.decode()
    window = signed_in(make.staff(Duty.CLERK)).get(f"/desk/people/{deal.worker.user.code}/deals/{deal.code}/")

    assert said in job and said in window.content.decode()


@pytest.mark.parametrize(("hours", "points"), [(9, 0), (3, 0), (1, -3)])
def test_before_the_yes_and_before_the_cancelling_one_reads_the_same_cost(hours, points):
    deal = make.engagement()
    clock.set_now(make.attendance(deal).shift.starts_at - timedelta(hours=hours))

    mine = signed_in(deal.worker.user).get(f"/shifts/{deal.code}/cancel/").content.decode()
    another = signed_in(make.worker(name="罗桂花").user).get(f"/jobs/{deal.posting.code}/apply/").content.decode()

    if points:
        assert f"口碑记 {points} 分" in mine and f"口碑记 {points} 分" in another
    else:
        assert "现在取消不记口碑" in mine and "前说一声，不记口碑" in another
