"""The bureau's desk: oversight and administration."""
