"""The terms of a posting as both sides agree to them: plain data in one canonical form, to be frozen and hashed."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from linggong.postings.models import Posting, Shift
from linggong.postings.pay import CHINA
from linggong.reference.queries import certificate_names

COPIED = (
    "version", "title", "content", "address", "meeting_point", "pay_fen", "pay_unit", "pay_cycle", "pay_within_hours",
    "pay_note", "custody", "meals", "lodging", "transport", "tools", "requirements", "certificates", "hazards",
    "outdoor", "insured", "uninsured_reason", "insurance_product", "call_off_minutes", "wasted_trip_fen", "form",
    "way_in",
)  # fmt: skip
BINDING = {
    "pay": ("pay_fen", "pay_unit", "quantity", "pay_cycle", "pay_within_hours", "pay_note", "wasted_trip_fen"),
    "place": ("address", "meeting_point", "division", "lat", "lng"),
    "time": ("shifts", "call_off_minutes"),
    "content": (
        "trade", "title", "content", "meals", "lodging", "transport", "tools", "requirements", "certificates",
        "hazards", "outdoor", "insured", "uninsured_reason", "form", "custody",
    ),
}  # fmt: skip
"""What a change touches: any of these makes a new version that confirmed workers must accept again (domain §2.3.3)."""


def terms(posting: Posting, shifts: Iterable[Shift]) -> dict[str, Any]:
    """The canonical terms. The same posting gives the same dict on every database: local times, plain numbers."""
    said = {name: getattr(posting, name) for name in COPIED}
    return said | {
        "posting": posting.code,
        "employer": posting.employer.name,
        "employer_code": posting.employer.code,
        "trade": posting.trade_id,
        "trade_name": posting.trade.name,
        "certificate_names": certificate_names(unsaid_certificates(posting)),
        "division": posting.division_id,
        "lat": round(posting.lat, 6),
        "lng": round(posting.lng, 6),
        "quantity": quantity_text(posting.quantity),
        "shifts": [shift_terms(shift) for shift in sorted(shifts, key=lambda s: s.starts_at)],
        "deductions": [],
    }


def unsaid_certificates(posting: Posting) -> list[str]:
    """Codes that are a hard condition of the trade though no line of the employer's wishes names them."""
    said = {row.get("certificate") for row in posting.requirements if isinstance(row, dict)}
    return [code for code in posting.certificates if code not in said]


def shift_terms(shift: Shift) -> dict[str, Any]:
    """One shift in the terms."""
    return {
        "code": shift.code,
        "starts_at": _moment(shift.starts_at),
        "ends_at": _moment(shift.ends_at),
        "break_minutes": shift.break_minutes,
    }


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Which of pay, place, time and content differ between two terms, in this order."""
    return [what for what, names in BINDING.items() if any(before.get(name) != after.get(name) for name in names)]


def quantity_text(quantity: Decimal | None) -> str | None:
    """`Decimal("30.00")` → "30", so that the hash does not depend on how a database writes decimals."""
    if quantity is None:
        return None
    text = f"{Decimal(quantity):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(moment: datetime) -> str:
    return moment.astimezone(CHINA).isoformat(timespec="minutes")
