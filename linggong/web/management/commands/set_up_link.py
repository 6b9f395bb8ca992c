"""`manage.py set_up_link`: the address that opens an empty system, for machines where something else than `up` runs it."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from linggong.web.public import console_secret
from linggong.web.public.set_up import is_open


class Command(BaseCommand):
    """Print the link with the one-time word. Refused once there is an administrator."""

    help = "Print the one-time address of the set-up page."

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_open():
            raise CommandError("已经开过门了，请用管理员的手机号或登录码登录")
        self.stdout.write(f"{settings.SITE_URL}/set-up/key/?k={console_secret.current()}")
