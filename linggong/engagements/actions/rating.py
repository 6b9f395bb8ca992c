"""Rating: both sides speak, neither sees the other's words first; nobody can erase them, only hide with a reason."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

import linggong.accounts.actions as accounts
import linggong.employers.actions as employers
import linggong.matching.actions as matching
import linggong.workers.actions as workers
from linggong.accounts.models import User
from linggong.core.clock import now
from linggong.core.journal import record
from linggong.engagements import queries
from linggong.engagements.models import Engagement, Rating
from linggong.engagements.refusals import BadFigures, NotRatable, RatedAlready

WORKER_TAGS = {  # what a worker says of an employer
    "on_time_pay": _("工钱准时"), "as_told": _("和说的一样"), "kind": _("人和气"), "safe": _("安全"),
    "wage": _("工钱有问题"), "unsafe": _("不安全"), "insult": _("骂人"), "not_as_told": _("和说的不一样"),
}  # fmt: skip
EMPLOYER_TAGS = {  # what an employer says of a worker
    "punctual": _("守时"), "skilled": _("活好"), "careful": _("细心"), "again": _("下次还叫"),
    "late": _("迟到"), "unskilled": _("不会干"), "left": _("中途走了"), "rude": _("吵架"),
}  # fmt: skip
SERIOUS = frozenset({"wage", "unsafe", "insult"})


@transaction.atomic
def rate(
    deal: Engagement, side: str, *, stars: int, by: User, tags: Sequence[str] = (), text: str = "",
    acting_for: User | None = None,
) -> Rating:  # fmt: skip
    """One rating per side, once work was confirmed or a no-show, wasted trip or early end stands (E10).

    Hidden until both sides spoke or seven days passed. Two stars or fewer, or a tag about wages, safety or insults,
    writes `rating.serious`, from which a case opens. Raises NotRatable, RatedAlready, BadFigures.
    """
    known = WORKER_TAGS if side == "worker" else EMPLOYER_TAGS
    if not 1 <= stars <= 5 or any(tag not in known for tag in tags):
        raise BadFigures(_("点一个脸再交"))
    if not queries.ratable(deal):
        raise NotRatable
    try:
        with transaction.atomic():
            rating = Rating.objects.create(
                engagement=deal,
                side=side,
                stars=stars,
                tags=list(tags),
                text=text.strip()[:200],
                by=by,
                at=now(),
            )
    except IntegrityError as error:
        raise RatedAlready from error
    record("rating.submitted", rating, by=by, acting_for=acting_for, side=side, deal=deal.code)
    if stars <= 2 or SERIOUS & set(tags):
        record("rating.serious", rating, by=by, acting_for=acting_for, side=side, stars=stars, tags=list(tags))
    if side == "employer":
        if "again" in tags:
            matching.like(deal.worker, deal.employer, by=by)
        if stars == 5:
            workers.give_points(deal.worker, "five_star", cause=queries.ref(deal), by=by)
    elif stars == 5:
        employers.give_points(deal.employer, "five_star", cause=queries.ref(deal), by=by)
    if deal.ratings.count() == 2:
        reveal(deal)
    return rating


@transaction.atomic
def reveal(deal: Engagement) -> int:
    """Show what was said: both spoke, or the window is over. Returns how many became visible."""
    shown = 0
    for rating in deal.ratings.filter(visible_at=None):
        shown += Rating.objects.filter(pk=rating.pk, visible_at=None).update(visible_at=now())
        record("rating.visible", rating, by=None, side=rating.side)
    return shown


@transaction.atomic
def hide(rating: Rating, *, because: str, by: User) -> None:
    """A reviewer hides a rating that breaks the rules; it stays in the record, and its author is told why."""
    if not because.strip():
        raise BadFigures(_("写清楚为什么收起来，写的人会看到"))
    Rating.objects.filter(pk=rating.pk, hidden_at=None).update(
        hidden_at=now(), hidden_by=by, hidden_reason=because.strip()[:80]
    )
    rating.refresh_from_db()
    record("rating.hidden", rating, by=by, because=because.strip()[:80])
    accounts.tell(rating.by, _("你写的评价收起来了：{why}").format(why=because.strip()[:80]), kind="rating_hidden")
