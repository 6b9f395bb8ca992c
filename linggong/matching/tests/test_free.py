"""GX-06: nobody pays for posting, ranking, contact or registration; there is not even a field for it."""

import inspect
import re

import pytest
from django.apps import apps

import linggong.accounts.actions as accounts
import linggong.employers.actions as employers
import linggong.matching.actions as matching
import linggong.matching.score as score
import linggong.postings.actions as postings
import linggong.workers.actions as workers

CHARGING = re.compile(
    r"(?:^|_)(?:fee|fees|price|charge|charged|commission|toll|subscription|boost|promoted|paid_rank)(?:_|$)"
)
WAGES = {
    # What people earn, what a trade usually pays, what a shop promises when it calls off too late.
    "reference.Trade": {"wage_low_fen", "wage_high_fen"},
    "workers.Worker": {"pay_floor_fen"},
    "workers.Card": {"pay_fen"},
    "postings.Posting": {"pay_fen", "wasted_trip_fen", "shift_fen"},
}
FREE = ("reference", "accounts", "workers", "employers", "venues", "postings", "matching")


@pytest.mark.row("GX-06")
def test_no_table_of_the_free_services_can_hold_a_price():
    for label in FREE:
        for model in apps.get_app_config(label).get_models():
            names = {field.name for field in model._meta.get_fields()}
            money = {name for name in names if name.endswith("_fen")}
            assert not {name for name in names if CHARGING.search(name)}, model
            assert money <= WAGES.get(f"{label}.{model.__name__}", set()), model


@pytest.mark.row("GX-06")
def test_no_verb_of_the_free_services_takes_a_price():
    for module in (accounts, workers, employers, postings, matching):
        verbs = [verb for name, verb in vars(module).items() if inspect.isfunction(verb) and not name.startswith("_")]
        assert verbs, module
        for verb in verbs:
            taken = set(inspect.signature(verb).parameters)
            assert not {name for name in taken if CHARGING.search(name) or name in ("price_fen", "fee_fen")}, verb


@pytest.mark.row("GX-06")
def test_money_cannot_buy_a_better_place_in_the_order():
    inputs = set(inspect.signature(score.Pair).parameters)

    money = {name for name in inputs if name.endswith("_fen")}
    assert money == {"shift_fen", "wished_fen"}, "the wage offered and the wage wished, nothing else"
