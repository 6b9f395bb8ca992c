"""Consents: per purpose, in words, given and taken back as easily."""

import pytest

from linggong.accounts import actions, consents, queries
from linggong.accounts.models import Consent
from linggong.core.models import Event

pytestmark = pytest.mark.django_db


def test_a_consent_keeps_what_was_shown_and_how(make_user):
    user = make_user()

    given = actions.consent(user, "insurer", how="tap", by=user)
    again = actions.consent(user, "insurer", how="tap", by=user)

    assert given == again
    assert given.text_hash == consents.current("insurer").digest
    assert queries.has_consented(user, "insurer")
    assert Event.objects.filter(name="consent.given").count() == 1


def test_a_consent_is_withdrawn_in_one_step_and_stays_on_file(make_user):
    user = make_user()
    actions.consent(user, "card_public", how="tap", by=user)

    assert actions.withdraw(user, "card_public", by=user) == 1
    assert actions.withdraw(user, "card_public", by=user) == 0

    assert not queries.has_consented(user, "card_public")
    assert queries.consents_of(user).count() == 1
    actions.consent(user, "card_public", how="tap", by=user)
    assert queries.consents_of(user).count() == 2


def test_a_spoken_consent_has_a_witness(make_user):
    user, clerk = make_user(), make_user("林站长")

    with pytest.raises(actions.WitnessNeeded):
        actions.consent(user, "assisted", how="spoken", by=user)
    given = actions.consent(user, "assisted", how="spoken", by=clerk)

    assert given.witness == clerk
    assert Event.objects.get(name="consent.given").acting_for == user


def test_an_unknown_purpose_is_no_consent(make_user):
    user = make_user()

    with pytest.raises(KeyError):
        actions.consent(user, "everything", how="tap", by=user)
    assert not Consent.objects.exists()


def test_every_text_is_plain_and_says_who_else_gets_the_data():
    for text in consents.purposes():
        assert 10 < len(text.words) <= 140
        assert not any("a" <= letter <= "z" for letter in text.words)
    assert consents.current("insurer").receiver and consents.current("share_with_employer").receiver
    assert [text.purpose for text in consents.purposes() if text.needed] == ["service"]
