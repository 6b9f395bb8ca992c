"""The open door: anyone, signed in or not."""
