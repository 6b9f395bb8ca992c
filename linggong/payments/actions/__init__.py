"""Verbs of money: putting in, settling, paying by hand, paying out, hearing what the custodian says.

Money rules (reliability M1–M20) that hold here: the hold is in the book before a request goes out (M8); at
most one open payout per settlement (M9); an unknown answer is not a failure (M10); final is final (M11); one
payment at the custodian is booked once (M6); a frozen wage moves only by a decision of two people (M13).
"""

from linggong.payments.actions.funding import (
    AlreadyFunded,
    NoCustodian,
    StoredEnough,
    cancel_funding,
    fail_funding,
    fund,
    got_pay_page,
    refund_rest,
)
from linggong.payments.actions.hearing import hear, hear_funding, hear_payout, hear_refund
from linggong.payments.actions.offline import (
    NotDueYet,
    NotInMoney,
    acknowledge,
    declare_paid,
    deny,
    note_overdue,
    note_silent,
)
from linggong.payments.actions.paying_out import BadNumber, choose_account, pay_again
from linggong.payments.actions.settling import (
    BadDeduction,
    NeedsTwo,
    TooMuchDisputed,
    cancel_settlement,
    cancel_settlement_of,
    complete,
    decide,
    deduct,
    freeze,
    open_settlement,
    unfreeze,
)

__all__ = [
    "AlreadyFunded",
    "BadDeduction",
    "BadNumber",
    "NeedsTwo",
    "NoCustodian",
    "NotDueYet",
    "NotInMoney",
    "StoredEnough",
    "TooMuchDisputed",
    "acknowledge",
    "cancel_funding",
    "cancel_settlement",
    "cancel_settlement_of",
    "choose_account",
    "complete",
    "decide",
    "declare_paid",
    "deduct",
    "deny",
    "fail_funding",
    "freeze",
    "fund",
    "got_pay_page",
    "hear",
    "hear_funding",
    "hear_payout",
    "hear_refund",
    "note_overdue",
    "note_silent",
    "open_settlement",
    "pay_again",
    "refund_rest",
    "unfreeze",
]
