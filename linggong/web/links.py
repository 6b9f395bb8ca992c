"""Only this file knows which page an inbox row, a case or an event opens."""

from linggong.accounts.models import Notice

_PAGES = {
    ("engagements.engagement", "worker"): "/shifts/{code}/",
    ("engagements.engagement", "employer"): "/e/deals/{code}/",
    ("engagements.attendance", "worker"): "/shifts/at/{code}/",
    ("engagements.invitation", "worker"): "/invited/{code}/",
    ("engagements.party", "worker"): "/together/{code}/",
    ("engagements.confirmation", "worker"): "/shifts/still/{code}/",
    ("engagements.attendance", "employer"): "/e/today/{code}/",
    ("postings.posting", "worker"): "/jobs/{code}/",
    ("postings.posting", "employer"): "/e/jobs/{code}/",
    ("postings.posting", "station"): "/review/{code}/",
    ("payments.settlement", "worker"): "/wages/{code}/",
    ("payments.settlement", "employer"): "/e/money/{code}/",
    ("workers.card", "worker"): "/me/card/",
    ("workers.holding", "worker"): "/me/skills/",
    ("cases.case", "station"): "/desk/cases/{code}/",
    ("cases.case", "worker"): "/me/cases/{code}/",
    ("cases.case", "employer"): "/e/cases/{code}/",
}


def page_for(about_type: str, about_code: str, desk: str) -> str:
    """The address that shows a row on a desk, or "" where that desk has no page for it."""
    pattern = _PAGES.get((about_type, desk), "")
    return pattern.format(code=about_code) if about_code else ""


def page_of(notice: Notice, desk: str) -> str:
    """The address that an inbox row opens."""
    return page_for(notice.about_type, notice.about_code, desk)
