"""Whom to ring about somebody, and the number: opened by a press, with the work as the reason, and written down."""

from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

import linggong.accounts.actions as accounts
import linggong.workers.queries as workers
from linggong.postings.models import Posting
from linggong.web.station import frame
from linggong.workers.models import Worker


def asked_for(request: HttpRequest) -> tuple[Worker, Posting]:
    """The worker and the work of the press, both within reach; else 404."""
    worker = workers.by_code(request.POST.get("worker", "")[:12].replace("\x00", ""))
    if worker is None or not frame.may_see(request, worker.user):
        raise Http404
    return worker, frame.posting_of(request, request.POST.get("posting", "")[:12].replace("\x00", ""))


def opened(request: HttpRequest, worker: Worker, posting: Posting) -> dict[str, Any]:
    """The number to ring for this worker, for station/_number.html. Raises what look_at raises.

    Their own; without a phone that of the family member or village officer who takes calls for them, and then the look
    is at that person's number and stands in their record.
    """
    other = worker.contact_user if worker.contact_via != "self" else None
    whose = other or worker.user
    number = accounts.look_at(
        whose,
        "phone",
        by=request.user,
        role=frame.role_words(request),
        reason=_("打电话问{name}去不去：{what}").format(name=worker.user.called, what=posting.title),
    )
    if other is None:
        who = _("本人")
    else:
        who = _("{via} {name}").format(via=worker.get_contact_via_display(), name=whose.name)
    return {"worker": worker.code, "who": who, "number": number}
