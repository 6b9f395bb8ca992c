"""Registers the app, and refuses to start with an unlawful owner of the wage account."""

from django.apps import AppConfig
from django.core import checks
from django.core.exceptions import ImproperlyConfigured


class PaymentsConfig(AppConfig):
    """Payments."""

    name = "linggong.payments"
    label = "payments"

    def ready(self) -> None:
        from linggong.payments.checks import owner_problem, wage_account_owner

        checks.register(wage_account_owner)
        if problem := owner_problem():
            raise ImproperlyConfigured(problem)
