"""Registers the app."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Cases."""

    name = "linggong.cases"
    label = "cases"
