"""Effects on rows and on estimates, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from bihuan.stats import regression
from bihuan.stats.comparison import difference
from bihuan.stats.intervals import student_quantile
from bihuan.stats.types import ArrayLike, Floats, codes, floats

FEWEST_TREATED = 5
FEW_CLUSTERS = 40
NAN = float("nan")


@dataclass(frozen=True)
class Effect:
    """An effect and how sure it is.

    Attributes
    ----------
    value, se, df, low, high, p : float
        NaN where the method does not give it.
    method : str
        "before_after", "cr1", "cr2", "welch", "placebo", "randomisation", or "too_few" when nothing can
        be said.
    treated, comparison : int
        Places (clusters) with and without the plan.
    placebos : int
        Placebo effects that the interval rests on; 0 for other methods.
    """

    value: float
    se: float
    df: float
    low: float
    high: float
    p: float
    method: str
    treated: int
    comparison: int
    placebos: int = 0


def student_limits(value: float, se: float, df: float, confidence: float) -> tuple[float, float, float]:
    """Limits and two-sided probability."""
    if not (se > 0 and df > 0):
        return NAN, NAN, NAN
    half = float(student_quantile(df, confidence)) * se
    return value - half, value + half, float(2 * special.stdtr(df, -abs(value / se)))


def before_after(
    value0: float,
    se0: float,
    df0: float,
    value1: float,
    se1: float,
    df1: float,
    *,
    covariance: float = 0.0,
    confidence: float = 0.95,
) -> Effect:
    """Change of one place from before to after, by Welch's test. Parameters as in `difference`.

    It cannot tell the plan from whatever else happened; prefer a method with comparison places.
    """
    d = difference(value0, se0, df0, value1, se1, df1, covariance=covariance, confidence=confidence)
    value, se, df, low, high, p = (float(v) for v in (d.value, d.se, d.df, d.low, d.high, d.p))
    return Effect(value, se, df, low, high, p, "before_after", 1, 0)


def difference_in_differences(
    y: ArrayLike,
    treated: ArrayLike,
    after: ArrayLike,
    cluster: ArrayLike,
    *,
    covariates: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Effect:
    """Change of the treated less the change of the others, ``y = α + βT + γP + δTP``.

    Clusters are kept together: CR1 with G - 1 degrees of freedom from 40 clusters on, CR2 with
    Satterthwaite's below. With fewer than five clusters treated (or untreated) no such standard error
    can be trusted: the effect is given alone, and `panel_effect` or `randomisation` gives its interval.

    Parameters
    ----------
    y : array_like
        Rows with NaN are left out.
    treated, after : array_like of bool
        Whether the row belongs to a place with the plan, and to the time after it.
    cluster : array_like
        Place of each row.
    covariates : array_like, shape (rows, k), optional
    weight : array_like, optional
    confidence : float

    References
    ----------
    Card & Krueger, American Economic Review 84 (1994) 772-793; Cameron & Miller, Journal of Human
    Resources 50 (2015) 317-372.
    """
    y = floats(y)
    t, a = np.asarray(treated, dtype=np.float64), np.asarray(after, dtype=np.float64)
    x = np.column_stack([np.ones(len(y)), t, a, t * a])
    if covariates is not None:
        x = np.column_stack([x, np.asarray(covariates, dtype=np.float64).reshape(len(y), -1)])
    keep = np.isfinite(y) & np.isfinite(x).all(axis=1)
    place, _ = codes(np.asarray(cluster)[keep], int(keep.sum()))
    w = None if weight is None else floats(weight)[keep]
    f = regression.fit(y[keep], x[keep], w)
    value = float(f.coefficient[3])
    with_plan = len(np.unique(place[t[keep] == 1]))
    without = len(np.unique(place[t[keep] == 0]))
    if min(with_plan, without) < FEWEST_TREATED:
        return Effect(value, NAN, NAN, NAN, NAN, NAN, "too_few", with_plan, without)
    groups = len(np.unique(place))
    kind = "cr2" if groups < FEW_CLUSTERS else "cr1"
    contrast = np.zeros(x.shape[1])
    contrast[3] = 1.0
    se = float(np.sqrt(regression.clustered(f, place, kind)[3, 3]))
    df = regression.satterthwaite(f, place, contrast) if kind == "cr2" else float(groups - 1)
    return Effect(value, se, df, *student_limits(value, se, df, confidence), kind, with_plan, without)


def minimum_detectable_effect(
    se: ArrayLike, df: ArrayLike = np.inf, power: float = 0.80, confidence: float = 0.95
) -> Floats:
    """Smallest effect that would be found with that power, ``(t_{1-α/2} + t_{power})·se``.

    References
    ----------
    Bloom, Evaluation Review 19 (1995) 547-556.
    """
    if not 0.5 <= power < 1:
        raise ValueError(f"power lies from 0.5 to 1, not at {power}")
    both = student_quantile(df, confidence) + student_quantile(df, 2 * power - 1 if power > 0.5 else 1e-12)
    return np.asarray(both * np.asarray(se, dtype=np.float64))


def verdict(low: float, high: float, promised: float) -> str:
    """Judge an effect by its interval against the change that the plan promised.

    effective: the lower limit is at least half of the promise; partial: it is above 0; ineffective: the
    upper limit is below half of the promise; inconclusive otherwise, or without an interval.

    Parameters
    ----------
    low, high : float
        Limits of the effect, more being better.
    promised : float
        Above 0.
    """
    if not promised > 0:
        raise ValueError(f"a promised change is above 0, not {promised}")
    if np.isnan(low) or np.isnan(high):
        return "inconclusive"
    if low >= promised / 2:
        return "effective"
    if low > 0:
        return "partial"
    return "ineffective" if high < promised / 2 else "inconclusive"
