"""Registers the app."""

from django.apps import AppConfig


class VenuesConfig(AppConfig):
    """Venues."""

    name = "linggong.venues"
    label = "venues"
