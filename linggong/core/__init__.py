"""Money, time, states, the journal, refusals; no word of the trade."""
