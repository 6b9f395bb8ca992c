"""Loaded before anything else in a test run: the settings are those for tests."""

import os
import tempfile

os.environ["LINGGONG_MODE"] = "test"
os.environ.setdefault("LINGGONG_DATA", tempfile.mkdtemp(prefix="linggong-test-"))
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
