"""From asking to the end of the cover, with an insurer that is slow, deaf, forgetful or says no."""

from datetime import timedelta

import pytest

from linggong import make
from linggong.core import clock
from linggong.core.journal import Event
from linggong.insurance import actions, background, queries
from linggong.insurance.gateways import insurer as gateway
from linggong.insurance.models import Policy

pytestmark = pytest.mark.django_db


def state(policy):
    return Policy.objects.get(pk=policy.pk).state


def orders(insurer):
    return [tuple(row) for row in insurer.db().execute("SELECT no, state FROM orders ORDER BY no")]


def events(name):
    return Event.objects.filter(name=name).count()


def test_asked_cover_is_bound_with_a_number_and_not_before(asked, insurer, later):
    policy = asked()
    covered_before = queries.is_covered(policy.ref, policy.starts_at, policy.ends_at)

    later()

    policy.refresh_from_db()
    assert not covered_before
    assert policy.state == "bound"
    assert policy.policy_number
    assert queries.is_covered(policy.ref, policy.starts_at, policy.ends_at)
    assert not queries.is_covered(policy.ref, policy.starts_at, policy.ends_at + timedelta(minutes=1))


@pytest.mark.row("FJ-43b")
def test_cover_is_per_task_each_with_its_own_policy_and_asking_twice_is_once(asked, insurer, later):
    first, second = asked("attendance:A"), asked("attendance:B")
    again = actions.ask(
        ref="attendance:A", deal="engagement:A", worker=first.worker, by=None,
        quote=queries.quote_for(
            make.kitchen(), 40, first.starts_at, first.ends_at, make.county().code
        ),
    )  # fmt: skip

    later()

    assert again.pk == first.pk
    assert first.policy_number == second.policy_number == ""
    assert len(set(Policy.objects.values_list("policy_number", flat=True))) == 2
    assert len(orders(insurer)) == 2


@pytest.mark.row("FJ-43e")
def test_who_cannot_be_insured_is_refused_with_the_reason_and_leaves_no_trace(asked, insurer):
    with pytest.raises(actions.NotInsurable, match="71 岁以上"):
        asked(born=clock.today().replace(year=clock.today().year - 75))

    assert not Policy.objects.exists()


def test_a_lost_answer_is_asked_again_and_stays_one_policy(asked, insurer, later):
    policy = asked()
    insurer.turn("lost", True)
    later()
    unknown = state(policy)

    insurer.turn("lost", False)
    with clock.moved_to(clock.now() + timedelta(minutes=2)):
        later()

    row = insurer.db().execute("SELECT * FROM orders").fetchone()
    policy.refresh_from_db()
    assert unknown == "pending_payment"
    assert (policy.state, policy.policy_number) == ("bound", row["policy_number"])
    assert len(orders(insurer)) == 1
    assert row["asked"] == 2


def test_an_insurer_that_is_down_leaves_the_outcome_open_and_the_sweep_finds_it_later(asked, insurer, later):
    policy = asked()
    insurer.turn("down", True)
    later()
    background.ask_again()
    waiting = state(policy)

    insurer.turn("down", False)
    with clock.moved_to(clock.now() + timedelta(minutes=2)):
        background.ask_again()

    assert waiting == "pending_payment"
    assert state(policy) == "bound"


def test_a_refusal_ends_in_not_insurable_with_the_insurers_reason(asked, insurer, later):
    policy = asked()
    insurer.turn("refuse", True)

    later()

    policy.refresh_from_db()
    assert policy.state == "not_insurable"
    assert policy.reason == "保险公司这会儿不接这类单"
    assert queries.cover_of(policy.ref) == policy
    assert not queries.is_covered(policy.ref, policy.starts_at, policy.ends_at)


def test_the_result_told_twice_binds_once(asked, insurer, later):
    policy = asked()
    insurer.turn("queue", True)
    insurer.turn("twice", True)
    later()
    waiting = state(policy)

    taken = insurer.tells()

    assert waiting == "pending_payment"
    assert taken == 2
    assert state(policy) == "bound"
    assert events("policy.bound") == 1


