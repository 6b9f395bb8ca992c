"""What the bureau's floor does while nobody asks."""

from datetime import timedelta

from linggong.accounts.queries import deletions_due
from linggong.core.clock import now, today
from linggong.core.journal import every, on
from linggong.core.models import Event
from linggong.core.refusals import Refused
from linggong.engagements.models import Engagement, Invitation
from linggong.oversight import actions, idle, spread

AT_ONCE = 200


@every(hours=1)
def keep_yesterdays_head() -> None:
    """The head of the chain at the end of a day, to be compared with what was kept outside."""
    actions.keep_head(today() - timedelta(days=1))


@every(hours=24)
def walk_the_chain() -> None:
    """Once a day the whole chain, so that the page only shows what was found."""
    actions.walk_chain()


@every(hours=24)
def measure_the_spread() -> None:
    """How evenly work is spread, for 怎么排的."""
    spread.measure()


@every(hours=1)
def let_go_who_asked() -> None:
    """Accounts whose seven days are over (PIPL art. 47). One that refuses does not stop the others."""
    for row in deletions_due(now())[:AT_ONCE]:
        try:
            actions.erase_departed(row)
        except Refused:
            continue  # taken back this moment


@every(hours=1)
def who_has_no_work() -> None:
    """五天没活: a person looks for work for whoever waited five days (U12)."""
    idle.look(AT_ONCE)


@on("engagement.offered", "engagement.confirmed")
def offered_at_last(event: Event) -> None:
    """The wait is over."""
    idle.work_came(Engagement.objects.select_related("worker").get(pk=event.subject_id).worker)


@on("invitation.sent")
def called_at_last(event: Event) -> None:
    """The same, by a wave."""
    idle.work_came(Invitation.objects.select_related("worker").get(pk=event.subject_id).worker)
