"""Verbs of accounts, by chapter: people, identity, codes, staff, looking, telling, texting, calling, wechat, leaving."""

from linggong.accounts.actions.calling import (
    call_placed,
    call_rejected,
    call_unknown,
    claim_call,
    end_call,
    expire_calls,
    hear_calls,
    release_call,
    ring,
)
from linggong.accounts.actions.codes import (
    CodeExpired,
    SmsOff,
    TooManyTries,
    TooOften,
    WrongCode,
    ask_code,
    check_code,
    check_printed_code,
    count_console_try,
    forget_old_codes,
    print_code,
    prove,
)
from linggong.accounts.actions.identity import (
    NoIdNumber,
    NotYourself,
    StillChecking,
    TooManyChecks,
    answer_identity,
    check_at_counter,
    check_identity,
    give_up_identity,
)
from linggong.accounts.actions.leaving import StillOpen, erase, request_deletion, withdraw_deletion
from linggong.accounts.actions.looking import NoReason, TooManyLooks, assisted, look_at, note_look
from linggong.accounts.actions.people import (
    BadId,
    BadName,
    IdFixed,
    IdTaken,
    NameDiffers,
    PhoneTaken,
    TooYoung,
    WitnessNeeded,
    change_phone,
    choose_language,
    choose_print,
    consent,
    correct_name,
    find_or_make_person,
    make_person,
    set_id,
    sign_out_everywhere,
    withdraw,
)
from linggong.accounts.actions.staff import (
    DeviceUnknown,
    SecondFactorNeeded,
    WaitABit,
    WeakPin,
    WrongPin,
    change_shift,
    end_device,
    end_grant,
    enroll_device,
    grant,
    set_pin,
    set_setting,
)
from linggong.accounts.actions.telling import (
    claim_wechat,
    read_all,
    read_notice,
    release_wechat,
    tell,
    wechat_failed,
    wechat_sent,
)
from linggong.accounts.actions.texting import (
    BadReport,
    claim_sms,
    expire_sms,
    hear_replies,
    hear_reports,
    release_sms,
    sms_failed,
    sms_sent,
)
from linggong.accounts.actions.wechat import (
    GRANTS_MOST,
    EnoughGrants,
    NoWechat,
    allow_wechat,
    ask_wechat,
    forget_wechat,
    free_scene,
    wechat_answered,
)

__all__ = [
    "GRANTS_MOST", "BadId", "BadName", "BadReport", "CodeExpired", "DeviceUnknown", "EnoughGrants", "IdFixed",
    "IdTaken", "NameDiffers", "NoIdNumber", "NoReason", "NoWechat", "NotYourself", "PhoneTaken", "SecondFactorNeeded",
    "SmsOff", "StillChecking", "StillOpen", "TooManyChecks", "TooManyLooks", "TooManyTries", "TooOften", "TooYoung",
    "WaitABit", "WeakPin", "WitnessNeeded", "WrongCode", "WrongPin", "allow_wechat", "answer_identity", "ask_code",
    "ask_wechat", "assisted", "call_placed", "call_rejected", "call_unknown", "change_phone", "change_shift",
    "check_at_counter", "check_code", "check_identity", "check_printed_code", "choose_language", "choose_print",
    "claim_call", "claim_sms", "claim_wechat", "consent", "correct_name", "count_console_try", "end_call",
    "end_device", "end_grant", "enroll_device", "erase", "expire_calls", "expire_sms", "find_or_make_person",
    "forget_old_codes", "forget_wechat", "free_scene", "give_up_identity", "grant", "hear_calls", "hear_replies",
    "hear_reports", "look_at", "make_person", "note_look", "print_code", "prove", "read_all", "read_notice",
    "release_call", "release_sms", "release_wechat", "request_deletion", "ring", "set_id", "set_pin", "set_setting",
    "sign_out_everywhere", "sms_failed", "sms_sent", "tell", "wechat_answered", "wechat_failed", "wechat_sent",
    "withdraw", "withdraw_deletion",
]  # fmt: skip  # fmt: skip
