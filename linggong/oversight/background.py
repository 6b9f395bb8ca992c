"""What the bureau's floor does while nobody asks."""

from datetime import timedelta

from linggong.core.clock import today
from linggong.core.journal import every
from linggong.oversight import actions


@every(hours=1)
def keep_yesterdays_head() -> None:
    """The head of the chain at the end of a day, to be compared with what was kept outside."""
    actions.keep_head(today() - timedelta(days=1))
