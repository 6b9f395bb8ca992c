"""`manage.py up`: everything this machine needs to open a market, under one supervisor. `make run` ends here."""

import hashlib
import os
import socket
import sys
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import OperationalError
from honcho.manager import Manager

from linggong.core import starting
from linggong.core.storage import Trouble, trouble_of

PRETENDS = {
    "sms": "LINGGONG_SMS_URL",
    "voice": "LINGGONG_VOICE_URL",
    "wechat": "LINGGONG_WECHAT_URL",
    "identity": "LINGGONG_IDENTITY_URL",
    "wages": "LINGGONG_WAGE_ACCOUNT_URL",
    "insurer": "LINGGONG_INSURER_URL",
}
AFTER_PAGES = "nice -n 5 "  # on a small machine whoever waits for a page goes first, above all in the first seconds


class Command(BaseCommand):
    """Prepare the database once, seed the demo city once, then run web, worker and pretends until Ctrl-C."""

    help = "Set up and run the whole platform on this machine."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            port = starting.port()
            starting.room_in(settings.DATA_DIR)
            self._prepare()
        except starting.CannotStart as no:
            self._stop(str(no))
        except (OSError, OperationalError) as error:
            trouble = trouble_of(error)
            if trouble is None:
                raise
            self._stop(
                {
                    Trouble.FULL: starting.no_room(settings.DATA_DIR),
                    Trouble.BUSY: f"数据库正被别的程序占着，先停掉那一个再来：{settings.DATA_DIR}",
                    Trouble.SHUT: f"数据库写不进去，看看 {settings.DATA_DIR} 能不能写，再来：make run",
                }[trouble]
            )
        self._run(port)

    def _stop(self, sentence: str) -> NoReturn:
        self.stderr.write(sentence)
        sys.exit(1)

    def _prepare(self) -> None:
        """Migrate, load what the state publishes, copy static files: only when something changed since last time."""
        stamp, current = settings.DATA_DIR / "prepared", _fingerprint()
        if not stamp.exists() or stamp.read_text() != current:
            self._say("建表")
            call_command("migrate", verbosity=0)
            call_command("createcachetable", verbosity=0)
            self._say("装入区划、工种、证书、规则")
            call_command("load_reference", verbosity=0)
            self._say("整理网页文件")
            call_command("collectstatic", interactive=False, verbosity=0)
            stamp.write_text(current)
        if settings.DEMO:
            call_command("demo", if_needed=True)

    def _run(self, port: int) -> None:
        ports = _free_ports(len(PRETENDS) if settings.DEMO else 0)
        site = f"http://127.0.0.1:{port}"
        env = {
            **os.environ, "LINGGONG_MODE": settings.MODE, "LINGGONG_SITE_URL": site, "LINGGONG_CALLBACK_URL": site,
            "DJANGO_SETTINGS_MODULE": "linggong.settings", "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        manager = Manager()
        folder = str(settings.PRETEND_DIR)
        for variable, own in zip(PRETENDS.values(), ports, strict=False):
            env[variable] = f"http://127.0.0.1:{own}"
        for name, own in zip(PRETENDS, ports, strict=False):
            command = f"{AFTER_PAGES}{sys.executable} -m linggong.pretend.serve {name} --port {own} --dir {folder}"
            manager.add_process(f"pretend-{name}", command, env=env)
        bin_dir = Path(sys.executable).parent
        manager.add_process(
            "web",
            f"{bin_dir / 'granian'} --interface wsgi --host 127.0.0.1 --port {port} --workers 2 --blocking-threads 2 "
            "--no-ws --log-level warning linggong.wsgi:application",
            env=env,
        )
        manager.add_process("worker", f"{AFTER_PAGES}{sys.executable} manage.py work", env=env)
        self._welcome(site, dict(zip(PRETENDS, ports, strict=False)))
        manager.loop()
        failed = manager.returncode not in (0, None, -2, -15, 130)
        if failed:
            self._stop(f"有一个进程停了（{manager.returncode}），上面几行写着为什么")

    def _welcome(self, site: str, pretends: dict[str, int]) -> None:
        write = self.stdout.write
        write(f"\n  零工市场开门了：{site}\n")
        if not settings.DEMO:
            self._set_up_link(site)
        else:
            from linggong.web.demo_people import table

            write("  演示账号（不用密码，点一下就进）：\n")
            for line in table(site):
                write(f"    {line}\n")
            write("  模拟的外部服务（不是真的）：\n")
            for name, own in pretends.items():
                write(f"    {name:10} http://127.0.0.1:{own}/\n")
        write("  按 Ctrl-C 全部停下\n\n")
        self.stdout.flush()

    def _set_up_link(self, site: str) -> None:
        """Only who reads this console can open an empty system, however far the port is seen."""
        from linggong.web.public import console_secret
        from linggong.web.public.set_up import is_open

        if not is_open():
            console_secret.forget()
            return
        word = console_secret.current()
        self.stdout.write(f"  第一次打开，用这个网址填好本县的情况：{site}/set-up/key/?k={word}\n")
        self.stdout.write(f"  开门口令：{word}（只在这里看得到，开了门就作废，别发给别人）\n")

    def _say(self, text: str) -> None:
        self.stdout.write(f"· {text}")
        self.stdout.flush()


def _fingerprint() -> str:
    """Changes when the tables, the shipped data or the browser files do."""
    top = Path(settings.BASE_DIR) / "linggong"
    whole = hashlib.sha256()
    for pattern in (
        "*/migrations/0*.py",
        "reference/data/*",
        "web/static/**/*",
        "agreements/data/*",
        "insurance/data/*",
    ):
        for file in sorted(top.glob(pattern)):
            if file.is_file():
                whole.update(str(file.relative_to(top)).encode())
                whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports
