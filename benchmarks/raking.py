"""Weights of a million respondents raked to three margins."""

from __future__ import annotations

import numpy as np

from benchmarks.race import MissingError, Outcome, best
from bihuan.stats import weighting

RESPONDENTS = 1_000_000
CATEGORIES = (5, 12, 40)


def race() -> list[Outcome]:
    """All margins met to 1e-10 on both sides, starting from unequal weights."""
    try:
        import pandas as pd
        from ipfn import ipfn
    except ImportError as exc:
        raise MissingError("pip install --require-hashes -r requirements/bench.txt") from exc
    rng = np.random.default_rng(5)
    margins = [
        rng.choice(k, RESPONDENTS, p=rng.dirichlet(np.full(k, 8.0))).astype(np.int16) for k in CATEGORIES
    ]
    weight = rng.gamma(6, 1 / 6, RESPONDENTS)
    targets = [rng.dirichlet(np.full(k, 30.0)) * 3.0 * RESPONDENTS for k in CATEGORIES]
    names = "abc"
    wanted = [
        pd.Series(t, index=pd.Index(range(len(t)), name=n)) for n, t in zip(names, targets, strict=True)
    ]

    def theirs() -> np.ndarray:
        frame = pd.DataFrame({**dict(zip(names, margins, strict=True)), "total": weight})
        fitted = ipfn.ipfn(
            frame, wanted, [[n] for n in names], convergence_rate=1e-10, rate_tolerance=0.0, max_iteration=100
        )
        return fitted.iteration()["total"].to_numpy()

    weighting.rake(weight[:1000], [m[:1000] for m in _covering(margins)], targets)
    seconds, mine = best(9, lambda: weighting.rake(weight, margins, targets))
    other_seconds, other = best(3, theirs)
    off = max(
        float(np.abs(np.bincount(m, mine.weight) / t - 1).max())
        for m, t in zip(margins, targets, strict=True)
    )
    apart = np.max(np.abs(mine.weight / other - 1))
    return [
        Outcome(
            f"Raking {RESPONDENTS:,} respondents to 3 margins ({' x '.join(map(str, CATEGORIES))})",
            "ipfn",
            seconds,
            other_seconds,
            20,
            f"weights differ by at most {apart:.0e}; margins met to {off:.0e}",
            "from codes and weights to new weights",
        )
    ]


def _covering(margins: list[np.ndarray]) -> list[np.ndarray]:
    """Codes that meet every category within the first thousand rows, for the run that compiles."""
    return [np.arange(len(m)) % k for m, k in zip(margins, CATEGORIES, strict=True)]
