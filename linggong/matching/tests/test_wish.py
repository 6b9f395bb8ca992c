"""有了叫我: told within one sweep, once; ends after its days or by one tap."""

from datetime import timedelta

import pytest

import linggong.postings.actions as postings
from linggong import make
from linggong.accounts.models import Notice
from linggong.core import clock
from linggong.core.clock import now
from linggong.matching import actions, background, wishing
from linggong.matching.models import Wish
from linggong.postings.queries import Filters

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker():
    return make.worker()


def wished(worker, **conditions):
    filters = Filters(**({"trades": (make.kitchen().code,)} | conditions))
    return actions.wish(worker, filters=filters, words="帮厨", division=None, reach_m=10_000, by=worker.user)


def told(worker):
    return [notice.text for notice in Notice.objects.filter(user=worker.user, kind="wish").order_by("pk")]


def test_a_new_posting_that_fits_is_told_within_one_sweep_and_once(worker):
    wished(worker)
    background.call_who_wished()
    assert told(worker) == []

    posting = make.posting(title="食堂帮厨")
    for _turn in range(3):
        background.call_who_wished()

    assert told(worker) == ["有了：食堂帮厨，180 元/天"]
    assert Notice.objects.get(user=worker.user, kind="wish").about_code == posting.code


def test_what_was_on_the_list_already_is_not_told_and_what_reopens_is_not_told_twice(worker):
    make.posting()
    wished(worker)
    second = make.posting(title="第二家帮厨")
    background.call_who_wished()
    owner = make.lived.owner_of(second.employer)
    postings.pause(second, by=owner)
    postings.resume(second, by=owner)

    background.call_who_wished()

    assert told(worker) == ["有了：第二家帮厨，180 元/天"]


def test_several_at_once_are_one_message(worker):
    wished(worker)
    make.posting(), make.posting()

    background.call_who_wished()

    assert len(told(worker)) == 1 and told(worker)[0].endswith("一共 2 个")


@pytest.mark.parametrize(
    "conditions", [{"pay_low_fen": 50_000}, {"lodging": True}, {"trades": ("G109",)}, {"division": "350102"}]
)
def test_what_does_not_fit_the_wish_is_not_told(worker, conditions):
    division = conditions.pop("division", "")
    if division:
        actions.wish(
            worker, filters=Filters(trades=(make.kitchen().code,)), words="帮厨", reach_m=10_000, by=worker.user,
            division=make.reference.division(division),
        )  # fmt: skip
    else:
        wished(worker, **conditions)
    make.posting()

    background.call_who_wished()

    assert told(worker) == []


def test_what_law_forbids_this_person_is_not_told(worker):
    young = make.worker(born=clock.today() - timedelta(days=17 * 366))
    actions.wish(young, filters=Filters(), words="什么都行", division=None, reach_m=10_000, by=young.user)
    make.posting(trade="G001", title="砌墙")

    background.call_who_wished()

    assert told(young) == []


def test_it_ends_by_itself_after_its_days(worker):
    row = wished(worker)

    with clock.moved_to(row.until + timedelta(minutes=1)):
        background.call_who_wished()
        make.posting()
        background.call_who_wished()

    row.refresh_from_db()
    assert row.why_ended == "over" and told(worker) == [] and not wishing.open_of(worker)


def test_it_ends_by_one_tap_and_two_taps_are_one(worker):
    row = wished(worker)
    actions.end_wish(row, by=worker.user)
    actions.end_wish(row, by=worker.user)
    make.posting()

    background.call_who_wished()

    assert told(worker) == [] and Wish.objects.get().why_ended == "tapped"


def test_the_same_wish_is_one_and_is_kept_longer_and_a_sixth_is_refused(worker):
    first = wished(worker)
    with clock.moved_to(now() + timedelta(days=3)):
        again = wished(worker)
    assert again == first and Wish.objects.get().until > first.until

    for pay in (1, 2, 3, 4):
        wished(worker, pay_low_fen=pay * 100)
    with pytest.raises(actions.WishedEnough):
        wished(worker, pay_low_fen=999_00)


def test_conditions_survive_being_kept():
    filters = Filters(
        trades=("G140",),
        group="food",
        day=clock.today(),
        dayparts=("night",),
        pay_low_fen=12_000,
        meals=True,
        suitable_for="OLDER",
    )

    assert wishing.filters_of(wishing.as_data(filters)) == filters
