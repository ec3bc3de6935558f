"""How long things take when some are not finished yet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bihuan.stats.intervals import normal_quantile
from bihuan.stats.quantiles import brought_together, grouped
from bihuan.stats.types import ArrayLike, Floats, Ints, floats


@dataclass(frozen=True)
class Medians:
    """Median times of groups; every field is an array with one entry for each group.

    Attributes
    ----------
    median : ndarray
        NaN where half of the group was not reached.
    low, high : ndarray
        Interval of the median; NaN where the band does not cross one half.
    n, events : ndarray of int
        Rows, and those of them that ended.
    """

    median: Floats
    low: Floats
    high: Floats
    n: Ints
    events: Ints

    @property
    def value(self) -> Floats:
        """The median, under the name that other results use."""
        return self.median


def km_median(
    time: ArrayLike,
    event: ArrayLike,
    *,
    group: ArrayLike | None = None,
    n_groups: int | None = None,
    confidence: float = 0.95,
    presorted: bool = False,
) -> Medians:
    """Kaplan-Meier median time of each group, open jobs being censored.

    The median is the first time at which the curve is below one half; where it runs at exactly one half,
    the middle of that stretch, so that without open jobs it is the ordinary median. Its interval holds the
    times at which one half lies inside the log-log band of the curve with Greenwood's variance.

    Parameters
    ----------
    time : array_like
        How long it took, or has taken so far. Rows with NaN are left out.
    event : array_like of bool
        Whether it ended at that time.
    group : array_like of int, optional
        Codes from 0; negative codes are left out.
    n_groups : int, optional
        Number of groups; groups without rows get NaN.
    confidence : float
        Of the interval.
    presorted : bool
        Whether the rows of each group come in the order of their values already.

    References
    ----------
    Kaplan & Meier, JASA 53 (1958) 457-481; Brookmeyer & Crowley, Biometrics 38 (1982) 29-41, with the
    transformation of Kalbfleisch & Prentice, as in SAS ``LIFETEST`` and R ``survfit(conf.type="log-log")``.
    """
    from bihuan.stats.kernels import grouped as loops  # compiled code is loaded when first used
    from bihuan.stats.kernels.jit import in_threads

    time = floats(time)
    ended = np.atleast_1d(np.asarray(event)).astype(np.bool_)
    if presorted and group is not None and n_groups is not None:
        start, t, e = brought_together(time, ended, group, n_groups)
    else:
        order, start = grouped(time, group, n_groups)
        t, e = time[order], ended[order]
    rows = len(start) - 1
    median, low, high = np.empty(rows), np.empty(rows), np.empty(rows)
    events = np.zeros(rows, np.int64)
    z = normal_quantile(confidence)
    in_threads(
        lambda a, b: loops.km_medians(start, t, e, z, median, low, high, events, a, b),
        rows,
        cost=max(1, len(t) // max(rows, 1)),
    )
    return Medians(median, low, high, np.diff(start), events)
