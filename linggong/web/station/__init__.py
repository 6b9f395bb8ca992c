"""The counter, the reviewer and the dispatcher."""
