"""Registers the app."""

from django.apps import AppConfig


class OversightConfig(AppConfig):
    """Oversight."""

    name = "linggong.oversight"
    label = "oversight"
