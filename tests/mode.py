"""Loaded before anything else in a test run: the settings are those for tests, and each process has a folder of its own."""

import os
import tempfile
from pathlib import Path

os.environ["LINGGONG_MODE"] = "test"
os.environ.setdefault("LINGGONG_DATA", tempfile.mkdtemp(prefix="linggong-test-"))
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
if (worker := os.environ.get("PYTEST_XDIST_WORKER")) and Path(os.environ["LINGGONG_DATA"]).name != worker:
    own = Path(os.environ["LINGGONG_DATA"]) / worker  # files of pretend services and papers must not meet
    own.mkdir(parents=True, exist_ok=True)
    os.environ["LINGGONG_DATA"] = str(own)
