"""A posting as screening needs it, and the limits of the region."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

PART_TIME, SEASONAL, TEMPORARY, TASK, PIECEWORK_HOME = (
    "PART_TIME",
    "SEASONAL",
    "TEMPORARY",
    "TASK",
    "PIECEWORK_HOME",
)


@dataclass(frozen=True)
class Shift:
    """One stretch of work. `break_minutes` is None when nobody said whether there is a break."""

    start: datetime
    end: datetime
    break_minutes: int | None = None

    @property
    def hours(self) -> float:
        return max(0.0, (self.end - self.start).total_seconds() / 3600 - (self.break_minutes or 0) / 60)

    @property
    def surely_worked(self) -> float:
        """Hours less the longest usual break where none was stated: before anyone is accused of paying too little."""
        if self.break_minutes or self.hours < 6:
            return self.hours
        return self.hours - (2 if self.hours >= 10 else 1)

    @property
    def at_night(self) -> bool:
        """Any minute between 22:00 and 06:00."""
        midnight = datetime.combine(self.start.date(), time(0), tzinfo=self.start.tzinfo)
        nights = [(midnight + timedelta(hours=h), midnight + timedelta(hours=h + 8)) for h in (-2, 22, 46)]
        return self.start < self.end and any(self.start < end and begin < self.end for begin, end in nights)


@dataclass(frozen=True)
class PostingFacts:
    """A posting as screening needs it. Money in fen; unknown is None."""

    title: str = ""
    content: str = ""
    requirements: str = ""
    text: Mapping[str, str] = field(default_factory=dict)
    insurable: bool = True
    risk_class: int | None = None
    hazards: tuple[str, ...] = ()
    dangerous: bool = False
    shifts: tuple[Shift, ...] = ()
    pay_fen: int | None = None
    pay_unit: str | None = None
    quantity: float | None = None
    pay_cycle: str | None = None
    pay_due_days: int | None = None
    headcount: int | None = None
    age_low: int | None = None
    age_high: int | None = None
    certificates_required: tuple[str, ...] = ()
    certificates_stated: tuple[str, ...] = ()
    minor_contact: bool = False
    building_site: bool = False
    employer_kind: str = ""
    venue_kind: str = ""
    employment_form: str = ""
    repost: bool = False
    repost_source: str = ""
    reasons: frozenset[str] = frozenset()

    def texts(self) -> list[tuple[str, str]]:
        """Every field of free text, in the order of the form."""
        fixed = [("title", self.title), ("content", self.content), ("requirements", self.requirements)]
        return [(name, text) for name, text in [*fixed, *self.text.items()] if text]

    def hours_by_day(self) -> dict[date, float]:
        """Hours of work by the day on which a shift begins."""
        hours: dict[date, float] = defaultdict(float)
        for shift in self.shifts:
            if shift.hours > 0:
                hours[shift.start.date()] += shift.hours
        return dict(hours)

    def longest_week(self) -> float:
        """The hours of the fullest calendar week."""
        weeks: dict[tuple[int, int], float] = defaultdict(float)
        for day, hours in self.hours_by_day().items():
            weeks[day.isocalendar()[:2]] += hours
        return max(weeks.values(), default=0)

    def days_in_a_row(self) -> int:
        """The most days of work without a day off."""
        longest = run = 0
        last = None
        for day in sorted(self.hours_by_day()):
            run = run + 1 if last is not None and day - last == timedelta(days=1) else 1
            longest, last = max(longest, run), day
        return longest

    def days_from_first_to_last(self) -> int:
        days = sorted(self.hours_by_day())
        return (days[-1] - days[0]).days + 1 if days else 0

    def hourly_fen(self) -> tuple[int, bool] | None:
        """Pay for one hour, and whether that is certain: it is not when an unknown break was allowed for.

        None when the unit or the length of the work does not tell.
        """
        if self.pay_fen is None:
            return None
        if self.pay_unit == "HOUR":
            return self.pay_fen, True
        shifts = [shift for shift in self.shifts if shift.hours > 0]
        if not shifts:
            return None
        by_day: dict[date, float] = defaultdict(float)
        for shift in shifts:
            by_day[shift.start.date()] += shift.surely_worked
        if self.pay_unit == "FIXED" and self.headcount == 1:
            hours = sum(by_day.values())
        elif self.pay_unit == "SHIFT":
            hours = min(shift.surely_worked for shift in shifts)
        elif self.pay_unit == "DAY":
            hours = min(by_day.values())
        else:
            return None
        certain = all(shift.surely_worked == shift.hours for shift in shifts)
        return round(self.pay_fen / hours), certain

    def break_words(self) -> str:
        """Which break the pay for one hour leaves out: the one said, or the one allowed for where none was said."""
        shifts = [shift for shift in self.shifts if shift.hours > 0]
        if self.pay_unit == "HOUR" or not shifts:
            return ""
        allowed = max(shift.hours - shift.surely_worked for shift in shifts)
        if allowed:
            return f"（没写歇多久，按歇 {allowed:g} 小时算）"
        said = max(shift.break_minutes or 0 for shift in shifts)
        return f"（歇的 {said} 分钟不算）" if said else ""


@dataclass(frozen=True)
class Limits:
    """What the region lays down; None switches a check off."""

    min_hourly_wage_fen: int | None = None
    min_monthly_wage_fen: int | None = None
    part_time_daily_hours: float = 4
    part_time_weekly_hours: float = 24
    part_time_pay_days: int = 15
    daily_hours_normal: float = 8
    daily_hours_longest: float = 11
    weekly_hours_longest: float = 62
    days_without_rest: int = 6
    temporary_days: int | None = 30
    seasonal_days: int | None = 180
    site_age_max: int | None = None
    hazard_age_max: int | None = None
    high_risk_class: int = 5
    youth_risk_class: int = 4
