"""Each measure as a ratio to a named peer in the same run, because seconds alone compare only machines."""
