"""`manage.py demo`: a city of invented people, made by living through the real actions. Deterministic by seed."""

import json
import random
import sys
import time
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from linggong.accounts.models import User
from linggong.core import clock, codes, journal
from linggong.web.demo import founding, living, stories
from linggong.web.demo_people import demo_file

SETTLED = 20  # days the city stood before the past that is lived: who registered and never came again seeks nothing now


class Command(BaseCommand):
    """Found the city and live its past; or, where it stands already, open today's work."""

    help = "Make the demo city, or more of it: demo --days 60 --scale 10 --seed 3 --on 2026-11-24"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=7, help="days of past to live through")
        parser.add_argument("--scale", type=float, default=1.0, help="1 is 3,000 workers and 300 employers")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--on", type=date.fromisoformat, default=None, help="the day that is today, YYYY-MM-DD")
        parser.add_argument("--if-needed", action="store_true", dest="if_needed")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.MODE == "live":
            raise CommandError("演示城市只在演示模式里有。真的市场用 DEMO=0")
        if options["days"] < 0 or options["scale"] <= 0:
            raise CommandError("--days 不能是负数，--scale 要大于 0。例：demo --days 60 --scale 10")
        moment = self._moment(options["on"])
        with living.in_a_hurry():
            if not User.objects.exists():
                self._make(moment, days=options["days"], scale=options["scale"], seed=options["seed"])
            elif not options["if_needed"]:
                raise CommandError(f"这里已经有人了。要重来，先删掉 {settings.DATA_DIR}")
            elif not demo_file().exists():
                raise CommandError(f"演示城市上次没做完，接不上。删掉 {settings.DATA_DIR} 再来一次")
            else:
                self._reopen(moment)

    def _moment(self, on: date | None) -> datetime:
        now = clock.now()
        return now if on is None else clock.at(on, 6)

    def _make(self, moment: datetime, *, days: int, scale: float, seed: int) -> None:
        began = time.monotonic()
        demo_file().unlink(missing_ok=True)  # of another city; without it a torn one is known as torn
        city = founding.City(random.Random(seed), scale, seed)
        day = clock.local(moment).date()
        with codes.drawn_from(random.Random(seed + 1)):
            clock.stand_at(clock.at(day - timedelta(days=max(days, stories.DAYS) + SETTLED), 9))
            founding.found(city, self._bar)
            living.live_past(city, days, moment=moment, progress=self._bar, also=stories.plan_past)
            self._open(city, moment, opened=75)
        self._write(city, day)
        self.stdout.write(f"\n· 演示城市好了，用了 {time.monotonic() - began:.0f} 秒")

    def _reopen(self, moment: datetime) -> None:
        """The kept city is brought to today: what became due is done, and today's work is opened."""
        kept = json.loads(demo_file().read_text(encoding="utf-8"))
        day = clock.local(moment).date()
        if kept["on"] >= day.isoformat():
            return
        self.stdout.write("· 演示城市过到今天")
        seed = kept.get("seed", 1)
        city = founding.City(random.Random(f"{seed} {day}"), kept.get("scale", 1.0), seed)
        with codes.drawn_from(random.Random(f"{seed} {day} codes")), transaction.atomic():  # never half a day twice
            clock.stand_at(moment - timedelta(hours=1))
            living.Days(city).sweep()
            founding.remember(city, kept)
            self._open(city, moment, opened=40)
        self._write(city, day)

    def _open(self, city: founding.City, moment: datetime, *, opened: int) -> None:
        """Today's work, and what is left to do before somebody looks at it."""
        living.live_today(city, opened=max(12, round(opened * city.scale)), moment=moment)
        stories.open_today(city, moment)
        living.Days(city).sweep()
        while journal.seal_chain():
            pass

    def _write(self, city: founding.City, day: date) -> None:
        said = {
            "people": {key: user.code for key, user in city.roles.items()},
            "on": day.isoformat(),
            "serial": city.serial, "seed": city.seed, "scale": city.scale,
        }  # fmt: skip
        demo_file().write_text(json.dumps(said, ensure_ascii=False, indent=1), encoding="utf-8")

    def _bar(self, what: str, done: int, whole: int) -> None:
        """One line that grows on a terminal; a line per chapter elsewhere."""
        if sys.stdout.isatty():
            full = 24 * done // max(1, whole)
            self.stdout.write(f"\r  {what} [{'█' * full}{'·' * (24 - full)}] {done}/{whole} ", ending="")
            if done >= whole:
                self.stdout.write("")
        elif done >= whole:
            self.stdout.write(f"  {what} {done}/{whole}")
        self.stdout.flush()
