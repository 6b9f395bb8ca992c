"""How the kernels are compiled: once per machine, kept in a folder that changes with the source."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

HERE = Path(__file__).parent


def _kept() -> str:
    """The folder of compiled kernels: in the data folder when there is one, else beside the source.

    Its name is made of the text of the kernels: numba looks only at the file of the outermost function, so that a
    change in a function it calls from another file would go unseen. Test runs throw their data folder away, and keep
    their kernels beside the source.
    """
    text = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(HERE.glob("*.py")))).hexdigest()[:12]
    data = os.environ.get("LINGGONG_DATA") if os.environ.get("LINGGONG_MODE") != "test" else None
    return str((Path(data) / "numba" if data else HERE / "__pycache__") / text)


if not os.environ.get("NUMBA_CACHE_DIR"):
    numba.config.CACHE_DIR = _kept()


def kernel(function: Callable[..., Any]) -> Any:
    """Compiled at the first call; holds the interpreter lock, so that one kernel never sees another half done."""
    return numba.njit(cache=True, error_model="numpy", no_cfunc_wrapper=True)(function)


def long_kernel(function: Callable[..., Any]) -> Any:
    """As `kernel`, for work of seconds on arrays that nobody changes meanwhile: other threads run on."""
    return numba.njit(cache=True, nogil=True, error_model="numpy", no_cfunc_wrapper=True)(function)


def part(function: Callable[..., Any]) -> Any:
    """A piece of kernels: compiled into each of them, never called from outside."""
    return numba.njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True, _nrt=False)(function)


def making_part(function: Callable[..., Any]) -> Any:
    """As `part`, for a piece that makes arrays."""
    return numba.njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)
