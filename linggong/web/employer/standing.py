"""What an employer may touch: rows through the employer at the desk, and a key that makes a repeated send harmless."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest

import linggong.engagements.queries as deals
import linggong.payments.queries as payments
import linggong.postings.queries as postings
from linggong.core.asking import Question
from linggong.core.once import once
from linggong.engagements.models import Attendance, Engagement
from linggong.payments.models import Settlement
from linggong.postings.models import Posting
from linggong.web.place import ask_with_operator

PAGE = 10


def my_posting(request: HttpRequest, code: str) -> Posting:
    """A posting of the employer at the desk; anybody else's is 404."""
    return _mine(request, postings.by_code(code))


def my_posting_and(request: HttpRequest, code: str, *questions: Question[Any]) -> list[Any]:
    """The posting, then the answers to what else the page asks about it, all in one trip."""
    posting, *answers = ask_with_operator(request, postings.by_code_question(code), *questions)
    return [_mine(request, posting), *answers]


def my_deal(request: HttpRequest, code: str) -> Engagement:
    """A deal of the employer at the desk."""
    return _mine(request, deals.by_code(code))


def my_settlement(request: HttpRequest, code: str) -> Settlement:
    """A wage that the employer at the desk owes or paid."""
    return _mine(request, payments.by_code(code))


def my_attendance(request: HttpRequest, code: str) -> Attendance:
    """One worker's shift for the employer at the desk."""
    row = deals.attendance_by_code(code)
    if row is None:
        raise Http404
    _mine(request, row.engagement)
    return row


def once_for(request: HttpRequest, terms: Any, do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """`do` for the first send of this form by this person; the same answer for every later one."""
    said = "".join(char for char in request.POST.get("key", "")[:40] if char.isalnum())
    return once(f"{request.user.code}:{said or uuid.uuid4().hex}", terms, do)


def start_of(request: HttpRequest) -> int:
    """Where a list goes on, from `?from=`; nonsense begins at the top."""
    said = request.GET.get("from", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 6 else 0


def _mine(request: HttpRequest, row: Any) -> Any:
    if row is None or row.employer_id != request.employer.pk:
        raise Http404
    return row
