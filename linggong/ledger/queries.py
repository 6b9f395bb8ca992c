"""Questions to the book: what stands where, how it came there, and whether the book is whole."""

from collections.abc import Iterator

from django.db.models import Count, QuerySet, Sum

from linggong.core.asking import Question, ask
from linggong.core.refusals import Refused
from linggong.ledger.chart import UnknownAccount, input_hash, row_of
from linggong.ledger.models import Account, Entry, Transfer


class BookBroken(Refused):
    """The kept sums and the entries tell different stories. Stop paying, and find out why."""


def balance(address: str) -> int:
    """Fen that stand at `address` now; 0 for one never used."""
    return ask(balance_question(address))


def balance_question(address: str) -> Question[int]:
    """`balance`, to be asked together with other things."""
    kept = Account.objects.filter(address=address, sum_fen__isnull=False).values_list("sum_fen", flat=True)
    summed = Entry.objects.filter(account__address=address, account__sum_fen=None)
    summed = summed.order_by().values("account").annotate(all=Sum("fen")).values_list("all", flat=True)
    return Question([kept, summed], lambda kept, summed: sum(kept) + sum(summed))


def history(address: str) -> QuerySet[Entry]:
    """Every entry at `address`, oldest first, with its transfer."""
    return Entry.objects.filter(account__address=address).select_related("transfer").order_by("pk")


def by_key(key: str) -> Transfer | None:
    """The transfer that was posted with `key`, if it was."""
    return Transfer.objects.filter(key=key).first()


def is_reversed(transfer: Transfer) -> bool:
    """Whether the transfer has been undone by its mirror."""
    return Transfer.objects.filter(reverses=transfer).exists()


def moved(address: str, *kinds: str) -> int:
    """Fen that transfers of these kinds brought to `address` (negative: took away)."""
    entries = Entry.objects.filter(account__address=address, transfer__kind__in=kinds)
    return entries.aggregate(fen=Sum("fen"))["fen"] or 0


def rebuild(verify: bool = True) -> dict[str, int]:
    """Every sum, computed from the entries alone (M20), by address.

    With `verify`, raises BookBroken when a kept sum differs, naming the addresses.
    """
    rebuilt = dict.fromkeys(Account.objects.order_by("address").values_list("address", flat=True), 0)
    for address, fen in Entry.objects.values_list("account__address").annotate(fen=Sum("fen")).order_by():
        rebuilt[address] = fen
    if verify and (wrong := list(_wrong_sums(rebuilt))):
        raise BookBroken("; ".join(wrong))
    return rebuilt


def audit() -> Iterator[str]:
    """Every place where the book breaks its own rules, as a sentence. Empty when all is well."""
    rebuilt = rebuild(verify=False)
    yield from _wrong_sums(rebuilt)
    if total := sum(rebuilt.values()):
        yield f"M2: the sum over all accounts is {total} fen, not zero"
    yield from _lame_transfers()
    yield from _changed_transfers()
    yield from _strange_accounts(rebuilt)


def _wrong_sums(rebuilt: dict[str, int]) -> Iterator[str]:
    kept = Account.objects.filter(floor=True).order_by("address")
    for address, fen in kept.values_list("address", "sum_fen").iterator(chunk_size=2000):
        if rebuilt.get(address, 0) != fen:
            yield f"M2: {address} keeps {fen} fen, its entries sum to {rebuilt.get(address, 0)}"


def _lame_transfers() -> Iterator[str]:
    told = Transfer.objects.annotate(lines=Count("entries"), fen=Sum("entries__fen")).order_by("pk")
    for transfer in told.iterator(chunk_size=2000):
        if transfer.lines < 2 or transfer.fen != 0:
            yield f"M1: transfer {transfer.key} has {transfer.lines} entries that sum to {transfer.fen} fen"


def _changed_transfers() -> Iterator[str]:
    """The entries must still give the hash stored with them: this also finds entries added later."""
    told = Transfer.objects.prefetch_related("entries__account").select_related("reverses").order_by("pk")
    for transfer in told.iterator(chunk_size=500):
        lines = [(entry.account.address, entry.fen) for entry in transfer.entries.all()]
        reverses_key = transfer.reverses.key if transfer.reverses else ""
        if input_hash(transfer.kind, lines, reverses_key) != transfer.input_hash:
            yield f"M4: transfer {transfer.key} is not what was posted"


def _strange_accounts(rebuilt: dict[str, int]) -> Iterator[str]:
    for account in Account.objects.order_by("address").iterator(chunk_size=2000):
        try:
            floor = row_of(account.address).floor
        except UnknownAccount:
            yield f"chart: {account.address} is in no line of the chart"
            continue
        if floor != account.floor:
            yield f"M3: {account.address} has floor={account.floor}, the chart says {floor}"
        if floor and rebuilt[account.address] < 0:
            yield f"M3: {account.address} stands at {rebuilt[account.address]} fen"
