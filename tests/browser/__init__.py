"""One journey per desk, in a real Chromium."""
