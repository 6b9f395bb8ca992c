"""The outside world of accounts: text messages and identity checks. Called from background.py only."""
