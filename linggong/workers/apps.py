"""Registers the app."""

from django.apps import AppConfig


class WorkersConfig(AppConfig):
    """Workers."""

    name = "linggong.workers"
    label = "workers"
