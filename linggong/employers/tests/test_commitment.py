"""承诺书: plain duties with their sources; accepted in one version; a newer version asks again."""

import dataclasses
import hashlib

import pytest

import linggong.employers.actions as employers
from linggong.core.models import Event
from linggong.employers import commitment, queries
from linggong.employers.models import Commitment


@pytest.fixture
def newer(monkeypatch):
    """A second version of the text, in force now."""

    def publish():
        old = commitment.current()
        fresh = dataclasses.replace(old, version=old.version + 1, opening="我再答应一次。")
        monkeypatch.setitem(commitment.TEXTS, fresh.version, fresh)
        monkeypatch.setattr(commitment, "VERSION", fresh.version)
        return fresh

    return publish


@pytest.mark.django_db
@pytest.mark.row("GX-26")
def test_the_present_version_is_accepted_with_its_hash_and_date(employer):
    made = employer()
    owner = made.members.get().user
    assert not queries.has_committed(made)

    promise = employers.accept_commitment(made, by=owner)

    assert queries.has_committed(made)
    assert promise.text_hash == hashlib.sha256(commitment.current().plain.encode()).hexdigest()
    assert (promise.accepted_by, promise.version) == (owner, commitment.VERSION)
    assert Event.objects.get(name="employer.committed").data == {"version": commitment.VERSION}


@pytest.mark.django_db
@pytest.mark.row("GX-26")
def test_a_newer_version_asks_again_and_the_old_promise_stays(employer, newer):
    made = employer()
    owner = made.members.get().user
    employers.accept_commitment(made, by=owner)

    newer()
    assert not queries.has_committed(made)

    employers.accept_commitment(made, by=owner)
    assert queries.has_committed(made)
    assert [promise.version for promise in queries.commitments_of(made)] == [2, 1]


@pytest.mark.django_db
def test_accepting_twice_is_one_promise(employer):
    made = employer()
    owner = made.members.get().user

    assert employers.accept_commitment(made, by=owner) == employers.accept_commitment(made, by=owner)
    assert Event.objects.filter(name="employer.committed").count() == 1


@pytest.mark.django_db
def test_a_stranger_promises_nothing_and_staff_only_for_a_member(employer, person, clerk):
    made = employer()

    for by, acting_for in ((person(name="外人甲"), None), (clerk, None), (clerk, person(name="外人乙"))):
        with pytest.raises(employers.NotMember):
            employers.accept_commitment(made, by=by, acting_for=acting_for)
    assert not Commitment.objects.exists()

    owner = made.members.get().user
    promise = employers.accept_commitment(made, by=clerk, acting_for=owner)
    assert promise.accepted_by == owner


def test_every_duty_says_what_and_by_which_law():
    text = commitment.current()

    assert {"truthful", "pay", "no_fees", "no_papers_held", "safety", "insurance", "no_discrimination"} <= {
        duty.key for duty in text.duties
    }
    for duty in text.duties:
        assert duty.words and "《" in duty.source
        assert duty.words in text.plain and duty.source in text.plain


def test_another_word_is_another_hash():
    text = commitment.current()

    assert dataclasses.replace(text, closing=text.closing + "。").hash != text.hash


# What people accepted may not change under them: a new wording is a new version, with a new line here.
PUBLISHED = {1: "2f5edbfd9665bc416e646e5d3d3aed1f7765382ba84083c6d1b31a27de8b8317"}


def test_every_published_version_is_word_for_word_what_was_accepted():
    assert {version: text.hash for version, text in commitment.TEXTS.items()} == PUBLISHED
    assert all(version == text.version for version, text in commitment.TEXTS.items())
    assert max(PUBLISHED) == commitment.VERSION
