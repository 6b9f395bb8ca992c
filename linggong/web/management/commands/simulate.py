"""`manage.py simulate`: the same days of a labour market under two sets of rules, side by side."""

import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from linggong.core import clock
from linggong.matching import comparing, history, score, simulating

DAYS_MOST, WORKERS_MOST, POSTINGS_MOST, COUNTIES_MOST = 366, 3_000_000, 1_000_000, 200
USUAL = {"workers": 20_000, "postings": 6_000, "counties": 16}


class Command(BaseCommand):
    """Before rules are changed: what would have been."""

    help = "Compare two sets of rules on a made-up province or on what really happened; see docs/simulator.md."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which market, which rules."""
        parser.add_argument("--days", type=int, default=14)
        parser.add_argument("--workers", type=int, help=f"people of the made-up province ({USUAL['workers']})")
        parser.add_argument("--postings", type=int, help=f"postings in all ({USUAL['postings']})")
        parser.add_argument("--counties", type=int, help=f"counties they live in ({USUAL['counties']})")
        parser.add_argument("--longest", type=int, default=7, help="days of a posting at most; 1: day labour")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--a", default="first", help="rules, e.g. waves,every=15 (%(default)s)")
        parser.add_argument("--b", default="rounds", help="other rules, e.g. rounds,sharing=600 (%(default)s)")
        parser.add_argument("--history", action="store_true", help="the last days of this database instead")
        parser.add_argument("--out", help="folder for table and plots; made when it is not there")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, live the days twice, write, say where."""
        check(options)
        given = {component.name: component.most for component in score.default_weights().components}
        try:
            wanted = [comparing.read(options[which], given) for which in ("a", "b")]
            compared = comparing.compare(market_of(options), wanted, seed=options["seed"])
        except ValueError as problem:
            raise CommandError(str(problem)) from None
        folder = Path(options["out"] or tempfile.mkdtemp(prefix="linggong-simulated-"))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "measures.csv").write_text(comparing.as_csv(compared), encoding="utf-8")
            for name, picture in comparing.plots(compared).items():
                (folder / name).write_text(picture, encoding="utf-8")
        except OSError as problem:
            raise CommandError(f"The folder {folder} cannot be written: {problem.strerror}.") from None
        self.stdout.write(comparing.told(compared))
        self.stdout.write(
            f"{len(compared.market.workers.key):,} people, of whom {int(compared.reachable.sum()):,} could be reached by"
            f" any work; {int(compared.market.places.sum()):,} places of {len(compared.market.places):,} postings in"
            f" {compared.market.days} days; seed {options['seed']}. Table and plots: {folder}"
        )


def check(options: Mapping[str, Any]) -> None:
    """Refuse what makes no sense, with a sentence."""
    made = [name for name in USUAL if options[name] is not None]
    if options["history"] and made:
        raise CommandError(f"--{made[0]} belongs to a made-up province; a history has its own.")
    ranges = {"days": (1, DAYS_MOST), "workers": (1, WORKERS_MOST), "postings": (1, POSTINGS_MOST),
              "counties": (1, COUNTIES_MOST), "longest": (1, 7), "seed": (0, 2**32 - 1)}  # fmt: skip
    for name, (least, most) in ranges.items():
        number = options[name]
        if number is not None and not least <= number <= most:
            raise CommandError(f"--{name} must lie between {least:,} and {most:,}, not {number:,}.")


def market_of(options: Mapping[str, Any]) -> simulating.Market:
    """The market the options ask for."""
    if options["history"]:
        lived = history.market(clock.today() - timedelta(days=options["days"]), options["days"])
        if not len(lived.places) or not len(lived.workers.key):
            raise CommandError(f"Nothing happened here in the last {options['days']} days; try more --days.")
        return lived
    workers, postings, counties = (options[name] or usual for name, usual in USUAL.items())
    return simulating.province(
        workers, postings, options["days"], seed=options["seed"], counties=counties, longest=options["longest"]
    )
