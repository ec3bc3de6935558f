"""Estimates and their standard errors from sums alone.

The sums of a cell (domain by stratum) are all that an estimate of a ratio needs: they add up from
project to company, from month to quarter, and new records cost only themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bihuan.stats.types import ArrayLike, Floats, Ints, floats, totals


@dataclass(frozen=True)
class Estimates:
    """One estimate for each domain; every field is an array of that length.

    Attributes
    ----------
    value : ndarray
        Σa/Σb; NaN where Σb is 0.
    se : ndarray
        Linearised standard error; NaN where fewer than two units stand under the value.
    df : ndarray
        Units in the domain minus strata it meets, at least 1; NaN with ``se``.
    n : ndarray
        Units.
    n_eff : ndarray
        Number of independent, equally weighted draws that would have the same standard error.
    deff : ndarray
        Design effect: variance over that of the same number of such draws, finite population
        correction left out of both.
    """

    value: Floats
    se: Floats
    df: Floats
    n: Floats
    n_eff: Floats
    deff: Floats


@dataclass(frozen=True)
class _Design:
    """What each stratum lends to the variance: its n, 1 - f, and n/(n - 1)."""

    n: Floats
    correction: Floats
    scale: Floats


def _design(
    cells_n: Floats,
    stratum: Ints,
    strata: int,
    frame_size: ArrayLike | None,
    sample_size: ArrayLike | None,
    lonely: str,
) -> _Design:
    """Sizes of the strata over all domains."""
    observed = totals(stratum, cells_n, strata)
    n = observed
    if sample_size is not None:
        given = floats(sample_size)
        n = np.where(np.isfinite(given), np.maximum(given, 1.0), observed)
    if lonely not in ("error", "adjust"):
        raise ValueError(f"lonely is 'error' or 'adjust', not {lonely!r}")
    if lonely == "error" and bool(np.any((n == 1) & (observed > 0))):
        raise ValueError(
            f"{int(np.sum((n == 1) & (observed > 0)))} strata have one unit: no variance in them"
        )
    fraction = np.zeros(strata)
    if frame_size is not None:
        frame = floats(frame_size)
        known = np.isfinite(frame) & (frame > 0)
        fraction[known] = np.minimum(n[known] / frame[known], 1.0)
    return _Design(n, 1.0 - fraction, np.where(n > 1, n / np.maximum(n - 1, 1), 1.0))


def ratio(
    n: ArrayLike,
    a: ArrayLike,
    b: ArrayLike,
    aa: ArrayLike,
    bb: ArrayLike,
    ab: ArrayLike,
    domain: ArrayLike,
    stratum: ArrayLike,
    n_domains: int,
    *,
    frame_size: ArrayLike | None = None,
    sample_size: ArrayLike | None = None,
    lonely: str = "adjust",
) -> Estimates:
    """Estimate R = Σwy/Σwx in every domain, with its stratified linearised standard error.

    A mean has x = 1, a share has y in {0, 1} besides; a clustered share has as y and x the totals of
    the cluster, and n counts clusters. Rows of one domain and stratum are added up first, so that a
    parent needs no more than the rows of its children under its own code.

    With z = (wy - R·wx)/Σwx the variance is
    ``V = Σ_h (1 - f_h) n_h/(n_h - 1) [Σz² - (Σz)²/n_h]``, where n_h is the size of the stratum in the
    whole sample, not in the domain alone: members outside the domain count with z = 0.

    Parameters
    ----------
    n, a, b, aa, bb, ab : array_like
        Units, Σwy, Σwx, Σ(wy)², Σ(wx)² and Σ(wy)(wx) of the cell.
    domain, stratum : array_like of int
        Codes from 0.
    n_domains : int
        Number of domains; a domain without a cell gets NaN.
    frame_size, sample_size : array_like, optional
        N_h and n_h by stratum code; NaN where not known. Without N_h there is no finite population
        correction. Without n_h the units of the stratum are summed over the domains, which is right
        only where domains do not overlap.
    lonely : {"adjust", "error"}
        A stratum of one unit is centred at the grand mean, or refused.

    Returns
    -------
    Estimates
        Arrays of length `n_domains`.

    References
    ----------
    Särndal, Swensson & Wretman, Model Assisted Survey Sampling (1992), 5.5-5.8; Lumley, Complex
    Surveys (2010), 2.2 and appendix C. Agrees with R ``survey::svyratio`` and ``svyby``.
    """
    n, a, b, aa, bb, ab = floats(n), floats(a), floats(b), floats(aa), floats(bb), floats(ab)
    d = np.asarray(domain, dtype=np.int64)
    h = np.asarray(stratum, dtype=np.int64)
    strata = _strata(h, frame_size, sample_size)
    size = _design(n, h, strata, _padded(frame_size, strata), _padded(sample_size, strata), lonely)
    d, h, (n, a, b, aa, bb, ab) = _together(d, h, strata, (n, a, b, aa, bb, ab))

    def total(x: Floats) -> Floats:
        return totals(d, x, n_domains)

    units, weight = total(n), total(b)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = total(a) / weight
        r = value[d]
        square = aa - 2 * r * ab + r * r * bb
        # what is left after cancellation is noise below the last digits of the terms
        square = np.where(square > 1e-13 * (aa + r * r * bb), square, 0.0)
        linear = a - r * b
        inner = np.maximum(square - np.where(size.n[h] > 1, linear**2 / size.n[h], 0.0), 0.0)
        uncorrected = total(size.scale[h] * inner) / weight**2
        variance = total(size.correction[h] * size.scale[h] * inner) / weight**2
        simple = total(square) / total(bb) * units / np.maximum(units - 1, 1)
        kish = units * total(bb) / weight**2
        deff = np.where(simple > 0, uncorrected * units / simple, kish)
        n_eff = np.where((simple > 0) & (variance > 0), simple / variance, units / kish)
    enough = (units >= 2) & (weight != 0)
    met = total((n > 0).astype(np.float64))
    return Estimates(
        value=value,
        se=np.where(enough, np.sqrt(variance), np.nan),
        df=np.where(enough, np.maximum(units - met, 1.0), np.nan),
        n=units,
        n_eff=np.where(enough, n_eff, units),
        deff=np.where(enough, deff, np.nan),
    )


def _together(
    domain: Ints, stratum: Ints, strata: int, sums: tuple[Floats, ...]
) -> tuple[Ints, Ints, tuple[Floats, ...]]:
    """Add up the rows of each domain and stratum."""
    key = domain * strata + stratum
    if np.all(key[1:] > key[:-1]):
        return domain, stratum, sums
    found, code = np.unique(key, return_inverse=True)
    code = code.astype(np.int64)
    return found // strata, found % strata, tuple(totals(code, x, len(found)) for x in sums)


def _strata(stratum: Ints, *sizes: ArrayLike | None) -> int:
    """Number of strata, by the codes and by the sizes given."""
    return max(int(stratum.max(initial=0)) + 1, *(len(floats(s)) for s in sizes if s is not None), 1)


def _padded(sizes: ArrayLike | None, strata: int) -> Floats | None:
    if sizes is None:
        return None
    given = floats(sizes)
    return np.concatenate([given, np.full(strata - len(given), np.nan)])
