"""Least squares, and standard errors that hold when rows are alike within places."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from bihuan.stats.types import ArrayLike, Floats, Ints, codes, floats


@dataclass(frozen=True)
class Fit:
    """A least-squares fit.

    Attributes
    ----------
    coefficient : ndarray, shape (k,)
    residual : ndarray, shape (rows,)
        Weighted by the root of the weights, as `x` is.
    x : ndarray, shape (rows, k)
    bread : ndarray, shape (k, k)
        (X'X)⁻¹.
    df : int
        Rows minus columns.
    sigma : float
        Residual standard deviation.
    r_squared : float
        Around the mean.
    """

    coefficient: Floats
    residual: Floats
    x: Floats
    bread: Floats
    df: int
    sigma: float
    r_squared: float


def fit(y: ArrayLike, x: ArrayLike, weight: ArrayLike | None = None) -> Fit:
    """Least squares by QR of the scaled columns, with one step of refinement.

    Parameters
    ----------
    y : array_like, shape (rows,)
    x : array_like, shape (rows, k)
        With a column of ones where there is to be an intercept.
    weight : array_like, optional
        Inverse variances up to a factor.

    Raises
    ------
    ValueError
        When columns depend on each other, or there are no more rows than columns.
    """
    y = floats(y)
    table = np.asarray(x, dtype=np.float64).reshape(len(y), -1)
    rows, k = table.shape
    if rows <= k:
        raise ValueError(f"{k} coefficients need more than {rows} rows")
    w = np.ones(rows) if weight is None else floats(weight)
    root = np.sqrt(w)
    wx, wy = table * root[:, None], y * root
    scale = np.sqrt((wx**2).sum(axis=0))
    if np.any(scale == 0):
        raise ValueError(f"column {int(np.argmin(scale))} is 0 in every row")
    q, r = np.linalg.qr(wx / scale)
    if np.abs(np.diag(r)).min() < 1e-11:
        raise ValueError("the columns depend on each other: leave one of them out")
    beta = linalg.solve_triangular(r, q.T @ wy) / scale
    beta += linalg.solve_triangular(r, q.T @ (wy - wx @ beta)) / scale
    residual = wy - wx @ beta
    inverse = linalg.solve_triangular(r, np.eye(k)) / scale[:, None]
    squares = float(residual @ residual)
    centre = float((w * y).sum() / w.sum())
    around = float((w * (y - centre) ** 2).sum())
    r_squared = 1 - squares / around if around > 0 else float("nan")
    return Fit(
        beta, residual, wx, inverse @ inverse.T, rows - k, float(np.sqrt(squares / (rows - k))), r_squared
    )


def classical(f: Fit) -> Floats:
    """Covariance of the coefficients when all errors have one variance, σ²(X'X)⁻¹."""
    return f.sigma**2 * f.bread


def robust(f: Fit, kind: str = "hc2") -> Floats:
    """Covariance when variances differ from row to row.

    Parameters
    ----------
    f : Fit
    kind : {"hc0", "hc1", "hc2", "hc3"}

    References
    ----------
    MacKinnon & White, Journal of Econometrics 29 (1985) 305-325.
    """
    leverage = np.einsum("ij,jk,ik->i", f.x, f.bread, f.x)
    square = f.residual**2
    rows = len(square)
    scaled = {
        "hc0": lambda: square,
        "hc1": lambda: square * rows / f.df,
        "hc2": lambda: square / (1 - leverage),
        "hc3": lambda: square / (1 - leverage) ** 2,
    }
    if kind not in scaled:
        raise ValueError(f"kind is one of {sorted(scaled)}, not {kind!r}")
    return np.asarray(f.bread @ ((f.x * scaled[kind]()[:, None]).T @ f.x) @ f.bread)


def clustered(f: Fit, cluster: ArrayLike, kind: str = "cr2") -> Floats:
    """Covariance when rows of one cluster go together.

    Parameters
    ----------
    f : Fit
    cluster : array_like
        Label of each row.
    kind : {"cr0", "cr1", "cr2"}
        Plain; times ``G/(G-1)·(N-1)/(N-K)``; or with residuals adjusted by ``(I - H_gg)^{-1/2}``.

    References
    ----------
    Liang & Zeger, Biometrika 73 (1986) 13-22; Bell & McCaffrey, Survey Methodology 28 (2002) 169-181.
    Agrees with R ``clubSandwich::vcovCR``.
    """
    groups = _members(cluster, len(f.residual))
    k = f.x.shape[1]
    scores = np.zeros((len(groups), k))
    for g, rows in enumerate(groups):
        xg, eg = f.x[rows], f.residual[rows]
        scores[g] = xg.T @ (_adjustment(xg, f.bread) @ eg if kind == "cr2" else eg)
    covariance = f.bread @ (scores.T @ scores) @ f.bread
    if kind == "cr1":
        count, size = len(groups), len(f.residual)
        covariance = covariance * count / (count - 1) * (size - 1) / (size - k)
    elif kind not in ("cr0", "cr2"):
        raise ValueError(f"kind is 'cr0', 'cr1' or 'cr2', not {kind!r}")
    return np.asarray(covariance)


def satterthwaite(f: Fit, cluster: ArrayLike, contrast: ArrayLike) -> float:
    """Degrees of freedom of the CR2 standard error of ``contrast'β``.

    ``(tr P'P)²/tr((P'P)²)`` with ``p_g = (I - H)_g'A_gX_g(X'X)⁻¹c``, taking errors as independent with one
    variance.

    References
    ----------
    Bell & McCaffrey (2002); Pustejovsky & Tipton, Journal of Business & Economic Statistics 36 (2018)
    672-683.
    """
    groups = _members(cluster, len(f.residual))
    direction = f.bread @ floats(contrast)
    sizes, reach = np.zeros(len(groups)), np.zeros((len(groups), f.x.shape[1]))
    for g, rows in enumerate(groups):
        xg = f.x[rows]
        v = _adjustment(xg, f.bread) @ (xg @ direction)
        sizes[g] = v @ v
        reach[g] = xg.T @ v
    products = np.diag(sizes) - reach @ f.bread @ reach.T
    return float(np.trace(products) ** 2 / (products**2).sum())


def _members(cluster: ArrayLike, rows: int) -> list[Ints]:
    code, groups = codes(cluster, rows)
    order = np.argsort(code, kind="stable")
    edges = np.searchsorted(code[order], np.arange(groups + 1))
    return [order[a:b] for a, b in itertools.pairwise(edges)]


def _adjustment(xg: Floats, bread: Floats) -> Floats:
    """(I - H_gg)^{-1/2}; directions that the fit takes up wholly are left out."""
    values, vectors = np.linalg.eigh(np.eye(len(xg)) - xg @ bread @ xg.T)
    inverse = np.where(values > 1e-10, 1 / np.sqrt(np.maximum(values, 1e-10)), 0.0)
    return np.asarray((vectors * inverse) @ vectors.T)
