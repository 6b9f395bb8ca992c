"""Registers the app."""

from django.apps import AppConfig


class MatchingConfig(AppConfig):
    """Matching."""

    name = "linggong.matching"
    label = "matching"

    def ready(self) -> None:
        """The live index of a process tells how it does through the app's own actions."""
        from linggong.matching import actions
        from linggong.matching.live import running

        running.report_with(actions.report_index)
