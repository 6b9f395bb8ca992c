"""`manage.py work`: the worker process."""

from typing import Any

from django.core.management.base import BaseCommand
from huey.consumer_options import ConsumerConfig


class Command(BaseCommand):
    """Run reactions and sweeps until told to stop (SIGTERM or Ctrl-C finish the task in hand)."""

    help = "Run what the journal owes and what the clock asks for."

    def handle(self, *args: Any, **options: Any) -> None:
        from linggong.core import worker

        config = ConsumerConfig(workers=1, periodic=True, max_delay=0.5, graceful_sigterm=True, verbose=None)
        config.validate()
        consumer = worker.huey.create_consumer(**config.values)
        worker.wake()
        consumer.run()
