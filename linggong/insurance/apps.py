"""Registers the app."""

from django.apps import AppConfig


class InsuranceConfig(AppConfig):
    """Insurance."""

    name = "linggong.insurance"
    label = "insurance"
