"""While nobody is asking: order cover, ask again, tell the insurer of cancellations, begin, end, ring."""

import logging
from datetime import timedelta

from linggong.core.clock import now
from linggong.core.journal import every, on
from linggong.core.models import Event
from linggong.core.outside import NotReached
from linggong.insurance import actions, queries
from linggong.insurance.gateways import insurer
from linggong.insurance.models import Policy

logger = logging.getLogger(__name__)

SILENT = timedelta(minutes=1)


@on("policy.pending_payment")
def order_cover(event: Event) -> None:
    """Order the cover at the insurer. An unknown outcome is tried again: the order number is the same."""
    policy = _policy(event)
    if insurer.is_on() and policy.state == Policy.State.PENDING_PAYMENT:
        hear(policy, insurer.order(policy))


@on("policy.cancelled")
def cancel_cover(event: Event) -> None:
    """Tell the insurer, whatever it knows: an order still under way must not be bound after this."""
    if insurer.is_on():
        insurer.cancel(_policy(event))


@every(minutes=1)
def ask_again() -> None:
    """The net below the reactions: what the insurer has not answered is looked up, and ordered if unknown there."""
    if not insurer.is_on():
        return
    for policy in queries.pending(now() - SILENT):
        try:
            answer = insurer.look(policy)
            hear(policy, insurer.order(policy) if answer.state == "unknown" else answer)
        except NotReached as error:
            logger.warning("the insurer does not answer: %s", error)
            return  # it will not answer the next one either; in a minute again


@every(minutes=1)
def by_the_clock() -> None:
    """Cover begins and ends; unbound cover shortly before the start rings."""
    moment = now()
    actions.ring_late(moment)
    actions.begin_and_end(moment)


def hear(policy: Policy, answer: insurer.Answer) -> None:
    """Write down what the insurer said, from an answer or from a callback."""
    if answer.state == "bound":
        actions.hear_bound(policy, policy_number=answer.policy_number, cover_from=answer.cover_from)
    elif answer.state == "refused":
        actions.hear_refused(policy, reason=answer.reason)


def hear_callback(path: str, body: bytes, headers: object) -> None:
    """A message from the insurer came in at `path`. Raises insurer.BadCallback; an unknown order is ignored."""
    answer = insurer.read_callback(path, body, headers)
    policy = Policy.objects.filter(code=answer.order).first()
    if policy is not None:
        hear(policy, answer)


def _policy(event: Event) -> Policy:
    return Policy.objects.select_related("product", "worker__user").get(pk=event.subject_id)
