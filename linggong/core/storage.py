"""When the disk or the database will not take anything: what kind of bad day it is, in words (Bad days).

Nothing here imports Django at the top: the settings ask too, before there is any.
"""

import errno
from enum import StrEnum


class Trouble(StrEnum):
    """What the person at the keyboard has to know: wait for room, wait for a moment, or call whoever runs it."""

    FULL = "full"
    BUSY = "busy"
    SHUT = "shut"


_FULL = (errno.ENOSPC, errno.EDQUOT)
_WORDS = {
    errno.ENOSPC: "盘满了", errno.EDQUOT: "配给的空间用完了", errno.EACCES: "没有权限", errno.EPERM: "没有权限",
    errno.EROFS: "只能读不能写", errno.ENOTDIR: "路上有一个是文件，不是文件夹", errno.EEXIST: "那里是一个文件，不是文件夹",
    errno.EADDRINUSE: "别的程序正占着", errno.EIO: "盘坏了，读写出错",
}  # fmt: skip
# SQLite's primary result codes.
_SQLITE = {13: Trouble.FULL, 10: Trouble.SHUT, 5: Trouble.BUSY, 6: Trouble.BUSY, 8: Trouble.SHUT, 14: Trouble.SHUT}
# PostgreSQL's SQLSTATE: class 08 is a lost connection, 57 an operator at work.
_POSTGRES = {
    "53100": Trouble.FULL,
    "53300": Trouble.BUSY,
    "55P03": Trouble.BUSY,
    "40P01": Trouble.BUSY,
    "40001": Trouble.BUSY,
}


def why(error: OSError) -> str:
    """The reason in Chinese, for a sentence; the system's own words where we know none."""
    return _WORDS.get(error.errno or 0, error.strerror or str(error))


def trouble_of(error: BaseException | None) -> Trouble | None:
    """Is this the disk or the database having a bad day? None: it is something else, our own fault most likely."""
    from django.db import InterfaceError, OperationalError
    from django.db.transaction import TransactionManagementError

    if isinstance(error, TransactionManagementError):  # the first failure left the transaction unusable
        return trouble_of(error.__context__)
    if isinstance(error, OSError):
        return Trouble.FULL if error.errno in _FULL else None
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    cause = error.__cause__
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE.get(code & 0xFF)
    if cause is None or not hasattr(cause, "sqlstate"):
        return None
    state = cause.sqlstate or "08000"  # no answer from the server at all
    return _POSTGRES.get(state) or (Trouble.BUSY if state[:2] in ("08", "57") else None)
