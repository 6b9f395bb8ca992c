"""`manage.py replay CODE`: take a past decision again from what was kept of it. Ends with 1 when anything differs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from linggong.matching import queries


class Command(BaseCommand):
    """For an appeal, an audit, or anybody's doubt."""

    help = "Take a past decision again and compare it with what was kept."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which decision."""
        parser.add_argument("code", help="the ten characters of the decision")

    def handle(self, *args: Any, **options: Any) -> None:
        """Recompute, compare, say."""
        decision = queries.decision_by_code(options["code"])
        if decision is None:
            raise CommandError(f"There is no decision {options['code']}.")
        found = queries.replayed(decision)
        if found:
            raise CommandError("different: " + "; ".join(found))
        self.stdout.write(
            f"equal: {len(decision.outcome)} rows by weights {decision.weights_version}, digest {decision.digest[:16]}"
        )
