"""Write the index of words anew."""

from typing import Any

from django.core.management.base import BaseCommand

from linggong.postings.actions import rebuild


class Command(BaseCommand):
    """`manage.py search_index`: after rows came past the actions, or places were renamed."""

    help = "Make every posting findable by its words again, from its frozen terms (idempotent)."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{rebuild()} 个活按字词能查到")
