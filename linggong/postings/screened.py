"""A stored posting as the screening reads it, with the words and limits of its region, beside what others posted."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import linggong.reference.queries as reference
from linggong.core.clock import local
from linggong.postings import neighbours, screening
from linggong.postings.limits import venue_kind
from linggong.postings.models import Posting, Shift
from linggong.reference import groups
from linggong.reference.groups import HAZARDS
from linggong.reference.models import Certificate

MINORS_HAZARD = "MINORS"
SITE_GROUP = "build"
REPOST = "REPOST"


def findings(posting: Posting, shifts: Sequence[Shift], *, on: date) -> list[screening.Finding]:
    """Everything screening says about the posting under the rules in force at its place on that day."""
    limits = limits_of(posting.division_id, on=on, dangerous=aged_danger(posting))
    rules = words_of(posting.division_id, on=on)
    return screening.screen(facts_of(posting, shifts), rules=rules, limits=limits) + neighbours.findings(posting, on=on)


def aged_danger(posting: Posting) -> bool:
    """Whether the ceilings of G-06 look at this work: dangerous, and on a site or out of doors."""
    return groups.dangerous(posting.hazards) and (posting.outdoor or posting.trade.group == SITE_GROUP)


def words_of(division_code: str, *, on: date) -> screening.WordRules:
    """The words of the law, and after them those the region published. A region may only ask for a look."""
    shipped = screening.default_rules()
    row = reference.rule_row("posting_word_rules", division_code=division_code, on=on)
    return shipped if row is None else shipped.and_words(row.value, version=f"R{row.pk}", basis=row.document)


def facts_of(posting: Posting, shifts: Sequence[Shift]) -> screening.PostingFacts:
    """The posting in the form that screening takes: texts by field, times, figures."""
    trade = posting.trade
    needed = _names([*reference.hard_certificates(trade)])
    stated = _names(posting.certificates)
    return screening.PostingFacts(
        title=posting.title,
        content=posting.content,
        requirements="；".join(row["text"] for row in posting.requirements),
        text=_texts(posting),
        insurable=trade.risk_class is not None,
        risk_class=trade.risk_class,
        hazards=tuple(str(HAZARDS[code]) for code in posting.hazards if code in HAZARDS and code != MINORS_HAZARD),
        dangerous=groups.dangerous(posting.hazards),
        venue_kind=venue_kind(posting.employer.name),
        shifts=_spells(shifts),
        pay_fen=posting.pay_fen,
        pay_unit=posting.pay_unit,
        quantity=None if posting.quantity is None else float(posting.quantity),
        pay_cycle=posting.pay_cycle,
        headcount=posting.places,
        age_low=posting.age_low,
        age_high=posting.age_high,
        certificates_required=needed,
        certificates_stated=stated,
        minor_contact=MINORS_HAZARD in posting.hazards,
        building_site=trade.group == SITE_GROUP,
        employer_kind=posting.employer.kind,
        employment_form=posting.form,
        repost=posting.source == REPOST,
        repost_source=posting.source_url,
        reasons=frozenset({posting.age_reason}) if posting.age_reason else frozenset(),
    )


def by_the_hour(posting: Posting, shifts: Sequence[Shift]) -> tuple[int, str] | None:
    """The wage for one hour in fen as the check against the minimum wage reckons it, and which break was taken off.

    None where it is counted by the hour anyway, or where unit or hours do not tell. Asks the database nothing.
    """
    facts = screening.PostingFacts(
        shifts=_spells(shifts), pay_fen=posting.pay_fen, pay_unit=posting.pay_unit, headcount=posting.places
    )
    hourly = facts.hourly_fen()
    return None if hourly is None or posting.pay_unit == "HOUR" else (hourly[0], facts.break_words())


def _spells(shifts: Sequence[Shift]) -> tuple[screening.Shift, ...]:
    return tuple(screening.Shift(local(s.starts_at), local(s.ends_at), s.break_minutes) for s in shifts)


def limits_of(division_code: str, *, on: date, dangerous: bool = False) -> screening.Limits:
    """The approved rules of the region; whatever nobody approved stays off or at the law's own figure."""

    def rule(key: str) -> Any:
        return reference.rule(key, division_code=division_code, on=on)

    figures = {
        "min_hourly_wage_fen": rule("min_hourly_wage"),
        "min_monthly_wage_fen": rule("min_monthly_wage"),
        "part_time_daily_hours": rule("part_time_daily_hours"),
        "part_time_weekly_hours": rule("part_time_weekly_hours"),
        "part_time_pay_days": rule("part_time_pay_days"),
        "site_age_max": _most(rule("site_age_max_male"), rule("site_age_max_female")),
        "hazard_age_max": _most(rule("hazard_age_max_male"), rule("hazard_age_max_female")) if dangerous else None,
    }
    return screening.Limits(**{name: value for name, value in figures.items() if value is not None})


def _texts(posting: Posting) -> dict[str, str]:
    names = (
        "address", "meeting_point", "pay_note", "transport", "tools", "age_reason", "uninsured_reason", "contact_name",
    )  # fmt: skip
    return {name: getattr(posting, name) for name in names if getattr(posting, name)}


def _names(codes: Sequence[str]) -> tuple[str, ...]:
    known = Certificate.objects.in_bulk(list(codes)) if codes else {}
    return tuple(known[code].name if code in known else code for code in codes)


def _most(*ages: int | None) -> int | None:
    said = [age for age in ages if age is not None]
    return max(said) if said else None
