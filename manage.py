#!/usr/bin/env python
"""The command line of the platform."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linggong.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from linggong.core import starting

    try:
        if sys.argv[1:2] == ["up"]:
            starting.port()
            starting.room_in(settings.DATA_DIR)
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, starting.CannotStart) as wrong:  # a wrong environment is a sentence
        sys.exit(str(wrong))
