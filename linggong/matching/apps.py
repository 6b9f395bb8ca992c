"""Registers the app."""

from django.apps import AppConfig


class MatchingConfig(AppConfig):
    """Matching."""

    name = "linggong.matching"
    label = "matching"
