"""What happens to workers while nobody is asking: papers end, old events stop counting."""

import contextlib
from datetime import timedelta

from linggong.accounts.models import IdentityCheck
from linggong.core.clock import now, today
from linggong.core.journal import every, on
from linggong.core.models import Event
from linggong.core.refusals import Refused
from linggong.core.states import Moved
from linggong.core.uploads import forget_image
from linggong.workers import actions, import_files, queries
from linggong.workers.models import Holding, Verification, Worker

REMIND_BEFORE = timedelta(days=30)
LOOK_BACK = timedelta(days=30)  # a worker process that slept longer than this has other troubles
AT_ONCE = 500


@on("identitycheck.verified")
def verify_worker(event: Event) -> None:
    """The provider or a counter said who the person is: the worker's state follows."""
    worker = queries.of_user(IdentityCheck.objects.get(pk=event.subject_id).user)
    if worker is not None and worker.state in (Verification.LIGHT, Verification.PRELIM_CHECKED):
        with contextlib.suppress(Refused):  # staff were faster, or the person is too young: both are answers
            actions.verify(worker, by=event.by)


@on("user.erased")
def erase_worker(event: Event) -> None:
    """The person closed the account: what the archive said about them goes, and the photos with it."""
    worker = queries.of_user(event.subject_id)
    if worker is not None:
        for path in actions.erase(worker, by=event.by):
            forget_image(path)


@every(hours=1)
def expire_certificates() -> None:
    """CHECKED past its last day becomes EXPIRED. Nothing waits for this: `queries.holds` reads the date."""
    ended = Holding.objects.filter(state=Holding.State.CHECKED, valid_to__lt=today())
    for holding in ended.select_related("worker__user", "certificate").order_by("pk")[:AT_ONCE]:
        try:
            actions.expire_certificate(holding)
        except Moved:
            continue  # staff rejected it this moment


@every(hours=12)
def remind_of_certificates() -> None:
    """One word to the worker, thirty days before a certificate ends."""
    day = today()
    soon = Holding.objects.filter(
        state=Holding.State.CHECKED, valid_to__gte=day, valid_to__lte=day + REMIND_BEFORE, reminded_at=None
    )
    for holding in soon.select_related("worker__user", "certificate").order_by("valid_to", "pk")[:AT_ONCE]:
        actions.remind_of_expiry(holding)


@every(hours=24)
def reassess_records() -> None:
    """Recognitions that rest on events which stopped counting since the last look."""
    moment = now()
    touched = Worker.objects.filter(
        points__counts_until__gt=moment - LOOK_BACK, points__counts_until__lte=moment,
        points__corrected_at=None,
    )  # fmt: skip
    for worker in touched.select_related("user").distinct().order_by("pk").iterator():
        actions.reassess(worker)


@every(hours=1)
def forget_import_files() -> None:
    """The bureau's Excel of people, looked at and left lying: gone after a day."""
    import_files.forget_old()
