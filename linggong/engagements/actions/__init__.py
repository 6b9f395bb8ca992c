"""The life of a deal, in five chapters, in the order they are lived."""

from linggong.engagements.actions.attendance import (
    accept_uncovered,
    begin_work,
    check_in,
    check_out,
    go_uncovered,
    renew_cover,
)
from linggong.engagements.actions.completion import (
    agree_figures,
    auto_confirm,
    close,
    confirm,
    dispute,
    mark_overdue,
    mark_paid,
    resolve,
)
from linggong.engagements.actions.falling_out import (
    accident,
    call_off,
    cancel_by_employer,
    cancel_by_worker,
    contest,
    end_early,
    no_show,
    wasted_trip,
)
from linggong.engagements.actions.joining import (
    answer_offer,
    apply,
    ask_again,
    choose,
    decline,
    dispatch,
    fund_posting,
    grab,
    offer,
    promote,
    reaccept,
    wait,
    withdraw,
)
from linggong.engagements.actions.rating import hide, rate, reveal

__all__ = [
    "accept_uncovered", "accident", "agree_figures", "answer_offer", "apply", "ask_again", "auto_confirm", "begin_work",
    "call_off", "cancel_by_employer", "cancel_by_worker", "check_in", "check_out", "choose", "close", "confirm",
    "contest", "decline", "dispatch", "dispute", "end_early", "fund_posting", "go_uncovered", "grab", "hide",
    "mark_overdue", "mark_paid", "no_show", "offer", "promote", "rate", "reaccept", "renew_cover", "resolve", "reveal",
    "wait", "wasted_trip", "withdraw",
]  # fmt: skip
