"""What other postings say about this one: the same words from somebody else, one telephone behind many employers.

Both are seen before a swindle is: a copied posting under another name, an unlicensed middleman behind many (domain
§3.3). They only ask for a look, with the reason in words; who is right is for the reviewer to say.
"""

import hashlib
import unicodedata
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

import linggong.reference.queries as reference
from linggong.core.clock import at as clock_at
from linggong.core.clock import local
from linggong.core.sealed import fingerprint
from linggong.employers.models import Member
from linggong.postings import contacts
from linggong.postings.findings import FLAG, Finding
from linggong.postings.models import Posting, State
from linggong.postings.sentence.reading import plain

COPIED_TEXT, MANY_EMPLOYERS, REPOST = "COPIED_TEXT", "ONE_PHONE_MANY_EMPLOYERS", "REPOST"
LEAST_LETTERS = 20
"""Shorter texts are alike by themselves: 洗菜切菜，搞卫生."""
PHONE_DAYS = 90
_BASIS = "人力资源社会保障部等五部门关于规范网络招聘的通知"


def words_key(content: str) -> str:
    """One key for the same words, whatever signs, blanks and figures stand between them; "" for a short text."""
    letters = "".join(char for char in plain(content) if unicodedata.category(char)[0] == "L")
    return hashlib.sha256(letters.encode()).hexdigest()[:16] if len(letters) >= LEAST_LETTERS else ""


def phone_key(text: str) -> str:
    """The blind index of the first number an employer named in a sentence; the number itself is nowhere public."""
    said = contacts.first(text)
    return fingerprint("posting_phone", said)[:32] if said else ""


def findings(posting: Posting, *, on: date) -> list[Finding]:
    """Flags for the reviewer, in at most three queries."""
    return [found for found in (_copied(posting, on), _one_phone(posting, on)) if found is not None]


def _copied(posting: Posting, on: date) -> Finding | None:
    if not posting.words_key or (posting.source == REPOST and posting.source_url):
        return None
    days = reference.setting("copied_text_days", division_code=posting.division_id, on=on)
    since = clock_at(on - timedelta(days=days), 0)
    rows = _others(posting).filter(words_key=posting.words_key, submitted_at__gte=since, pk__lt=posting.pk)
    first = rows.select_related("employer").order_by("pk").first()
    if first is None:
        return None
    day = local(first.submitted_at)
    words = _("和“{name}”{m}月{d}日发的活写得一模一样，先核实是不是冒用别家的招工").format(
        name=first.employer.name[:60], m=day.month, d=day.day
    )
    return Finding(COPIED_TEXT, FLAG, "content", str(words), _BASIS)


def _one_phone(posting: Posting, on: date) -> Finding | None:
    most = reference.setting("phone_employers_most", division_code=posting.division_id, on=on)
    own = {posting.employer_id}
    people = Member.objects.filter(employer=posting.employer_id, ended_at=None).values("user")
    own |= set(Member.objects.filter(user__in=people, ended_at=None).values_list("employer", flat=True))
    if posting.phone_key:
        since = clock_at(on - timedelta(days=PHONE_DAYS), 0)
        named = Posting.objects.filter(phone_key=posting.phone_key, created_at__gte=since)
        own |= set(named.values_list("employer", flat=True))
    if len(own) <= most:
        return None
    words = _("同一个电话在给 {n} 家用工单位发活，先核实是不是没有许可的中介").format(n=len(own))
    return Finding(MANY_EMPLOYERS, FLAG, "contact_name", str(words), _BASIS)


def _others(posting: Posting) -> QuerySet[Posting]:
    """What was handed in by employers with whom this one shares nobody: two shops of one owner copy themselves."""
    shared = Member.objects.filter(
        employer=OuterRef("employer"), ended_at=None,
        user__in=Member.objects.filter(employer=posting.employer_id, ended_at=None).values("user"),
    )  # fmt: skip
    rows = Posting.objects.exclude(employer=posting.employer_id).exclude(state=State.DRAFT)
    return rows.filter(submitted_at__isnull=False).filter(~Exists(shared))
