"""Real-name checks: by interface, by social-security card, or at the counter."""

from datetime import timedelta

import pytest
from django.test import override_settings

from linggong.accounts import actions, background, queries
from linggong.accounts.models import IdentityCheck
from linggong.accounts.tests.conftest import id_number
from linggong.core import outside
from linggong.core.clock import moved_to, now
from linggong.core.models import Event

pytestmark = pytest.mark.django_db
CARD = "A12345678"


@pytest.mark.row("FJ-14")
def test_a_social_security_card_is_checked_online_and_its_number_is_not_kept(make_user, later):
    number = id_number()
    user = make_user(id_number=number)
    assert queries.identity_of(user) == "unverified"

    check = actions.check_identity(user, method="ss_card", card_number=CARD, by=user)
    assert queries.identity_of(user) == "pending"
    assert CARD not in check.card_sealed and number not in user.id_sealed
    later()

    check.refresh_from_db()
    assert (check.state, check.method) == ("verified", "ss_card")
    assert check.token and check.card_sealed == "" and check.card_tail4 == "5678"
    assert user.masked_id == "*" * 14 + number[-4:]
    assert queries.identity_of(user) == "verified"
    assert [e.name for e in Event.objects.filter(subject_type="accounts.identitycheck").order_by("pk")] == [
        "identitycheck.pending", "identitycheck.verified",
    ]  # fmt: skip


@pytest.mark.row("FJ-14")
def test_the_counter_is_another_way(make_user):
    clerk, user = make_user("林站长"), make_user(id_number=id_number())

    check = actions.check_at_counter(user, by=clerk)

    assert (check.state, check.method, check.checked_by) == ("verified", "counter", clerk)
    assert queries.is_verified(user)


@pytest.mark.row("FJ-14")
@pytest.mark.parametrize(
    ("sequence", "card", "reason"),
    [("444", "", "not_found"), ("555", "", "mismatch"), ("", "A12340000", "mismatch")],
)
def test_a_failed_check_says_why_and_shows_the_way(make_user, later, sequence, card, reason):
    user = make_user(id_number=id_number(sequence=sequence))
    method = "ss_card" if card else "provider"

    actions.check_identity(user, method=method, card_number=card, by=user)
    later()

    check = queries.latest_check(user)
    assert (check.state, check.reason, check.card_sealed) == ("failed", reason, "")
    assert "窗口" in queries.inbox(user).get().text
    assert queries.identity_of(user) == "failed"


@pytest.mark.parametrize("sequence", ["666", "777"])
def test_a_busy_or_silent_provider_is_asked_again_with_the_same_key(make_user, later, sequence):
    user = make_user(id_number=id_number(sequence=sequence))
    actions.check_identity(user, method="provider", by=user)

    later()
    assert queries.identity_of(user) == "pending"
    for seconds in (5, 15, 40):
        with moved_to(now() + timedelta(seconds=seconds)):
            later()

    assert queries.identity_of(user) == "verified"
    assert outside.in_process("identity").db().execute("SELECT count(*) FROM ask").fetchone()[0] == 1


def test_after_half_an_hour_of_silence_the_counter_is_shown(make_user, later):
    user = make_user(id_number=id_number())
    outside.in_process("identity").turn("down", True)
    actions.check_identity(user, method="provider", by=user)
    later()

    with moved_to(now() + timedelta(minutes=31)):
        background.give_up_identity()

    assert (queries.latest_check(user).state, queries.latest_check(user).reason) == ("failed", "busy")


def test_a_wrong_key_is_answered_by_nobody(make_user, later):
    user = make_user(id_number=id_number())
    with override_settings(IDENTITY_KEY="somebody else's"):
        actions.check_identity(user, method="provider", by=user)
        outside.in_process("identity").options["IDENTITY_KEY"] = "the real one"
        later()

    assert queries.identity_of(user) == "pending"


@override_settings(IDENTITY_PROVIDER="off")
def test_without_a_provider_the_check_says_so(make_user, later):
    user = make_user(id_number=id_number())

    actions.check_identity(user, method="provider", by=user)
    later()

    assert queries.latest_check(user).reason == "off"


def test_the_interface_is_no_place_to_guess(make_user, later):
    user = make_user(id_number=id_number(sequence="555"))
    for _ in range(5):
        actions.check_identity(user, method="provider", by=user)
        later()

    with pytest.raises(actions.TooManyChecks):
        actions.check_identity(user, method="provider", by=user)
    clerk = make_user("林站长")
    assert actions.check_at_counter(user, by=clerk).state == "verified"


def test_a_check_needs_a_number_and_there_is_one_at_a_time(make_user):
    bare, user = make_user(), make_user(id_number=id_number())

    with pytest.raises(actions.NoIdNumber):
        actions.check_identity(bare, method="provider", by=bare)
    actions.check_identity(user, method="provider", by=user)
    with pytest.raises(actions.StillChecking):
        actions.check_identity(user, method="provider", by=user)
    assert IdentityCheck.objects.count() == 1


def test_staff_cannot_vouch_for_themselves(make_user):
    clerk = make_user("林站长", id_number=id_number())

    with pytest.raises(actions.NotYourself):
        actions.check_at_counter(clerk, by=clerk)


def test_an_answer_that_comes_twice_counts_once(make_user, later):
    user = make_user(id_number=id_number())
    check = actions.check_identity(user, method="provider", by=user)
    later()

    actions.answer_identity(check, outcome="mismatch", by=None)

    assert queries.identity_of(user) == "verified"
    assert queries.inbox(user).count() == 1
