"""What must be true before anything is started: a port to listen on, a folder that takes what is written (Bad days).

Asked before Django loads, so that a wrong environment is one sentence at once and not a stack of calls.
"""

import contextlib
import errno
import os
import socket
from pathlib import Path

from linggong.core.storage import Trouble, trouble_of, why

ROOM_BYTES = 1024 * 1024  # a full disk still takes an empty file


class CannotStart(Exception):
    """One sentence for the console: what is in the way, and how to go on."""


def port() -> int:
    """The port of `PORT`, or 8000. Raises CannotStart when it is none, or not to be had."""
    said = os.environ.get("PORT") or "8000"
    if not (said.isascii() and said.isdigit() and 0 < int(said[:9]) < 65536):
        raise CannotStart(f"PORT 要是 1 到 65535 的一个数字，现在是“{said[:40]}”。例：PORT=8001 make run")
    wanted = int(said)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError as error:
            other = wanted + 1 if 1024 <= wanted < 65535 else 8000
            reason = "1024 以下的要管理员权限" if error.errno == errno.EACCES else why(error)
            raise CannotStart(f"端口 {wanted} 用不了（{reason}）。换一个：PORT={other} make run") from None
    return wanted


def room_in(folder: Path) -> None:
    """Try to write into the folder where everything is kept. Raises CannotStart."""
    probe = folder / ".writable"
    try:
        probe.write_bytes(bytes(ROOM_BYTES))
    except OSError as error:
        if trouble_of(error) is Trouble.FULL:
            raise CannotStart(no_room(folder)) from None
        raise CannotStart(f"{folder} 写不进去（{why(error)}）。换个地方：LINGGONG_DATA=… make run") from None
    finally:
        with contextlib.suppress(OSError):
            probe.unlink(missing_ok=True)


def no_room(folder: Path) -> str:
    """The sentence for a full disk."""
    return f"盘满了，{folder} 存不下。腾出地方，或者换个地方：LINGGONG_DATA=… make run"
