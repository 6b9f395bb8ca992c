"""What accounts does while nobody is asking: hand over messages, ask about identities, tidy up."""

from django.conf import settings

from linggong.accounts import actions, queries
from linggong.accounts.gateways import identity
from linggong.accounts.gateways import sms as gateway
from linggong.accounts.models import IdentityCheck, Sms
from linggong.core.clock import now
from linggong.core.journal import every, on
from linggong.core.models import Event
from linggong.core.outside import NotReached


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
