"""The book beside a naive one: whatever is done, in whatever order, both tell the same."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from linggong.core.once import KeyReused
from linggong.ledger import actions, queries

pytestmark = pytest.mark.django_db

FLOORED = ["escrow:posting:P1", "escrow:posting:P2", "escrow:engagement:E1", "payable:S1", "in_transit:Y1"]
FREE = ["gateway:wage_account", "paid_out", "refunded"]
PLACES = st.sampled_from(FLOORED + FREE)


class Book(RuleBasedStateMachine):
    """The model is a dict of sums and a dict of what each key once said."""

    @initialize()
    def begin(self):
        self.savepoint = transaction.savepoint()
        self.sums: dict[str, int] = dict.fromkeys(FLOORED + FREE, 0)
        self.said: dict[str, list] = {}
        self.undone: set[str] = set()

    def teardown(self):
        if hasattr(self, "savepoint"):
            transaction.savepoint_rollback(self.savepoint)

    def may(self, entries):
        after = dict(self.sums)
        for place, fen in entries:
            after[place] += fen
        return after if all(after[place] >= 0 for place in FLOORED) else None

    @rule(key=st.integers(0, 12), source=PLACES, to=PLACES, fen=st.integers(1, 300))
    def post(self, key, source, to, fen):
        key, entries = f"k{key}", [(source, -fen), (to, fen)]
        if key in self.said:
            if sorted(self.said[key]) == sorted(entries):
                actions.post("moved", key=key, entries=entries, by=None)
            else:
                with pytest.raises(KeyReused):
                    actions.post("moved", key=key, entries=entries, by=None)
            return
        if (after := self.may(entries)) is None:
            with pytest.raises(actions.Overdrawn):
                actions.post("moved", key=key, entries=entries, by=None)
            return
        actions.post("moved", key=key, entries=entries, by=None)
        self.sums, self.said[key] = after, entries

    @rule(data=st.data())
    def reverse(self, data):
        if not self.said:
            return
        key = data.draw(st.sampled_from(sorted(self.said)))
        transfer = queries.by_key(key)
        mirrored = [(place, -fen) for place, fen in self.said[key]]
        if key in self.undone:
            actions.reverse(transfer, key=f"undo-{key}", by=None)
            with pytest.raises(actions.AlreadyReversed):
                actions.reverse(transfer, key=f"again-{key}", by=None)
        elif (after := self.may(mirrored)) is None:
            with pytest.raises(actions.Overdrawn):
                actions.reverse(transfer, key=f"undo-{key}", by=None)
        else:
            actions.reverse(transfer, key=f"undo-{key}", by=None)
            self.sums = after
            self.undone.add(key)

    @rule(place=PLACES, fen=st.integers(-5, 5))
    def post_half(self, place, fen):
        with pytest.raises(actions.Unbalanced):
            actions.post("moved", key="half", entries=[(place, fen)], by=None)

    @invariant()
    def the_same_as_the_naive_book(self):
        for place, fen in getattr(self, "sums", {}).items():
            assert queries.balance(place) == fen

    @invariant()
    def nothing_breaks_a_rule(self):
        assert list(queries.audit()) == []


def test_the_book_and_a_naive_one_tell_the_same():
    run_state_machine_as_test(
        Book,
        settings=settings(
            max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
