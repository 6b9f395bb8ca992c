"""Where the money of this app stands in the book. Pure: names in, addresses out."""

CHANNEL = "wage_account"
GATEWAY = f"gateway:{CHANNEL}"
PAID_OUT = "paid_out"
REFUNDED = "refunded"


def code_of(ref: str) -> str:
    """ "posting:AB34" → "AB34"."""
    return ref.rpartition(":")[2]


def of_posting(ref: str) -> str:
    """Wages stored for a posting and not yet promised to one worker."""
    return f"escrow:posting:{code_of(ref)}"


def of_deal(deal: str) -> str:
    """What is promised to one worker's deal."""
    return f"escrow:engagement:{code_of(deal)}"


def of_premium(ref: str) -> str:
    """Insurance premium stored with the wages of a posting."""
    return f"premium:{code_of(ref)}"


def payable(settlement_code: str) -> str:
    """Owed to the worker, and in no order to the custodian yet."""
    return f"payable:{settlement_code}"


def in_transit(payout_code: str) -> str:
    """Held for an order to the custodian that has no final answer (M8, M10)."""
    return f"in_transit:{payout_code}"


def refundable(refund_code: str) -> str:
    """On its way back to the employer."""
    return f"refundable:{refund_code}"


def suspense(funding_code: str) -> str:
    """Came in, but not as ordered: a person must look."""
    return f"suspense:{CHANNEL}:{funding_code}"


def payment_key(provider_ref: str) -> str:
    """One payment at the custodian is booked once, whatever tells us of it and however often (M6)."""
    return f"payment:{CHANNEL}:{provider_ref}"
