"""Registers the app."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Payments."""

    name = "linggong.payments"
    label = "payments"
