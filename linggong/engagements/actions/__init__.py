"""The life of a deal, chapter by chapter: asked, joined, asked once more, lived, finished, fallen out, rated."""

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
from linggong.engagements.actions.confirming import (
    ask_to_confirm,
    call_failed,
    release,
    release_costs,
    released_trip_fen,
    ring,
    say_coming,
    say_not_coming,
    turned_up,
)
from linggong.engagements.actions.falling_out import (
    accident,
    call_off,
    cancel_by_employer,
    cancel_by_worker,
    contest,
    end_early,
    no_show,
    undo_cancel,
    wasted_trip,
)
from linggong.engagements.actions.inviting import (
    ask_last_time,
    ask_late,
    end_filling,
    fill,
    fill_again,
    filled,
    note_call,
    refuse_invitation,
    send_wave,
    soon,
    stop_filling,
    take_invitation,
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
    refuse_when_full,
    take_over,
    wait,
    withdraw,
)
from linggong.engagements.actions.rating import hide, rate, reveal
from linggong.engagements.actions.talking import report_message, say
from linggong.engagements.actions.together import (
    choose_party,
    decline_party,
    end_party,
    one_fell_out,
    propose,
    say_no,
    say_yes,
)

__all__ = [
    "accept_uncovered", "accident", "agree_figures", "answer_offer", "apply", "ask_again", "ask_last_time",
    "ask_late", "ask_to_confirm", "auto_confirm", "begin_work", "call_failed", "call_off", "cancel_by_employer",
    "cancel_by_worker", "check_in", "check_out", "choose", "choose_party", "close", "confirm", "contest", "decline",
    "decline_party", "dispatch", "dispute", "end_early", "end_filling", "end_party", "fill", "fill_again", "filled",
    "fund_posting", "go_uncovered", "grab", "hide", "mark_overdue", "mark_paid", "no_show", "note_call", "offer",
    "one_fell_out", "promote", "propose", "rate", "reaccept", "refuse_invitation", "refuse_when_full", "release", "release_costs",
    "released_trip_fen", "renew_cover", "report_message", "resolve", "reveal", "ring", "say", "say_coming", "say_no",
    "say_not_coming", "say_yes", "send_wave", "soon", "stop_filling", "take_invitation", "take_over", "turned_up",
    "undo_cancel", "wait", "wasted_trip", "withdraw",
]  # fmt: skip
