"""Two-way tables of a sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from bihuan.stats.design import Design
from bihuan.stats.types import ArrayLike, Floats, codes


@dataclass(frozen=True)
class Independence:
    """Test that two classifications have nothing to do with each other.

    Attributes
    ----------
    shares : ndarray, shape (rows, columns)
        Weighted share of each cell; they sum to 1.
    chi_square : float
        Pearson's statistic of the weighted table, scaled to the number of rows.
    f, df, df_error : float
        Rao and Scott's second-order corrected statistic and its degrees of freedom.
    p : float
        Probability of a larger one.
    """

    shares: Floats
    chi_square: float
    f: float
    df: float
    df_error: float
    p: float


def independence(
    row: ArrayLike,
    column: ArrayLike,
    weight: ArrayLike | None = None,
    stratum: ArrayLike | None = None,
    fpc: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    *,
    lonely: str = "error",
) -> Independence:
    """Rao-Scott test of a two-way table.

    Parameters
    ----------
    row, column : array_like
        Labels of each row of the sample.
    weight, stratum, fpc, cluster, lonely
        The design, as in `Design.of`.

    References
    ----------
    Rao & Scott, Annals of Statistics 12 (1984) 46-60; Thomas & Rao, JASA 82 (1987) 630-636. Follows R
    ``survey::svychisq(statistic="F")``.
    """
    n = len(np.asarray(row))
    r, rows = codes(row, n)
    c, columns = codes(column, n)
    if rows < 2 or columns < 2:
        raise ValueError("a two-way table needs two rows and two columns at least")
    design = Design.of(n, weight, stratum, fpc, cluster, (), lonely)
    cell = r * columns + c
    dummies = (cell[:, None] == np.arange(rows * columns)).astype(np.float64)
    shares = (design.weight @ dummies) / design.weight.sum()
    covariance = design.covariance(design.weight[:, None] * (dummies - shares) / design.weight.sum())
    table = shares.reshape(rows, columns)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    chi_square = n * float(((table - expected) ** 2 / expected).sum())
    contrasts = _interaction(rows, columns)
    inverse = np.where(shares > 0, 1 / np.where(shares > 0, shares, 1.0), 0.0)
    scaled = contrasts * inverse[:, None]
    delta = np.linalg.solve(contrasts.T @ scaled / n, scaled.T @ covariance @ scaled)
    trace = float(np.trace(delta))
    df = trace**2 / float(np.trace(delta @ delta))
    df_error = df * design.degrees()
    f = chi_square / trace
    return Independence(table, chi_square, f, df, df_error, float(special.fdtrc(df, df_error, f)))


def _interaction(rows: int, columns: int) -> Floats:
    """Contrasts of the cells that rows and columns alone do not explain."""
    row_effects = np.repeat(np.eye(rows), columns, axis=0)
    column_effects = np.tile(np.eye(columns), (rows, 1))
    main = np.column_stack([row_effects, column_effects[:, 1:]])
    both = (row_effects[:, 1:, None] * column_effects[:, None, 1:]).reshape(rows * columns, -1)
    q, _ = np.linalg.qr(main)
    return np.asarray(both - q @ (q.T @ both))
