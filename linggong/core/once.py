"""Repeats are harmless: what a network can send twice carries a key."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linggong.core.clock import now
from linggong.core.models import Answered
from linggong.core.refusals import Refused


class KeyReused(Refused):
    """The same key came with other terms: somebody mixed up two requests."""

    message = _("这张表单已经交过一次，内容不一样了。请返回刷新后重新填")


def terms_hash(terms: Any) -> str:
    """SHA-256 of the canonical JSON of `terms`: sorted keys, no spaces, non-ASCII as is."""
    text = json.dumps(terms, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def once(key: str, terms: Any, do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Run `do` for the first request with `key`, and give its answer to every later one.

    `do` returns plain JSON data. It and the record of it are one transaction: a crash leaves neither.
    A request that loses the race waits for the winner and gets the winner's answer.
    Raises KeyReused when the key comes back with other `terms`.
    """
    given = terms_hash(terms)
    if (before := Answered.objects.filter(key=key).first()) is not None:
        return _same(before, given)
    try:
        with transaction.atomic():
            row = Answered.objects.create(key=key, input_hash=given, at=now())
            row.outcome = do()
            row.save(update_fields=["outcome"])
            return row.outcome
    except IntegrityError:
        if (before := Answered.objects.filter(key=key).first()) is None:
            raise  # not our key: a constraint inside `do`
        return _same(before, given)


def _same(before: Answered, given: str) -> dict[str, Any]:
    if before.input_hash != given:
        raise KeyReused
    return before.outcome
