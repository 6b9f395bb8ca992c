"""Registers the app."""

from django.apps import AppConfig


class EngagementsConfig(AppConfig):
    """Engagements."""

    name = "linggong.engagements"
    label = "engagements"
