"""Registers the app."""

from django.apps import AppConfig


class ReferenceConfig(AppConfig):
    """Reference."""

    name = "linggong.reference"
    label = "reference"
