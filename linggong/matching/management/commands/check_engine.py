"""`manage.py check_engine`: build the live index, compare it with the database, time it. Ends with 1 when they differ."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from linggong.matching.live.index import Live


class Command(BaseCommand):
    """For whoever sets a county up, and whenever there is a doubt."""

    help = "Compare the live index with the database."

    def add_arguments(self, parser: CommandParser) -> None:
        """How many rows of each kind."""
        parser.add_argument("--rows", type=int, default=1000, help="random workers and postings to compare")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build, check, say."""
        live = Live()
        began = time.perf_counter()
        live.build()
        built = time.perf_counter() - began
        said = live.check(options["rows"])
        self.stdout.write(
            f"{said.workers} workers and {said.postings} postings read in {built:.1f} s; {said.checked} compared with"
            f" the database, {said.drift} differ."
        )
        if said.drift:
            raise CommandError(f"The index is not what the database says: {said.keys}")
