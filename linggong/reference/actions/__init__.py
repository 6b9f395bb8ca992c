"""Verbs: load what ships with the product, enter and approve regional rules, add a local trade."""

from linggong.reference.actions.loading import load
from linggong.reference.actions.local_trades import BadTrade, TradeExists, add_local_trade
from linggong.reference.actions.rules import (
    BadRule,
    NotChecked,
    SamePerson,
    adopt_sample,
    approve_rule,
    approve_samples,
    enter_rule,
    withdraw_rule,
)

__all__ = [
    "BadRule",
    "BadTrade",
    "NotChecked",
    "SamePerson",
    "TradeExists",
    "add_local_trade",
    "adopt_sample",
    "approve_rule",
    "approve_samples",
    "enter_rule",
    "load",
    "withdraw_rule",
]
