"""Outside demo and test, start-up refuses every pretend service."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import override_settings

from linggong.accounts.checks import PROVIDERS, no_pretends

OFF = {f"{name}_PROVIDER": "off" for name, _, _ in PROVIDERS}


def test_in_a_demo_pretends_are_welcome():
    assert no_pretends() == []


@pytest.mark.parametrize("name", [name for name, _, _ in PROVIDERS])
def test_in_live_mode_each_pretend_is_an_error(name):
    with override_settings(MODE="live", PRETEND_IN_PROCESS=False, **{**OFF, f"{name}_PROVIDER": "pretend"}):
        assert [error.id for error in no_pretends()] == ["accounts.E001"]


@pytest.mark.parametrize("name", [name for name, _, _ in PROVIDERS])
def test_in_live_mode_a_provider_on_this_machine_is_an_error(name):
    changed = {f"{name}_PROVIDER": "real", f"{name}_BASE_URL": "http://127.0.0.1:8001"}
    with override_settings(MODE="live", PRETEND_IN_PROCESS=False, **{**OFF, **changed}):
        assert [error.id for error in no_pretends()] == ["accounts.E002"]


def test_a_live_system_with_everything_off_starts():
    with override_settings(MODE="live", PRETEND_IN_PROCESS=False, **OFF):
        assert no_pretends() == []


def test_the_process_itself_does_not_start(tmp_path):
    environment = {
        **os.environ, "LINGGONG_MODE": "live", "LINGGONG_MAKE_KEYS": "1", "LINGGONG_DATA": str(tmp_path),
        "LINGGONG_SMS": "pretend", "DJANGO_SETTINGS_MODULE": "linggong.settings",
    }  # fmt: skip
    ready = "from django.apps import apps; from django.conf import settings; "
    ready += "settings.INSTALLED_APPS = [a for a in settings.INSTALLED_APPS if 'linggong' not in a or "
    ready += "a.split('.')[1] in ('core', 'reference', 'accounts')]; import django; django.setup()"

    ran = subprocess.run(
        [sys.executable, "-c", ready], env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True
    )

    assert ran.returncode != 0
    assert "the pretend service does not run in live mode" in ran.stderr
