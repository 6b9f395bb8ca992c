"""`manage.py check_draw CODE`: hold a morning draw again from what is public. Ends with 1 when anything differs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from linggong.matching import draws
from linggong.matching.models import Draw


class Command(BaseCommand):
    """For anybody's doubt about a draw."""

    help = "Hold a past draw again and compare it with what was published."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which draw."""
        parser.add_argument("code", help="the ten characters of the draw")

    def handle(self, *args: Any, **options: Any) -> None:
        """Recompute, compare, say."""
        draw = Draw.objects.filter(code=options["code"]).first()
        if draw is None:
            raise CommandError(f"There is no draw {options['code']}.")
        if found := draws.differences(draw):
            raise CommandError("different: " + "; ".join(found))
        self.stdout.write(f"equal: {draw.tickets} tickets, commitment {draw.commitment[:16]}")
