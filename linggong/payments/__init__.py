"""Money in and out: funding, settlements, payouts, channels."""
