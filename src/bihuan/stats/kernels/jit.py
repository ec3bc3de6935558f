"""How loops are compiled, and how long inputs are shared among the cores."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from numba import njit

ROWS_WORTH_A_THREAD = 200_000


def compiled(function: Callable[..., Any], *, any_order: bool = False) -> Any:
    """Compile on the first call and keep the machine code on disk.

    The code is kept beside the package, or, where that folder cannot be written to, in the user's own
    cache. Where neither can be written to it is compiled once per process.

    The loops release the lock of the interpreter and never start threads of their own: numba's default
    threading layer ends the process when two threads of a web server enter it at once.

    Parameters
    ----------
    function : callable
        All jitted functions that it calls must stand in its own file: the machine code is kept until that
        file changes.
    any_order : bool
        Whether sums of floats may be added in any order, and so many at a time. Only for sums that come
        out the same in every order, as those of ones do.
    """
    options: dict[str, Any] = {"nogil": True, "fastmath": {"reassoc"} if any_order else False}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:  # no folder for the cache
        return njit(**options)(function)


def in_threads(loop: Callable[[int, int], None], rows: int, *, cost: int = 1) -> None:
    """Call ``loop(first, last)`` over all rows, shared among the cores when that is worth it.

    Parameters
    ----------
    loop : callable
        Works on rows ``first <= i < last``; the parts must not write to the same place.
    rows : int
        Number of rows.
    cost : int
        How much work one row is, in units of a light row.
    """
    workers = min(os.cpu_count() or 1, max(1, rows * cost // ROWS_WORTH_A_THREAD), max(1, rows))
    if workers == 1:
        loop(0, rows)
        return
    loop(0, 1)  # compiled once, before the threads race to do it
    edges = [1 + (rows - 1) * k // workers for k in range(workers + 1)]
    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(loop, a, b) for a, b in itertools.pairwise(edges)]:
            done.result()
