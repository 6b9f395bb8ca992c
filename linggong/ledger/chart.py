"""The chart of accounts: which places for money exist, and which of them may never go below zero.

A positive entry puts fen into an account. Money that comes in from outside leaves a minus on `gateway:…`,
money that goes out leaves a plus on `paid_out` or `refunded`, so the sum over all accounts is always zero
and "what came in − what went out = what we still mirror" can be read off (M14).

| address | what stands there | floor |
| --- | --- | --- |
| `gateway:{channel}` | mirror of the licensed holder: minus everything it ever received | no |
| `escrow:posting:{code}` | wages stored for a posting, not yet promised to one worker | yes |
| `escrow:engagement:{code}` | the share promised to one worker's deal | yes |
| `payable:{settlement}` | owed to the worker, between two orders to the holder | yes |
| `in_transit:{payout}` | held for an order to the holder that has no final answer yet | yes |
| `refundable:{refund}` | on its way back to the employer | yes |
| `premium:{posting}` | insurance premium stored with the wages | yes |
| `suspense:{channel}:{code}` | arrived, but not as ordered; a person must look | yes |
| `paid_out` | everything workers received through the holder | no |
| `refunded` | everything employers got back through the holder | no |

No account is named after a person, and none belongs to the platform: there is nothing to draw from and
nowhere a fee could go (domain M-01, M-02; decision 2).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from linggong.core.once import terms_hash
from linggong.core.refusals import Refused


@dataclass(frozen=True)
class Row:
    """One line of the chart. `parts` is how many colon-separated names follow the prefix."""

    prefix: str
    parts: int
    floor: bool


CHART = (
    Row("gateway", 1, floor=False),
    Row("escrow:posting", 1, floor=True),
    Row("escrow:engagement", 1, floor=True),
    Row("payable", 1, floor=True),
    Row("in_transit", 1, floor=True),
    Row("refundable", 1, floor=True),
    Row("premium", 1, floor=True),
    Row("suspense", 2, floor=True),
    Row("paid_out", 0, floor=False),
    Row("refunded", 0, floor=False),
)
ADDRESS_MAX = 80
_NAME = re.compile(r"[A-Za-z0-9_]+")


class UnknownAccount(Refused):
    """The address is in no line of the chart. A bug, never a user's mistake."""


def row_of(address: str) -> Row:
    """The line of the chart that `address` belongs to. Raises UnknownAccount."""
    for row in CHART:
        names = address.removeprefix(row.prefix)
        if names == address or len(address) > ADDRESS_MAX:
            continue
        parts = names.split(":")
        if parts[0] == "" and len(parts) == row.parts + 1 and all(map(_NAME.fullmatch, parts[1:])):
            return row
    raise UnknownAccount(address)


def input_hash(kind: str, entries: Sequence[tuple[str, int]], reverses_key: str = "") -> str:
    """The fingerprint of what a transfer says; the audit computes it again from the stored entries."""
    return terms_hash([kind, sorted([address, fen] for address, fen in entries), reverses_key])
