"""Registers the app."""

from django.apps import AppConfig


class PostingsConfig(AppConfig):
    """Postings."""

    name = "linggong.postings"
    label = "postings"
