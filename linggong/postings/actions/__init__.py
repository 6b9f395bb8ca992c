"""Postings: every way a demand for workers changes, by chapter in the order it is lived."""

from linggong.postings.actions.calling_off import call_off, close, pass_time, pause, resume
from linggong.postings.actions.changing import change, redraft
from linggong.postings.actions.digests import make_digest, mark_told
from linggong.postings.actions.drafting import draft, facts_of, repeat
from linggong.postings.actions.finding import forget_finished, index, rebuild
from linggong.postings.actions.places import give_back_place, mark_funded, take_place
from linggong.postings.actions.review import (
    appeal,
    approve,
    open_for_review,
    reject,
    return_,
    ring,
    take_down,
    warn_of_missed_start,
)
from linggong.postings.actions.submitting import submit
from linggong.postings.entry import BadFacts
from linggong.postings.refusals import (
    CalledOff,
    Full,
    HeldForNew,
    InReview,
    NoReasons,
    NotCommitted,
    NotOpen,
    SelfReview,
    Started,
    StillBound,
    TooLate,
    TooMuch,
    Unlawful,
)

__all__ = [
    "BadFacts", "CalledOff", "Full", "HeldForNew", "InReview", "NoReasons", "NotCommitted", "NotOpen", "SelfReview", "Started",
    "StillBound", "TooLate", "TooMuch", "Unlawful", "appeal", "approve", "call_off", "change", "close", "draft",
    "facts_of", "forget_finished", "give_back_place", "index", "make_digest", "mark_funded", "mark_told",
    "open_for_review", "pass_time", "pause", "rebuild", "redraft", "reject", "repeat", "resume", "return_", "ring",
    "submit", "take_down", "take_place", "warn_of_missed_start",
]  # fmt: skip
