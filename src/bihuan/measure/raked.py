"""Variance of raked estimates: the margins explain part of the spread, only the residuals remain.

A weight cell names one category for each margin, separated by ``|``. Weights are fitted to the margins in
the whole sample, so each domain's residuals are taken in the whole sample, too.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from bihuan.measure.blocks import Domains
from bihuan.measure.sums import Cells
from bihuan.stats.types import Floats, Ints

BLOCK = 256  # domains at a time, to bound memory


def margins(names: list[str]) -> sparse.csr_array:
    """One row per weight cell, one column per category of a margin; a cell without a name has a column."""
    columns: dict[tuple[int, str], int] = {}
    rows, found = [], []
    for row, name in enumerate(names):
        for margin, category in enumerate(name.split("|")):
            rows.append(row)
            found.append(columns.setdefault((margin, category), len(columns)))
    shape = (len(names), len(columns))
    return sparse.csr_array((np.ones(len(rows)), (rows, found)), shape=shape)


def raked_se(
    cells: Cells,
    domains: Domains,
    six: Floats,
    value: Floats,
    stratum: Ints,
    frame: Floats,
    drawn: Floats,
) -> Floats:
    """Standard error of Σa/Σb in each domain from the residuals of a regression on the margins.

    With u = (y - R·x)/Σwx inside the domain and 0 outside, and û its weighted least-squares fit on the
    margins, ``V = Σ_h (1 - f_h) n_h/(n_h - 1) [Σ(w(u-û))² - (Σ w(u-û))²/n_h]``, where x is 1.

    References
    ----------
    Deville & Särndal, JASA 87 (1992) 376-382; as R ``survey::calibrate`` and ``rake`` do.
    """
    names = [*cells.weight_cell.names, ""]
    weight_cell = np.where(cells.weight_cell.codes < 0, len(names) - 1, cells.weight_cell.codes)
    base, n_h = len(frame), np.where(np.isfinite(drawn), np.maximum(drawn, 1.0), 1.0)
    fraction = np.where(frame > 0, np.minimum(n_h / frame, 1.0), 0.0)
    scale = (1 - fraction) * np.where(n_h > 1, n_h / np.maximum(n_h - 1, 1.0), 1.0)
    x = margins(names)
    w_cell = np.bincount(weight_cell, six[2], len(names))
    gram = (x.T @ (x.multiply(w_cell[:, None]))).toarray()
    solve = np.linalg.pinv(gram, hermitian=True)
    shape = (base, len(names))
    w_hc = sparse.csr_array(sparse.coo_array((six[2], (stratum, weight_cell)), shape=shape))
    ww_hc = sparse.csr_array(sparse.coo_array((six[4], (stratum, weight_cell)), shape=shape))
    total = domains.total(six[2])
    variance = np.empty(len(domains))
    order = np.argsort(domains.domain, kind="stable")
    edges = np.searchsorted(domains.domain[order], np.arange(0, len(domains) + BLOCK, BLOCK))
    for k, start in enumerate(range(0, len(domains), BLOCK)):
        pick = order[edges[k] : edges[k + 1]]
        cell, d = domains.cell[pick], domains.domain[pick] - start
        size = min(BLOCK, len(domains) - start)
        r, b = value[start : start + size], total[start : start + size]
        u = (six[1, cell] - r[d] * six[2, cell]) / b[d]
        uu = (six[3, cell] - 2 * r[d] * six[5, cell] + r[d] ** 2 * six[4, cell]) / b[d] ** 2
        wu = (six[5, cell] - r[d] * six[4, cell]) / b[d]
        h, c = stratum[cell], weight_cell[cell]
        fit = _dense(u, d, c, size, len(names)) @ x @ solve @ x.T.toarray()
        linear = _dense(u, d, h, size, base) - fit @ w_hc.T
        cross = np.zeros((size, base))
        np.add.at(cross, (d, h), uu - 2 * fit[d, c] * wu)
        square = cross + (fit * fit) @ ww_hc.T
        variance[start : start + size] = np.maximum(square - linear**2 / n_h, 0.0) @ scale
    return np.sqrt(variance)


def _dense(values: Floats, row: Ints, column: Ints, rows: int, columns: int) -> Floats:
    flat = np.bincount(row * columns + column, values, rows * columns).astype(np.float64)
    return flat.reshape(rows, columns)
