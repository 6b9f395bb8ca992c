"""Registers the app, and refuses to start with pretend services in live mode."""

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured


class AccountsConfig(AppConfig):
    """Accounts."""

    name = "linggong.accounts"
    label = "accounts"

    def ready(self) -> None:
        # A check alone would not do: the web server and the worker start without running the checks.
        from linggong.accounts.checks import no_pretends

        if errors := no_pretends():
            raise ImproperlyConfigured(" ".join(f"{error.msg}. {error.hint}" for error in errors))
