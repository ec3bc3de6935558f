"""Tails of the hypergeometric distribution, one for each entry."""

from __future__ import annotations

import math

from bihuan.stats.kernels.jit import compiled


@compiled
def hypergeometric_tail(hits, draws, good, total, out, first, last):  # type: ignore[no-untyped-def]
    """P(X >= hits) of X hits in `draws` from `total` of which `good` are hits; the shorter tail is added."""
    for i in range(first, last):
        k, n, g, m = hits[i], draws[i], good[i], total[i]
        least, most = max(0.0, n + g - m), min(n, g)
        if k <= least:
            out[i] = 1.0
            continue
        if k > most:
            out[i] = 0.0
            continue
        upper = k * (m + 2.0) > (n + 1.0) * (g + 1.0)  # beyond the mode: terms fall from here on
        x = k if upper else k - 1.0
        term = math.exp(
            math.lgamma(g + 1) - math.lgamma(x + 1) - math.lgamma(g - x + 1)
            + math.lgamma(m - g + 1) - math.lgamma(n - x + 1) - math.lgamma(m - g - n + x + 1)
            - math.lgamma(m + 1) + math.lgamma(n + 1) + math.lgamma(m - n + 1)
        )  # fmt: skip
        sum_ = 0.0
        while term > 0.0:
            sum_ += term
            if upper:
                if x >= most:
                    break
                term *= (g - x) * (n - x) / ((x + 1) * (m - g - n + x + 1))
                x += 1.0
            else:
                if x <= least:
                    break
                term *= x * (m - g - n + x) / ((g - x + 1) * (n - x + 1))
                x -= 1.0
            if term < 1e-17 * sum_:
                break
        out[i] = min(1.0, sum_ if upper else 1.0 - sum_)
