"""Trends and run rules of 250,000 series at once, against one series after the other."""

from __future__ import annotations

import numpy as np

from benchmarks.race import MissingError, Outcome, best
from bihuan.stats import control, trend

SERIES = 250_000
LENGTHS = (13, 60)  # a year of months with the month before it, and five years
RULES = range(1, 9)
# In each of the package's rules: so many points make a pattern; for zones also which points count.
WINDOWS = {1: 1, 2: 9, 3: 6, 4: 14, 5: 3, 6: 5, 7: 15, 8: 8}
ZONES = {5: 2.0, 6: 1.0}


def series(points: int) -> np.ndarray:
    """Marks around 3.5 with two decimals, so that ties happen; a third rises and a third falls."""
    rng = np.random.default_rng(3)
    slope = np.linspace(0, 0.3, points) * rng.integers(-1, 2, (SERIES, 1))
    return np.round(3.5 + rng.normal(0, 0.3, (SERIES, points)) + slope, 2)


def trends() -> list[Outcome]:
    """Mann-Kendall with Sen's slope."""
    try:
        import pymannkendall
    except ImportError as exc:
        raise MissingError("pip install --require-hashes -r requirements/bench.txt") from exc
    found = []
    for points, sample in zip(LENGTHS, (1000, 300), strict=True):
        x = series(points)
        trend.mann_kendall(x[:10])  # compiled before the clock starts
        ours, mine = best(5, lambda x=x: trend.mann_kendall(x))
        theirs, other = best(2, lambda x=x, s=sample: [pymannkendall.original_test(row) for row in x[:s]])
        worst = max(
            float(np.max(np.abs(a[:sample] - np.array([getattr(o, name) for o in other]))))
            for name, a in (("s", mine.s), ("var_s", mine.variance), ("p", mine.p), ("slope", mine.slope))
        )
        found.append(
            Outcome(
                f"Mann-Kendall with Sen's slope, {SERIES:,} series of {points} points",
                "pymannkendall",
                ours,
                theirs.scaled(SERIES / sample),
                400,
                f"S, variance, p and slope differ by at most {worst:.0e}; ours adds the slope's interval",
                f"the package timed on {sample:,} series and scaled",
            )
        )
    return found


def rules() -> list[Outcome]:
    """Nelson's eight rules on a chart of individual values."""
    try:
        import shewhart
    except ImportError as exc:
        raise MissingError("pip install --require-hashes -r requirements/bench.txt") from exc
    found = []
    for points, sample in zip(LENGTHS, (1000, 500), strict=True):
        x = series(points)
        control.nelson_of_individuals(x[:10], rules=RULES)
        ours, mine = best(5, lambda x=x: control.nelson_of_individuals(x, rules=RULES))
        theirs, other = best(2, lambda x=x, s=sample: [shewhart.imr(row, rules="nelson") for row in x[:s]])
        found.append(
            Outcome(
                f"Nelson's rules 1 to 8, {SERIES:,} series of {points} points",
                "shewhart",
                ours,
                theirs.scaled(SERIES / sample),
                3000,
                _agreement(x[:sample], mine[:sample], other),
                f"from the values to the signals; the package timed on {sample:,} series and scaled",
            )
        )
    return found


def _agreement(x: np.ndarray, mine: np.ndarray, other: list) -> str:
    """Compare the signals point by point, once with each side's own σ and once with the same."""
    theirs = np.zeros((len(RULES), *x.shape), np.bool_)
    z = np.empty(x.shape)
    for i, result in enumerate(other):
        z[i] = (x[i] - result.stats["i_center"]) / result.stats["sigma_within"]
        for signal in result.signals:
            if signal.chart == "i" and signal.rule.startswith("nelson_"):
                theirs[int(signal.rule.removeprefix("nelson_")) - 1, i, list(signal.points)] = True
    chart = control.i_mr(x).location.z
    same = _marked(z, control.nelson_rules(z, RULES)) != theirs
    own = _marked(chart, mine) != theirs
    return (
        f"{theirs.sum():,} marks on {x.size:,} points; with the package's σ {int(same.sum())} differ, "
        f"with our own {int(own.sum())} (the tables' d2 = 1.128 against 1.12838)"
    )


def _marked(z: np.ndarray, bits: np.ndarray) -> np.ndarray:
    """All points of each pattern, as the package marks them; our bits stand where a pattern is complete."""
    found = np.zeros((len(RULES), *z.shape), np.bool_)
    for rule, window in WINDOWS.items():
        done = (bits >> (rule - 1) & 1).astype(np.bool_)
        for i, j in zip(*np.nonzero(done), strict=True):
            part = slice(j - window + 1, j + 1)
            if rule in ZONES:
                above, below = z[i, part] > ZONES[rule], z[i, part] < -ZONES[rule]
                found[rule - 1, i, part] |= above if above.sum() > below.sum() else below
            else:
                found[rule - 1, i, part] = True
    return found
