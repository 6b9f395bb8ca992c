"""What the bureau does across floors: suspend an employer with everything that hangs on it, keep the chain's head."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

import linggong.accounts.actions as accounts
import linggong.employers.actions as employers
import linggong.postings.actions as postings
import linggong.postings.queries as posted
from linggong.accounts.models import Deletion, User
from linggong.core.clock import now
from linggong.core.models import Link
from linggong.core.queries import broken_chain
from linggong.employers.models import Employer
from linggong.oversight import queries
from linggong.oversight.models import ChainCheck, Head

FAULTS_KEPT = 50


@transaction.atomic
def suspend_employer(employer: Employer, *, because: str, by: User) -> int:
    """Stop an employer: no new work, open postings down; running deals keep their wage protection (E12).

    Returns how many postings were taken down. The employer is told why and may appeal.
    """
    employers.suspend(employer, because=because, by=by)
    down = 0
    for posting in posted.live_of_employer(employer, now()):
        postings.take_down(posting, because=because, by=by)
        down += 1
    return down


def walk_chain() -> ChainCheck:
    """Walk the whole chain and keep what was found. Long: for the clock, never for a page."""
    begun, head = now(), Link.objects.order_by("-sequence").first()
    found = list(broken_chain())
    return ChainCheck.objects.create(
        begun_at=begun,
        ended_at=now(),
        sequence=head.sequence if head else 0,
        faults=len(found),
        words=found[:FAULTS_KEPT],
    )


def erase_departed(row: Deletion) -> bool:
    """Erase a person whose seven days are over, or tell them what is still open. Whether they are gone now.

    The last word goes to their phone before the number does. What law keeps (wages, agreements, the record of what
    was done) stays under their code: 保障农民工工资支付条例 art. 15, 个人信息保护法 art. 47.
    """
    if blocked := queries.still_open(row.user):
        accounts.erase(row, blocked_by=blocked, by=None)
        return False
    with transaction.atomic():
        words = _("账号注销了，姓名、手机号、证件都删了。法律要留的工钱和约定记录，按规定年限留着，不再写你的名字")
        accounts.tell(row.user, words, kind="security", sms="notice", params={"what": str(_("账号已注销，资料已删"))})
        accounts.erase(row, by=None)
    return True


@transaction.atomic
def keep_head(day: date) -> Head | None:
    """Keep the head of the hash chain for `day`, once. None while nothing is chained."""
    last = Link.objects.order_by("-sequence").first()
    if last is None:
        return None
    head, _made = Head.objects.get_or_create(
        day=day, defaults={"sequence": last.sequence, "chained": last.chained, "at": now()}
    )
    return head
