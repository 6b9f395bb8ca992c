"""The basement."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import autodiscover_modules

from linggong.core import clock


class CoreConfig(AppConfig):
    """Loads every app's reactions, tells the journal how to wake the worker, and shares one clock in a demo city."""

    name = "linggong.core"
    label = "core"

    def ready(self) -> None:
        autodiscover_modules("background")
        if settings.DEMO:
            clock.follow(settings.DATA_DIR / "clock")
        if settings.WAKE_WORKER:
            from linggong.core import journal, worker

            journal.wake_with(worker.wake)
