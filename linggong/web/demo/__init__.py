"""The demo city: invented people who live through real actions."""
