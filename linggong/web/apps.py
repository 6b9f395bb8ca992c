"""Registers the app."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Web."""

    name = "linggong.web"
    label = "web"