@pytest.mark.parametrize("damage", ["body", "signature", "age"])
def test_a_forged_or_stale_message_changes_nothing(asked, insurer, damage):
    policy = asked()
    body = f'{{"order":"{policy.code}","state":"bound","policy_number":"FAKE"}}'.encode()
    moment = clock.now() - (timedelta(hours=1) if damage == "age" else timedelta())
    sent = str(int(moment.timestamp()))
    mark = gateway.signature("POST", "/hear/insurer/", sent, body)
    if damage == "signature":
        mark = mark[::-1]
    if damage == "body":
        body = body.replace(b"FAKE", b"FALSE")

    with pytest.raises(gateway.BadCallback):
        background.hear_callback("/hear/insurer/", body, {"X-Timestamp": sent, "X-Signature": mark})

    assert state(policy) == "pending_payment"


def test_cancelled_before_the_start_is_cancelled_at_the_insurer_too(asked, insurer, later):
    policy = asked()
    later()

    actions.cancel(policy.ref, by=None)
    actions.cancel(policy.ref, by=None)
    later()

    assert state(policy) == "cancelled"
    assert orders(insurer) == [(policy.code, "cancelled")]
    assert queries.cover_of(policy.ref) is None


def test_an_order_cancelled_before_it_arrived_can_never_be_bound(asked, insurer, later):
    policy = asked()
    actions.cancel(policy.ref, by=None)
    later()

    answer = gateway.order(policy)
    background.hear(policy, answer)

    assert answer.state == "cancelled"
    assert state(policy) == "cancelled"


def test_a_late_yes_to_a_cancelled_order_is_noted_and_covers_nobody(asked):
    policy = asked()
    actions.cancel(policy.ref, by=None)

    actions.hear_bound(policy, policy_number="P1")

    assert state(policy) == "cancelled"
    assert events("policy.heard_again") == 1


def test_bound_cover_whose_work_has_started_runs_out_by_itself(asked, insurer, later):
    policy = asked()
    later()

    with clock.moved_to(policy.starts_at + timedelta(minutes=1)):
        actions.cancel(policy.ref, by=None)

    assert state(policy) == "bound"


def test_the_clock_begins_and_ends_cover_at_the_minute(asked, insurer, later):
    policy = asked()
    later()
    lived = []
    for moment in (
        policy.starts_at - timedelta(seconds=1),
        policy.starts_at,
        policy.ends_at - timedelta(seconds=1),
        policy.ends_at,
    ):
        actions.begin_and_end(moment)
        lived.append(state(policy))

    assert lived == ["bound", "in_force", "in_force", "ended"]
    assert not list(queries.broken(policy.ends_at + timedelta(days=1)))


def test_cover_asked_for_after_the_start_begins_when_it_is_bound_never_before(asked, insurer, later, monday_morning):
    policy = asked(starts_at=monday_morning - timedelta(minutes=20))

    later()

    policy.refresh_from_db()
    assert policy.state == "bound"
    assert policy.starts_at < policy.cover_from
    assert abs(policy.cover_from - clock.now()) < timedelta(minutes=1)


@pytest.mark.row("GX-28")
def test_cover_not_bound_half_an_hour_before_the_start_rings_once(asked):
    policy = asked()

    rung = [actions.ring_late(policy.starts_at - timedelta(minutes=m)) for m in (31, 30, 29, 10)]

    assert rung == [0, 1, 0, 0]
    assert events("policy.late") == 1


def test_a_number_entered_by_hand_needs_two_different_people(asked):
    policy, one, two = asked(), make.clerk(), make.clerk()

    for second in (None, one):
        with pytest.raises(actions.NeedsTwo):
            actions.enter_by_hand(policy, policy_number="P-1", by=one, second=second)
    with pytest.raises(actions.BadNumber):
        actions.enter_by_hand(policy, policy_number=" ", by=one, second=two)
    before = state(policy)
    actions.enter_by_hand(policy, policy_number="P-1", by=one, second=two)

    assert before == "pending_payment"
    assert state(policy) == "bound"
    assert queries.is_covered(policy.ref, policy.starts_at, policy.ends_at)


def test_the_insurer_keeps_only_the_tail_of_an_id_number_and_its_page_says_it_is_pretend(asked, insurer, later):
    policy = asked()
    later()

    kept = insurer.db().execute("SELECT facts FROM orders").fetchone()["facts"]
    page = insurer.orders(None).body.decode()

    assert policy.worker.user.id_tail4 in kept
    assert "350499" not in kept
    assert "模拟服务 不是真的" in page
    assert policy.code in page


def test_switched_off_means_hand_work_and_no_error(asked, insurer, later, settings):
    policy = asked()
    settings.INSURER_PROVIDER = "off"

    later()
    background.ask_again()

    assert state(policy) == "pending_payment"
    assert orders(insurer) == []
    assert queries.awaiting(clock.now()) == [policy]
