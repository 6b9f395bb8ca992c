"""Load the reference tables that ship with the product."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from linggong.reference.actions import load


class Command(BaseCommand):
    """`manage.py load_reference`: safe to run at every start, quick when nothing changed."""

    help = "Load divisions, trades, certificates, holidays and sample rules (idempotent)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--slim", action="store_true", help="no villages, townships of four provinces only")

    def handle(self, *args: Any, **options: Any) -> None:
        written = load(self.stdout.write, full=not options["slim"])
        if not written:
            self.stdout.write("参考数据没有变化")
