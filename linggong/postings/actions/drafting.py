"""Drafting: what the employer says becomes a posting; what changes becomes a new version."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

import linggong.reference.queries as reference
from linggong.accounts.models import User
from linggong.core.clock import local, now
from linggong.core.journal import record
from linggong.core.states import Moved
from linggong.employers.models import Employer, Kind
from linggong.postings import entry
from linggong.postings.models import Posting, Shift, State, Version, WayIn
from linggong.postings.neighbours import phone_key, words_key
from linggong.postings.terms import quantity_text
from linggong.reference.geo import cell
from linggong.reference.models import Division, Trade

SOON = timedelta(hours=24)
EDITABLE = frozenset({State.DRAFT, State.RETURNED, State.REJECTED_AUTO})
KEPT_FACTS = (
    "title", "content", "requirements", "places", "address", "meeting_point", "lat", "lng", "outdoor", "hazards",
    "pay_fen", "pay_unit", "pay_cycle", "pay_within_hours", "pay_note", "custody", "meals", "lodging", "transport",
    "tools", "form", "way_in", "contact_mode", "contact_name", "suitable_for", "age_low", "age_high", "age_reason",
    "insured", "uninsured_reason", "insurance_product", "call_off_minutes", "wasted_trip_fen",
    "circle_m",
)  # fmt: skip


@transaction.atomic
def draft(
    employer: Employer, facts: Mapping[str, Any], *, source: str = "SELF", source_text: str = "", by: User | None,
    acting_for: User | None = None,
) -> Posting:  # fmt: skip
    """Keep what the employer entered as a draft nobody else sees.

    `facts` as in `entry.read`, and `trade` (a code), `division` (a code; else the employer's), `venue`, `listed`,
    `source_url`. The place falls back to the employer's own. Raises entry.BadFacts.
    """
    moment = now()
    values, slots = read(employer, facts, moment)
    posting = Posting.begin(
        by=by, acting_for=acting_for, employer=employer, posted_by=by, created_at=moment, source=source,
        source_text=source_text[:20_000].replace("\x00", ""), phone_key=phone_key(source_text), **values,
    )  # fmt: skip
    _write_shifts(posting, slots)
    return posting


@transaction.atomic
def repeat(posting: Posting, *, starts_on: date, by: User | None, acting_for: User | None = None) -> Posting:
    """再发一次: the same offer from another day on, as a new draft. Raises entry.BadFacts when the day is past."""
    facts = facts_of(posting)
    first = local(min(row["starts_at"] for row in facts["shifts"])).date()
    moved = timedelta(days=(starts_on - first).days)
    facts["shifts"] = [
        row | {"starts_at": row["starts_at"] + moved, "ends_at": row["ends_at"] + moved} for row in facts["shifts"]
    ]
    again = draft(posting.employer, facts, source="REPEAT", by=by, acting_for=acting_for)
    record("posting.repeated", again, by=by, acting_for=acting_for, of=posting.code)
    return again


def facts_of(posting: Posting) -> dict[str, Any]:
    """The facts from which this posting could be drafted again; forms start from them too."""
    facts = {name: getattr(posting, name) for name in KEPT_FACTS}
    return facts | {
        "trade": posting.trade_id,
        "division": posting.division_id,
        "quantity": quantity_text(posting.quantity),
        "venue": posting.venue,
        "listed": posting.listed,
        "source_url": posting.source_url,
        "certificates": list(posting.certificates),
        "shifts": [
            {"starts_at": s.starts_at, "ends_at": s.ends_at, "break_minutes": s.break_minutes}
            for s in posting.shifts.filter(called_off_at=None).order_by("starts_at")
        ],
    }


def read(
    employer: Employer, facts: Mapping[str, Any], moment: datetime, keep: Sequence[entry.Slot] = ()
) -> tuple[dict[str, Any], list[entry.Slot]]:
    """The columns and shifts that the facts say, with the names looked up. Raises entry.BadFacts."""
    trade, division, wrong = _named(employer, facts)
    if trade is None or division is None:
        raise entry.refusal(wrong)
    completed = _completed(employer, facts, division)
    values, slots = entry.read(completed, trade=trade, at=moment, keep=keep)
    cell_y, cell_x = cell(values["lat"], values["lng"])
    values |= {
        "trade": trade,
        "division": division,
        "venue": facts.get("venue"),
        "listed": facts.get("listed", True),
        "source_url": str(facts.get("source_url") or "")[:200],
        "certificates": _certificates(trade, facts, values["requirements"]),
        # The sentence that stands in for an empty one is the same for everybody.
        "words_key": words_key(values["content"]) if values["content"] != entry.stock_content(trade) else "",
        "cell_y": cell_y,
        "cell_x": cell_x,
    }
    if facts.get("way_in") is None and employer.kind == Kind.HOUSEHOLD and slots[0].starts_at > moment + SOON:
        values["way_in"] = WayIn.APPLY  # a household looks at people first, unless it is in a hurry
    return values, slots


def _named(employer: Employer, facts: Mapping[str, Any]) -> tuple[Trade | None, Division | None, dict[str, str]]:
    said = facts.get("trade")
    code = said.code if isinstance(said, Trade) else str(said or "")
    trade = next((t for t in reference.trades() if t.code == code), None)
    place = facts.get("division") or employer.division_id
    place = place.code if isinstance(place, Division) else str(place)
    division = Division.objects.select_related("parent__parent").filter(code=place[:12]).first()
    wrong = {}
    if trade is None:
        wrong["trade"] = _("要干什么活？请从工种里选一个")
    if division is None:
        wrong["division"] = _("这个地方没找到，请选到街道或乡镇")
    return trade, division, wrong


def _completed(employer: Employer, facts: Mapping[str, Any], division: Division) -> dict[str, Any]:
    """The place and the contact, when nobody said otherwise, are the employer's own."""
    said = dict(facts)
    if not str(said.get("address") or "").strip() and employer.address:
        said["address"] = employer.address
        said.setdefault("lat", employer.lat)
        said.setdefault("lng", employer.lng)
    if said.get("lat") is None or said.get("lng") is None:
        here = division
        while here is not None and here.lat is None:
            here = here.parent
        said |= {"lat": here.lat, "lng": here.lng} if here is not None else {}
    if not said.get("contact_name"):
        said["contact_name"] = employer.contact_name[:20]
    return said


def _certificates(trade: Trade, facts: Mapping[str, Any], requirements: list[dict]) -> list[str]:
    asked = [row["certificate"] for row in requirements if row["hard"] and row["certificate"]]
    return sorted({*reference.hard_certificates(trade), *(facts.get("certificates") or []), *asked})


def write(posting: Posting, values: Mapping[str, Any]) -> None:
    """Update the named columns of a posting, guarded by the version and state that were read."""
    rows = Posting.objects.filter(pk=posting.pk, state=posting.state, version=posting.version)
    if rows.update(**values) != 1:
        raise Moved
    for name, value in values.items():
        setattr(posting, name, value)


def _write_shifts(posting: Posting, slots: Sequence[entry.Slot]) -> None:
    Shift.objects.bulk_create(
        Shift(
            posting=posting, starts_at=slot.starts_at, ends_at=slot.ends_at, break_minutes=slot.break_minutes,
            places=slot.places,
        )
        for slot in slots
    )  # fmt: skip


def shifts_of(posting: Posting) -> list[Shift]:
    """The shifts that stand, earliest first."""
    return list(posting.shifts.filter(called_off_at=None).order_by("starts_at"))


def version_now(posting: Posting) -> Version | None:
    """The frozen terms of the posting's current version, when it was ever submitted."""
    return posting.versions.filter(number=posting.version).first()
