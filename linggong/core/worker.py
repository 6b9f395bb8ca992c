"""The one process that works while nobody is asking. Only this file knows the queue.

The queue carries nothing but "look now": what is owed stands in the database (Delivery, Turn), so a lost
message costs at most a minute, and a message sent twice costs nothing.
"""

import contextlib

from django.conf import settings
from django.db import close_old_connections
from huey import SqliteHuey, crontab
from huey.serializer import SignedSerializer

from linggong.core import journal

huey = SqliteHuey(
    "linggong",
    filename=str(settings.QUEUE_FILE),
    serializer=SignedSerializer(secret=settings.SECRET_KEY),
    immediate=False,
    results=False,
    utc=True,
)


@huey.task()
def look_now() -> None:
    """Somebody committed something that a reaction waits for."""
    _work()
    journal.seal_chain()


@huey.periodic_task(crontab(minute="*"))
def sweep() -> None:
    """The net below `look_now`: whatever was missed, and everything that is due by the clock."""
    _work()
    journal.run_due_jobs()
    _work()
    journal.seal_chain()


def _work() -> None:
    close_old_connections()
    while journal.deliver():
        pass


def wake() -> None:
    """Called after commit. A queue that cannot be written is no reason to fail a request: the sweep comes."""
    with contextlib.suppress(Exception):
        look_now()
