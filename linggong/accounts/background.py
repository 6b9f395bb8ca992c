"""What accounts does while nobody is asking: hand over messages, ask about identities, tidy up."""

from django.conf import settings

from linggong.accounts import actions, queries
from linggong.accounts.gateways import acs, identity, voice, wechat
from linggong.accounts.gateways import sms as gateway
from linggong.accounts.models import Call, IdentityCheck, Sms, WechatLink, WechatMessage
from linggong.core.clock import now
from linggong.core.journal import every, on
from linggong.core.models import Event
from linggong.core.outside import NotReached

WECHAT_TRIES = 3


@on("sms.waiting")
def send_sms(event: Event) -> None:
    """Hand a new message over at once; in the quiet hours one that is not urgent is left to the sweep."""
    sms = Sms.objects.get(pk=event.subject_id)
    moment = now()
    if sms.state != Sms.State.WAITING or sms.useful_until <= moment:
        return
    if not sms.urgent and queries.is_quiet(moment):
        return
    hand_over(sms)


@every(minutes=1)
def send_waiting_sms() -> None:
    """Drop what is of no use any more, then try what still waits. Stops when nobody answers."""
    actions.expire_sms()
    for sms in queries.waiting_sms(now()):
        try:
            hand_over(sms)
        except NotReached:
            return


def hand_over(sms: Sms) -> None:
    """One attempt. Raises NotReached when the outcome is unknown; the next attempt asks before it sends."""
    if not actions.claim_sms(sms):
        return
    try:
        if sms.attempts > 1 and gateway.look_up(sms):
            actions.sms_sent(sms, provider_ref="")
            return
        reference = gateway.send(sms)
    except gateway.Rejected as no:
        actions.sms_failed(sms, because=str(no))
        return
    except NotReached as silence:
        actions.release_sms(sms, because=str(silence))
        raise
    actions.sms_sent(sms, provider_ref=reference)


@on("call.waiting")
def place_call(event: Event) -> None:
    """Have a new call placed at once."""
    call = Call.objects.get(pk=event.subject_id)
    if call.state == Call.State.WAITING and call.useful_until > now():
        dial(call)


@every(minutes=1)
def calls_go_on() -> None:
    """Drop calls that come too late, place what waits, and ask about those nobody reported. Stops when nobody answers."""
    actions.expire_calls()
    moment = now()
    try:
        for call in queries.waiting_calls(moment):
            dial(call)
        for call in queries.calls_without_end(moment):
            ask_how_it_ended(call)
    except NotReached:
        return


def dial(call: Call) -> None:
    """One attempt. Raises NotReached where it surely did not ring; where it may have rung, it is not dialled again."""
    if not actions.claim_call(call):
        return
    if call.attempts > 1:  # the process that had it is gone, perhaps after dialling
        actions.call_placed(call, provider_ref="")
        return
    try:
        reference = voice.place(call)
    except voice.Rejected as no:
        actions.call_rejected(call, because=str(no))
        return
    except acs.NotAnswered:
        actions.call_placed(call, provider_ref="")
        return
    except NotReached as silence:
        actions.release_call(call, because=str(silence))
        raise
    actions.call_placed(call, provider_ref=reference)


def ask_how_it_ended(call: Call) -> None:
    """Look a call up by its number; after a quarter of an hour without a word nobody knows. Raises NotReached."""
    late = call.placed_at is not None and now() - call.placed_at >= queries.CALL_LOST
    if not call.provider_ref:
        if late:
            actions.call_unknown(call)
        return
    if not actions.claim_call(call):
        return
    try:
        said = voice.look_up(call)
    except NotReached:
        if late:
            actions.call_unknown(call)
        raise
    if not actions.end_call(call, said) and late:
        actions.call_unknown(call)


@on("wechatlink.asked")
def who_is_this(event: Event) -> None:
    """Exchange the code WeChat gave for the person's number there."""
    link = WechatLink.objects.get(pk=event.subject_id)
    if link.state != WechatLink.State.ASKED:
        return
    try:
        actions.wechat_answered(link, openid=wechat.who(link))
    except wechat.Rejected as no:
        actions.wechat_answered(link, because=str(no))


@on("wechatmessage.waiting")
def send_wechat(event: Event) -> None:
    """Hand a new WeChat message over at once; in the quiet hours one that is not urgent is left to the sweep."""
    message = WechatMessage.objects.select_related("notice__user", "grant__link").filter(pk=event.subject_id).first()
    if message is None or message.state != WechatMessage.State.WAITING:
        return
    if message.urgent or not queries.is_quiet(now()):
        hand_to_wechat(message)


@every(minutes=1)
def wechat_goes_on() -> None:
    """Ties nobody answered end; what still waits is tried, or goes as a text message. Stops when nobody answers."""
    moment = now()
    for link in queries.wechat_unanswered(moment)[:200]:
        actions.wechat_answered(link, because="no_answer")
    for message in queries.waiting_wechat(moment):
        if message.attempts >= WECHAT_TRIES or message.useful_until <= moment:
            actions.wechat_failed(message, because=message.failure or "no_answer")
            continue
        try:
            hand_to_wechat(message)
        except NotReached:
            return


def hand_to_wechat(message: WechatMessage) -> None:
    """One attempt. Raises NotReached when the outcome is unknown; a second try of a message that arrived is refused."""
    if message.grant.link.state != WechatLink.State.LINKED:
        actions.wechat_failed(message, because="unlinked")
        return
    if not actions.claim_wechat(message):
        return
    try:
        wechat.send(message)
    except wechat.Rejected as no:
        if str(no) == "refused" and message.attempts > 1:
            actions.wechat_sent(message)  # an earlier attempt arrived and used the permission
        else:
            actions.wechat_failed(message, because=str(no), unspent=str(no) != "refused")
        return
    except NotReached as silence:
        actions.release_wechat(message, because=str(silence))
        raise
    actions.wechat_sent(message)


@on("identitycheck.pending")
def ask_identity(event: Event) -> None:
    """Ask the provider and write the answer down. A busy provider is asked again, later each time."""
    check = IdentityCheck.objects.select_related("user").get(pk=event.subject_id)
    if check.state != IdentityCheck.State.PENDING:
        return
    if settings.IDENTITY_PROVIDER == "off":
        actions.answer_identity(check, outcome="off", by=None)
        return
    answer = identity.ask(check)
    actions.answer_identity(check, outcome=answer.outcome, token=answer.token, by=None)


@every(minutes=5)
def give_up_identity() -> None:
    """Nobody waits for ever: after half an hour the person is shown the way to the counter."""
    actions.give_up_identity(by=None)


@every(hours=6)
def forget_old_codes() -> None:
    """Codes are erased two days after they were made."""
    actions.forget_old_codes()
