"""`manage.py audit_invariants`: every M and E invariant that applies, against the real database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

import linggong.oversight.queries as oversight


class Command(BaseCommand):
    """Print each broken invariant with its row; exit non-zero when there is any."""

    help = "Check the invariants of money and life cycles; exits 1 with the offending rows."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = list(oversight.audit())
        for words in broken:
            self.stdout.write(words)
        if broken:
            raise CommandError(f"{len(broken)} broken")
        self.stdout.write("audit_invariants: 0 broken")
