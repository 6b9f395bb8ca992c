"""Registers the app."""

from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    """Agreements."""

    name = "linggong.agreements"
    label = "agreements"
