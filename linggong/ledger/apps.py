"""Registers the app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Ledger."""

    name = "linggong.ledger"
    label = "ledger"
