"""Registers the app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts."""

    name = "linggong.accounts"
    label = "accounts"
