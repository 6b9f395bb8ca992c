"""`manage.py demo`: a city of invented people, made by living through the real actions. Deterministic by seed."""

import gc
import json
import random
import sys
import time
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from linggong.accounts.models import User
from linggong.core import clock, codes, journal
from linggong.web.demo import founding, living, stories
from linggong.web.demo_people import demo_file


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
        settings.PRETEND_IN_PROCESS = True  # the providers live in this process while the past is lived
        moment = self._moment(options["on"])
        if options["if_needed"] and User.objects.exists():
            self._reopen(moment)
            return
        if User.objects.exists():
            raise CommandError(f"这里已经有人了。要重来，先删掉 {settings.DATA_DIR}")
        self._make(moment, days=options["days"], scale=options["scale"], seed=options["seed"])

    def _moment(self, on: date | None) -> datetime:
        now = clock.now()
        return now if on is None else clock.at(on, 6)

    def _make(self, moment: datetime, *, days: int, scale: float, seed: int) -> None:
        began = time.monotonic()
        luck = random.Random(seed)
        city = founding.City(luck, scale)
        day = clock.local(moment).date()
        journal.wake_with(None)
        gc.disable()  # a short-lived process that only grows: collecting costs a third of the time
        with codes.drawn_from(random.Random(seed + 1)):
            clock.set_now(clock.at(day - timedelta(days=days + 2), 9))
            founding.found(city, self._bar)
            living.live_past(city, days, on=day, progress=self._bar, also=stories.plan_past)
            living.live_today(city, opened=int(90 * scale), moment=moment)
            stories.open_today(city, moment)
            self._finish(city, moment)
        self._write(city, day)
        self.stdout.write(f"\n· 演示城市好了，用了 {time.monotonic() - began:.0f} 秒")

    def _finish(self, city: founding.City, moment: datetime) -> None:
        clock.set_now(moment)
        living.Days(city).sweep()
        while journal.seal_chain():
            pass

    def _reopen(self, moment: datetime) -> None:
        """The kept city is brought to today: what became due is done, and today's work is opened."""
        kept = json.loads(demo_file().read_text(encoding="utf-8")) if demo_file().exists() else {}
        day = clock.local(moment).date()
        if kept.get("on") == day.isoformat():
            return
        self.stdout.write("· 演示城市过到今天")
        luck = random.Random(day.toordinal())
        city = founding.City(luck)
        founding.remember(city, kept)
        journal.wake_with(None)
        living.Days(city).sweep()
        living.live_today(city, opened=40, moment=moment)
        stories.open_today(city, moment)
        self._finish(city, moment)
        self._write(city, day)

    def _write(self, city: founding.City, day: date) -> None:
        said = {
            "people": {key: user.code for key, user in city.roles.items()},
            "on": day.isoformat(),
            "serial": city.serial,
        }
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
