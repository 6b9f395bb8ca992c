"""From the offer to the agreement in force, by taps, by voice and on paper."""

import pytest

from linggong import make
from linggong.agreements import actions, queries
from linggong.agreements.models import Acceptance, Agreement
from linggong.core.journal import Event
from linggong.core.states import Moved

pytestmark = pytest.mark.django_db
SIDES = ("worker", "employer")


def yes(agreement, side, **facts):
    person = agreement.worker.user if side == "worker" else agreement.employer.registered_by
    return actions.accept(agreement, side, how="tap", by=person, **facts)


def state(agreement):
    return Agreement.objects.get(pk=agreement.pk).state


@pytest.mark.row("FJ-29")
@pytest.mark.parametrize("first", SIDES)
def test_both_yeses_in_any_order_make_it_effective(drawn, first):
    agreement = drawn()
    second = next(side for side in SIDES if side != first)

    lived = [state(agreement)]
    for side in (first, second):
        yes(agreement, side)
        lived.append(state(agreement))
    actions.end(agreement.ref, by=None)

    assert [*lived, state(agreement)] == ["sent", f"signed_{first}", "effective", "ended"]
    assert {row.side: row.terms_hash for row in agreement.acceptances.all()} == dict.fromkeys(
        SIDES, agreement.terms_hash
    )
    assert queries.was_effective(agreement.ref)


def test_one_yes_is_not_enough_and_said_twice_is_once(drawn):
    agreement = drawn()

    yes(agreement, "worker")
    yes(agreement, "worker")

    assert state(agreement) == "signed_worker"
    assert not queries.is_effective(agreement.ref)
    assert agreement.acceptances.count() == 1


@pytest.mark.row("GX-27a")
def test_a_person_who_saw_other_terms_cannot_have_agreed(drawn):
    agreement = drawn()

    with pytest.raises(actions.TermsChanged):
        yes(agreement, "worker", seen_hash="0" * 64)

    assert state(agreement) == "sent"
    assert not Acceptance.objects.exists()


@pytest.mark.row("FJ-29")
def test_terms_changed_behind_the_hash_cannot_be_accepted(drawn, intrude):
    agreement = drawn()
    intrude("agreements_agreement", "terms", {**agreement.terms, "pay_fen": 1}, agreement.pk)

    with pytest.raises(actions.TermsChanged):
        yes(agreement, "worker")

    assert state(agreement) == "sent"


def test_a_stranger_cannot_say_yes_for_either_side(drawn):
    agreement, stranger = drawn(), make.user(name="外人")

    for side in SIDES:
        with pytest.raises(actions.NotTheirs):
            actions.accept(agreement, side, how="tap", by=stranger)

    assert state(agreement) == "sent"


def test_read_aloud_at_the_window_keeps_the_person_and_the_witness_apart(drawn):
    agreement, clerk = drawn(), make.clerk()

    actions.accept(agreement, "worker", how="spoken", by=clerk, acting_for=agreement.worker.user, witness=clerk)

    row = agreement.acceptances.get()
    event = Event.objects.get(name="agreement.accepted")
    assert (row.user, row.witness, row.how) == (agreement.worker.user, clerk, "spoken")
    assert (event.by, event.acting_for) == (clerk, agreement.worker.user)


@pytest.mark.row("FJ-29")
def test_the_counter_route_prints_one_page_and_takes_the_signed_one_back(drawn):
    agreement, clerk = drawn(), make.clerk()
    actions.print_paper(agreement, by=clerk)
    paper = queries.paper(agreement)
    signed = {"worker_user": agreement.worker.user, "employer_user": agreement.employer.registered_by}
    scan = {"scan": "agreements/scan.jpg", "scan_hash": "1" * 64}

    with pytest.raises(actions.WrongMark):
        actions.scan_paper(agreement, mark="ABCDEF", by=clerk, **scan, **signed)
    printed = state(agreement)
    actions.scan_paper(agreement, mark=f" {queries.mark(agreement).lower()}", by=clerk, **scan, **signed)

    assert paper.startswith(b"%PDF-")
    assert printed == "printed"
    assert state(agreement) == "effective"
    assert [(row.how, row.witness) for row in agreement.acceptances.order_by("side")] == [("paper", clerk)] * 2
    moves = Event.objects.filter(subject_id=agreement.pk, name__startswith="agreement.").values_list("name", flat=True)
    assert {"agreement.printed", "agreement.scanned", "agreement.effective"} <= set(moves)


def test_the_published_offer_signed_by_the_worker_on_paper_keeps_the_first_yes(drawn):
    agreement, clerk = drawn(), make.clerk()
    actions.accept(agreement, "employer", how="publish", by=agreement.employer.registered_by)

    actions.print_paper(agreement, by=clerk)
    actions.scan_paper(
        agreement, mark=queries.mark(agreement), scan="s.jpg", scan_hash="1" * 64, worker_user=agreement.worker.user,
        employer_user=agreement.employer.registered_by, by=clerk,
    )  # fmt: skip

    assert dict(agreement.acceptances.values_list("side", "how")) == {"employer": "publish", "worker": "paper"}


def test_drawn_up_twice_with_the_same_terms_is_one_agreement(drawn):
    agreement = drawn()

    again = actions.draw_up(
        ref=agreement.ref, kind="SERVICE", worker=agreement.worker, employer=agreement.employer, terms=agreement.terms,
        by=None,
    )  # fmt: skip

    assert again == agreement
    assert Agreement.objects.count() == 1


def test_new_terms_void_an_offer_but_never_an_agreement_in_force(drawn, terms):
    agreement = drawn()
    facts = {"ref": agreement.ref, "kind": "SERVICE", "worker": agreement.worker, "employer": agreement.employer}

    newer = actions.draw_up(terms=terms(pay_fen=2500), by=None, **facts)
    yes(newer, "worker")
    yes(newer, "employer")
    with pytest.raises(actions.StillAgreed):
        actions.draw_up(terms=terms(pay_fen=2600), by=None, **facts)

    assert (state(agreement), state(newer)) == ("void", "effective")
    assert queries.live(agreement.ref) == newer
    assert queries.latest(agreement.ref) == newer


def test_void_is_void_once_and_for_all(agreed):
    agreement = agreed()

    actions.void(agreement.ref, by=None)
    assert actions.void(agreement.ref, by=None) is None

    agreement.refresh_from_db()
    assert agreement.state == "void"
    assert not queries.is_effective(agreement.ref)
    with pytest.raises(Moved):
        agreement.move("effective", by=None)


@pytest.mark.parametrize("missing", ["title", "pay_fen", "pay_unit", "shifts"])
def test_no_agreement_without_work_time_and_pay(drawn, missing):
    with pytest.raises(actions.TermsMissing):
        drawn(**{missing: None})

    assert not Agreement.objects.exists()
