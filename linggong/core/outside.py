"""The door to the outside world: one HTTP client for every provider, real or pretend.

    with outside.client(settings.WAGE_ACCOUNT_BASE_URL, "wages") as http:
        http.post("/orders", …)

With PRETEND_IN_PROCESS (tests, seeding) the request goes straight into `linggong.pretend.<app_name>`;
otherwise over HTTP to `base_url`. The platform's clock travels along to pretends, and only to them.
"""

import logging
import os
from importlib import import_module
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from linggong.core.clock import now

TIMEOUT_SECONDS = 10.0

# At INFO the client writes whole addresses into the log, and some providers want numbers and codes in them.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

_apps: dict[str, Any] = {}


class NotReached(Exception):
    """Nobody answered, or the answer was lost: the outcome is unknown. Ask before doing it again."""


def client(base_url: str, app_name: str, *, timeout: float = TIMEOUT_SECONDS) -> httpx.Client:
    """A client for one provider, to be used in a `with`. A time-out raises httpx.TimeoutException."""
    if settings.PRETEND_IN_PROCESS:
        return httpx.Client(
            base_url=f"http://{app_name}.pretend", transport=_InProcess(app_name), timeout=timeout,
            event_hooks={"request": [_tell_time]},
        )  # fmt: skip
    hooks = [_tell_time] if is_loopback(base_url) else []
    return httpx.Client(base_url=base_url, timeout=timeout, event_hooks={"request": hooks}, trust_env=False)


def is_loopback(url: str) -> bool:
    """Does this address lead to the machine itself, as every pretend's does?"""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback or ip_address(host).is_unspecified
    except ValueError:
        return False


def in_process(app_name: str) -> Any:
    """The pretend provider that lives in this process: to turn its switches and read its books in tests."""
    if app_name not in _apps:
        module = import_module(f"linggong.pretend.{app_name}")
        directory = settings.PRETEND_DIR
        if settings.MODE == "test":  # several test processes may share one data folder
            directory = directory / str(os.getpid())
        options = {name: getattr(settings, name) for name in module.App.needs}
        _apps[app_name] = module.App(directory, options)
        _apps[app_name].in_process = True
    return _apps[app_name]


def pump() -> int:
    """Deliver the due callbacks of the pretends in this process to our web layer: how many were taken."""
    ours = httpx.WSGITransport(app=get_wsgi_application())
    with httpx.Client(base_url=settings.CALLBACK_BASE_URL, transport=ours) as http:

        def send(path: str, body: bytes, headers: dict[str, str]) -> int:
            return http.post(path, content=body, headers=headers).status_code

        return sum(app.pump(send, at=now().timestamp()) for app in list(_apps.values()))


def reset() -> None:
    """Forget the pretends of this process and what they stored: every test starts with an empty world."""
    for app in _apps.values():
        app.forget()
    _apps.clear()


class _InProcess(httpx.WSGITransport):
    def __init__(self, app_name: str) -> None:
        super().__init__(app=in_process(app_name))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return super().handle_request(request)
        except Exception as error:
            if type(error).__name__ == "AnswerLost":
                raise httpx.ReadTimeout("the answer was lost", request=request) from error
            raise


def _tell_time(request: httpx.Request) -> None:
    request.headers["X-Pretend-Now"] = str(now().timestamp())
