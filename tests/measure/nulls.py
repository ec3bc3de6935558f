"""Companies in which nothing is wrong, as the points that an evaluation stores: many at once, from a seed.

Every indicator has seasons, months of unequal size, and its own kind of noise; none drifts. A shift of
the truth can be planted from some month on.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
from scipy import special

from bihuan.measure.cycles import months
from bihuan.measure.definition import Definition
from bihuan.measure.results import MEASUREMENTS, SCORES, Results
from bihuan.measure.signals.tables import NUMBERS, POINTS
from tests.measure.world import indicator

Arrays = dict[str, np.ndarray]
CYCLES = [f"{2023 + (k + 2) // 4}Q{(k + 2) % 4 + 1}" for k in range(13)]  # 2023Q3 to 2026Q3
MONTHS = 3 * len(CYCLES)
HOUSEHOLDS = {"value": "households"}


class World:
    """Draws the points of all series of one indicator; ``shift`` is added to the truth, 0 without one."""

    def __init__(self, seed: int, series: int, shift: np.ndarray | float = 0.0) -> None:
        self.rng = np.random.default_rng(seed)
        self.series = series
        self.shift = np.broadcast_to(np.asarray(shift, np.float64), (series, MONTHS))
        self.large = self.rng.uniform(0.4, 2.5, (series, 1))  # projects differ in size

    def season(self, amplitude: float) -> np.ndarray:
        """A wave over the year, with its own height and peak in every series."""
        peak = self.rng.uniform(0, 2 * np.pi, (self.series, 1))
        height = self.rng.uniform(0, amplitude, (self.series, 1))
        return height * np.cos(2 * np.pi * np.arange(MONTHS) / 12 - peak)

    def cases(self, mean: float) -> np.ndarray:
        return self.rng.poisson(mean * self.large * np.exp(self.season(0.3)))

    def share(self, p: float, n: float, *, season: float = 0.3, noise: float = 0.0, least: int = 5) -> Arrays:
        """Cases of which some are hits."""
        size = self.cases(n)
        own = self.rng.normal(0, 0.3, (self.series, 1)) + self.rng.normal(0, noise, size.shape)
        truth = special.expit(special.logit(p) + own + self.season(season) + self.shift)
        return ratio(self.rng.binomial(size, truth), size, least=least)

    def rate(self, per: float, exposure: float, *, counts: bool = False, season: float = 0.3) -> Arrays:
        """Events over what was exposed."""
        held = exposure * self.large * np.ones(MONTHS)
        truth = per * np.exp(self.season(season) + self.rng.normal(0, 0.3, (self.series, 1)) + self.shift)
        events = self.rng.poisson(truth * held)
        unit = 1.0 if counts else 1000.0
        whole, spans = quarters(events), quarters(held)
        return {
            "month_value": events if counts else unit * events / held, "month_denominator": held,
            "month_n": held if counts else events,
            "value": whole if counts else unit * whole / spans, "denominator": spans,
            "n": spans if counts else whole, "n_eff": np.full(whole.shape, 6.0) if counts else whole,
            "se": np.sqrt(whole) if counts else unit * np.sqrt(whole) / spans,
            "df": np.full(whole.shape, 5.0 if counts else np.nan),
        }  # fmt: skip

    def time(self, n: int = 30) -> Arrays:
        """Medians of skew times, and their intervals by ranks."""
        truth = 600 * np.exp(self.season(0.2) + self.shift)
        every = truth[:, :, None] * np.exp(self.rng.normal(0, 0.9, (self.series, MONTHS, n)))
        pooled = np.sort(every.reshape(self.series, len(CYCLES), 3 * n), axis=2)
        reach = 0.98 * np.sqrt(3 * n)
        low, high = int(1.5 * n - reach) - 1, int(np.ceil(1.5 * n + reach))
        size = np.full(pooled.shape[:2], 3.0 * n)
        return {
            "month_value": np.median(every, axis=2), "month_n": np.full((self.series, MONTHS), float(n)),
            "value": np.median(pooled, axis=2), "n": size, "n_eff": size,
            "low": pooled[:, :, low], "high": pooled[:, :, high],
        }  # fmt: skip

    def asked(self, people: int = 60) -> Arrays:
        """The weighted share of people who are content, once a quarter."""
        return survey(self._content(people), self._weights(people))

    def recommended(self, people: int = 60) -> Arrays:
        """Those who recommend less those who warn, once a quarter."""
        marks = self._content(people) - (self.rng.random((self.series, len(CYCLES), people)) < 0.2)
        found = survey(marks, np.ones(marks.shape))
        return {**found, "n_eff": found["n"]}

    def points(self, inspections: int = 6) -> Arrays:
        """The mean of a few inspections, each 100 less what was deducted."""
        lost = self.rng.gamma(1.5, 1.5 * np.exp(quarters(self.season(0.2)) / 3)[:, :, None],
                              (self.series, len(CYCLES), inspections))  # fmt: skip
        return survey(1 - lost / 100 + quarters(self.shift)[:, :, None] / 300, np.ones(lost.shape))

    def _content(self, people: int) -> np.ndarray:
        own = 1.4 + self.rng.normal(0, 0.4, (self.series, 1))
        truth = special.expit(own + quarters(self.season(0.2) + self.shift) / 3)
        return (self.rng.random((self.series, len(CYCLES), people)) < truth[:, :, None]).astype(np.float64)

    def _weights(self, people: int) -> np.ndarray:
        return np.exp(self.rng.normal(0, 0.35, (self.series, len(CYCLES), people)))


def quarters(by_month: np.ndarray) -> np.ndarray:
    return by_month.reshape(len(by_month), -1, 3).sum(axis=2)


def ratio(hits: np.ndarray, cases: np.ndarray, *, least: int = 0) -> Arrays:
    """Months and quarters of a share in per cent; what has too few cases has no number."""
    found: Arrays = {}
    for name, x, n in (("month_", hits, cases), ("", quarters(hits), quarters(cases))):
        n = np.where(n >= max(least, 1), n, np.nan)
        p = x / n
        found |= {name + "value": 100 * p, name + "n": n, name + "denominator": n}
    found |= {"n_eff": n, "df": n - 1, "se": 100 * np.sqrt(p * (1 - p) / (n - 1))}
    return found


def clusters(found: Arrays) -> Arrays:
    """The same share as a ratio of three monthly sums, with the error that these have."""
    x = found["month_value"] * found["month_denominator"] / 100
    n = found["month_denominator"]
    z = x - np.repeat(found["value"] / 100, 3, axis=1) * n
    se = 100 * np.sqrt(1.5 * quarters(z**2)) / quarters(n)
    one = np.ones_like(n)
    return {
        **found,
        "month_n": one,
        "n": quarters(one),
        "n_eff": quarters(n),
        "se": se,
        "df": 2 * quarters(one) / 3,
    }


def survey(marks: np.ndarray, weights: np.ndarray) -> Arrays:
    """Weighted means of the last axis, times 100, with linearised errors."""
    total, n = weights.sum(axis=2), np.full(marks.shape[:2], float(marks.shape[2]))
    mean = (weights * marks).sum(axis=2) / total
    z = weights * (marks - mean[:, :, None]) / total[:, :, None]
    se = np.sqrt((z**2).sum(axis=2) * n / (n - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        n_eff = np.where(se > 0, mean * (1 - mean) / se**2, n)
    return {"value": 100 * mean, "n": n, "n_eff": n_eff, "denominator": total, "se": 100 * se, "df": n - 1}


MONTHLY = {"period": "month"}
PARTS = {"numerator": "numerator", "denominator": "denominator", "counts": True}
KINDS: dict[str, tuple[dict[str, object], Callable[[World], Arrays]]] = {
    "share": (
        indicator("share", success="reopened", **MONTHLY),
        lambda w: w.share(0.9, 45),
    ),
    "nearly_all": (
        indicator("share", success="complete", **MONTHLY),
        lambda w: w.share(0.985, 30),
    ),
    "few": (
        indicator("share", "feedback", success="reopened", direction="down", **MONTHLY),
        lambda w: w.share(0.15, 8),
    ),
    "scattered": (
        indicator("ratio", "measurements", **PARTS, **MONTHLY),
        lambda w: clusters(w.share(0.95, 1200, noise=0.25)),
    ),
    "seldom": (
        indicator("rate_per", "feedback", per=1000, exposure=HOUSEHOLDS, direction="down", **MONTHLY),
        lambda w: w.rate(0.0006, 900),
    ),
    "often": (
        indicator("rate_per", "work_orders", per=1000, exposure=HOUSEHOLDS, direction="down", **MONTHLY),
        lambda w: w.rate(0.01, 900),
    ),
    "red": (
        indicator("count", "inspection_items", success="veto", unit="times", direction="down", **MONTHLY),
        lambda w: w.rate(0.0006, 86, counts=True),
    ),
    "time": (
        indicator("median_time", event="resolved_at", unit="min", direction="down", **MONTHLY),
        lambda w: w.time(),
    ),
    "points": (indicator("points", "inspection_items"), lambda w: w.points()),
    "asked": (indicator("top_box", "answers"), lambda w: w.asked()),
    "nps": (indicator("nps", "answers", unit="nps"), lambda w: w.recommended()),
}  # fmt: skip


def definitions() -> list[Definition]:
    return [Definition.parse({**given, "code": code}) for code, (given, _draw) in KINDS.items()]


def draw(seed: int, series: int, shifts: dict[str, np.ndarray] | None = None) -> dict[str, Arrays]:
    """The points of every indicator at so many projects."""
    planted = shifts or {}
    return {
        code: make(World(seed + 1000 * k, series, planted.get(code, 0.0)))
        for k, (code, (_given, make)) in enumerate(KINDS.items())
    }


def table(drawn: dict[str, Arrays], cycle: int, places: list[str], version: str = "1") -> pa.Table:
    """The points of one cycle, as an evaluation stores them."""
    parts = [
        _part(code, found, cycle, places, version, period)
        for code, found in drawn.items()
        for period in ["", *months(CYCLES[cycle])]
        if not period or "month_value" in found
    ]
    return pa.concat_tables(parts)


def _part(code: str, found: Arrays, cycle: int, places: list[str], version: str, period: str) -> pa.Table:
    prefix, column = "", cycle
    if period:
        prefix, column = "month_", 3 * cycle + (int(period[5:]) - 1) % 3
    nothing = np.full(len(places), np.nan)
    numbers = {
        name: found[prefix + name][:, column].astype(np.float64) if prefix + name in found else nothing
        for name in NUMBERS
    }
    there = np.isfinite(numbers["value"])
    texts = {"indicator": code, "version": version, "instrument": "", "period": period}
    zeros = pa.array(np.zeros(there.sum(), np.int32))
    columns = {name: pa.DictionaryArray.from_arrays(zeros, pa.array([text])) for name, text in texts.items()}
    columns["place"] = pa.DictionaryArray.from_arrays(
        pa.array(np.flatnonzero(there).astype(np.int32)), pa.array(places)
    )
    columns |= {name: pa.array(array[there], from_pandas=True) for name, array in numbers.items()}
    return pa.table(columns).select(POINTS.names).cast(POINTS)


def store(folder: Path, drawn: dict[str, Arrays], places: list[str], version_from: int = 0) -> Results:
    """Earlier runs that hold these points, one for each cycle but the last; version 2 from some cycle on."""
    results = Results(folder)
    for k, cycle in enumerate(CYCLES[:-1]):
        version = "1" if k < version_from else "2" if version_from else "1"
        results.write(
            cycle, MEASUREMENTS.empty_table(), SCORES.empty_table(), (), {"cycle": cycle},
            points=table(drawn, k, places, version),
        )  # fmt: skip
    return results
