"""Registers the app."""

from django.apps import AppConfig


class EmployersConfig(AppConfig):
    """Employers."""

    name = "linggong.employers"
    label = "employers"
