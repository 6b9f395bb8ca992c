"""The basement."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    """Loads every app's reactions, and tells the journal how to wake the worker."""

    name = "linggong.core"
    label = "core"

    def ready(self) -> None:
        autodiscover_modules("background")
        if settings.WAKE_WORKER:
            from linggong.core import journal, worker

            journal.wake_with(worker.wake)
