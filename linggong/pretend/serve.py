"""Serve one pretend provider: `python -m linggong.pretend.serve sms --port 0 --dir var/pretend`.

Prints "LISTENING <port>" when it answers. Keys and the platform's address come from the environment,
read as the platform itself reads them. Callbacks are sent by a thread of its own, twice a second.
"""

import argparse
import socketserver
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import httpx

from linggong import settings
from linggong.pretend.base import SLOW_SECONDS, AnswerLost, Pretend

PUMP_SECONDS = 0.5


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing: a log would show numbers and codes."""


def main(arguments: list[str] | None = None) -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="linggong.pretend.serve")
    parser.add_argument("name", help="sms, voice, wechat, identity, wages or insurer")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--dir", type=Path, default=settings.PRETEND_DIR)
    parser.add_argument("--callback", default=settings.CALLBACK_BASE_URL, help="where the platform answers")
    given = parser.parse_args(arguments)
    if settings.MODE == "live":
        sys.exit("pretend services do not run in live mode")
    app_class = import_module(f"linggong.pretend.{given.name}").App
    app = app_class(given.dir, {name: getattr(settings, name) for name in app_class.needs})
    server = make_server("127.0.0.1", given.port, _losing(app), _Server, _Quiet)
    threading.Thread(target=_pump_for_ever, args=(app, given.callback), daemon=True).start()
    print(f"LISTENING {server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


def _losing(app: Pretend) -> Callable[..., object]:
    """Over real HTTP an answer is lost by never sending it: wait longer than any client does."""

    def door(environ: dict, start_response: Callable[..., object]) -> object:
        try:
            return app(environ, start_response)
        except AnswerLost:
            time.sleep(SLOW_SECONDS * 7)
            raise

    return door


def _pump_for_ever(app: Pretend, callback_url: str) -> None:
    with httpx.Client(base_url=callback_url, timeout=10, trust_env=False) as http:

        def send(path: str, body: bytes, headers: dict[str, str]) -> int:
            try:
                return http.post(path, content=body, headers=headers).status_code
            except httpx.HTTPError as error:
                raise OSError(str(error)) from error

        while True:
            app.pump(send)
            time.sleep(PUMP_SECONDS)


if __name__ == "__main__":
    main()
