"""The desks: screens by audience."""
