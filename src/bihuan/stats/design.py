"""The design of a sample: who was drawn with whom, from how many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bihuan.stats.types import ArrayLike, Floats, Ints, codes, distinct, floats, parts, totals


@dataclass(frozen=True)
class Design:
    """A stratified sample of clusters (or of single units), made by `of`.

    Attributes
    ----------
    weight : ndarray
        Final weight of each row.
    psu : ndarray of int
        Primary sampling unit of each row.
    stratum : ndarray of int
        Stratum of each primary sampling unit.
    drawn : ndarray
        Primary sampling units drawn in each stratum.
    correction : ndarray
        1 - f of each stratum.
    finite : bool
        Whether frame sizes were given.
    lonely : str
        What to do about strata of one unit.
    margins : tuple of ndarray
        Codes of the margins the weights were calibrated to.
    """

    weight: Floats
    psu: Ints
    stratum: Ints
    drawn: Floats
    correction: Floats
    finite: bool
    lonely: str
    margins: tuple[Ints, ...]

    @classmethod
    def of(
        cls,
        rows: int,
        weight: ArrayLike | None = None,
        stratum: ArrayLike | None = None,
        fpc: ArrayLike | None = None,
        cluster: ArrayLike | None = None,
        margins: Sequence[ArrayLike] = (),
        lonely: str = "error",
    ) -> Design:
        """Read the design off its columns, each with one entry for each row.

        Parameters
        ----------
        rows : int
            Number of rows.
        weight : array_like, optional
            Final weights; equal without.
        stratum, cluster : array_like, optional
            Labels; one stratum, and every row its own cluster, without. Cluster labels may repeat in
            another stratum.
        fpc : array_like, optional
            Size of the stratum in the frame, in clusters where there are clusters, else in units.
        margins : sequence of array_like
            Labels of the margins that the weights were post-stratified or raked to.
        lonely : {"error", "adjust"}
            Refuse strata of one primary sampling unit, or centre them at the grand mean.
        """
        w = np.ones(rows) if weight is None else floats(weight)
        if w.shape != (rows,) or np.any(~np.isfinite(w)) or np.any(w < 0):
            raise ValueError(f"{rows} weights are needed, finite and not negative")
        h, strata = codes(stratum, rows)
        if cluster is None:
            psu, of_psu = np.arange(rows, dtype=np.int64), h
        else:
            c, clusters = codes(cluster, rows)
            psu, _ = codes(h * clusters + c, rows)
            of_psu = np.zeros(int(psu.max(initial=-1)) + 1, np.int64)
            of_psu[psu] = h
        drawn = totals(of_psu, None, strata)
        if lonely not in ("error", "adjust"):
            raise ValueError(f"lonely is 'error' or 'adjust', not {lonely!r}")
        if lonely == "error" and np.any(drawn == 1):
            raise ValueError(f"{int(np.sum(drawn == 1))} strata have one unit: no variance in them")
        correction = np.ones(strata)
        if fpc is not None:
            frame = np.zeros(strata)
            frame[h] = np.broadcast_to(floats(fpc), (rows,))
            if np.any(frame < drawn):
                raise ValueError("more units were drawn from a stratum than its frame has")
            correction = 1 - drawn / frame
        marks = tuple(codes(m, rows)[0] for m in margins)
        return cls(w, psu, of_psu, drawn, correction, fpc is not None, lonely, marks)

    def __len__(self) -> int:
        return len(self.weight)

    def degrees(self, rows: Ints | None = None) -> float:
        """Primary sampling units minus strata, among the rows of a domain or all; at least 1."""
        psu = np.unique(self.psu if rows is None else self.psu[rows])
        return float(max(len(psu) - len(np.unique(self.stratum[psu])), 1))

    def covariance(self, z: Floats) -> Floats:
        """Covariance matrix of the totals of `z`, whose rows are already multiplied by the weights.

        ``V = Σ_h (1 - f_h) n_h/(n_h - 1) Σ_c (z_c - z̄_h)(z_c - z̄_h)'``

        Parameters
        ----------
        z : ndarray, shape (rows, k)
        """
        z = self.residuals(z)
        units = len(self.stratum)
        t = np.column_stack([totals(self.psu, column, units) for column in z.T])
        strata = len(self.drawn)
        mean = np.column_stack([totals(self.stratum, column, strata) for column in t.T])
        mean /= np.maximum(self.drawn, 1)[:, None]
        mean[self.drawn == 1] = t.mean(axis=0)
        scale = self.correction * np.where(self.drawn > 1, self.drawn / np.maximum(self.drawn - 1, 1), 1.0)
        centred = t - mean[self.stratum]
        return np.asarray((centred * scale[self.stratum][:, None]).T @ centred)

    def variance(self, rows: Ints, z: Floats) -> float:
        """Variance of the total of `z`, which is 0 outside of `rows`: `covariance` without the zeros.

        Parameters
        ----------
        rows : ndarray of int
        z : ndarray, shape (len(rows),)
            Multiplied by the weights.
        """
        if self.margins:
            full = np.zeros((len(self), 1))
            full[rows, 0] = z
            return float(self.covariance(full)[0, 0])
        psu, code = np.unique(self.psu[rows], return_inverse=True)
        t = totals(code.astype(np.int64), z, len(psu))
        found, h = np.unique(self.stratum[psu], return_inverse=True)
        h = h.astype(np.int64)
        n, there = self.drawn[found], totals(h, None, len(found))
        mean = np.where(n > 1, totals(h, t, len(found)) / n, t.sum() / len(self.stratum))
        inner = totals(h, (t - mean[h]) ** 2, len(found)) + (n - there) * mean**2
        return float((self.correction[found] * np.where(n > 1, n / np.maximum(n - 1, 1), 1.0) * inner).sum())

    def variances(self, rows: Ints, z: Floats, domain: Ints, domains: int) -> tuple[Floats, Floats]:
        """`variance` and `degrees` of many domains at once.

        Parameters
        ----------
        rows : ndarray of int
            Rows of all domains.
        z : ndarray, shape (len(rows),)
            Multiplied by the weights.
        domain : ndarray of int, shape (len(rows),)
            Code of the domain of each.
        domains : int
            How many there are.
        """
        strata, psu, whole = len(self.drawn), self.psu[rows], None
        if self.margins:
            whole = np.array([self.variance(rows[p], z[p]) for p in parts(domain, domains)])
        if len(self.stratum) < len(self):  # what the clusters have in each domain
            found, unit = distinct(domain * len(self.stratum) + psu)
            z = totals(unit, z, len(found))
            domain, psu = found // len(self.stratum), found % len(self.stratum)
        cells, cell = distinct(domain * strata + self.stratum[psu])
        of_cell, h = cells // strata, cells % strata
        n, there = self.drawn[h], totals(cell, None, len(cells))
        units = totals(domain, None, domains)
        df = np.maximum(units - totals(of_cell, None, domains), 1.0)
        if whole is not None:
            return whole, df
        grand = totals(domain, z, domains) / len(self.stratum)
        mean = np.where(n > 1, totals(cell, z, len(cells)) / n, grand[of_cell])
        inner = totals(cell, (z - mean[cell]) ** 2, len(cells)) + (n - there) * mean**2
        scale = self.correction[h] * np.where(n > 1, n / np.maximum(n - 1, 1), 1.0)
        return totals(of_cell, scale * inner, domains), df

    def residuals(self, z: Floats) -> Floats:
        """What calibration leaves of `z`: residuals of the regression on all margins, times the weights.

        The regression is unweighted over the rows, as in R ``survey`` for post-stratification and raking.
        """
        if not self.margins:
            return z
        used = self.weight > 0
        dummies = np.column_stack(
            [m[used, None] == np.arange(m.max() + 1)[None, :] for m in self.margins]
        ).astype(np.float64)
        y = z[used] / self.weight[used][:, None]
        beta = np.linalg.lstsq(dummies, y, rcond=None)[0]
        out = np.zeros_like(z)
        out[used] = (y - dummies @ beta) * self.weight[used][:, None]
        return out
