"""Verbs of the book: post a transfer, reverse one. Nothing here knows a bank, a wage or a person's name."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from linggong.core.clock import now
from linggong.core.once import KeyReused
from linggong.core.refusals import Refused
from linggong.ledger.chart import input_hash, row_of
from linggong.ledger.models import Account, Entry, Transfer

Entries = Sequence[tuple[str, int]]


class Unbalanced(Refused):
    """The entries do not sum to zero, or there are fewer than two (M1). A bug in the caller."""


class Overdrawn(Refused):
    """An account with a floor would go below zero (M3): somebody else moved this money first."""

    message = _("这笔钱刚才已经动过了，请看一下现在的样子")


class AlreadyReversed(Refused):
    """A transfer is reversed at most once (M4)."""

    message = _("这笔账已经冲正过了")


@transaction.atomic
def post(kind: str, *, key: str, entries: Entries, by: Any) -> Transfer:
    """Move money: write one transfer with its entries, each `(address, fen)`, once per `key`.

    Positive fen go in, negative come out; together they are zero, and there are at least two (M1). The same
    key with the same kind and entries gives the transfer of the first time and moves nothing (M5); with
    others it raises KeyReused. Raises Unbalanced, Overdrawn (M3), chart.UnknownAccount. Accounts come to be
    when first used. Rows are taken in the order of their addresses, so two transfers cannot deadlock.
    """
    return _post(kind, key=key, entries=entries, by=by, reverses=None)


@transaction.atomic
def reverse(transfer: Transfer, *, key: str, by: Any) -> Transfer:
    """Undo `transfer` by its mirror; the original stays. The only way to correct the book (M4).

    The same key again gives the same reversal. Raises AlreadyReversed, Overdrawn.
    """
    before = Transfer.objects.filter(reverses=transfer).first()
    if before is not None and before.key != key:
        raise AlreadyReversed
    mirrored = [(entry.account.address, -entry.fen) for entry in _entries_of(transfer)]
    return _post(f"{transfer.kind}.reversed", key=key, entries=mirrored, by=by, reverses=transfer)


def _post(kind: str, *, key: str, entries: Entries, by: Any, reverses: Transfer | None) -> Transfer:
    if len(entries) < 2 or sum(fen for _address, fen in entries) != 0:
        raise Unbalanced(f"{kind} {key}")
    if any(type(fen) is not int or fen == 0 for _address, fen in entries):
        raise Unbalanced(f"{kind} {key}")
    given = input_hash(kind, entries, reverses.key if reverses else "")
    if (before := Transfer.objects.filter(key=key).first()) is not None:
        return _same(before, given)
    try:
        with transaction.atomic():
            transfer = Transfer.objects.create(kind=kind, key=key, input_hash=given, by=by, at=now(), reverses=reverses)
    except IntegrityError:
        # The same key, or the same reversal, was committed between our look and our insert.
        if (before := Transfer.objects.filter(key=key).first()) is not None:
            return _same(before, given)
        raise AlreadyReversed from None
    accounts = _moved(entries)
    Entry.objects.bulk_create(Entry(transfer=transfer, account=accounts[address], fen=fen) for address, fen in entries)
    return transfer


def _moved(entries: Entries) -> dict[str, Account]:
    """Add to the kept sums, in the order of the addresses. Without a floor none is kept: no hot row."""
    change: dict[str, int] = defaultdict(int)
    for address, fen in entries:
        change[address] += fen
    accounts = {}
    for address in sorted(change):
        account = _account(address)
        accounts[address] = account
        if account.floor and change[address]:
            enough = Account.objects.filter(pk=account.pk, sum_fen__gte=max(0, -change[address]))
            if enough.update(sum_fen=F("sum_fen") + change[address]) != 1:
                raise Overdrawn
    return accounts


def _account(address: str) -> Account:
    floor = row_of(address).floor
    account, _created = Account.objects.get_or_create(
        address=address, defaults={"floor": floor, "sum_fen": 0 if floor else None}
    )
    return account


def _same(before: Transfer, given: str) -> Transfer:
    if before.input_hash != given:
        raise KeyReused
    return before


def _entries_of(transfer: Transfer) -> list[Entry]:
    return list(Entry.objects.filter(transfer=transfer).select_related("account").order_by("pk"))
