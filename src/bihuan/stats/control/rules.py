"""Run rules: patterns that chance alone seldom makes.

They work on standardised points, so that one rule serves points of unequal size. They have no
probability: they are drawn on the chart, and what signals is decided by tests.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bihuan.stats.control.charts import D2_OF_TWO, individuals
from bihuan.stats.types import ArrayLike, Floats

NELSON_DEFAULT = (1, 2, 3, 5)


def nelson_rules(z: ArrayLike, rules: Iterable[int] = NELSON_DEFAULT) -> NDArray[np.uint8]:
    """Nelson's rules that are met at each point, as bits: rule k is ``1 << (k - 1)``.

    1 one point beyond 3σ; 2 nine on one side; 3 six rising or falling; 4 fourteen alternating; 5 two of
    three beyond 2σ on one side; 6 four of five beyond 1σ on one side; 7 fifteen within 1σ; 8 eight beyond
    1σ on either side. A missing point ends every pattern.

    Parameters
    ----------
    z : array_like, shape (..., points)
        ``Chart.z``.
    rules : iterable of int
        Those to apply.

    References
    ----------
    Nelson, Journal of Quality Technology 16 (1984) 237-239.
    """
    from bihuan.stats.kernels import nelson  # compiled code is loaded when first used

    return _apply(nelson.nelson, z) & _mask(rules)


def _mask(rules: Iterable[int]) -> np.uint8:
    chosen = list(rules)
    if any(not 1 <= r <= 8 for r in chosen):
        raise ValueError(f"Nelson's rules are 1 to 8, not {chosen}")
    return np.uint8(sum(1 << (r - 1) for r in set(chosen)))


def nelson_of_individuals(
    x: ArrayLike, baseline: ArrayLike | None = None, rules: Iterable[int] = NELSON_DEFAULT
) -> NDArray[np.uint8]:
    """``nelson_rules(i_mr(x, baseline).location.z, rules)`` for many series, whose charts nobody draws.

    Parameters
    ----------
    x : array_like, shape (..., points)
        Individual values.
    baseline : int or array_like of int, optional
        Points of phase I.
    rules : iterable of int
        Those to apply.
    """
    from bihuan.stats.kernels import nelson  # compiled code is loaded when first used
    from bihuan.stats.kernels.jit import in_threads

    x = np.asarray(x, dtype=np.float64)
    center, mean_range = individuals(x, baseline)
    table = np.ascontiguousarray(x.reshape(-1, x.shape[-1]))
    middle, sigma = center.reshape(-1), mean_range.reshape(-1) / D2_OF_TWO
    out = np.empty(table.shape, np.uint8)
    in_threads(
        lambda a, b: nelson.nelson_of_values(table, middle, sigma, out, a, b),
        len(table),
        cost=max(1, x.shape[-1] // 8),
    )
    return out.reshape(x.shape) & _mask(rules)


def western_electric_rules(z: ArrayLike) -> NDArray[np.uint8]:
    """Zone rules met at each point, as bits.

    1: one beyond 3σ; 2: two of three beyond 2σ; 4: four of five beyond 1σ; 8: eight on one side.

    References
    ----------
    Western Electric, Statistical Quality Control Handbook (1956).
    """
    from bihuan.stats.kernels import series  # compiled code is loaded when first used

    return _apply(series.western_electric, z)


def _apply(loop: Any, z: ArrayLike) -> NDArray[np.uint8]:
    """Run a loop over all series, shared among the cores."""
    from bihuan.stats.kernels.jit import in_threads  # compiled code is loaded when first used

    given = np.asarray(z, dtype=np.float64)
    table: Floats = np.ascontiguousarray(given.reshape(-1, given.shape[-1]))
    out = np.empty(table.shape, np.uint8)
    in_threads(lambda a, b: loop(table, out, a, b), len(table), cost=max(1, table.shape[1] // 8))
    return out.reshape(given.shape)


def rules_in(bits: int) -> list[int]:
    """Numbers of the rules in a bit mask."""
    return [k + 1 for k in range(8) if int(bits) >> k & 1]
