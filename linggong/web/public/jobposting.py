"""A posting for search engines: schema.org JobPosting as JSON-LD. Pure."""

from datetime import datetime
from typing import Any

from linggong.core.clock import local
from linggong.postings.models import Posting, Shift
from linggong.reference.models import PayUnit

# schema.org knows times; counted work is paid by the piece, which has no unit there: the words of the page say it.
UNIT_TEXT = {PayUnit.HOUR: "HOUR", PayUnit.DAY: "DAY", PayUnit.SHIFT: "DAY", PayUnit.MONTH: "MONTH"}


def job_posting(row: Posting, shifts: list[Shift], *, url: str, region: str, pay_words: str) -> dict[str, Any]:
    """Required: title, description, datePosted, hiringOrganization, jobLocation; the rest as far as it is known."""
    last = max((shift.starts_at for shift in shifts), default=row.last_starts_at)
    return {
        "@context": "https://schema.org/",
        "@type": "JobPosting",
        "title": row.title,
        "description": _description(row, shifts, pay_words),
        "identifier": {"@type": "PropertyValue", "name": row.employer.name, "value": row.code},
        "url": url,
        "datePosted": _moment(row.published_at or row.created_at),
        "validThrough": _moment(last),
        "employmentType": ["TEMPORARY", "PER_DIEM"] if row.form != "PART_TIME" else ["PART_TIME", "TEMPORARY"],
        "hiringOrganization": {"@type": "Organization", "name": row.employer.name},
        "jobLocation": {
            "@type": "Place",
            "address": {
                "@type": "PostalAddress",
                "streetAddress": row.address,
                "addressLocality": row.division.name,
                "addressRegion": region,
                "addressCountry": "CN",
            },
        },
        "baseSalary": {
            "@type": "MonetaryAmount",
            "currency": "CNY",
            "value": {
                "@type": "QuantitativeValue",
                "value": row.pay_fen / 100 if row.pay_unit in UNIT_TEXT else row.shift_fen / 100 or row.pay_fen / 100,
                "unitText": UNIT_TEXT.get(PayUnit(row.pay_unit), "DAY"),
            },
        },
        "totalJobOpenings": row.places,
        "directApply": True,
    }


def _description(row: Posting, shifts: list[Shift], pay_words: str) -> str:
    days = "；".join(f"{local(s.starts_at):%Y-%m-%d %H:%M}–{local(s.ends_at):%H:%M}" for s in shifts[:10])
    return f"<p>{_plain(row.content)}</p><p>{days}</p><p>{_plain(pay_words)}</p>"


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _moment(moment: datetime) -> str:
    return local(moment).isoformat(timespec="seconds")
