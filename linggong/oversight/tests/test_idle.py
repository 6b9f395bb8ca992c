"""U12: whoever is offered nothing for five active days is somebody's task, once, until work comes."""

from datetime import timedelta

import pytest
from django.test import Client

import linggong.cases.actions as acting
import linggong.cases.queries as cases
import linggong.engagements.actions as deals
import linggong.workers.actions as workers
from linggong import make
from linggong.cases.models import Case
from linggong.core import clock
from linggong.core.clock import now
from linggong.oversight import background
from linggong.venues.models import Duty

pytestmark = pytest.mark.django_db


@pytest.fixture
def head():
    return make.staff(Duty.HEAD, name="周站长")


def waited(days=5, **facts):
    with clock.moved_to(now() - timedelta(days=days, minutes=1)):
        return make.worker(**facts)


def tasks():
    return list(Case.objects.filter(kind="no_work").order_by("pk"))


def test_u12_five_days_without_an_offer_open_a_task_for_the_head_with_a_due_time(head):
    waiting = waited()
    waited(days=4)

    background.who_has_no_work()
    background.who_has_no_work()

    (task,) = tasks()
    assert (task.about_code, task.owner, task.owner_role) == (waiting.code, head, "head")
    assert task.due_at == task.filed_at + timedelta(hours=24)


def test_it_closes_when_work_comes_and_opens_again_only_after_another_five_days(head, monday_morning):
    one = waited()
    background.who_has_no_work()
    deals.offer(make.posting(), one, by=head, channel="staff")
    make.settle_down()

    assert [task.state for task in tasks()] == ["closed"]
    background.who_has_no_work()
    assert len(tasks()) == 1
    with clock.moved_to(now() + timedelta(days=6)):
        background.who_has_no_work()
        assert [task.state for task in tasks()] == ["closed", "filed"]


def test_a_task_a_person_closed_does_not_come_back_in_the_same_wait(head):
    waited()
    background.who_has_no_work()
    (task,) = tasks()
    acting.answer(task, "想等厂里的活", by=head)
    acting.close(task, by=head)

    with clock.moved_to(now() + timedelta(days=3)):
        background.who_has_no_work()

    assert len(tasks()) == 1


def test_whoever_does_not_want_work_or_was_not_seen_for_a_fortnight_is_left_alone(head):
    resting, away, back = waited(), waited(days=20), waited(days=20)
    workers.change_profile(resting, by=resting.user, taking_work=False)
    Client().force_login(back.user)

    background.who_has_no_work()

    assert [task.about_code for task in tasks()] == [back.code]
    assert away.code not in {task.about_code for task in tasks()}


def test_the_head_finds_the_task_among_what_has_to_be_done(head):
    one = waited(name="何久等")
    background.who_has_no_work()
    (task,) = tasks()

    assert cases.by_code(task.code) == task
    client = Client()
    client.force_login(head)
    assert "五天没活" in client.get("/desk/cases/").content.decode()
    assert f"/desk/people/{one.user.code}/" in client.get(f"/desk/cases/{task.code}/").content.decode()


def test_a_county_gets_ten_new_tasks_a_day_the_longest_wait_first_and_forgets_nobody(head):
    late = [waited(days=5) for _ in range(6)]
    early = [waited(days=9) for _ in range(6)]

    background.who_has_no_work()
    background.who_has_no_work()

    first = {task.about_code for task in tasks()}
    assert len(first) == 10 and {one.code for one in early} < first
    with clock.moved_to(now() + timedelta(days=1, minutes=1)):
        background.who_has_no_work()
        assert {one.code for one in early + late} == {task.about_code for task in tasks()}
