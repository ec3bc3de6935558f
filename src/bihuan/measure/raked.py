"""Variance of raked estimates: the margins explain part of the spread, only the residuals remain.

A weight cell names one category for each margin, separated by ``|``. Weights are fitted to the margins in
the whole sample, so each domain's residuals are taken in the whole sample, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from bihuan.measure.blocks import Domains
from bihuan.measure.plan import Column
from bihuan.measure.sample import Whole, recoded
from bihuan.measure.sums import Cells
from bihuan.stats.types import Floats, Ints

BLOCK = 256  # domains at a time, to bound memory
OF_ANSWERS = frozenset({"question", "dimension", "service_area", "role"})  # a response has several of each


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
    column: Column,
    value: Floats,
    strata: Whole,
    everybody: Cells,
) -> Floats:
    """Standard error of Σa/Σb in each domain from the residuals of a regression on the margins.

    With u = (y - R·x)/Σwx inside the domain and 0 outside, and û its least-squares fit on the margins of
    ``everybody``, in which every response counts once as in R,
    ``V = Σ_h (1 - f_h) n_h/(n_h - 1) [Σ(w(u-û))² - (Σ w(u-û))²/n_h]``, where x is 1. Of weights that differ
    within a stratum and weight cell the mean stands for all in the fit.

    References
    ----------
    Deville & Särndal, JASA 87 (1992) 376-382; as R ``survey::rake`` does.
    """
    fits = _Margins.of(cells, column, strata, everybody)
    total = domains.total(cells.sums[column][2])
    if cells.step.breakdown not in OF_ANSWERS:
        return fits.se(domains, np.arange(len(domains.cell)), np.arange(len(domains)), value, total, None)
    out = np.full(len(domains), np.nan)
    of_sample = recoded(everybody.item, cells.item)
    for item in np.unique(domains.item):  # every item was asked of the whole sample
        pairs = np.flatnonzero(domains.item[domains.domain] == item)
        own = np.flatnonzero(domains.item == item)
        out[own] = fits.se(domains, pairs, own, value, total, np.flatnonzero(of_sample == item))
    return out


@dataclass(frozen=True)
class _Margins:
    """What all domains share: margins, codes of the cells at hand and of everybody's, n_h and its factor."""

    x: sparse.csr_array
    six: Floats
    weight_cell: Ints
    stratum: Ints
    six_of_all: Floats
    weight_cell_of_all: Ints
    stratum_of_all: Ints
    n_h: Floats
    scale: Floats

    @classmethod
    def of(cls, cells: Cells, column: Column, strata: Whole, everybody: Cells) -> _Margins:
        """Lay out the margins of everybody."""
        names = [*everybody.weight_cell.names, ""]
        own, every = (recoded(some.weight_cell, everybody.weight_cell) for some in (cells, everybody))
        n_h = np.where(np.isfinite(strata.drawn), np.maximum(strata.drawn, 1.0), 1.0)
        fraction = np.where(strata.frame > 0, np.minimum(n_h / strata.frame, 1.0), 0.0)
        return cls(
            margins(names),
            cells.sums[column],
            np.where(own < 0, len(names) - 1, own),
            strata.of_cell,
            everybody.sums[column],
            np.where(every < 0, len(names) - 1, every),
            strata.of_everybody,
            n_h,
            (1 - fraction) * np.where(n_h > 1, n_h / np.maximum(n_h - 1, 1.0), 1.0),
        )

    def se(
        self, domains: Domains, pairs: Ints, own: Ints, value: Floats, total: Floats, sample: Ints | None
    ) -> Floats:
        """Standard errors of the domains ``own``, whose pairs are ``pairs``, within the cells of a sample."""
        every = np.arange(len(self.stratum_of_all)) if sample is None else sample
        c, h, six = self.weight_cell, self.stratum, self.six
        h_all, c_all = self.stratum_of_all[every], self.weight_cell_of_all[every]
        n, w, ww = (self.six_of_all[k, every] for k in (0, 2, 4))
        names, base = self.x.shape[0], len(self.n_h)
        count = np.bincount(c_all, n, names)
        solve = np.linalg.pinv((self.x.T @ self.x.multiply(count[:, None])).toarray(), hermitian=True)
        w_hc = sparse.csr_array(sparse.coo_array((w, (h_all, c_all)), shape=(base, names)))
        ww_hc = sparse.csr_array(sparse.coo_array((ww, (h_all, c_all)), shape=(base, names)))
        plain = _inverse(h_all * names + c_all, n, w, h * names + c)
        place = np.full(len(domains), -1, np.int64)
        place[own] = np.arange(len(own))
        at = place[domains.domain[pairs]]
        order = np.argsort(at, kind="stable")
        pairs, at = pairs[order], at[order]
        edges = np.searchsorted(at, np.arange(0, len(own) + BLOCK, BLOCK))
        variance = np.empty(len(own))
        for k, start in enumerate(range(0, len(own), BLOCK)):
            pick = slice(edges[k], edges[k + 1])
            cell, d = domains.cell[pairs[pick]], at[pick] - start
            size = min(BLOCK, len(own) - start)
            r, b = value[own[start : start + size]], total[own[start : start + size]]
            u = (six[1, cell] - r[d] * six[2, cell]) / b[d]
            uu = (six[3, cell] - 2 * r[d] * six[5, cell] + r[d] ** 2 * six[4, cell]) / b[d] ** 2
            wu = (six[5, cell] - r[d] * six[4, cell]) / b[d]
            counted = _dense(u * plain[cell], d, c[cell], size, names)
            fit = counted @ self.x @ solve @ self.x.T.toarray()
            linear = _dense(u, d, h[cell], size, base) - fit @ w_hc.T
            cross = np.zeros((size, base))
            np.add.at(cross, (d, h[cell]), uu - 2 * fit[d, c[cell]] * wu)
            square = cross + (fit * fit) @ ww_hc.T
            variance[start : start + size] = np.maximum(square - linear**2 / self.n_h, 0.0) @ self.scale
        return np.sqrt(variance)


def _inverse(group: Ints, n: Floats, weight: Floats, wanted: Ints) -> Floats:
    """One over the mean weight of the group that each wanted one names."""
    found, at = np.unique(group, return_inverse=True)
    count, total = np.bincount(at.reshape(-1), n), np.bincount(at.reshape(-1), weight)
    inverse = np.where(total > 0, count / np.where(total > 0, total, 1.0), 0.0)
    place = np.minimum(np.searchsorted(found, wanted), max(len(found) - 1, 0))
    return np.where(found[place] == wanted, inverse[place], 0.0) if len(found) else np.zeros(len(wanted))


def _dense(values: Floats, row: Ints, column: Ints, rows: int, columns: int) -> Floats:
    flat = np.bincount(row * columns + column, values, rows * columns).astype(np.float64)
    return flat.reshape(rows, columns)
